/**
 * Chat completions in the form of OpenAI: `/compatible-mode/v1/chat/completions`.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import { isServedAs, kindOf } from "../core/models.js"
import { generation } from "../generation/service.js"
import { multiModalGeneration } from "../multiModalConversation/service.js"
import type { Answer, Chunk, Success } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { checkModel, jsonOf, notJson } from "../server/route.js"
import { nativeBody } from "./request.js"

/** @internal */
export const textOf = (content: unknown): string =>
  asString(content) ?? (asArray(content) ?? []).map((part) => asString(asObject(part)?.text) ?? "").join("")

/** What the two kinds of answers have in common. */
interface Head {
  readonly id: string
  readonly model: string
  readonly created: number
}

const usageOf = (value: JsonObject): JsonObject => {
  const { input_tokens, output_tokens, output_tokens_details, plugins, total_tokens } = asObject(value.usage) ?? {}
  const [input, output] = [Number(input_tokens ?? 0), Number(output_tokens ?? 0)]
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: Number(total_tokens ?? input + output),
    ...(output_tokens_details === undefined ? {} : { completion_tokens_details: output_tokens_details }),
    ...(plugins === undefined ? {} : { plugins }),
    prompt_tokens_details: { cached_tokens: 0 }
  }
}

/** @internal */
export const choicesOf = (value: JsonObject): ReadonlyArray<JsonObject> =>
  (asArray(asObject(value.output)?.choices) ?? []).map((choice) => asObject(choice) ?? {})

const messageOf = (choice: JsonObject): JsonObject => {
  const { annotations, content, reasoning_content, tool_calls } = asObject(choice.message) ?? {}
  return {
    content: textOf(content),
    ...(reasoning_content === undefined ? {} : { reasoning_content }),
    ...(tool_calls === undefined ? {} : { tool_calls }),
    ...(annotations === undefined ? {} : { annotations })
  }
}

const wholeOf = (value: JsonObject, { created, id, model }: Head): JsonObject => ({
  choices: choicesOf(value).map((choice, index) => ({
    message: { role: "assistant", ...messageOf(choice) },
    finish_reason: choice.finish_reason,
    index,
    logprobs: choice.logprobs ?? null
  })),
  object: "chat.completion",
  usage: usageOf(value),
  created,
  system_fingerprint: null,
  model,
  id
})

function* chunksOf(native: Iterable<Chunk>, head: Head, withUsage: boolean): Generator<Chunk> {
  const { created, id, model } = head
  const event = (choices: ReadonlyArray<JsonObject>, usage: JsonObject | null): JsonObject => ({
    choices,
    object: "chat.completion.chunk",
    usage,
    created,
    system_fingerprint: null,
    model,
    id
  })
  const delta = (fields: JsonObject, index: number, reason: unknown, logprobs: unknown) => ({
    delta: fields,
    finish_reason: reason,
    index,
    logprobs: logprobs ?? null
  })
  yield { value: event([delta({ content: "", role: "assistant" }, 0, null, null)], null), finishes: false }
  let usage: JsonObject | null = null
  for (const { finishes, value } of native) {
    usage = usageOf(value)
    for (const choice of choicesOf(value)) {
      const reason = choice.finish_reason === "null" ? null : choice.finish_reason
      const index = typeof choice.index === "number" ? choice.index : 0
      yield { value: event([delta(messageOf(choice), index, reason, choice.logprobs)], null), finishes }
    }
  }
  if (withUsage) {
    yield { value: event([], usage), finishes: false }
  }
}

/**
 * What the native service says to a request that means the same, whose form depends on whether its content is in parts.
 *
 * @internal
 */
export const answerNatively = (
  incoming: Incoming,
  model: string,
  bodyOf: (inParts: boolean) => JsonObject,
  streamed: boolean
): Answer => {
  const inParts = kindOf(model) === "multimodal"
  if (!inParts && !isServedAs(model, "text")) {
    return failure(
      404,
      "model_not_supported",
      `Unsupported model ${JSON.stringify(model)} for OpenAI compatibility mode.`
    )
  }
  const request = { body: bodyOf(inParts), streamed, requestId: incoming.requestId }
  return inParts ? multiModalGeneration(request, incoming) : generation(request)
}

/** @internal */
export const completeChat = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const missing = checkModel(body.model, incoming.settings)
  if (missing !== undefined) {
    return missing
  }
  const model = asString(body.model) ?? ""
  const streamed = body.stream === true
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== "boolean") {
    return invalid("The stream has to be a boolean.")
  }
  const native = answerNatively(incoming, model, (inParts) => nativeBody(body, inParts), streamed)
  const head: Head = { id: `chatcmpl-${incoming.requestId}`, model, created: Math.floor(incoming.now / 1000) }
  return native._tag === "Success"
    ? translated(native, head, streamed, asObject(body.stream_options)?.include_usage === true)
    : native
}

const translated = ({ chunks, whole }: Success, head: Head, streamed: boolean, withUsage: boolean): Success => ({
  _tag: "Success",
  streamed,
  whole: (padding) => wholeOf(whole(padding), head),
  chunks: chunks === undefined ? undefined : (pieces) => chunksOf(chunks(pieces), head, withUsage)
})

/** @internal */
export const compatibleChatRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/compatible-mode/v1/chat/completions", serve: completeChat }
]
