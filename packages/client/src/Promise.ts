/**
 * All services as Promises and async iterables, for programs that are not written with Effect: the same pool, deadlines,
 * retries and errors.
 *
 * @example
 * import { DashScope, Generation } from "effect-dashscope/Promise"
 *
 * const client = await DashScope.make({ connection: { connectionPoolSize: 64 } })
 * try {
 *   const result = await client.generation.call({
 *     model: "qwen-plus",
 *     messages: [{ role: "user", content: "你是谁？" }]
 *   })
 *   console.log(Generation.text(result))
 * } finally {
 *   await client.close()
 * }
 *
 * **Streams** are async iterables. A loop sends its request when it begins, and is pulled: it reads no faster than the loop
 * does. Leaving it (`break`, `return`, an error) gives the connection back at once. Each loop is a request of its own.
 *
 * **Sessions** (`client.realtime.open`, `client.realtime.conversation`, `client.duplexTask.open`) are open until they are closed:
 * `await using session = await client.realtime.open(params)`, or `session.close()` in a `finally`. Leaving a loop over their
 * events closes nothing, and the next loop goes on where it was.
 *
 * **Ending early.** Every function that sends something takes a `signal` among its options. An abort ends the request, and
 * the Promise is rejected with the signal's reason.
 *
 * **Errors** are those of the package, as classes: `error instanceof ApiError`, `error.reason`, `error.code`,
 * `error.requestId`. A Promise is rejected with the error itself.
 *
 * **Closing.** `await using client = await DashScope.make()` closes the client at the end of its block. Where neither the
 * runtime nor the compiler knows `await using`, call {@link DashScope.close} in a `finally`.
 *
 * The types name nothing of Effect.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import type * as ConfigError from "effect/ConfigError"
import * as Duration_ from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Runtime from "effect/Runtime"
import * as DashScope_ from "./DashScope.js"
import { InputRequired } from "./DashScopeError.js"
import * as ConfigErrors from "./internal/core/configErrors.js"
import type { ToolFunction, Validator } from "./promise/chatTypes.js"
import type * as Client from "./promise/client.js"
import { promise } from "./promise/run.js"
import { services } from "./promise/services.js"
import type * as Types from "./promise/types.js"

/**
 * The media types and constructors for pictures, videos and sounds.
 *
 * @since 0.1.0
 */
export * as Media from "./Media.js"
/**
 * @since 0.1.0
 */
export type * from "./promise/chatTypes.js"
/**
 * @since 0.1.0
 */
export type * from "./promise/client.js"
/**
 * @since 0.1.0
 */
export type * from "./promise/sessionTypes.js"
/**
 * @since 0.1.0
 */
export type * from "./promise/types.js"

export {
  /**
   * @since 0.1.0
   * @category errors
   */
  ApiError,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchLost,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchNotCompleted,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchWaitTimeout,
  /**
   * @since 0.1.0
   * @category errors
   */
  ConnectionError,
  /**
   * @since 0.1.0
   * @category errors
   */
  EmbedManyError,
  /**
   * @since 0.1.0
   * @category errors
   */
  FileChanged,
  /**
   * @since 0.1.0
   * @category errors
   */
  FileTooLarge,
  /**
   * @since 0.1.0
   * @category errors
   */
  InputRequired,
  /**
   * @since 0.1.0
   * @category errors
   */
  InvalidObject,
  /**
   * @since 0.1.0
   * @category errors
   */
  NoApiKey,
  /**
   * @since 0.1.0
   * @category errors
   */
  PoolExhausted,
  /**
   * @since 0.1.0
   * @category errors
   */
  RateLimitExceeded,
  /**
   * @since 0.1.0
   * @category errors
   */
  RequestTimeout,
  /**
   * @since 0.1.0
   * @category errors
   */
  SubmissionLost,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskCanceled,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskUnknown,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskWaitTimeout,
  /**
   * @since 0.1.0
   * @category errors
   */
  ToolCallError,
  /**
   * @since 0.1.0
   * @category errors
   */
  TooManyRounds
} from "./promise/errors.js"

export {
  /**
   * @since 0.1.0
   * @category accessors
   */
  Application,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Batch,
  /**
   * @since 0.1.0
   * @category accessors
   */
  CodeGeneration,
  /**
   * @since 0.1.0
   * @category constructors
   */
  Conversation,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Generation,
  /**
   * @since 0.1.0
   * @category accessors
   */
  ImageGeneration,
  /**
   * @since 0.1.0
   * @category accessors
   */
  ImageSynthesis,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Message,
  /**
   * @since 0.1.0
   * @category accessors
   */
  MultiModalConversation,
  /**
   * @since 0.1.0
   * @category accessors
   */
  MultiModalEmbedding,
  /**
   * @since 0.1.0
   * @category accessors
   */
  MultiModalMessage,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Realtime,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Recognition,
  /**
   * @since 0.1.0
   * @category accessors
   */
  SpeechSynthesizer,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Task,
  /**
   * @since 0.1.0
   * @category accessors
   */
  TextEmbedding,
  /**
   * @since 0.1.0
   * @category accessors
   */
  Transcription,
  /**
   * @since 0.1.0
   * @category accessors
   */
  TranslationRecognizer
} from "./promise/functions.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  ErrorClass
} from "./promise/errors.js"

/**
 * A client: the functions of all services over one connection pool.
 *
 * @since 0.1.0
 * @category models
 */
export interface DashScope extends Client.Services {
  /** The numbers of the pool at this moment. */
  readonly stats: () => Types.PoolStats
  /**
   * Closes the pool. Requests in flight have `shutdownTimeout` to end, then they are aborted; new ones are rejected with
   * `ConnectionError` of the reason `Closed`. To close twice does nothing more.
   */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** An option or a variable that cannot be used, as input that cannot. */
const unusable = (error: ConfigError.ConfigError): InputRequired => {
  const { name, problem } = ConfigErrors.problemOf(error)
  return new InputRequired({ field: name, description: problem })
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const DashScope: {
  /**
   * Makes a client. It opens no connection before the first request.
   *
   * Rejected with `InputRequired` where an option or a variable of the environment cannot be used; a missing key rejects the
   * calls, with `NoApiKey`.
   */
  readonly make: (options?: Types.DashScopeOptions) => Promise<DashScope>
} = {
  make: async (options = {}) => {
    const managed = ManagedRuntime.make(Layer.merge(DashScope_.layer(options), NodeFileSystem.layer))
    const close = () => managed.dispose()
    const runtime = await promise(Runtime.defaultRuntime, Effect.mapError(managed.runtimeEffect, unusable))
    const pool = await promise(runtime, ConnectionPool.ConnectionPool)
    return {
      ...services(runtime),
      stats: () => Effect.runSync(pool.stats),
      close,
      [Symbol.asyncDispose]: close
    }
  }
}

/**
 * A span of time of an error or of the pool's numbers, in milliseconds.
 *
 * @example
 * import { ApiError, toMillis } from "effect-dashscope/Promise"
 *
 * export const pauseOf = (error: unknown): number =>
 *   error instanceof ApiError && error.retryAfter !== undefined ? toMillis(error.retryAfter) : 1000
 *
 * @since 0.1.0
 * @category accessors
 */
export const toMillis = (duration: Types.DurationValue): number =>
  Duration_.isDuration(duration) ? Duration_.toMillis(duration) : NaN

/**
 * A tool whose function has the type of its arguments: that of the validator.
 *
 * @example
 * import { tool } from "effect-dashscope/Promise"
 *
 * export const getWeather = tool({
 *   name: "get_weather",
 *   description: "The weather of a city, now",
 *   parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
 *   execute: async ({ city }) => `${String(city)}: sunny, 22 °C`
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const tool: {
  <A>(definition: ToolFunction<A> & { readonly validate: Validator<A> }): ToolFunction
  (definition: ToolFunction<Readonly<Record<string, unknown>>>): ToolFunction
} = (definition: ToolFunction): ToolFunction => definition
