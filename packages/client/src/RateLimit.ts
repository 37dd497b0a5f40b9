/**
 * Keeps calls within the service's quotas: requests and tokens per second and per minute, and how many run at once, by account,
 * workspace, model, or anything of your own.
 *
 * @example
 * import { DashScope } from "effect-dashscope"
 *
 * export const Live = DashScope.layer({
 *   rateLimit: { quotas: [{ models: "qwen-plus*", requestsPerMinute: 15_000, tokensPerMinute: 1_200_000 }] }
 * })
 *
 * It is one option of the client's layer, and holds for every attempt of every service: calls, streams, submissions of tasks,
 * tasks over WebSockets, retries. A call that may not go yet waits before it takes a permit of the connection pool. What it will
 * use is estimated, from its input and from what the model's answers had so far, and settled by the `usage` of the answer. What
 * had not been sent when it was given up is given back.
 *
 * The limits are kept in a `RateLimitStore`: in memory by default, or in one that many processes share. Waiting calls have turns
 * of the store, one for each process at a time, so that all processes have equal shares. Within a process the interactive calls
 * go first ({@link withPriority}).
 *
 * A 429 of the service pauses all that share the limit, for as long as `Retry-After` says, or a second that doubles.
 *
 * Calls fail with `RateLimitExceeded`, before anything is sent: where too many wait (`maxWaiting`), or where a call's turn would
 * come after its `timeout`.
 *
 * Source: "Rate limits", "Best practices for handling rate limiting".
 *
 * @since 0.1.0
 */
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Internal from "./internal/limiter/limiter.js"
import { CurrentPriority, type Limiter, type Options, type Priority, type Service } from "./RateLimitState.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Attempt,
  /**
   * @since 0.1.0
   * @category models
   */
  Call,
  /**
   * @since 0.1.0
   * @category models
   */
  Event,
  /**
   * @since 0.1.0
   * @category models
   */
  GroupStats,
  /**
   * @since 0.1.0
   * @category models
   */
  Limiter,
  /**
   * @since 0.1.0
   * @category models
   */
  Options,
  /**
   * @since 0.1.0
   * @category models
   */
  Outcome,
  /**
   * @since 0.1.0
   * @category models
   */
  Permit,
  /**
   * @since 0.1.0
   * @category models
   */
  Priority,
  /**
   * @since 0.1.0
   * @category models
   */
  Quota,
  /**
   * @since 0.1.0
   * @category models
   */
  Service,
  /**
   * @since 0.1.0
   * @category models
   */
  Stats,
  /**
   * @since 0.1.0
   * @category models
   */
  Usage
} from "./RateLimitState.js"

export {
  /**
   * @since 0.1.0
   * @category priority
   */
  CurrentPriority
} from "./RateLimitState.js"

/**
 * A limiter, to see its numbers and events, or to give it to several clients. One client alone takes the options themselves.
 *
 * Fails with a `ConfigError` for options that contradict themselves.
 *
 * @example
 * import { DashScope, RateLimit } from "effect-dashscope"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const limiter = yield* RateLimit.make({ quotas: [{ requestsPerMinute: 600 }] })
 *   yield* Effect.fork(Stream.runForEach(limiter.events, Console.log))
 *   return DashScope.layer({ rateLimit: limiter })
 * })
 *
 * export const Live = Layer.unwrapScoped(program)
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, ConfigError.ConfigError> => Internal.make(options)

/**
 * Asks several limiters, in their order: an attempt goes when all of them let it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const all = (limiters: ReadonlyArray<Limiter>): Limiter => Internal.all(limiters)

/**
 * The priority of all calls of an effect, where they do not say one themselves (`CallOptions.priority`).
 *
 * @example
 * import { Generation, RateLimit } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const translated = (texts: ReadonlyArray<string>) =>
 *   Effect.forEach(texts, (text) => Generation.call({ model: "qwen-mt-plus", prompt: text }), { concurrency: 8 }).pipe(
 *     RateLimit.withPriority("batch")
 *   )
 *
 * @since 0.1.0
 * @category priority
 */
export const withPriority: {
  (priority: Priority): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, priority: Priority): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, priority: Priority): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentPriority, priority)
)
