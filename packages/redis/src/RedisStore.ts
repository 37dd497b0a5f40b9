/**
 * The store of `RateLimit` over Redis or Valkey: all processes that use the same server share the same quotas.
 *
 * Everything that the store is asked is one script of the server, and one round trip. The script counts by the server's clock, so
 * that the clocks of the processes do not matter, and takes from all limits or from none. All that it keeps expires by itself. The
 * keys of an account have one hash tag, so a cluster works too.
 *
 * Where the server does not answer in time, each process goes on with its share of the limits (`onStoreFailure`), and goes back to
 * the shared ones when the server answers again. Both are said once: as a log, by {@link Service} `changes`, and by the metrics.
 *
 * @example
 * import { DashScope } from "effect-dashscope"
 * import { RedisClient, RedisStore } from "effect-dashscope-redis"
 * import { Layer } from "effect"
 * import { Redis } from "ioredis"
 *
 * const Store = RedisStore.layer(RedisClient.acquireIoredis(() => new Redis("redis://127.0.0.1:6379")))
 *
 * export const Live = DashScope.layer({
 *   rateLimit: { account: "production", quotas: [{ models: "qwen-plus*", requestsPerMinute: 600, tokensPerMinute: 1_000_000 }] }
 * }).pipe(Layer.provide(Store))
 *
 * @since 0.1.0
 */
import * as RateLimitStore from "effect-dashscope/RateLimitStore"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Own from "./internal/effect.js"
import { type Script, script } from "./internal/script.js"
import * as Store from "./internal/store.js"
import type { Observer } from "./internal/store.js"
import type { RedisClient } from "./RedisClient.js"

/**
 * What a process does while the server does not answer.
 *
 * - `local`: it goes on with its share of each limit, one of as many as there are processes.
 * - `open`: it goes on without limits. The service's own refusals (429) still make it wait.
 * - `closed`: calls fail with `RateLimitExceeded`, reason `StoreUnavailable`.
 *
 * @since 0.1.0
 * @category models
 */
export type OnStoreFailure = "local" | "open" | "closed"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the names of all keys begin with. Default: `dashscope:`. */
  readonly prefix?: string | undefined
  /**
   * How long an answer of the server may take; then the process goes on without it. The building of the Layer waits as long for a
   * connection. A bare number is refused: write a unit. Default: 250 milliseconds.
   */
  readonly commandTimeout?: Exclude<Duration.DurationInput, number> | undefined
  /** Default: `local`. */
  readonly onStoreFailure?: OnStoreFailure | undefined
  /**
   * Among how many processes the limits are divided where this one has never been told by the server how many there are. The
   * server counts those that have sent something within 15 seconds. Default: 1.
   */
  readonly instances?: number | undefined
}

/**
 * Whether the limits are shared.
 *
 * - `Shared`: they are.
 * - `Apart`: the server does not answer, and this process does without it. `instances` is among how many the limits are divided.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | { readonly _tag: "Shared" }
  | {
    readonly _tag: "Apart"
    readonly onStoreFailure: OnStoreFailure
    readonly instances: number
    readonly error: RateLimitStore.RateLimitStoreError
  }

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends RateLimitStore.Service {
  readonly status: Effect.Effect<Status>
  /** The status, and each that comes after it. */
  readonly changes: Stream.Stream<Status>
}

/**
 * The store with what it tells of itself. {@link layer} provides it beside `RateLimitStore`.
 *
 * @since 0.1.0
 * @category tags
 */
export class RedisStore extends Context.Tag("effect-dashscope-redis/RedisStore")<RedisStore, Service>() {}

/**
 * How often the server did not do what it was asked, by `error.type`: `not_ready` (no connection), `timeout`, `refused`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const failures = Metric.counter("dashscope.rate_limit.store.failures", {
  description: "Number of commands that the shared store of the rate limits did not carry out, by reason.",
  incremental: true
})

/**
 * 1 while the limits are shared, 0 while this process does without the server.
 *
 * @since 0.1.0
 * @category metrics
 */
export const shared = Metric.gauge("dashscope.rate_limit.store.shared", {
  description: "Whether the rate limits are shared with other processes."
})

const checked = (options: Options): Effect.Effect<Store.Settings, ConfigError.ConfigError> => {
  const { commandTimeout = "250 millis", instances = 1, onStoreFailure = "local", prefix = "dashscope:" } = options
  const wrong = (name: keyof Options, why: string) => Effect.fail(Own.invalidOption(name, why))
  if (!Number.isSafeInteger(instances) || instances < 1) return wrong("instances", "must be a whole number, 1 at least")
  if (!["local", "open", "closed"].includes(onStoreFailure)) {
    return wrong("onStoreFailure", `must be "local", "open" or "closed"`)
  }
  // In JavaScript a bare number gets here too.
  const timeout = Option.filter(
    Duration.decodeUnknown(commandTimeout),
    (timeout) =>
      typeof commandTimeout !== "number" && Duration.toMillis(timeout) > 0 && Duration.toMillis(timeout) < 2 ** 31
  )
  if (Option.isNone(timeout)) {
    return wrong("commandTimeout", `must be a time above zero with a unit, such as "250 millis"`)
  }
  return Effect.succeed({ commandTimeout: timeout.value, instances, onStoreFailure, prefix })
}

/** The store waits a moment for its connection: programs that start with their server should not begin without it. */
const connected = (client: RedisClient, timeout: Duration.DurationInput) =>
  Effect.suspend(() =>
    client.isReady()
      ? Effect.void
      : Effect.sleep("5 millis").pipe(
        Effect.repeat({ until: () => client.isReady() }),
        Effect.timeoutOption(timeout)
      )
  )

/**
 * The store over a client that somebody else closes. Its background work ends with the scope.
 *
 * Fails with a `ConfigError` where an option cannot be used. A server that is away is no failure.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  client: RedisClient,
  options: Options = {}
): Effect.Effect<Service, ConfigError.ConfigError, Scope.Scope> => makeWith(client, options, script)

/** @internal */
export const makeWith = (
  client: RedisClient,
  options: Options,
  script: Script
): Effect.Effect<Service, ConfigError.ConfigError, Scope.Scope> =>
  Effect.gen(function*() {
    const settings = yield* checked(options)
    const { onStoreFailure } = settings
    yield* connected(client, settings.commandTimeout)
    const status = yield* SubscriptionRef.make<Status>({ _tag: "Shared" })
    yield* Metric.update(shared, 1)
    const observer: Observer = {
      failed: ({ reason }) => Metric.update(Own.labelled(failures, "error.type", reason), 1),
      apart: ({ error }, instances) =>
        Effect.all([
          SubscriptionRef.set(status, { _tag: "Apart", onStoreFailure, instances, error }),
          Metric.update(shared, 0),
          Effect.logWarning(`${error.message}. Until it answers again, ${consequence(onStoreFailure, instances)}.`)
        ], { discard: true }),
      shared: Effect.all([
        SubscriptionRef.set(status, { _tag: "Shared" }),
        Metric.update(shared, 1),
        Effect.logInfo("The store of the rate limits answers again: they are shared.")
      ], { discard: true })
    }
    const store = yield* Store.make(client, script, settings, observer, yield* Effect.scope)
    return { ...store, status: SubscriptionRef.get(status), changes: Own.changesOf(status) }
  })

const consequence = (onStoreFailure: OnStoreFailure, instances: number): string => {
  switch (onStoreFailure) {
    case "local":
      return instances === 1
        ? "this process keeps the limits alone"
        : `this process keeps to 1/${instances} of the limits`
    case "open":
      return "this process has no limits"
    case "closed":
      return "this process sends nothing that is limited"
  }
}

/**
 * The store as a Layer, over a client that lives as long, or one that somebody else closes.
 *
 * @example
 * import { RedisClient, RedisStore } from "effect-dashscope-redis"
 * import { createClient } from "redis"
 *
 * export const Store = RedisStore.layer(
 *   RedisClient.acquireNodeRedis(() => createClient({ url: "redis://127.0.0.1:6379" })),
 *   { onStoreFailure: "closed" }
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E = never, R = never>(
  client: RedisClient | Effect.Effect<RedisClient, E, R>,
  options: Options = {}
): Layer.Layer<RateLimitStore.RateLimitStore | RedisStore, E | ConfigError.ConfigError, Exclude<R, Scope.Scope>> =>
  Layer.scopedContext(
    Effect.gen(function*() {
      const store = yield* make(Effect.isEffect(client) ? yield* client : client, options)
      return Context.make(RateLimitStore.RateLimitStore, store).pipe(Context.add(RedisStore, store))
    })
  )
