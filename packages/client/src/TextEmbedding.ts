/**
 * Text embedding: texts as vectors, so that texts of like meaning are near each other.
 *
 * @example
 * import { DashScope, TextEmbedding } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* TextEmbedding.call({ model: "text-embedding-v4", texts: ["风急天高猿啸哀", "渚清沙白鸟飞回"] })
 *   for (const embedding of result.output.embeddings) {
 *     yield* Console.log(embedding.textIndex, TextEmbedding.vector(embedding).length)
 *   }
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "DashScope embedding".
 *
 * @since 0.1.0
 */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { InputRequired } from "./DashScopeError.js"
import { DashScopeError } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { fromEither } from "./internal/effect/either.js"
import * as Batches from "./internal/embedding/batches.js"
import { Window, Windows } from "./internal/embedding/window.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import { Partials } from "./internal/operation/partial.js"
import * as Models from "./internal/operation/taskModels.js"
import { attributes } from "./Telemetry.js"
import type { TextEmbeddingParameters, TextEmbeddingParams } from "./TextEmbeddingParams.js"
import { type Embedding, TextEmbeddingResult } from "./TextEmbeddingResult.js"

export {
  /**
   * @since 0.1.0
   * @category models
   */
  type TextEmbeddingParameters,
  /**
   * @since 0.1.0
   * @category models
   */
  type TextEmbeddingParams
} from "./TextEmbeddingParams.js"

export {
  /**
   * @since 0.1.0
   * @category schemas
   */
  Embedding,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SparseValue,
  /**
   * @since 0.1.0
   * @category schemas
   */
  TextEmbeddingResult,
  /**
   * @since 0.1.0
   * @category schemas
   */
  TextEmbeddingUsage
} from "./TextEmbeddingResult.js"

const fields: Params.Fields<TextEmbeddingParams> = {
  model: Params.top("model"),
  texts: Params.input("texts"),
  textType: Params.parameter("text_type"),
  dimension: Params.parameter("dimension"),
  outputType: Params.parameter("output_type"),
  instruct: Params.parameter("instruct")
}

const modelProblem = (model: string): InputRequired | undefined =>
  Params.modelRequired(model, "text-embedding-v4") ?? Models.problemOf(model, "TextEmbedding", "call")

const problem = ({ extraInput, model, texts }: TextEmbeddingParams): InputRequired | undefined => {
  const wrongModel = modelProblem(model)
  return wrongModel ?? (texts === undefined && extraInput !== undefined ? undefined : Params.textsRequired(texts))
}

/** @internal */
export const endpoint: Endpoint.Endpoint<TextEmbeddingParams, TextEmbeddingResult> = {
  operation: "embeddings",
  modelOf: ({ model }) => model,
  encode: Endpoint.post("/services/embeddings/text-embedding/text-embedding", fields, problem),
  decode: Codec.decoder(TextEmbeddingResult),
  usageOf: ({ usage }) => usage && { inputTokens: usage.inputTokens ?? usage.totalTokens },
  requestAttributes: ({ dimension }) => ({ [attributes.embeddingsDimensionCount]: dimension })
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
    params: TextEmbeddingParams,
    options?: CallOptions
  ) => Effect.Effect<TextEmbeddingResult, DashScopeError>
}

/**
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that embeds texts.
 * export const Mock = Layer.mock(TextEmbedding.TextEmbedding, {
 *   call: ({ texts }) =>
 *     Effect.succeed({ output: { embeddings: texts.map((_, textIndex) => ({ textIndex, embedding: [1, 0] })) } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class TextEmbedding extends Context.Tag("effect-dashscope/TextEmbedding")<TextEmbedding, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({ call: Endpoint.call(client, endpoint) })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TextEmbedding, never, DashScopeClient.DashScopeClient> = Layer.effect(
  TextEmbedding,
  make
)

/**
 * The vectors of a few texts, by one request.
 *
 * Fails with `InputRequired` before anything is sent where there is no text, or an empty one, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 *
 * export const question = TextEmbedding.call({
 *   model: "text-embedding-v4",
 *   texts: ["Which text is about the weather?"],
 *   textType: "query",
 *   dimension: 256
 * })
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: TextEmbeddingParams,
  options?: CallOptions
): Effect.Effect<TextEmbeddingResult, DashScopeError, TextEmbedding> =>
  Effect.flatMap(TextEmbedding, (service) => service.call(params, options))

// -----------------------------------------------------------------------------
// one text, and many
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface EmbedParams extends TextEmbeddingParameters {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  readonly text: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface EmbedOptions extends CallOptions {
  /** How long others may come to share the request. Default: 2 milliseconds. */
  readonly window?: DurationWithUnit | undefined
}

/** By service, so that a mock has its own. */
const windows = new WeakMap<Service, Windows<Embedding>>()

const windowsOf = (service: Service): Windows<Embedding> => {
  let known = windows.get(service)
  if (known === undefined) {
    known = new Windows()
    windows.set(service, known)
  }
  return known
}

/** The same for calls that can share requests, or what is wrong with this one. */
const keyOf = (
  text: string,
  parameters: Omit<EmbedParams, "text">,
  window: unknown
): Either.Either<string, InputRequired> => {
  if (typeof text !== "string" || text === "") {
    return Either.left(Params.invalid("text", "must be a text that is not empty"))
  }
  const duration = typeof window === "number" ? Option.none() : Duration.decodeUnknown(window)
  if (Option.isNone(duration)) {
    return Either.left(Params.invalid("window", "not a duration with its unit: write \"2 millis\""))
  }
  return Either.flatMap(endpoint.encode({ ...parameters, texts: [text] }), () =>
    Either.try({
      try: () => JSON.stringify([parameters, Duration.toMillis(duration.value)]),
      catch: () => Params.invalid("extra", "cannot be written as JSON: a BigInt, a cycle, or a toJSON that throws")
    }))
}

/** The vectors of a few texts, in their order. */
const inOrder = (service: Service, params: TextEmbeddingParams, options: CallOptions | undefined) =>
  Effect.flatMap(
    service.call(params, options),
    (result) =>
      Effect.map(
        fromEither(Batches.matched(result.output.embeddings, params.texts.length, result.requestId)),
        (embeddings) => ({ embeddings, result })
      )
  )

/**
 * The vector of one text. Calls of many fibers that come within a short time (`window`), and differ in their text alone, share
 * requests: as many texts in each as the model takes.
 *
 * Each call is still its own: interrupting one leaves the others as they are, and the last one ends the request. Where the
 * service refuses the shared request for what it says, each text is asked again by itself, so that a text that is too long
 * fails its own call and no other. Options (`timeout`, `apiKey` …) hold for the shared request; calls with others go apart.
 *
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const embed = (text: string) => TextEmbedding.embed({ model: "text-embedding-v4", text })
 *
 * // One request.
 * export const vectors = Effect.all([embed("晴"), embed("雨"), embed("雪")], { concurrency: "unbounded" })
 *
 * @since 0.1.0
 * @category accessors
 */
export const embed = (
  { text, ...parameters }: EmbedParams,
  { window = "2 millis", ...options }: EmbedOptions = {}
): Effect.Effect<Embedding, DashScopeError, TextEmbedding> =>
  Effect.flatMap(TextEmbedding, (service): Effect.Effect<Embedding, DashScopeError> => {
    const key = keyOf(text, parameters, window)
    if (Either.isLeft(key)) return Effect.fail(key.left)
    const shared = windowsOf(service).of(
      key.right,
      options,
      (close) =>
        new Window(
          Batches.batchSizeOf(parameters.model),
          window,
          (texts) =>
            Effect.map(
              inOrder(service, { ...parameters, texts }, options),
              ({ embeddings }) => embeddings.map((embedding) => ({ ...embedding, textIndex: 0 }))
            ),
          close
        )
    )
    return shared.join(text)
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmbedManyOptions extends CallOptions {
  /**
   * How many requests may be under way at once, within the limits of the connection pool. Default: 8.
   */
  readonly concurrency?: number | undefined
  /** How many texts go into one request. Default: as many as the model takes, 10 (25 for text-embedding-v1 and v2). */
  readonly batchSize?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface EmbedManyResult {
  /** One for each text, in their order; `textIndex` is the text's place in all texts. */
  readonly embeddings: ReadonlyArray<Embedding>
  /** The sum over all requests. */
  readonly usage: { readonly totalTokens: number }
  /** Of the requests, in the order of their texts. */
  readonly requestIds: ReadonlyArray<string>
}

/**
 * A request of {@link embedMany} failed: which texts it had, and why.
 *
 * @since 0.1.0
 * @category errors
 */
export class EmbedManyError extends Schema.TaggedError<EmbedManyError>("effect-dashscope/EmbedManyError")(
  "EmbedManyError",
  {
    /** Why. */
    error: DashScopeError,
    /** The places of the request's texts in all texts, counted from 0. */
    texts: Schema.Array(Schema.Int)
  }
) {
  /** Whether the same request may succeed if it is sent again later. */
  get isRetryable(): boolean {
    return this.error.isRetryable
  }

  override get message(): string {
    const { error, texts } = this
    return `No embeddings for ${texts.length === 1 ? "text" : "texts"} ${Batches.named(texts)}: ${error.message}`
  }
}

const arrived = new Partials<ReadonlyArray<Embedding>>()

/**
 * What had arrived when a request of {@link embedMany} failed, so that only the rest has to be asked again: `textIndex` is the
 * text's place in all texts. It is kept beside the error and not in it, so that it does not get into logs.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: EmbedManyError): ReadonlyArray<Embedding> => arrived.get(error) ?? []

const positive = (field: string, value: number | undefined): InputRequired | undefined =>
  value === undefined || (Number.isInteger(value) && value > 0)
    ? undefined
    : Params.invalid(field, "must be a whole number of at least 1")

/**
 * The vectors of any number of texts: cut into the requests that the model takes, several of them at once, put back into order.
 * A text that is given twice is asked once. The service's answers are matched by their `text_index` and counted.
 *
 * The first request that fails (each is retried as the client has it) ends all others, with {@link EmbedManyError}. Interruption
 * ends them too. Bad texts fail with `InputRequired`, before anything is sent.
 *
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const index = (texts: ReadonlyArray<string>) =>
 *   TextEmbedding.embedMany({ model: "text-embedding-v4", texts, dimension: 256 }, { concurrency: 4 }).pipe(
 *     Effect.map(({ embeddings }) => embeddings.map(TextEmbedding.vector))
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const embedMany = (
  params: TextEmbeddingParams,
  { batchSize, concurrency = 8, ...options }: EmbedManyOptions = {}
): Effect.Effect<EmbedManyResult, EmbedManyError | InputRequired, TextEmbedding> =>
  Effect.flatMap(TextEmbedding, (service): Effect.Effect<EmbedManyResult, EmbedManyError | InputRequired> => {
    const nothing = Array.isArray(params.texts) && params.texts.length === 0
    const wrong = (nothing ? modelProblem(params.model) : problem(params)) ??
      positive("batchSize", batchSize) ?? positive("concurrency", concurrency)
    if (wrong !== undefined) return Effect.fail(wrong)
    const batches = Batches.cut(params.texts, batchSize ?? Batches.batchSizeOf(params.model))
    const embeddings = new Array<Embedding>(params.texts.length)
    const requestIds: Array<string> = []
    let totalTokens = 0
    const failed = (error: DashScopeError, batch: Batches.Batch): EmbedManyError => {
      const made = new EmbedManyError({ error, texts: batch.places.flat().sort((a, b) => a - b) })
      return arrived.attach(made, embeddings.filter((embedding) => embedding !== undefined))
    }
    const ask = (batch: Batches.Batch, at: number) =>
      Effect.match(inOrder(service, { ...params, texts: batch.texts }, options), {
        onFailure: (error) => error,
        onSuccess: ({ embeddings: answers, result }) => {
          for (const [i, answer] of answers.entries()) {
            for (const textIndex of batch.places[i] ?? []) embeddings[textIndex] = { ...answer, textIndex }
          }
          totalTokens += result.usage?.totalTokens ?? result.usage?.inputTokens ?? 0
          requestIds[at] = result.requestId ?? ""
          return undefined
        }
      }).pipe(Effect.flatMap((error) => error === undefined ? Effect.void : Effect.fail(failed(error, batch))))
    return Effect.map(
      Effect.forEach(batches, ask, { concurrency, discard: true }),
      () => ({ embeddings, usage: { totalTokens }, requestIds })
    )
  })

// -----------------------------------------------------------------------------
// reading results
// -----------------------------------------------------------------------------

/**
 * The dense vector of an embedding, in a quarter of the memory; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const vector = (embedding: Embedding): Float32Array => Float32Array.from(embedding.embedding ?? [])

/**
 * How near two vectors are: the cosine of the angle between them, from -1 to 1; 0 where one of them has no length. The
 * shorter one counts as far as it goes.
 *
 * @since 0.1.0
 * @category accessors
 */
export const similarity = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let dot = 0
  let ofA = 0
  let ofB = 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    dot += x * y
    ofA += x * x
    ofB += y * y
  }
  return ofA === 0 || ofB === 0 ? 0 : dot / Math.sqrt(ofA * ofB)
}
