/**
 * From the parameters of our services to the body of a request in the compatible mode, or why there is none.
 *
 * @internal
 */
import { didYouMean } from "effect-http-pool/Names"
import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import type { GenerationParams } from "../../GenerationParams.js"
import type { MultiModalParams } from "../../MultiModalParams.js"
import type { TextEmbeddingParams } from "../../TextEmbeddingParams.js"
import * as Checks from "../chat/checks.js"
import * as Parameters from "../chat/parameters.js"
import { type ChatParams, messagesOf } from "../chat/turns.js"
import * as Params from "../operation/params.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import { encodeMessages } from "./messages.js"

/** @internal */
export interface Body {
  readonly model: string
  readonly [field: string]: unknown
}

/** A chat's parameters, of either service. */
type ChatBatchParams = ChatParams & Omit<MultiModalParams, keyof ChatParams>

/** Why a parameter that is given cannot be said. */
const inexpressible: { readonly [K in keyof ChatBatchParams]?: string } = {
  customizedModelId: "the compatible mode has no customized models",
  extraInput: "the compatible mode has no input; put what it needs into extra, under its wire name",
  plugins: "they go into a header, which a line of a batch has not got",
  maxLength: "the compatible mode has no such limit; use maxTokens",
  outputFormat: "it is of qwen-deep-research, which has no batches",
  text: "speech synthesis has no batches",
  voice: "speech synthesis has no batches",
  languageType: "speech synthesis has no batches",
  instructions: "speech synthesis has no batches",
  optimizeInstructions: "speech synthesis has no batches",
  ocrOptions: "the compatible mode has no tasks of OCR; say in a prompt what is to be read",
  audio: "speech comes in streams only, and a batch has none",
  format: "the compatible mode takes it with the recording",
  sampleRate: "the compatible mode takes it with the recording",
  vocabulary: "the compatible mode has no such parameter",
  size: "pictures are not made in batches",
  negativePrompt: "pictures are not made in batches",
  promptExtend: "pictures are not made in batches",
  watermark: "pictures are not made in batches"
}

// Of streams only; what an answer in one piece need not be told is left out.
const { incrementalOutput: _, maxLength: __, outputFormat: ___, resultFormat: ____, toolStream: _____, ...chatNames } =
  Parameters.chatNames

const names = {
  ...chatNames,
  modalities: "modalities",
  asrOptions: {
    name: "asr_options",
    fields: { language: "language", enableItn: "enable_itn", enableLid: "enable_lid" }
  }
} satisfies Parameters.Table

const known = new Parameters.KnownNames("Generation", { ...names, ...Parameters.chatNames }, [
  ...Object.keys(inexpressible),
  "model",
  "messages",
  "prompt",
  "history",
  "extra"
])

/** What `searchOptions` would have the answer say. */
const sources = ["enableSource", "enableCitation", "prependSearchResult"] as const

const unsayable = (params: ChatBatchParams): InputRequired | undefined => {
  for (const [name, why] of Object.entries(inexpressible)) {
    if (Reflect.get(params, name) !== undefined) return invalid(name, why)
  }
  if (params.resultFormat !== undefined && params.resultFormat !== "message") {
    return invalid("resultFormat", "answers have the format \"message\" here, and no other")
  }
  if (params.modalities?.includes("audio") === true) {
    return invalid("modalities", "speech comes in streams only, and a batch has none")
  }
  const source = sources.find((name) => params.searchOptions?.[name] === true)
  if (source !== undefined) {
    return invalid(`searchOptions.${source}`, "the compatible mode tells no sources of a search")
  }
  return params.extra?.["stream"] === true
    ? invalid("extra.stream", "a batch does not stream")
    : Checks.incrementsProblem(params)
}

const chatProblem = (params: ChatBatchParams): InputRequired | undefined => {
  const wrong = Checks.modelProblem(params, "qwen-plus") ?? known.unknownIn(params) ?? unsayable(params)
  if (wrong !== undefined) return wrong
  const { history, messages, prompt } = params
  if (Checks.isEmpty(messages) && Checks.isEmpty(prompt) && Checks.isEmpty(history)) {
    return invalid("messages", "nothing to send: give messages or a prompt")
  }
  if (!Checks.isEmpty(messages) && !Checks.isEmpty(history)) {
    return invalid("history", "goes with a prompt; put earlier turns into messages")
  }
  return Checks.historyProblem(messages, !Checks.isEmpty(prompt)) ?? Checks.translationProblem(params) ??
    Checks.parametersProblem(params)
}

const chatBody = (params: ChatBatchParams): Either.Either<Body, InputRequired> =>
  Either.map(encodeMessages(Checks.withoutEmptyLists(messagesOf(params))), (messages) => ({
    model: params.model,
    messages,
    ...Parameters.encode(params, names)
  }))

/** @internal */
export const ofConversation = (params: MultiModalParams): Either.Either<Body, InputRequired> => {
  const wrong = chatProblem(params)
  return wrong === undefined ? chatBody(params) : Either.left(wrong)
}

/** @internal */
export const ofGeneration = (params: GenerationParams): Either.Either<Body, InputRequired> => {
  const wrong = chatProblem(params) ?? Checks.silentSystemProblem(params.messages)
  return wrong === undefined ? chatBody(params) : Either.left(wrong)
}

const embeddingNames = ["model", "texts", "dimension", "textType", "outputType", "instruct", "extra", "extraInput"]

const embeddingProblem = (params: TextEmbeddingParams): InputRequired | undefined => {
  if (!Parameters.isObject(params)) return invalid("model", "give the parameters, with a model and texts")
  const unknown = Object.entries(params).find(([name, value]) => value !== undefined && !embeddingNames.includes(name))
  if (unknown !== undefined) {
    const [name] = unknown
    return invalid(name, `there is no such parameter${didYouMean(name, embeddingNames)}; a newer one goes into "extra"`)
  }
  const { dimension, extraInput, instruct, model, outputType, textType, texts } = params
  if (extraInput !== undefined) {
    return invalid("extraInput", "the compatible mode has no input; put what it needs into extra, under its wire name")
  }
  if (textType === "query") return invalid("textType", "the compatible mode embeds texts as documents only")
  if (outputType !== undefined && outputType !== "dense") {
    return invalid("outputType", "the compatible mode has dense vectors only")
  }
  if (instruct !== undefined) return invalid("instruct", "the compatible mode has no such parameter")
  if (dimension !== undefined && !Number.isFinite(dimension)) return invalid("dimension", "must be a finite number")
  return Params.modelRequired(model, "text-embedding-v4") ?? Params.textsRequired(texts)
}

/** @internal */
export const ofEmbedding = (params: TextEmbeddingParams): Either.Either<Body, InputRequired> => {
  const wrong = embeddingProblem(params)
  if (wrong !== undefined) return Either.left(wrong)
  const { dimension, extra, model, texts } = params
  return Either.right({
    model,
    input: texts,
    ...(dimension === undefined ? undefined : { dimensions: dimension }),
    encoding_format: "float",
    ...extra
  })
}
