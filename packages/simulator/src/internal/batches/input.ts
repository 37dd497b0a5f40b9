/**
 * The file of a batch's requests, read and checked as the service does before it begins.
 */
import type { JsonObject } from "../core/json.js"
import { asObject, asString, parseObject } from "../core/json.js"
import type { StoredFile } from "../files/store.js"

/** @internal */
export interface InputLine {
  readonly customId: string
  readonly body: JsonObject
}

/** @internal */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly param: string | null
  readonly line: number | null
}

/** @internal */
export interface Input {
  readonly lines: ReadonlyArray<InputLine>
  readonly problems: ReadonlyArray<Problem>
}

/** @internal */
export const testEndpoint = "/v1/chat/ds-test"

/** @internal */
export const endpoints: ReadonlyArray<string> = ["/v1/chat/completions", "/v1/embeddings", testEndpoint]

const megabyte = 1024 * 1024

/** What a file may have; that of the test model less. */
const limitsOf = (endpoint: string) =>
  endpoint === testEndpoint
    ? { lines: 100, bytes: megabyte, line: 6 * megabyte }
    : { lines: 50_000, bytes: 500 * megabyte, line: 6 * megabyte }

/** Problems that are told, at the most. */
const mostProblems = 100

const whole = (code: string, message: string): Input => ({
  lines: [],
  problems: [{ code, message, param: null, line: null }]
})

class Reader {
  readonly lines: Array<InputLine> = []
  readonly problems: Array<Problem> = []
  private readonly ids = new Set<string>()
  private model: string | undefined

  constructor(private readonly endpoint: string, private readonly longest: number) {}

  read(text: string, line: number): void {
    const refuse = (code: string, message: string, param: string | null = null) => {
      this.problems.push({ code, message, param, line })
    }
    if (Buffer.byteLength(text) > this.longest) {
      return refuse("line_too_large", `The line has more than ${this.longest} bytes.`)
    }
    const json = parseObject(text)
    if (json === undefined) {
      return refuse("invalid_json_line", "This line is not parseable as valid JSON.")
    }
    const customId = asString(json.custom_id) ?? ""
    const body = asObject(json.body)
    const model = asString(body?.model) ?? ""
    if (customId === "") {
      return refuse("missing_required_parameter", "Missing required parameter: 'custom_id'.", "custom_id")
    }
    if (this.ids.has(customId)) {
      return refuse(
        "duplicate_custom_id",
        `The custom_id '${customId}' for this request is a duplicate of another request.`,
        "custom_id"
      )
    }
    this.ids.add(customId)
    if (json.method !== "POST") {
      return refuse("invalid_method", "The method has to be 'POST'.", "method")
    }
    if (json.url !== this.endpoint) {
      return refuse("mismatched_url", `The url of this request is not the endpoint '${this.endpoint}'.`, "url")
    }
    if (body === undefined || model === "") {
      return refuse("missing_required_parameter", "Missing required parameter: 'model'.", "body.model")
    }
    this.model ??= model
    if (model !== this.model) {
      return refuse(
        "mismatched_model",
        `The provided model '${model}' does not match the expected model '${this.model}'.`,
        "body.model"
      )
    }
    this.lines.push({ customId, body })
  }
}

/** @internal */
export const readInput = (file: StoredFile, endpoint: string): Input => {
  const limits = limitsOf(endpoint)
  if (file.size > limits.bytes) {
    return whole("file_too_large", `The file has more than ${limits.bytes} bytes.`)
  }
  if (file.size > file.bytes.length) {
    return whole("simulator_limit", `The simulator works off files of up to ${file.bytes.length} bytes.`)
  }
  const texts = Buffer.from(file.bytes).toString("utf8").split("\n").map((text, i) => ({ text, line: i + 1 }))
    .filter(({ text }) => text.trim() !== "")
  if (texts.length === 0) {
    return whole("empty_file", "The input file is empty.")
  }
  if (texts.length > limits.lines) {
    return whole("too_many_requests", `The file has more than ${limits.lines} requests.`)
  }
  const reader = new Reader(endpoint, limits.line)
  for (const { line, text } of texts) {
    reader.read(text, line)
  }
  return { lines: reader.lines, problems: reader.problems.slice(0, mostProblems) }
}
