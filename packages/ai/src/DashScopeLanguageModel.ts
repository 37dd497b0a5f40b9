/**
 * `LanguageModel` of `@effect/ai` by the models of DashScope.
 *
 * @example
 * import { LanguageModel } from "@effect/ai"
 * import { DashScope } from "effect-dashscope"
 * import { DashScopeLanguageModel } from "effect-dashscope-ai"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const response = yield* LanguageModel.generateText({ prompt: "你是谁？" })
 *   yield* Console.log(response.text)
 * })
 *
 * export const main = program.pipe(
 *   Effect.provide(DashScopeLanguageModel.model("qwen-plus")),
 *   Effect.provide(DashScope.layer())
 * )
 *
 * It stands on the services `Generation` and `MultiModalConversation`, so that the pool, the key, retries, deadlines, metrics and
 * spans are the client's.
 *
 * **Which path is asked.** The setting `path` decides, where it is given. Else the multimodal path is asked for models that are
 * certain to answer nowhere else (`Generation.isMultimodalOnly`), and for prompts with a picture, a video or a recording; and
 * the text path for all others.
 *
 * **Files.** `data` is a URL (`https:`, `oss:` or `data:`, as a text or a `URL`), base64, or bytes. Pictures, videos and recordings are
 * taken by `mediaType`; small ones go into the request, large ones become temporary uploads. Any other type is a document,
 * which is sent by its URL only, to models that read documents (qwen-doc-turbo). `file:` URLs are refused.
 *
 * **Tools.** The model makes several calls at once where `parallelToolCalls` is set. In a stream, calls come after the service's
 * last event, when the connection is free again: a handler may call the same model over a pool of one connection. With a toolkit the
 * core reads the stream on its own, whatever pace the program has. Arguments that do not fit a tool fail the whole response in
 * `@effect/ai`, and nobody asks the model again after its tools have run; `Generation.runTools` does both, see `DashScopeTool`.
 *
 * **Thinking.** `enableThinking` in the settings. With it the service knows only the tool choices `auto` and `none`, and no JSON:
 * others are `MalformedInput`. It is not turned off unasked, since models that cannot think refuse to be told so.
 *
 * **Histories.** System messages in front are sent as one. Calls without results, results without calls and empty messages of the
 * assistant are left out, which the service would refuse. Thinking is sent back in the rounds of tools, or always with
 * `preserveThinking`.
 *
 * **Errors** are `AiError`s; `DashScopeAiError.original` has the client's own. A stream that fails does fail: there is no `error`
 * part, and no end without a `finish`.
 *
 * @since 0.1.0
 */
import type * as AiError from "@effect/ai/AiError"
import * as IdGenerator from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as AiModel from "@effect/ai/Model"
import type * as Response from "@effect/ai/Response"
import * as Generation from "effect-dashscope/Generation"
import type { GenerationResult } from "effect-dashscope/GenerationResult"
import * as MultiModalConversation from "effect-dashscope/MultiModalConversation"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Annotate from "./internal/annotate.js"
import type * as Options from "./internal/augmentation.js"
import * as Chunks from "./internal/chunks.js"
import * as Errors from "./internal/errors.js"
import * as Model from "./internal/model.js"
import * as ObjectAnswer from "./internal/object.js"
import type { Where } from "./internal/original.js"
import { urlOf } from "./internal/path.js"
import * as PlainText from "./internal/plainText.js"
import * as Request from "./internal/request.js"
import * as Parts from "./internal/response.js"
import * as Internal from "./internal/settings.js"
import { StreamParts } from "./internal/streamParts.js"

// -----------------------------------------------------------------------------
// models
// -----------------------------------------------------------------------------

/**
 * What a prompt may say beside a message or part, under `options.dashscope`: a mark of the context cache.
 *
 * @since 0.1.0
 * @category models
 */
export type CacheOptions = Options.CacheOptions

/**
 * The same of an assistant's message.
 *
 * @since 0.1.0
 * @category models
 */
export type AssistantOptions = Options.AssistantOptions

/**
 * The same of a file.
 *
 * @since 0.1.0
 * @category models
 */
export type FileOptions = Options.FileOptions

/**
 * What a response says beside a source, under `metadata.dashscope`.
 *
 * @since 0.1.0
 * @category models
 */
export type SourceMetadata = Options.SourceMetadata

/**
 * The same beside the end: the service's own finish reason, its whole usage, the request id.
 *
 * @since 0.1.0
 * @category models
 */
export type FinishMetadata = Options.FinishMetadata

// -----------------------------------------------------------------------------
// configuration
// -----------------------------------------------------------------------------

/**
 * What a model may be told: the parameters of a chat, the options of each of its calls (`timeout`, `retry` …), and how this
 * provider goes about it.
 *
 * @since 0.1.0
 * @category models
 */
export type Settings = Internal.Settings

/**
 * The settings that hold for the calls of a part of a program. They win over those of the layer.
 *
 * @since 0.1.0
 * @category tags
 */
export class Config extends Context.Tag("effect-dashscope-ai/DashScopeLanguageModel/Config")<Config, Settings>() {}

/**
 * Gives the calls in an Effect other settings, on top of those that hold there. For a stream, provide {@link Config} to it.
 *
 * @example
 * import { LanguageModel } from "@effect/ai"
 * import { DashScopeLanguageModel } from "effect-dashscope-ai"
 *
 * export const careful = LanguageModel.generateText({ prompt: "17 * 23?" }).pipe(
 *   DashScopeLanguageModel.withConfigOverride({ model: "qwen-max", temperature: 0.1, timeout: "30 seconds" })
 * )
 *
 * @since 0.1.0
 * @category configuration
 */
export const withConfigOverride: {
  (overrides: Settings): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Settings): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Settings): Effect.Effect<A, E, R> =>
    Effect.flatMap(current, (config) => Effect.provideService(self, Config, { ...config, ...overrides }))
)

const none: Settings = {}

const current: Effect.Effect<Settings> = Effect.map(Effect.serviceOption(Config), Option.getOrElse(() => none))

// -----------------------------------------------------------------------------
// asking
// -----------------------------------------------------------------------------

interface Services {
  readonly text: Generation.Service
  readonly multimodal: MultiModalConversation.Service
}

interface Defaults {
  readonly model: string
  readonly config: Internal.Parts
}

type Method = "generateObject" | "generateText" | "streamText"

const whereOf = (method: Method, path: Request.Request["path"]): Where => ({
  module: "DashScopeLanguageModel",
  method,
  url: urlOf[path]
})

/** The settings around a call, over those of the model. */
const settingsOf = (config: Internal.Parts, context: Context.Context<never>): Internal.Parts => {
  const override = Option.getOrUndefined(Context.getOption(context, Config))
  return override === undefined ? config : Internal.takeApart({ ...config.settings, ...override })
}

const prepare = (
  { config, model }: Defaults,
  method: Method,
  options: PlainText.Asked,
  context: Context.Context<never>
): Either.Either<Request.Request, AiError.AiError> => {
  const made = Request.make(model, settingsOf(config, context), options)
  if (Either.isLeft(made)) {
    return Either.left(Errors.malformedInput(made.left, whereOf(method, made.left.path)))
  }
  Annotate.request(options.span, made.right.params)
  return Either.right(made.right)
}

/** The calls that are not streamed to the program, by a stream where the settings say so. */
const callsOf = ({ multimodal, text }: Services, byStream: boolean | undefined): ObjectAnswer.Calls =>
  byStream === true
    ? {
      text: (params, options) => Generation.collect(text.stream(params, options)),
      multimodal: (params, options) => MultiModalConversation.collect(multimodal.stream(params, options))
    }
    : { text: text.call, multimodal: multimodal.call }

const ask = (services: Services, request: Request.Request) => {
  const calls = callsOf(services, request.own.callByStream)
  return request.path === "text"
    ? calls.text(request.params, request.options)
    : calls.multimodal(request.params, request.options)
}

/** An answer as parts, with another text in its place where one is given. */
const respond = (
  result: GenerationResult,
  { params: { model } }: Request.Request,
  { span, tools }: PlainText.Asked,
  { ids, where }: { readonly where: Where; readonly ids: IdGenerator.Service },
  text?: string
): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> =>
  Effect.clockWith((clock) => {
    const now = clock.unsafeCurrentTimeMillis()
    Annotate.response(span, result, model)
    const finish = (id: string) =>
      Either.match(Parts.parts(result, { model, tools, now, id }, text), {
        onLeft: (problem) => Effect.fail(Errors.malformedOutput(problem, where)),
        onRight: (parts) => Effect.succeed(parts)
      })
    return Parts.needsId(result) ? Effect.flatMap(ids.generateId(), finish) : finish("")
  })

const generateText = (services: Services, own: Defaults) =>
(
  options: PlainText.Asked,
  ids: IdGenerator.Service
): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> =>
  Effect.contextWithEffect((context: Context.Context<never>) => {
    const { responseFormat } = options
    const method = responseFormat.type === "json" ? "generateObject" : "generateText"
    const prepared = prepare(own, method, options, context)
    if (Either.isLeft(prepared)) return Effect.fail(prepared.left)
    const request = prepared.right
    const where = whereOf(method, request.path)
    if (responseFormat.type === "text") {
      return Effect.matchEffect(ask(services, request), {
        onFailure: (error) => Effect.fail(Errors.make(error, where)),
        onSuccess: (result) => respond(result, request, options, { where, ids })
      })
    }
    return Effect.matchEffect(ObjectAnswer.ask(request, callsOf(services, request.own.callByStream), responseFormat), {
      onFailure: (error) => Effect.fail(Errors.make(error, where)),
      onSuccess: ({ result, text }) => respond(result, request, options, { where, ids }, text)
    })
  })

const streamed = ({ multimodal, text }: Services, request: Request.Request) =>
  request.path === "text"
    ? text.stream(request.params, request.options)
    : multimodal.stream(request.params, request.options)

const streamText = (services: Services, own: Defaults) =>
(
  options: PlainText.Asked,
  ids: IdGenerator.Service
): Stream.Stream<Response.StreamPartEncoded, AiError.AiError> =>
  Stream.unwrap(Effect.gen(function*() {
    const prepared = prepare(own, "streamText", options, yield* Effect.context<never>())
    if (Either.isLeft(prepared)) return Stream.fail(prepared.left)
    const request = prepared.right
    const where = whereOf("streamText", request.path)
    const { model } = request.params
    const parts = new StreamParts({
      model,
      tools: options.tools,
      now: yield* Clock.currentTimeMillis,
      id: yield* ids.generateId()
    })
    const source = streamed(services, request).pipe(
      Stream.mapError((error) => Errors.make(error, where)),
      (results) => Chunks.flatMap(results, (chunk) => chunk.flatMap((result) => parts.next(result)))
    )
    // The connection is given back where the source ends, before a handler runs.
    const rest = Stream.suspend(() =>
      Either.match(parts.rest(), {
        onLeft: (problem) => Stream.fail(Errors.malformedOutput(problem, where)),
        onRight: Chunks.of
      })
    )
    const finish = Stream.sync(() => {
      Annotate.end(options.span, parts.end, model)
      return parts.finish()
    })
    return Stream.concat(Stream.concat(source, rest), finish)
  }))

// -----------------------------------------------------------------------------
// constructors
// -----------------------------------------------------------------------------

/**
 * The service by a model of this name, with these settings.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  /** Such as `qwen-plus`. */
  readonly model: string
  readonly config?: Omit<Settings, "model"> | undefined
}): Effect.Effect<
  LanguageModel.Service,
  never,
  Generation.Generation | MultiModalConversation.MultiModalConversation
> =>
  Effect.gen(function*() {
    const services: Services = {
      text: yield* Generation.Generation,
      multimodal: yield* MultiModalConversation.MultiModalConversation
    }
    const own: Defaults = { model: options.model, config: Internal.takeApart(options.config ?? none) }
    const answers: PlainText.Answers = {
      generateText: generateText(services, own),
      streamText: streamText(services, own)
    }
    const core = yield* LanguageModel.make({
      generateText: (asked) => Effect.flatMap(IdGenerator.IdGenerator, (ids) => answers.generateText(asked, ids)),
      streamText: (asked) => Stream.unwrap(Effect.map(IdGenerator.IdGenerator, (ids) => answers.streamText(asked, ids)))
    })
    return yield* PlainText.make(core, answers)
  })

/**
 * The same as a Layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: {
  /** Such as `qwen-plus`. */
  readonly model: string
  readonly config?: Omit<Settings, "model"> | undefined
}): Layer.Layer<
  LanguageModel.LanguageModel,
  never,
  Generation.Generation | MultiModalConversation.MultiModalConversation
> => Layer.effect(LanguageModel.LanguageModel, make(options))

/**
 * The same as a `Model`, which a program that works with models of several providers provides where it needs it.
 *
 * @example
 * import { LanguageModel } from "@effect/ai"
 * import { DashScopeLanguageModel } from "effect-dashscope-ai"
 * import { Effect } from "effect"
 *
 * const Qwen = DashScopeLanguageModel.model("qwen-plus", { temperature: 0.3, timeout: "1 minute" })
 *
 * export const haiku = LanguageModel.generateText({ prompt: "A haiku about ponds" }).pipe(Effect.provide(Qwen))
 *
 * @since 0.1.0
 * @category constructors
 */
export const model = (
  model: string,
  config?: Omit<Settings, "model">
): AiModel.Model<
  "dashscope",
  LanguageModel.LanguageModel,
  Generation.Generation | MultiModalConversation.MultiModalConversation
> => Model.make(model, layer({ model, config }))
