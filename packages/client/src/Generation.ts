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
 * Newer models that are multimodal by nature, and those that see, want the multimodal path instead; the service says so
 * with `InvalidParameter` ("url error").
 *
 * **Fields without a name here.** Every field that an answer has and this module does not name is kept, at its place,
 * under its wire name; {@link field} reads it. Encoding a result with its Schema gives the service's JSON back.
 *
 * Source: "DashScope API reference" (text generation).
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError, InputRequired } from "./DashScopeError.js"
import type * as Params from "./GenerationParams.js"
import * as Answer from "./internal/answer.js"
import * as Choices from "./internal/choices.js"
import * as Codec from "./internal/codec.js"
import { headerOf, unexpectedShape } from "./internal/envelope.js"
import * as GenerationStream from "./internal/generationStream.js"
import * as Wire from "./internal/generationWire.js"
import * as Merge from "./internal/merge.js"
import { Operations } from "./internal/operation.js"
import * as Partial from "./internal/partial.js"
import * as Plain from "./internal/plain.js"
import * as Structured from "./internal/structured.js"
import * as ToolLoop from "./internal/toolLoop.js"
import * as Message from "./Message.js"
import type * as Tool from "./Tool.js"

/**
 * @since 0.1.0
 * @category models
 */
export type GenerationParams = Params.GenerationParams

const preserve = { parseOptions: { onExcessProperty: "preserve" } } as const

/** Any field of an answer may be missing, and any may be null. */
const nullish = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const nullishFrom = <A, I, Key extends string>(key: Key, schema: Schema.Schema<A, I>) =>
  nullish(schema).pipe(Schema.fromKey(key))

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A call that the model asks for, as it came; {@link toolCalls} gives it without holes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResultToolCall extends Schema.Schema.Type<typeof ResultToolCall> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResultToolCall = Schema.Struct({
  id: nullish(Schema.String),
  type: nullish(Schema.String),
  index: nullish(Schema.Number),
  function: nullish(Schema.Struct({
    name: nullish(Schema.String),
    /** JSON text, and possibly invalid JSON. */
    arguments: nullish(Schema.String)
  }))
}).annotations({ identifier: "ResultToolCall", ...preserve })

/**
 * What the model says.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResultMessage extends Schema.Schema.Type<typeof ResultMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResultMessage = Schema.Struct({
  role: nullish(Schema.String),
  /** Text; some models answer in parts. Empty where there are tool calls. */
  content: nullish(Schema.Union(Schema.String, Schema.Array(Schema.Unknown))),
  /** The chain of thought. */
  reasoningContent: nullishFrom("reasoning_content", Schema.String),
  toolCalls: nullishFrom("tool_calls", Schema.Array(ResultToolCall))
}).annotations({ identifier: "ResultMessage", ...preserve })

const tokenFields = {
  token: nullish(Schema.String),
  /** The token's UTF-8 bytes. */
  bytes: nullish(Schema.Array(Schema.Number)),
  logprob: nullish(Schema.Number)
}

/**
 * A token with its log probability, and those of the tokens that might have stood in its place.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenLogprob extends Schema.Schema.Type<typeof TokenLogprob> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TokenLogprob = Schema.Struct({
  ...tokenFields,
  topLogprobs: nullishFrom("top_logprobs", Schema.Array(Schema.Struct(tokenFields)))
}).annotations({ identifier: "TokenLogprob", ...preserve })

/**
 * One answer. There is one, unless `n` asked for more.
 *
 * @since 0.1.0
 * @category models
 */
export interface Choice extends Schema.Schema.Type<typeof Choice> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Choice = Schema.Struct({
  /** Its number, with `n` above 1. */
  index: nullish(Schema.Number),
  /** `stop`, `length`, `tool_calls`; the text `"null"` while the answer goes on (in streams). */
  finishReason: nullishFrom("finish_reason", Schema.String),
  message: ResultMessage,
  logprobs: nullish(Schema.Struct({ content: nullish(Schema.Array(TokenLogprob)) }))
}).annotations({ identifier: "Choice", ...preserve })

/**
 * A page that the model found.
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchResult extends Schema.Schema.Type<typeof SearchResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SearchResult = Schema.Struct({
  siteName: nullishFrom("site_name", Schema.String),
  /** The URL of the site's icon. */
  icon: nullish(Schema.String),
  /** The number that citations have. */
  index: nullish(Schema.Number),
  title: nullish(Schema.String),
  url: nullish(Schema.String)
}).annotations({ identifier: "SearchResult", ...preserve })

/**
 * What a search found (with `enableSource`).
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchInfo extends Schema.Schema.Type<typeof SearchInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SearchInfo = Schema.Struct({
  searchResults: nullishFrom("search_results", Schema.Array(SearchResult)),
  extraToolInfo: nullishFrom("extra_tool_info", Schema.Array(Schema.Unknown))
}).annotations({ identifier: "SearchInfo", ...preserve })

/**
 * A tool that the service ran itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolInfo extends Schema.Schema.Type<typeof ToolInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolInfo = Schema.Struct({
  type: nullish(Schema.String),
  codeInterpreter: nullishFrom("code_interpreter", Schema.Struct({ code: nullish(Schema.String) }))
}).annotations({ identifier: "ToolInfo", ...preserve })

const outputFields = {
  /** The answer, with `resultFormat: "text"`. */
  text: nullish(Schema.String),
  /** The same as of the choices, with `resultFormat: "text"`. */
  finishReason: nullishFrom("finish_reason", Schema.String),
  searchInfo: nullishFrom("search_info", SearchInfo),
  modelName: nullishFrom("model_name", Schema.String),
  toolInfo: nullishFrom("tool_info", Schema.Array(ToolInfo))
}

const usageFields = {
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  outputTokens: nullishFrom("output_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number),
  imageTokens: nullishFrom("image_tokens", Schema.Number),
  inputTokensDetails: nullishFrom(
    "input_tokens_details",
    Schema.Struct({
      textTokens: nullishFrom("text_tokens", Schema.Number),
      imageTokens: nullishFrom("image_tokens", Schema.Number)
    })
  ),
  outputTokensDetails: nullishFrom(
    "output_tokens_details",
    Schema.Struct({
      /** Of the thinking. */
      reasoningTokens: nullishFrom("reasoning_tokens", Schema.Number),
      textTokens: nullishFrom("text_tokens", Schema.Number)
    })
  ),
  promptTokensDetails: nullishFrom(
    "prompt_tokens_details",
    Schema.Struct({
      /** Read from the context cache. */
      cachedTokens: nullishFrom("cached_tokens", Schema.Number),
      cacheCreationInputTokens: nullishFrom("cache_creation_input_tokens", Schema.Number),
      cacheType: nullishFrom("cache_type", Schema.String),
      cacheCreation: nullishFrom(
        "cache_creation",
        Schema.Struct({
          ephemeral5mInputTokens: nullishFrom("ephemeral_5m_input_tokens", Schema.Number),
          ephemeral1hInputTokens: nullishFrom("ephemeral_1h_input_tokens", Schema.Number)
        })
      )
    })
  ),
  /** How often plugins ran. */
  plugins: nullish(Schema.Struct({
    search: nullish(Schema.Struct({ count: nullish(Schema.Number), strategy: nullish(Schema.String) })),
    codeInterpreter: nullishFrom("code_interpreter", Schema.Struct({ count: nullish(Schema.Number) }))
  }))
}

/**
 * What the answer cost, in tokens. In a stream each event has the sum so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationUsage extends Schema.Schema.Type<typeof GenerationUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationUsage = Schema.Struct(usageFields).annotations({ identifier: "GenerationUsage", ...preserve })

const resultFields = {
  usage: nullish(GenerationUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId: nullishFrom("request_id", Schema.String),
  /** True where the service hit its own time limit, and the answer is only what it had by then. */
  isPartial: Schema.optional(Schema.Boolean).pipe(Schema.fromKey("x-dashscope-partialresponse"))
}

/** The wire's own shape, in our names. Compiled, this is what decodes an answer. */
const Received = Schema.Struct({
  output: Schema.Struct({ ...outputFields, choices: nullish(Schema.Array(Choice)) }),
  ...resultFields
}).annotations(preserve)

type Received = typeof Received.Type

/**
 * What the service answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationOutput extends Schema.Schema.Type<typeof GenerationOutput> {}

const GenerationOutput = Schema.typeSchema(Schema.Struct({
  ...outputFields,
  /**
   * The answers; never empty. Where the service sent none (`resultFormat: "text"`), the one here is made of `text` and
   * `finishReason`, so that code that reads choices works for either format.
   */
  choices: Schema.NonEmptyArray(Choice)
})).annotations({ identifier: "GenerationOutput", ...preserve })

const GenerationResultType = Schema.typeSchema(Schema.Struct({ output: GenerationOutput, ...resultFields }))

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationResult extends Schema.Schema.Type<typeof GenerationResultType> {}

/**
 * @since 0.1.0
 * @category guards
 */
export const isGenerationResult: (u: unknown) => u is GenerationResult = Schema.is(GenerationResultType)

const toResult = (self: Received): GenerationResult => ({
  ...self,
  output: { ...self.output, choices: Choices.of(self.output) }
})

const fromResult = (self: GenerationResult): Received => {
  const replaced = Choices.replaced(self.output.choices)
  if (replaced === undefined) return self
  const { choices: _, ...output } = self.output
  return { ...self, output: replaced.choices === undefined ? output : { ...output, choices: replaced.choices } }
}

/**
 * An answer as the service writes it, read and written without losing a field.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationResult: Schema.Schema<GenerationResult, typeof Received.Encoded> = Schema.transform(
  Received,
  // Declared, since a struct would copy what it checks, and the choices made here are known by their identity.
  Schema.declare((u: unknown): u is GenerationResult => isGenerationResult(u)),
  { strict: true, decode: toResult, encode: fromResult }
).annotations({ identifier: "GenerationResult", ...preserve })

const decodeReceived = Codec.decoder(Received)

/**
 * Decodes the JSON of an answer: what the Schema does, at a twentieth of its cost.
 *
 * @since 0.1.0
 * @category schemas
 */
export const decode = (json: unknown): Either.Either<GenerationResult, ParseResult.ParseError> => {
  const plain = Plain.decode(json)
  return plain === undefined ? Either.map(decodeReceived(json), toResult) : Either.right(plain)
}

// -----------------------------------------------------------------------------
// reading results
// -----------------------------------------------------------------------------

/**
 * A field that this library does not name, by its wire name.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 *
 * export const audio = (result: Generation.GenerationResult) => Generation.field(result.output, "audio")
 *
 * @since 0.1.0
 * @category accessors
 */
export const field = (part: unknown, wireName: string): unknown =>
  typeof part === "object" && part !== null && Object.hasOwn(part, wireName) ? Reflect.get(part, wireName) : undefined

/**
 * The text of the first answer, in either format; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const text: (result: GenerationResult) => string = Answer.text

/**
 * The chain of thought of the first answer; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const reasoning = (result: GenerationResult): string => result.output.choices[0].message.reasoningContent ?? ""

/**
 * The calls that the first answer asks for. Go by these and not by the finish reason, which is `stop` on some models
 * all the same.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toolCalls: (result: GenerationResult) => ReadonlyArray<Message.ToolCall> = Answer.toolCalls

/**
 * The first answer as a message for the next request: its text and its tool calls, without its chain of thought.
 *
 * @since 0.1.0
 * @category accessors
 */
export const assistantMessage = (result: GenerationResult): Message.AssistantMessage => {
  const calls = toolCalls(result)
  return Message.assistant(text(result), calls.length === 0 ? undefined : { toolCalls: calls })
}

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

const path = "/services/aigc/text-generation/generation"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    // Scheme, host and port.
    const origin = client.baseUrl.split("/", 3).join("/")
    const operations = new Operations(origin)
    return {
      call: (params, options) =>
        Effect.suspend(() => {
          const request = requestOf(params)
          if (Either.isLeft(request)) return Effect.fail(request.left)
          return operations.call(params, Effect.flatMap(client.execute(request.right, options), resultOf))
        }),
      stream: (given, options) =>
        Stream.suspend(() => {
          const { mode, params } = GenerationStream.plan(given)
          // As the official SDKs tell the service which of them put totals together.
          const request = requestOf(params, { "user-agent": `incremental_to_full/${mode === "Merged" ? 1 : 0}` })
          if (Either.isLeft(request)) return Stream.fail(request.left)
          const n = GenerationStream.choicesOf(params)
          const events = client.stream(request.right, { ...options, isContent: GenerationStream.isContent })
          return operations.stream(params, (operation) =>
            Stream.pipeThroughChannel(
              events,
              GenerationStream.results({ mode, n, origin, operation, decode: resultOf })
            ))
        })
    }
  }
)

const requestOf = (
  params: GenerationParams,
  headers?: Readonly<Record<string, string>>
): Either.Either<DashScopeClient.Request, InputRequired> =>
  Either.flatMap(Wire.encode(params), (body) =>
    Either.map(Wire.encodeHeaders(params), (own) => ({
      path,
      body,
      headers: headers === undefined ? own : { ...own, ...headers }
    })))

const resultOf = (envelope: DashScopeClient.Envelope): Either.Either<GenerationResult, DashScopeError> =>
  Either.mapBoth(decode(envelope.body), {
    onLeft: (error) => unexpectedShape(error, envelope),
    onRight: (result) => complete(result, envelope)
  })

/** What the answer's head says and its body does not. */
const complete = (result: GenerationResult, envelope: DashScopeClient.Envelope): GenerationResult => {
  const isPartial = headerOf(envelope, "x-dashscope-partialresponse") === "true"
  const requestId = result.requestId ?? envelope.requestId
  return !isPartial && requestId === result.requestId ? result : {
    ...result,
    ...(requestId === undefined ? undefined : { requestId }),
    ...(isPartial ? { isPartial } : undefined)
  }
}

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
 * Once all have ended, nothing that befalls the connection is an error.
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
  Stream.unwrap(Effect.map(Generation, (generation) => generation.stream(params, options)))

const isFirst = (result: GenerationResult): boolean => (result.output.choices[0].index ?? 0) === 0

const newText = (results: Chunk.Chunk<GenerationResult>): Chunk.Chunk<string> => {
  const texts: Array<string> = []
  for (const result of results) {
    const added = isFirst(result) ? text(result) : ""
    if (added !== "") texts.push(added)
  }
  return Chunk.unsafeFromArray(texts)
}

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
  Stream.mapChunks(stream({ ...params, incrementalOutput: true }, options), newText)

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
export const collect = <E, R>(
  self: Stream.Stream<GenerationResult, E, R>
): Effect.Effect<GenerationResult, E | ApiError, R> =>
  Effect.suspend(() => {
    const total = new Merge.Total()
    return Stream.runForEachChunk(self, (results) =>
      Effect.sync(() => {
        for (const result of results) total.add(result)
      })).pipe(
        Effect.mapError((error) => total.isEmpty ? error : Partial.attach(error, total.get())),
        Effect.flatMap(() => total.isEmpty ? Effect.fail(Answer.nothingCame()) : Effect.succeed(total.get()))
      )
  })

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
export const merge = (elements: Iterable<GenerationResult>): GenerationResult | undefined => {
  const total = new Merge.Total()
  for (const element of elements) total.add(element)
  return total.isEmpty ? undefined : total.get()
}

/**
 * What had arrived of an answer when its stream failed with this error, put together as by {@link collect}; nothing
 * where nothing had, or where more had than a stream remembers (8 MiB). It is kept beside the error and not in it, so
 * that what a model said does not get into logs.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * // Whatever there is, when it does not come to its end.
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
export const partialResult = (error: unknown): GenerationResult | undefined => Partial.get(error)

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
  () => new Merge.Total()
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
export const partialRun = (error: unknown): Tool.PartialRun | undefined => Partial.getRun(error)

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
