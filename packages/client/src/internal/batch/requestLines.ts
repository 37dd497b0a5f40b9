/**
 * The file of a batch, line by line, within the limits of the service.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type { BatchEndpoint, BatchRequest } from "../../BatchState.js"
import type { InputRequired } from "../../DashScopeError.js"
import { inputRequired } from "../protocol/invalid.js"
import * as Body from "./body.js"

/** What one file may have. @internal */
export interface Limits {
  readonly requests: number
  readonly bytes: number
  readonly bytesOfLine: number
}

const mebibyte = 1024 * 1024

/** @internal */
export const limits: Limits = { requests: 50_000, bytes: 500 * mebibyte, bytesOfLine: 6 * mebibyte }

/** The model that answers every request alike and costs nothing, at an endpoint of its own. */
const testModel = "batch-test-model"

const testLimits: Limits = { ...limits, requests: 100, bytes: mebibyte }

interface Encoded {
  readonly endpoint: BatchEndpoint
  readonly body: Body.Body
}

const encodeBody = (request: BatchRequest): Either.Either<Encoded, InputRequired> => {
  if ("embedding" in request) {
    return Either.map(Body.ofEmbedding(request.embedding), (body) => ({ endpoint: "/v1/embeddings", body }))
  }
  if (!("generation" in request) && !("conversation" in request)) {
    return Either.left(inputRequired("", "needs one of generation, conversation and embedding"))
  }
  return Either.map(
    "generation" in request ? Body.ofGeneration(request.generation) : Body.ofConversation(request.conversation),
    (body) => ({ endpoint: body.model === testModel ? "/v1/chat/ds-test" : "/v1/chat/completions", body })
  )
}

/** The field that the parameters of a request are in. */
const kindOf = (request: BatchRequest): string =>
  "embedding" in request ? "embedding" : "conversation" in request ? "conversation" : "generation"

const encoder = new TextEncoder()

/** @internal */
export class RequestLines {
  requests = 0
  bytes = 0
  endpoint: BatchEndpoint | undefined
  model: string | undefined
  private readonly places = new Map<string, number>()

  constructor(private readonly given: Limits = limits) {}

  /** The next line with its end, in UTF-8, or what is wrong with the request, which names its id. */
  add(request: BatchRequest): Either.Either<Uint8Array, InputRequired> {
    const n = this.requests
    // Callers without types may give anything.
    const value: unknown = request
    if (typeof value !== "object" || value === null) {
      return Either.left(inputRequired(`requests[${n}]`, "is no request: make one with Batch.generation, for example"))
    }
    const { customId } = request
    const id: unknown = customId
    if (typeof id !== "string" || id === "") {
      return Either.left(inputRequired(`requests[${n}].customId`, "must be a text that is not empty"))
    }
    const before = this.places.get(customId)
    if (before !== undefined) {
      return wrong(customId, n, "customId", `requests[${before}] has the same; each needs its own`)
    }
    return Either.flatMap(
      Either.mapLeft(
        encodeBody(request),
        ({ description, field }) =>
          describe(customId, n, field === "" ? "" : `${kindOf(request)}.${field}`, description)
      ),
      (encoded) => this.write(customId, encoded, kindOf(request))
    )
  }

  /** What is wrong with the whole. */
  end(): InputRequired | undefined {
    return this.requests === 0
      ? inputRequired("requests", "nothing to send: give at least one request")
      : undefined
  }

  private write(
    customId: string,
    { body, endpoint }: Encoded,
    kind: string
  ): Either.Either<Uint8Array, InputRequired> {
    const n = this.requests
    const say = (field: string, description: string) => wrong(customId, n, `${kind}${field}`, description)
    if (endpoint !== (this.endpoint ?? endpoint)) {
      return say("", `a batch is for one endpoint: the first request is for ${this.endpoint}, this one for ${endpoint}`)
    }
    if (body.model !== (this.model ?? body.model)) {
      return say(".model", `a batch is for one model: the first request has ${JSON.stringify(this.model)}`)
    }
    let line: string
    try {
      line = `${JSON.stringify({ custom_id: customId, method: "POST", url: endpoint, body })}\n`
    } catch {
      return say("", "cannot be written as JSON: a BigInt, a cycle, or a toJSON that throws")
    }
    const most = this.limitsOf(body.model)
    // A character is a byte at the least.
    const bytes = line.length > most.bytesOfLine ? undefined : encoder.encode(line)
    if (bytes === undefined || bytes.length > most.bytesOfLine) {
      return say("", `a line has at most ${most.bytesOfLine} bytes`)
    }
    if (n >= most.requests) {
      return say("", `a file has at most ${most.requests} requests: make another batch of the rest`)
    }
    if (this.bytes + bytes.length > most.bytes) {
      return say("", `a file has at most ${most.bytes} bytes: make another batch of this request and the rest`)
    }
    this.places.set(customId, n)
    this.endpoint = endpoint
    this.model = body.model
    this.requests++
    this.bytes += bytes.length
    return Either.right(bytes)
  }

  private limitsOf(model: string): Limits {
    return model === testModel && this.given === limits ? testLimits : this.given
  }
}

const describe = (customId: string, n: number, field: string, description: string): InputRequired =>
  inputRequired(
    `requests[${n}]${field === "" ? "" : `.${field}`}`,
    `custom_id ${JSON.stringify(customId)}: ${description}`
  )

const wrong = (customId: string, n: number, field: string, description: string): Either.Either<never, InputRequired> =>
  Either.left(describe(customId, n, field, description))
