/**
 * Finds how many calls may run at once, for those who do not know their quota: each model has a limit of its own, which grows while
 * calls go well, and is cut where the service answers 429, or where its latency rises above its own baseline.
 *
 * @example
 * import { AdaptiveConcurrency, ConnectionConfig, DashScope } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * const connection = ConnectionConfig.make({ connectionPoolSize: 64 })
 *
 * export const Live = Layer.unwrapEffect(Effect.gen(function*() {
 *   const limiter = yield* AdaptiveConcurrency.make({ max: connection.maximumAsyncRequestsPerHost })
 *   return DashScope.layer({ connection, rateLimit: limiter })
 * }))
 *
 * It is a limiter of the option `rateLimit`, beside `RateLimit`, and off unless it is given. `RateLimit.all` takes both, where some
 * quotas are known. What may not run yet waits before it takes a permit of the pool, the interactive calls first
 * (`RateLimit.withPriority`).
 *
 * - The limit doubles at the start with each round of calls, until the service has too much.
 * - A 429 (or a 503) cuts it to 85 %, once for all that were refused together. It comes back to where that was within some rounds,
 *   stays there for a while, and then looks for more, faster and faster: a quota that doubled is found.
 * - The median latency is compared with the least that it has been. Twice as much (`latencyTolerance`) cuts the limit too: what
 *   waits within the service could as well wait here.
 * - A 429 with `Retry-After` pauses the model's calls; so does one without, where the limit cannot be cut any more.
 *
 * @since 0.1.0
 */
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Options, Service } from "./AdaptiveConcurrencyState.js"
import * as ConfigErrors from "./internal/core/configErrors.js"
import * as Internal from "./internal/limiter/adaptive.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Event,
  /**
   * @since 0.1.0
   * @category models
   */
  KeyStats,
  /**
   * @since 0.1.0
   * @category models
   */
  Options,
  /**
   * @since 0.1.0
   * @category models
   */
  Service,
  /**
   * @since 0.1.0
   * @category models
   */
  Stats
} from "./AdaptiveConcurrencyState.js"

const names: { readonly [K in keyof Required<Options>]: true } = {
  max: true,
  min: true,
  initial: true,
  latencyTolerance: true,
  per: true,
  maxWaiting: true,
  pause: true,
  maxPause: true
}

const millisOf = (u: unknown): number | undefined => {
  const millis = typeof u === "number" ? Option.none() : Option.map(Duration.decodeUnknown(u), Duration.toMillis)
  return Option.isSome(millis) && millis.value > 0 ? millis.value : undefined
}

const isWhole = (n: unknown, least: number): boolean => typeof n === "number" && Number.isSafeInteger(n) && n >= least

const problemOf = (options: Options): readonly [field: string, description: string] | undefined => {
  const unknown = Object.keys(options).find((name) => !(name in names))
  if (unknown !== undefined) return [unknown, "there is no such option"]
  const { latencyTolerance = 2, max = 32, maxWaiting = 0, min = 1, per } = options
  if (!isWhole(max, 1)) return ["max", "must be a whole number, 1 at least"]
  if (!isWhole(min, 1) || min > max) return ["min", "must be a whole number from 1 to max"]
  if (options.initial !== undefined && !(isWhole(options.initial, min) && options.initial <= max)) {
    return ["initial", "must be a whole number from min to max"]
  }
  if (!(typeof latencyTolerance === "number" && latencyTolerance > 1)) {
    return ["latencyTolerance", "must be a number above 1"]
  }
  if (!isWhole(maxWaiting, 0)) return ["maxWaiting", "must be a whole number from 0"]
  if (per !== undefined && typeof per !== "function") return ["per", "must be a function"]
  const wrong = (["pause", "maxPause"] as const).find((name) =>
    options[name] !== undefined && millisOf(options[name]) === undefined
  )
  return wrong === undefined
    ? undefined
    : [wrong, "not a duration above zero: write \"30 seconds\" or Duration.seconds(30)"]
}

/**
 * A limiter for the option `rateLimit` of one client or several. Fails with a `ConfigError` for options that cannot be used.
 *
 * @example
 * import { AdaptiveConcurrency } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * export const watched = Effect.gen(function*() {
 *   const limiter = yield* AdaptiveConcurrency.make({ max: 64 })
 *   yield* Effect.forkScoped(Stream.runForEach(limiter.events, Console.log))
 *   return limiter
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, ConfigError.ConfigError> =>
  Effect.suspend(() => {
    const problem = problemOf(options)
    if (problem !== undefined) {
      const [field, description] = problem
      return Effect.fail(ConfigErrors.invalid(field, description))
    }
    const { max = 32, min = 1 } = options
    return Internal.make({
      max,
      min,
      initial: options.initial ?? Math.min(Math.max(4, min), max),
      tolerance: options.latencyTolerance ?? 2,
      per: options.per ?? (({ model }) => model),
      maxWaiting: options.maxWaiting ?? 10_000,
      pauseMillis: millisOf(options.pause) ?? 1000,
      maxPauseMillis: millisOf(options.maxPause) ?? 60_000
    })
  })
