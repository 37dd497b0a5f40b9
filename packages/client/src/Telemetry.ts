/**
 * What the services tell of themselves: a span around each call and each stream, and metrics, by the GenAI semantic
 * conventions of OpenTelemetry. The pool's own metrics are described with `ConnectionPool`.
 *
 * Nothing has to be switched on: the metrics are Effect's, so any exporter of those has them, and a span is made
 * wherever there is a tracer, or a span around the call. What is said is recorded nowhere, unless {@link withContent} or
 * {@link layerContent} asks for it; API keys never are.
 *
 * A call that is made again after an error is one span and one duration, with an event `dashscope.retry` for each
 * decision; the spans of its requests lie within. The span of a stream ends with the stream. A call that is refused for
 * its parameters, before anything is sent, has neither span nor duration.
 *
 * Source: "Semantic conventions for generative client AI spans" and "Semantic conventions for generative AI metrics".
 *
 * @since 0.1.0
 */
import * as Beneath from "effect-http-pool/Beneath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * The attributes of spans and metrics. Those of `gen_ai`, `server` and `error` are the conventions'; what they have no
 * name for is under `dashscope`.
 *
 * `error.type` is the service's code for an `ApiError` (its status where there is none that could be a name),
 * `timeout.<phase>`, `connection.<reason>`, or the error's tag; `interrupted` where the caller went away, as by a failure
 * of its own in the midst of a stream; `_OTHER` for a defect, and for a tool that failed.
 *
 * @since 0.1.0
 * @category attributes
 */
export const attributes = {
  /** `chat`, `embeddings`, `rerank` and others, by service; `execute_tool`. */
  operationName: "gen_ai.operation.name",
  /** `dashscope`. */
  providerName: "gen_ai.provider.name",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",

  requestModel: "gen_ai.request.model",
  requestStream: "gen_ai.request.stream",
  requestChoiceCount: "gen_ai.request.choice.count",
  requestMaxTokens: "gen_ai.request.max_tokens",
  requestPresencePenalty: "gen_ai.request.presence_penalty",
  requestSeed: "gen_ai.request.seed",
  requestStopSequences: "gen_ai.request.stop_sequences",
  requestTemperature: "gen_ai.request.temperature",
  requestTopK: "gen_ai.request.top_k",
  requestTopP: "gen_ai.request.top_p",
  requestRepetitionPenalty: "dashscope.request.repetition_penalty",
  requestEnableSearch: "dashscope.request.enable_search",
  requestEnableThinking: "dashscope.request.enable_thinking",
  /** Of an application. */
  agentId: "gen_ai.agent.id",
  /** The length of the vectors that are asked for. */
  embeddingsDimensionCount: "gen_ai.embeddings.dimension.count",
  /** `text` or `json`. */
  outputType: "gen_ai.output.type",

  /** The service's request id. */
  responseId: "gen_ai.response.id",
  responseModel: "gen_ai.response.model",
  responseFinishReasons: "gen_ai.response.finish_reasons",
  /** In seconds. */
  responseTimeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  usageInputTokens: "gen_ai.usage.input_tokens",
  usageOutputTokens: "gen_ai.usage.output_tokens",
  usageCacheCreationInputTokens: "gen_ai.usage.cache_creation.input_tokens",
  usageCacheReadInputTokens: "gen_ai.usage.cache_read.input_tokens",
  usageImageInputTokens: "gen_ai.usage.image.input_tokens",
  usageReasoningOutputTokens: "gen_ai.usage.reasoning.output_tokens",
  /** Of the metric of tokens: `input` or `output`. */
  tokenType: "gen_ai.token.type",

  /** JSON text, by {@link withContent} only. */
  inputMessages: "gen_ai.input.messages",
  /** JSON text, by {@link withContent} only. */
  outputMessages: "gen_ai.output.messages",

  toolName: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolCallId: "gen_ai.tool.call.id",

  /** Of an asynchronous task. */
  taskId: "dashscope.task.id",
  /** The module that it was submitted with, such as `ImageSynthesis`. */
  taskService: "dashscope.task.service",
  /** As it was seen last, such as `SUCCEEDED`. */
  taskStatus: "dashscope.task.status",
  /** How many sub-tasks it has; and how many of those have ended, well or not. */
  taskTotal: "dashscope.task.total",
  taskSucceeded: "dashscope.task.succeeded",
  taskFailed: "dashscope.task.failed",

  /** `retry`, or why not: `notRetryable`, `attempts`, `retryAfter`, `deadline`, `budget`. */
  retryDecision: "dashscope.retry.decision",
  /** Which attempt failed; the first is 0. */
  retryAttempt: "dashscope.retry.attempt",
  /** In seconds. */
  retryDelay: "dashscope.retry.delay",

  /** What a rate limit counts, such as `qwen-plus`. */
  rateLimitKey: "dashscope.rate_limit.key",
  /** `interactive` or `batch`. */
  rateLimitPriority: "dashscope.rate_limit.priority",
  /** Why `AdaptiveConcurrency` cut a limit: `refused` (429) or `slow`. */
  adaptiveReason: "dashscope.adaptive.reason"
} as const

/** The boundaries that the conventions ask for, in seconds. */
const seconds = MetricBoundaries.fromIterable(
  [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
)

/**
 * How long calls and streams took, from the call to the end of the answer, in seconds. Of a call that was interrupted
 * outside of any span it is known when its fiber has ended, and what the fiber did until then counts too.
 *
 * @since 0.1.0
 * @category metrics
 */
export const operationDuration = Metric.histogram(
  "gen_ai.client.operation.duration",
  seconds,
  "GenAI operation duration."
)

/**
 * How many tokens calls and streams used, by `gen_ai.token.type`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const tokenUsage = Metric.histogram(
  "gen_ai.client.token.usage",
  MetricBoundaries.fromIterable([
    1,
    4,
    16,
    64,
    256,
    1024,
    4096,
    16384,
    65536,
    262144,
    1048576,
    4194304,
    16777216,
    67108864
  ]),
  "Number of input and output tokens used."
)

/**
 * How long streams took to their first event, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const timeToFirstChunk = Metric.histogram(
  "gen_ai.client.operation.time_to_first_chunk",
  seconds,
  "Time to receive the first chunk, measured from when the client issues the generation request to when the first " +
    "chunk is received in the response stream."
)

/**
 * How long each later event of a stream took, in seconds; of those that arrive together, all but the first none.
 *
 * @since 0.1.0
 * @category metrics
 */
export const timePerOutputChunk = Metric.histogram(
  "gen_ai.client.operation.time_per_output_chunk",
  seconds,
  "Time per output chunk, recorded for each chunk received after the first one, measured as the time elapsed from the " +
    "end of the previous chunk to the end of the current chunk."
)

/**
 * How many failed attempts were made again, or not, by `dashscope.retry.decision` and `error.type`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const retries = Metric.counter("dashscope.client.retries", {
  description: "Number of failed attempts that were made again, or not, by reason.",
  incremental: true
})

/**
 * How many calls wait for a rate limit of this side, by `dashscope.rate_limit.key` and `dashscope.rate_limit.priority`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimitWaiting = Metric.counter("dashscope.rate_limit.waiting", {
  description: "Number of calls that wait for a rate limit."
})

/**
 * How long calls waited for a rate limit of this side that did not go at once, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimitWait = Metric.histogram(
  "dashscope.rate_limit.wait.duration",
  MetricBoundaries.fromIterable([0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]),
  "How long calls waited for a rate limit that did not go at once."
)

/**
 * How many calls a rate limit of this side refused, by `error.type`: the reason of the `RateLimitExceeded`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimitRejections = Metric.counter("dashscope.rate_limit.rejections", {
  description: "Number of calls that a rate limit refused, by reason.",
  incremental: true
})

/**
 * How often the service's 429 has paused a rate limit.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimitPauses = Metric.counter("dashscope.rate_limit.pauses", {
  description: "Number of pauses after an answer 429.",
  incremental: true
})

/**
 * How many calls may run at once, as `AdaptiveConcurrency` has it now, by `dashscope.rate_limit.key`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const adaptiveLimit = Metric.gauge("dashscope.adaptive.limit", {
  description: "How many calls may run at once."
})

/**
 * How often `AdaptiveConcurrency` cut a limit, by `dashscope.rate_limit.key` and `dashscope.adaptive.reason`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const adaptiveCuts = Metric.counter("dashscope.adaptive.cuts", {
  description: "Number of cuts of how many calls may run at once, by reason.",
  incremental: true
})

/**
 * How long tasks took that were waited for, from the submission to the question that found them ended, in seconds, by
 * `dashscope.task.status`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const taskDuration = Metric.histogram(
  "dashscope.task.duration",
  MetricBoundaries.fromIterable([1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200]),
  "Duration of asynchronous tasks, from their submission to the question that found them ended."
)

/**
 * How many characters of text a span may hold of what is said, for questions and answers each. Default: 0, none.
 *
 * @since 0.1.0
 * @category content
 */
export class ContentLimit extends Context.Reference<ContentLimit>()("effect-dashscope/Telemetry/ContentLimit", {
  defaultValue: () => 0
}) {}

const defaultContentLimit = 8192

/**
 * Records what is said in this effect's calls and streams on their spans, as `gen_ai.input.messages` and
 * `gen_ai.output.messages`. It may hold all that your users say: mind where your spans go.
 *
 * At most `limit` characters of text of each (default 8192), and the JSON around them: of the question the newest messages, of the answer its start.
 *
 * @example
 * import { Generation, Telemetry } from "effect-dashscope"
 *
 * export const recorded = Generation.call({ model: "qwen-plus", prompt: "你是谁？" }).pipe(
 *   Telemetry.withContent({ limit: 1000 })
 * )
 *
 * @since 0.1.0
 * @category content
 */
export const withContent: {
  (options?: { readonly limit?: number | undefined }): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    options?: { readonly limit?: number | undefined }
  ): Effect.Effect<A, E, R>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    options?: { readonly limit?: number | undefined }
  ): Effect.Effect<A, E, R> => Effect.provideService(self, ContentLimit, options?.limit ?? defaultContentLimit)
)

/**
 * The same for all that the Layer is provided to.
 *
 * @since 0.1.0
 * @category content
 */
export const layerContent = (options?: { readonly limit?: number | undefined }) =>
  Layer.succeed(ContentLimit, options?.limit ?? defaultContentLimit)

/**
 * Whether a span that is made here can be seen by anybody: there is a span around, or a tracer that does more than Effect's own.
 * Where not, this library makes none; what is built on it may ask too.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isTraced: Effect.Effect<boolean> = Effect.withFiberRuntime((fiber) =>
  Effect.succeed(Beneath.isTraced(fiber))
)
