import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import type { MultiModalInput, MultiModalParameters, MultiModalParams } from "../../MultiModalParams.js"
import * as Checks from "../chat/checks.js"
import * as Parameters from "../chat/parameters.js"
import { messagesOf } from "../chat/turns.js"
import * as Models from "../operation/taskModels.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import { encodeMessages } from "./messages.js"

const isEmpty = Checks.isEmpty

const { maxLength: _, outputFormat: __, translationOptions: ___, ...shared } = Parameters.chatNames

const parameterNames: Parameters.Names<MultiModalParameters> = {
  ...shared,
  ocrOptions: {
    name: "ocr_options",
    fields: { task: "task", taskConfig: { name: "task_config", fields: { resultSchema: "result_schema" } } }
  },
  modalities: "modalities",
  audio: { name: "audio", fields: { voice: "voice", format: "format" } },
  asrOptions: {
    name: "asr_options",
    fields: { language: "language", enableItn: "enable_itn", enableLid: "enable_lid" }
  },
  format: "format",
  sampleRate: "sample_rate",
  vocabulary: "vocabulary",
  size: "size",
  negativePrompt: "negative_prompt",
  promptExtend: "prompt_extend",
  watermark: "watermark"
}

/** Of speech synthesis, whose input has no messages. */
const speechNames: Parameters.Names<
  Pick<MultiModalInput, "text" | "voice" | "languageType" | "instructions" | "optimizeInstructions">
> = {
  text: "text",
  voice: "voice",
  languageType: "language_type",
  instructions: "instructions",
  optimizeInstructions: "optimize_instructions"
}

const known = new Parameters.KnownNames("MultiModalConversation", parameterNames, [
  ...Object.keys(speechNames),
  "model",
  "messages",
  "prompt",
  "history",
  "extraInput",
  "plugins",
  "extra"
])

const inputProblem = (params: MultiModalParams): InputRequired | undefined => {
  const { extraInput, history, messages, prompt, text } = params
  const says = !isEmpty(messages) || !isEmpty(prompt) || !isEmpty(history)
  if (!says && isEmpty(text) && !Checks.hasKeys(extraInput)) {
    return invalid("messages", "nothing to send: give messages or a prompt; for speech synthesis, a text")
  }
  if (says && !isEmpty(text)) {
    return invalid("text", "is what a model is to speak, and goes without messages and prompt")
  }
  if (!isEmpty(messages) && !isEmpty(history)) {
    return invalid("history", "goes with a prompt; put earlier turns into messages")
  }
  return extraInput?.["messages"] === undefined ? Checks.historyProblem(messages, !isEmpty(prompt)) : undefined
}

const problem = (params: MultiModalParams): InputRequired | undefined => {
  const wrong = Checks.modelProblem(params, "qwen3-vl-plus") ??
    Models.problemOf(params.model, "MultiModalConversation", "call") ?? known.unknownIn(params) ?? inputProblem(params)
  if (wrong !== undefined) return wrong
  const format: unknown = params.resultFormat
  if (format !== undefined && format !== "message") {
    return invalid("resultFormat", "answers have the format \"message\" here, and no other")
  }
  return Checks.parametersProblem(params)
}

const encodeInput = (params: MultiModalParams): Either.Either<Readonly<Record<string, unknown>>, InputRequired> => {
  const { extraInput } = params
  const messages = Checks.withoutEmptyLists(messagesOf(params))
  return Either.map(encodeMessages(messages), (encoded) => ({
    ...Parameters.rename(params, speechNames),
    ...(encoded.length === 0 ? undefined : { messages: encoded }),
    ...extraInput
  }))
}

/**
 * A call's parameters as the body of its request, or what is wrong with them. Media are still in it as they were given.
 *
 * @internal
 */
export const encode = (params: MultiModalParams): Either.Either<Parameters.Body, InputRequired> => {
  const wrong = problem(params)
  return wrong === undefined ?
    Either.map(encodeInput(params), (input) => ({
      model: params.model,
      input,
      parameters: Parameters.encode(params, parameterNames)
    })) :
    Either.left(wrong)
}

/** The same for a call that does not stream. @internal */
export const encodeCall = (params: MultiModalParams): Either.Either<Parameters.Body, InputRequired> => {
  if (!Parameters.isObject(params)) return encode(params)
  const wrong = Checks.incrementsProblem(params) ??
    (params.modalities?.includes("audio") === true
      ? invalid("modalities", "audio is for streams only: use MultiModalConversation.stream")
      : undefined)
  return wrong === undefined ? encode(Checks.withoutIncrements(params)) : Either.left(wrong)
}
