/**
 * Text generation: the Qwen models and others behind the same path.
 *
 * @example
 * import { DashScope, Generation, Message } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* Generation.call({
 *     model: "qwen-plus",
 *     messages: [Message.system("You are a helpful assistant."), Message.user("Who are you?")]
 *   })
 *   yield* Console.log(Generation.text(result))
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Newer models that are multimodal by nature, and those that see, hear or speak, answer on another path: they are for
 * `MultiModalConversation`, which takes the same parameters. Where that is certain of a model, a call here is `InputRequired`
 * before anything is sent; else the service says so with `InvalidParameter` ("url error").
 *
 * **Fields without a name here.** Every field that an answer has and this module does not name is kept, at its place,
 * under its wire name; {@link field} reads it. Encoding a result with its Schema gives the service's JSON back.
 *
 * Source: "DashScope API reference" (text generation).
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as ParseResult from "effect/ParseResult"
import * as Stream from "effect/Stream"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError } from "./DashScopeError.js"
import type * as Params from "./GenerationParams.js"
import type { GenerationResult } from "./GenerationResult.js"
import * as Decode from "./internal/chat/decode.js"
import * as Partial from "./internal/chat/partial.js"
import * as Structured from "./internal/chat/structured.js"
import * as ToolLoop from "./internal/chat/toolLoop.js"
import * as Total from "./internal/chat/total.js"
import * as Verbs from "./internal/chat/verbs.js"
import * as Pull from "./internal/effect/pull.js"
import * as Models from "./internal/generation/models.js"
import * as Wire from "./internal/generation/wire.js"
import type * as ToolRun from "./ToolRun.js"

export {
  /**
   * @since 0.1.0
   * @category accessors
   */
  assistantMessage,
  /**
   * @since 0.1.0
   * @category schemas
   */
  Choice,
  /**
   * @since 0.1.0
   * @category accessors
   */
  field,
  /**
   * @since 0.1.0
   * @category schemas
   */
  GenerationResult,
  /**
   * @since 0.1.0
   * @category schemas
   */
  GenerationUsage,
  /**
   * @since 0.1.0
   * @category guards
   */
  isGenerationResult,
  /**
   * @since 0.1.0
   * @category accessors
   */
  reasoning,
  /**
   * @since 0.1.0
   * @category accessors
   */
  research,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResearchMessage,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResearchReference,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResultMessage,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResultToolCall,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SearchInfo,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SearchResult,
  /**
   * @since 0.1.0
   * @category accessors
   */
  text,
  /**
   * @since 0.1.0
   * @category schemas
   */
  TokenLogprob,
  /**
   * @since 0.1.0
   * @category accessors
   */
  toolCalls,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ToolInfo
} from "./GenerationResult.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  GenerationOutput,
  /**
   * @since 0.1.0
   * @category models
   */
  Research
} from "./GenerationResult.js"

/**
 * @since 0.1.0
 * @category models
 */
export type GenerationParams = Params.GenerationParams

/**
 * Decodes the JSON of an answer: what the Schema does, at a twentieth of its cost.
 *
 * @since 0.1.0
 * @category schemas
 */
export const decode: (json: unknown) => Either.Either<GenerationResult, ParseResult.ParseError> = Decode.decode

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (
    params: GenerationParams,
    options?: DashScopeClient.CallOptions
  ) => Effect.Effect<GenerationResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (
    params: GenerationParams,
    options?: DashScopeClient.CallOptions
  ) => Stream.Stream<GenerationResult, DashScopeError>
}

/**
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that generates text.
 * export const Mock = Layer.mock(Generation.Generation, {
 *   call: () => Effect.succeed({ output: { choices: [{ message: { role: "assistant", content: "Hello!" } }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Generation extends Context.Tag("effect-dashscope/Generation")<Generation, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service =>
    Verbs.make(client, {
      path: "/services/aigc/text-generation/generation",
      encodeCall: Wire.encodeCall,
      encodeStream: Wire.encode
    })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Generation, never, DashScopeClient.DashScopeClient> = Layer.effect(Generation, make)

/**
 * Asks a model and waits for its whole answer.
 *
 * The service ends a call without streaming after 300 seconds.
 *
 * Fails with `InputRequired` before anything is sent where the parameters contradict themselves, and with the other
 * errors of `DashScopeError` as they say.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const capital = Generation.call(
 *   { model: "qwen-plus", prompt: "What is the capital of France?", temperature: 0.2 },
 *   { timeout: "30 seconds" }
 * ).pipe(Effect.map(Generation.text))
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: GenerationParams,
  options?: DashScopeClient.CallOptions
): Effect.Effect<GenerationResult, DashScopeError, Generation> =>
  Effect.flatMap(Generation, (generation) => generation.call(params, options))

/**
 * Whether a model is certain to answer on the multimodal path only, by its name: a call here is then `InputRequired`, and
 * `MultiModalConversation` has the model. False for names of which that is not certain.
 *
 * @since 0.1.0
 * @category guards
 */
export const isMultimodalOnly: (model: string) => boolean = Models.multimodalOnly

/**
 * A header of the answer that a result came with, by its name. Of a stream every element has those of the stream's answer,
 * and so has what {@link collect} makes of them. Nothing for a result that was made by hand or changed by a copy.
 * `Envelope.header` does the same for the results of every service.
 *
 * Worth knowing: `x-request-id`, `x-dashscope-timeout` (how many seconds the service gives an answer), `req-cost-time`.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Generation.call({ model: "qwen-plus", prompt: "你好" }).pipe(
 *   Effect.tap((result) => Console.log(Generation.header(result, "req-cost-time")))
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const header: (result: GenerationResult, name: string) => string | undefined = Verbs.header

/**
 * Asks a model and gives its answer as it is written, one element for each event of the service.
 *
 * Each element holds what is new: text, thinking, fragments of tool calls, log probabilities; {@link collect} puts them
 * together. The usage counts up from event to event. With `incrementalOutput: false` each holds all so far instead, put
 * together here, with the one exception of models named `…tts…`, `…omni…` and `qwen-deep-research…`, to which the
 * parameter is passed on. The finish reason is the text `"null"` until the last event. With `n` above 1 an event has one
 * of the choices.
 *
 * It is pulled: a slow consumer slows the service, and little is held in memory. The connection is held until the
 * stream's scope closes: by its end, a failure, an interruption, or `Stream.take`, which close it at once.
 *
 * Fails as {@link call} does, at any time. An answer that ends before every choice has its finish reason is a
 * `ConnectionError` of reason `Truncated`, never a silent end; {@link partialResult} has what had arrived, of any error.
 * Once all have ended, nothing that befalls the connection is an error, and the stream ends a second after its last content
 * where the service, or a proxy, leaves it open. An answer without a finish reason that a gateway ends with `[DONE]` is
 * complete too.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * export const thinkAloud = Generation.stream(
 *   { model: "qwen-plus", prompt: "Why is the sky blue?", enableThinking: true },
 *   { firstContentTimeout: "20 seconds", contentTimeout: "10 seconds" }
 * ).pipe(
 *   Stream.runForEach((result) => Console.log(Generation.reasoning(result), Generation.text(result)))
 * )
 *
 * Source: "Streaming output".
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: GenerationParams,
  options?: DashScopeClient.CallOptions
): Stream.Stream<GenerationResult, DashScopeError, Generation> =>
  Pull.unwrap(Effect.map(Generation, (generation) => generation.stream(params, options)))

/**
 * The text of an answer as it is written, and nothing else: no thinking, no empty texts, of several choices the first.
 * `incrementalOutput` makes no difference. Otherwise as {@link stream}.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect, Stream } from "effect"
 *
 * export const write = Generation.streamText({ model: "qwen-plus", prompt: "你是谁？" }).pipe(
 *   Stream.runForEach((text) => Effect.sync(() => process.stdout.write(text)))
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const streamText = (
  params: GenerationParams,
  options?: DashScopeClient.CallOptions
): Stream.Stream<string, DashScopeError, Generation> =>
  Stream.mapChunks(stream({ ...params, incrementalOutput: true }, options), Verbs.newText)

/**
 * Puts the elements of a stream together, to the one answer that {@link call} would give: of each choice the texts, tool
 * calls and log probabilities joined, and for the rest what came last. A stream of `incrementalOutput: false` comes to
 * its last element.
 *
 * A stream that was cut short (`Stream.take`) comes to what it had, with the finish reason `"null"`. Where it fails,
 * {@link partialResult} of the error has that. An empty stream, which {@link stream} never is, fails with `ApiError`.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * // Shows the answer while it is written, and has all of it in the end.
 * export const ask = Generation.stream({ model: "qwen-plus", prompt: "你是谁？" }).pipe(
 *   Stream.tap((result) => Console.log(Generation.text(result))),
 *   Generation.collect,
 *   Effect.map((result) => result.usage?.totalTokens)
 * )
 *
 * @since 0.1.0
 * @category combinators
 */
export const collect: <E, R>(
  self: Stream.Stream<GenerationResult, E, R>
) => Effect.Effect<GenerationResult, E | ApiError, R> = Verbs.collect

/**
 * Puts elements of a stream together as {@link collect} does, where they are at hand: those so far, or all. Nothing where
 * there are none.
 *
 * @example
 * import { Conversation, Generation } from "effect-dashscope"
 *
 * // Hands on the stream of a turn, and has the history keep the whole answer.
 * export const turn = (conversation: Conversation.Conversation, question: string) =>
 *   conversation.sendStream(
 *     question,
 *     (messages) => Generation.stream({ model: "qwen-plus", messages }),
 *     Generation.merge
 *   )
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge: (elements: Iterable<GenerationResult>) => GenerationResult | undefined = Verbs.merge

/**
 * What had arrived of an answer when its stream failed with this error, put together as by {@link collect}; nothing
 * where nothing had, or where more had than a stream remembers (8 MiB). It is kept beside the error and not in it, so
 * that what a model said does not get into logs.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * // What there is, when it does not come to its end.
 * export const best = (params: Generation.GenerationParams) =>
 *   Generation.stream(params).pipe(
 *     Generation.collect,
 *     Effect.catchAll((error) => {
 *       const partial = Generation.partialResult(error)
 *       return partial === undefined ? Effect.fail(error) : Effect.succeed(partial)
 *     })
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): GenerationResult | undefined => Partial.results.get(error)

/**
 * Lets a model use tools: calls it, runs the handlers of the tools it asks for, gives it their results, and so on until it
 * answers without asking.
 *
 * Calls with arguments that do not fit are explained to the model, unless `onInvalidCall` is `"fail"`; failures of
 * handlers are the caller's, unless `onHandlerFailure` says otherwise. Handlers run one by one, or as many at once as
 * `concurrency` says. After `maxRounds` calls (default 8) it fails with `TooManyRounds`, which holds the history. Of any
 * other error, {@link partialRun} has the rounds that were done; a retry within a call does no round again.
 *
 * @example
 * import { Generation, Tool } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * const Weather = Tool.make("get_weather", {
 *   description: "The weather of a city, now",
 *   parameters: Schema.Struct({ city: Schema.String })
 * })
 *
 * export const answer = Generation.runTools(
 *   { model: "qwen-plus", prompt: "How is the weather in Hangzhou?" },
 *   Tool.handlers([Weather], { get_weather: ({ city }) => Effect.succeed(`${city}: sunny, 22 °C`) })
 * ).pipe(Effect.map(({ result }) => Generation.text(result)))
 *
 * @since 0.1.0
 * @category combinators
 */
export const runTools: ToolLoop.RunTools<Generation, DashScopeClient.CallOptions> = ToolLoop.runTools(call)

/**
 * The same as a stream of what happens: the increments of each round's answer, tool calls as they start and finish, the
 * end of each round, and last `Finished` with what {@link runTools} would give. It fails as that does, and as
 * {@link stream}: no tool is run for an answer that did not come to its end.
 *
 * @since 0.1.0
 * @category combinators
 */
export const runToolsStream: ToolLoop.RunToolsStream<Generation, DashScopeClient.CallOptions> = ToolLoop.runToolsStream(
  stream,
  () => new Total.Total()
)

/**
 * What {@link runTools} or {@link runToolsStream} had done when it failed with this error; nothing where that was in the
 * first round. Kept as {@link partialResult}, which has what had arrived of the answer that failed.
 *
 * @example
 * import { Generation, type Message, Tool } from "effect-dashscope"
 * import { Clock, Effect } from "effect"
 *
 * const GetTime = Tool.make("get_time", { description: "Milliseconds since 1970" })
 * const handlers = [Tool.handler(GetTime, () => Clock.currentTimeMillis)]
 *
 * // Goes on once, from after the tools that have run.
 * export const persistent = (messages: ReadonlyArray<Message.Message>) =>
 *   Generation.runTools({ model: "qwen-plus", messages }, handlers).pipe(
 *     Effect.catchAll((error) => {
 *       const done = Generation.partialRun(error)
 *       return done === undefined
 *         ? Effect.fail(error)
 *         : Generation.runTools({ model: "qwen-plus", messages: done.messages }, handlers)
 *     })
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialRun = (error: unknown): ToolRun.PartialRun | undefined =>
  // Text generation has no other messages.
  Partial.runs.get(error) as ToolRun.PartialRun | undefined

/**
 * Asks for an answer that fits a Schema, and decodes it.
 *
 * The model is given the Schema as JSON Schema: by `response_format` `json_schema`, or, with `format: "json_object"` for
 * models that have only that, in the system message. An answer that does not fit fails with `InvalidObject`, after `repair`
 * attempts (default none) in which the model is shown what was wrong.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * const City = Schema.Struct({ name: Schema.String, inhabitants: Schema.Int }).annotations({ identifier: "City" })
 *
 * export const city = Generation.callObject(
 *   { model: "qwen-plus", prompt: "The largest city of Zhejiang?" },
 *   City,
 *   { repair: 1 }
 * ).pipe(Effect.map(({ value }) => value.name))
 *
 * @since 0.1.0
 * @category combinators
 */
export const callObject: Structured.CallObject<Generation, DashScopeClient.CallOptions> = Structured.callObject(call)
