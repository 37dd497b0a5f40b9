import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { InputRequired } from "../../DashScopeError.js"
import type { GenerationParams } from "../../GenerationParams.js"
import * as Message from "../../Message.js"
import * as Checks from "../chat/checks.js"
import * as Parameters from "../chat/parameters.js"
import * as Codec from "../core/codec.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import { multimodalOnly } from "./models.js"

const isEmpty = Checks.isEmpty

const known = new Parameters.KnownNames("Generation", Parameters.chatNames, [
  "model",
  "messages",
  "prompt",
  "history",
  "customizedModelId",
  "extraInput",
  "plugins",
  "extra"
])

const encodeMessages = Codec.encoder(Schema.Array(Message.Message))

const inputProblem = (params: GenerationParams): InputRequired | undefined => {
  if (
    isEmpty(params.messages) && isEmpty(params.prompt) && isEmpty(params.history) &&
    !Checks.hasKeys(params.extraInput)
  ) {
    return invalid("messages", "nothing to send: give messages or a prompt")
  }
  if (!isEmpty(params.messages) && !isEmpty(params.history)) {
    return invalid("history", "goes with a prompt; put earlier turns into messages")
  }
  const ofHistory = params.extraInput?.["messages"] === undefined ?
    Checks.historyProblem(params.messages, !isEmpty(params.prompt)) :
    undefined
  if (ofHistory !== undefined) return ofHistory
  return Checks.silentSystemProblem(params.messages) ?? Checks.translationProblem(params)
}

const problem = (params: GenerationParams): InputRequired | undefined => {
  const wrong = Checks.modelProblem(params, "qwen-plus") ?? known.unknownIn(params)
  if (wrong !== undefined) return wrong
  const { model } = params
  if (multimodalOnly(model)) {
    return invalid("model", `${model} answers on the multimodal path only: use MultiModalConversation`)
  }
  const ofInput = inputProblem(params)
  if (ofInput !== undefined) return ofInput
  if (model.startsWith("bailian-") && isEmpty(params.customizedModelId)) {
    return invalid("customizedModelId", "models named bailian-… need one")
  }
  return Checks.parametersProblem(params)
}

/** The prompt and messages rule of both official SDKs. */
const encodeInput = (
  params: GenerationParams
): Either.Either<Readonly<Record<string, unknown>>, InputRequired> => {
  const input: Record<string, unknown> = {}
  if (params.messages !== undefined && params.messages.length > 0) {
    const messages = Checks.withoutEmptyLists(params.messages)
    const encoded = encodeMessages(isEmpty(params.prompt) ? messages : [...messages, Message.user(params.prompt ?? "")])
    if (Either.isLeft(encoded)) {
      const at = ParseResult.ArrayFormatter.formatErrorSync(encoded.left)[0]?.path.join(".") ?? ""
      return Either.left(invalid("messages", `not a message (at ${at || "its top"})`))
    }
    input["messages"] = encoded.right
  } else {
    if (!isEmpty(params.prompt)) input["prompt"] = params.prompt
    if (!isEmpty(params.history)) input["history"] = params.history
  }
  if (params.customizedModelId !== undefined) input["customized_model_id"] = params.customizedModelId
  return Either.right(params.extraInput === undefined ? input : { ...input, ...params.extraInput })
}

const encodeParameters = (params: GenerationParams): Readonly<Record<string, unknown>> => {
  const out = Parameters.encode(params, Parameters.chatNames)
  if (!Object.hasOwn(out, "result_format")) out["result_format"] = "message"
  return out
}

/**
 * A call's parameters as the body of its request, or what is wrong with them.
 *
 * @internal
 */
export const encode = (params: GenerationParams): Either.Either<Parameters.Body, InputRequired> => {
  const wrong = problem(params)
  return wrong === undefined ?
    Either.map(encodeInput(params), (input) => ({ model: params.model, input, parameters: encodeParameters(params) })) :
    Either.left(wrong)
}

/** The same for a call that does not stream. @internal */
export const encodeCall = (params: GenerationParams): Either.Either<Parameters.Body, InputRequired> => {
  if (!Parameters.isObject(params)) return encode(params)
  const wrong = Checks.incrementsProblem(params)
  return wrong === undefined ? encode(Checks.withoutIncrements(params)) : Either.left(wrong)
}
