/**
 * Batch text embedding: a task that turns a file of texts, one in a line, into a compressed file of vectors. What stands at
 * other hosts is not fetched; a file of two lines takes its place.
 */
import { gzipSync } from "node:zlib"
import { asString } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import { embed } from "../core/vector.js"
import { findFile } from "../files/store.js"
import { keepResult, taskResultEnds } from "../results/service.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice, inputOf, modelOf, parametersOf } from "../server/route.js"
import { asynchronousOnly, submitTask } from "../tasks/store.js"
import { resolver } from "../upload/service.js"

const linesOf = (bytes: Uint8Array): ReadonlyArray<string> =>
  Buffer.from(bytes).toString("utf8").split("\n").filter((line) => line !== "")

const linesAt = (url: string, model: string, incoming: Incoming): ReadonlyArray<string> | Answer => {
  if (url.startsWith("oss://")) {
    const bytes = resolver(incoming, model)(url)
    return "_tag" in bytes ? bytes : linesOf(bytes)
  }
  const id = url.startsWith(`${incoming.storage}/storage/files/`) ? url.split("/").at(-2) ?? "" : undefined
  const file = id === undefined ? undefined : findFile(incoming.state, id)
  return file === undefined
    ? [`The first line of ${url}`, `The second line of ${url}`]
    : linesOf(file.bytes)
}

/** @internal */
export const batchTextEmbedding = (request: ApiRequest, incoming: Incoming): Answer => {
  const synchronous = asynchronousOnly(incoming)
  if (synchronous !== undefined) {
    return synchronous
  }
  const url = asString(inputOf(request).url) ?? ""
  if (!/^(?:https?|oss):\/\/./.test(url) || !URL.canParse(url)) {
    return invalid("The url is missing or wrong: input.url")
  }
  const wrong = checkChoice(parametersOf(request), "text_type", ["query", "document"])
  if (wrong !== undefined) {
    return wrong
  }
  const model = modelOf(request)
  const lines = linesAt(url, model, incoming)
  if ("_tag" in lines) {
    return lines
  }
  return submitTask(incoming, {
    model,
    failure: new URL(url).hostname.endsWith(".invalid")
      ? { code: "BadRequest.InputDownloadFailed", message: "Failed to download the input file." }
      : undefined,
    result: () => ({
      output: {
        url: keepResult(incoming, nameOf(incoming), "application/gzip", () => embedded(lines), taskResultEnds(incoming))
      },
      usage: { total_tokens: lines.reduce((sum, line) => sum + countTokens(line), 0) }
    })
  }, inputOf(request))
}

const nameOf = ({ state }: Incoming): string => `${state.nextId("embeddings")}_output.txt.gz`

const embedded = (lines: ReadonlyArray<string>): Uint8Array =>
  gzipSync(
    lines.map((text, text_index) =>
      JSON.stringify({ output: { code: 200, text_index, embedding: embed(text, 1536), message: "" } })
    ).join("\n")
  )
