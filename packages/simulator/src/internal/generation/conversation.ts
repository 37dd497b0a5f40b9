/**
 * What all chat endpoints do with a request: read it, refuse it or think of an answer, and write that down.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asObject } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import { modelOf } from "../server/route.js"
import type { Message, Parameters } from "./chat.js"
import { answerText, choiceOf, lastOf, sourcesFor, toolResults } from "./mind.js"
import { chinese, codeFor } from "./phrases.js"
import type { Reply, Wire } from "./reply.js"
import { wholeReply } from "./reply.js"
import type { ReadContent } from "./request.js"
import { readMessages, readParameters } from "./request.js"
import { chunksOf } from "./stream.js"
import { callsOf, toolsFor } from "./tools.js"

/**
 * What is the endpoint's own.
 *
 * @internal
 */
export interface ChatEndpoint {
  readonly messagesOnly: boolean
  readonly readContent: ReadContent
  readonly wire: (messages: ReadonlyArray<Message>, parameters: Parameters) => Wire
  /** What is said instead of the usual answer. */
  readonly text?: ((messages: ReadonlyArray<Message>) => string | undefined) | undefined
  /** Tokens of the input beside its text. */
  readonly mediaTokens?: ((messages: ReadonlyArray<Message>) => number) | undefined
}

/** @internal */
export const converse = (request: ApiRequest, endpoint: ChatEndpoint): Answer => {
  const messages = readMessages(asObject(request.body.input) ?? {}, endpoint.readContent)
  if (isFailure(messages)) {
    return messages
  }
  const parameters = readParameters(modelOf(request), request, endpoint)
  if (isFailure(parameters)) {
    return parameters
  }
  if (parameters.responseFormat?.type === "json_object" && !mentionsJson(messages)) {
    return invalid(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    )
  }
  if (parameters.translation !== undefined && (messages.length !== 1 || messages[0]?.role !== "user")) {
    return invalid("A translation takes exactly one message, of the role user.")
  }
  const reply = replyTo(request, messages, parameters, endpoint)
  return {
    _tag: "Success",
    whole: (padding = "") => wholeReply(reply, padding),
    chunks: (pieces) => chunksOf(reply, pieces)
  }
}

const replyTo = (
  request: ApiRequest,
  messages: ReadonlyArray<Message>,
  parameters: Parameters,
  endpoint: ChatEndpoint
): Reply => {
  const question = lastOf(messages, "user")?.content.text ?? ""
  const calls = toolResults(messages).length > 0
    ? []
    : callsOf(toolsFor(question, parameters), question, request.requestId)
  const start = parameters.seed === undefined ? 0 : fnv(String(parameters.seed))
  const said = endpoint.text?.(messages)
  const choices = Array.from(
    { length: parameters.messageFormat ? parameters.n : 1 },
    (_, i) => choiceOf(said ?? answerText(messages, question, parameters, start + i), question, parameters, calls)
  )
  return {
    requestId: request.requestId,
    parameters,
    choices,
    inputTokens: textTokens(messages, request) + (endpoint.mediaTokens?.(messages) ?? 0),
    sources: parameters.search?.enable_source === true && parameters.messageFormat
      ? sourcesFor(question, chinese.test(question))
      : undefined,
    code: parameters.codeInterpreter && parameters.messageFormat ? codeFor(question) : undefined,
    wire: endpoint.wire(messages, parameters)
  }
}

const mentionsJson = (messages: ReadonlyArray<Message>): boolean =>
  messages.some(({ content }) => /json/i.test(content.text))

const textTokens = (messages: ReadonlyArray<Message>, request: ApiRequest): number => {
  const tools = asArray(asObject(request.body.parameters)?.tools)
  return messages.reduce((sum, { content }) => sum + countTokens(content.text), 0) +
    (tools === undefined || tools.length === 0 ? 0 : countTokens(JSON.stringify(tools)))
}

/** @internal */
export const reasoningDetails = (parameters: Parameters, reasoningTokens: number): JsonObject =>
  parameters.thinking ? { output_tokens_details: { reasoning_tokens: reasoningTokens } } : {}
