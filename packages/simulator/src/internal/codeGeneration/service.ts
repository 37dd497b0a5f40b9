/**
 * Code generation (`tongyi-lingma-v1`): `/services/aigc/code-generation/generation`, which one of the official SDKs asks for
 * without `/services`. Streams repeat what was said so far.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { countTokens, tokenize } from "../core/tokens.js"
import { short } from "../generation/phrases.js"
import type { Answer, ApiRequest, Chunk } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import { inputOf, modelOf, modelRoute, parametersOf, urlError } from "../server/route.js"

/** What each scene needs in the `meta` of its attachment. */
const scenes: { readonly [scene: string]: ReadonlyArray<string> } = {
  custom: [],
  nl2code: ["language"],
  code2comment: ["code", "language"],
  code2explain: ["code", "language"],
  commit2msg: ["diff_list"],
  unittest: ["code", "language"],
  codeqa: [],
  nl2sql: ["schema_infos"]
}

/** Seconds since the epoch, which the service tells with each answer. */
const timestamp = 1_701_848_421.5

const write = (scene: string, question: string, meta: JsonObject): string => {
  const language = asString(meta.language) ?? "text"
  switch (scene) {
    case "nl2code":
      return `\`\`\`${language}\n// ${short(question, 80)}\nreturn "simulated";\n\`\`\``
    case "code2comment":
      return `\`\`\`${language}\n// A comment by a simulator.\n${asString(meta.code) ?? ""}\n\`\`\``
    case "unittest":
      return `\`\`\`${language}\n// A test by a simulator.\nassert(true);\n\`\`\``
    case "commit2msg":
      return `Change ${(asArray(meta.diff_list) ?? []).length} file(s)`
    case "nl2sql":
      return "```sql\nSELECT * FROM simulated;\n```"
    default:
      return `You said: "${short(question)}". A simulator answers this.`
  }
}

/** @internal */
export const codeGeneration = (request: ApiRequest): Answer => {
  if (!isServedAs(modelOf(request), "code")) {
    return urlError
  }
  const input = inputOf(request)
  const scene = asString(input.scene) ?? ""
  const needed = Object.hasOwn(scenes, scene) ? scenes[scene] : undefined
  if (needed === undefined) {
    return invalid(`The scene should be one of ${Object.keys(scenes).join(", ")}, and not ${JSON.stringify(scene)}.`)
  }
  const messages = (asArray(input.message) ?? []).map(asObject)
  const question = messages.map((message) => message?.role === "user" ? asString(message.content) ?? "" : "").join("")
  if (messages.length === 0 || question === "") {
    return invalid("The message of a user is missing: input.message")
  }
  const meta = asObject(messages.find((message) => message?.role === "attachment")?.meta) ?? {}
  const missing = needed.find((name) => meta[name] === undefined)
  if (missing !== undefined) {
    return invalid(`The scene ${scene} needs an attachment with meta.${missing}.`)
  }
  const { n } = parametersOf(request)
  if (n !== undefined && n !== null && n !== 1) {
    return invalid("Range of n should be [1, 1]")
  }
  const text = write(scene, question, meta)
  const event = (content: string, frame: number, finishes: boolean): Chunk => ({
    value: {
      output: {
        choices: [{
          finish_reason: finishes ? "stop" : "null",
          frame_timestamp: timestamp,
          index: 0,
          content,
          frame_id: frame
        }]
      },
      usage: { output_tokens: countTokens(content), input_tokens: countTokens(question) },
      request_id: request.requestId
    },
    finishes
  })
  return {
    _tag: "Success",
    whole: (padding = "") => event(text + padding, 25, true).value,
    chunks: function*(pieces) {
      let said = ""
      let frame = 0
      for (const piece of pieces === undefined ? tokenize(text) : pieces()) {
        said += piece
        yield event(said, ++frame, false)
      }
      yield event(said, ++frame, true)
    }
  }
}

/** @internal */
export const codeGenerationRoutes = [
  modelRoute("/api/v1/services/aigc/code-generation/generation", codeGeneration),
  modelRoute("/api/v1/aigc/code-generation/generation", codeGeneration)
]
