/**
 * Limits on what may be sent in a time, as data: quotas, options, what a limiter is asked and told, its numbers and events.
 * `RateLimit` exports all of it too.
 *
 * @since 0.1.0
 */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { DashScopeError, RateLimitExceeded, RequestTimeout } from "./DashScopeError.js"
import type * as RateLimitStore from "./RateLimitStore.js"

// -----------------------------------------------------------------------------
// quotas
// -----------------------------------------------------------------------------

/**
 * - `interactive`: somebody waits for the answer.
 * - `batch`: it may be later. Where both wait in a process, one in ten turns is a batch's, so that it goes on.
 *
 * @since 0.1.0
 * @category models
 */
export type Priority = "interactive" | "batch"

/**
 * What a quota may look at to say which bucket a call belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  /** Nothing for a request without a model: files, tasks that are asked for, and the like. */
  readonly model: string | undefined
  /** The call's, or else the layer's. */
  readonly workspace: string | undefined
  /** Such as `/services/aigc/text-generation/generation`. */
  readonly path: string
}

/**
 * One quota. Each of its limits holds by itself; a call goes when all limits of all quotas that count it have room.
 *
 * A limit per minute is spent evenly: at once goes at most what flows in within `burst`, so that no minute holds more than the
 * limit, wherever it begins. The service does likewise: it counts by the second too.
 *
 * Source: "Rate limits" (by root account and model: all keys, workspaces and RAM users together).
 *
 * @since 0.1.0
 * @category models
 */
export interface Quota {
  /**
   * Which models it counts: names, or beginnings of names with a `*` behind. Default: all. What has no model (files, questions
   * about tasks, uploads) is never counted, unless `per` is a function.
   */
  readonly models?: string | ReadonlyArray<string> | undefined
  /** Which workspace it counts. Default: all. */
  readonly workspace?: string | undefined
  /**
   * What has a bucket of its own. `model`: each model, as the service counts. `workspace`: each workspace. `account`: all that
   * this quota counts together. A function names the bucket of a call, and gives `undefined` for one that is not counted.
   * Default: `model`.
   */
  readonly per?: "model" | "workspace" | "account" | ((call: Call) => string | undefined) | undefined
  readonly requestsPerSecond?: number | undefined
  /** RPM. */
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerSecond?: number | undefined
  /** TPM: input and output together. */
  readonly tokensPerMinute?: number | undefined
  /** How many calls may run at once. A stream runs until it ends. */
  readonly concurrency?: number | undefined
  /**
   * How much of a minute's limit may be spent at once, as a time: what is spent so is missing from the even flow. At most half a
   * minute. Of limits per second it is a sixtieth of a second, and one request at least. Default: 1 second.
   */
  readonly burst?: DurationWithUnit | undefined
  /**
   * The share of each limit that is not used: requests do not arrive as evenly as they are sent. From 0 to below 1. Default: 0.01.
   */
  readonly headroom?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** At least one. */
  readonly quotas: ReadonlyArray<Quota>
  /**
   * What shares the quotas: all limiters with the same name over the same store. It becomes the namespace of the store's keys.
   * Default: `default`.
   */
  readonly account?: string | undefined
  /** Where the limits are kept. Default: the `RateLimitStore` of the layer's context, else one in memory of its own. */
  readonly store?: RateLimitStore.Service | undefined
  /** How many calls may wait for each bucket; one more fails at once with `RateLimitExceeded`. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The longest that a call waits, beside its own `timeout`. One that would wait longer fails at once. Default: no limit. */
  readonly maxWait?: DurationWithUnit | undefined
  /**
   * How many tokens an answer is taken for until the model has given some, where the call has no `maxTokens`; then it is what
   * answers had so far, at most `maxTokens`. Default: 500.
   */
  readonly outputTokens?: number | undefined
  /** How long nothing is sent after a 429 that does not say; it doubles from one to the next, up to a minute. Default: 1 second. */
  readonly pause?: DurationWithUnit | undefined
  /** The longest pause that a 429 can ask for. Default: 1 minute. */
  readonly maxPause?: DurationWithUnit | undefined
  /**
   * How long the place of a call counts that runs at once with others, where its process is gone. While it lives, places are
   * renewed. Default: 1 minute.
   */
  readonly lease?: DurationWithUnit | undefined
}

// -----------------------------------------------------------------------------
// what a limiter is asked and told
// -----------------------------------------------------------------------------

/**
 * What is about to be sent: once for each attempt, retries included.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attempt extends Call {
  readonly priority: Priority
  /** About how many tokens the input has. Costs some time, so it is asked only where it matters. */
  readonly inputTokens: () => number
  /** The most tokens that the answer may have, where the call says. */
  readonly maxTokens: number | undefined
  /** When the call has to be over, in milliseconds since 1970 by the Clock; `Infinity` for never. */
  readonly deadline: number
}

/**
 * The tokens of an answer, as far as the service has told them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** Of both together. */
  readonly totalTokens: number | undefined
}

/**
 * How an attempt ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome {
  /** `Interrupted` where the caller went away. Nothing where it went well. */
  readonly failure: DashScopeError | "Interrupted" | undefined
  /** Whether certainly nothing reached the service: refused before any I/O, or given up before it. */
  readonly isUnsent: boolean
  /** Of the answer, or the last that was seen of a stream that broke off. */
  readonly usage: Usage | undefined
  /** From the moment it might go to the answer's head, or a stream's first event, in milliseconds. Nothing where none came. */
  readonly latencyMillis: number | undefined
}

/**
 * An attempt that may go. `end` is run exactly once, when it is over, and does not fail.
 *
 * @since 0.1.0
 * @category models
 */
export interface Permit {
  readonly end: (outcome: Outcome) => Effect.Effect<void>
}

/**
 * What is asked before each attempt of a client, and told its outcome. `RateLimit.make` gives one that keeps quotas; one of your
 * own can decide by anything else, and `RateLimit.all` puts several into one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limiter {
  /**
   * Waits until the attempt may go, before it waits for a connection. It is run uninterruptibly, so that no permit gets lost:
   * what waits in it must be wrapped in `restore`, and must keep nothing when it is interrupted.
   */
  readonly acquire: (
    attempt: Attempt,
    restore: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<Permit, RateLimitExceeded | RequestTimeout>
}

/**
 * The priority of the calls of an effect that say none themselves. Default: `interactive`.
 *
 * @since 0.1.0
 * @category priority
 */
export class CurrentPriority
  extends Context.Reference<CurrentPriority>()("effect-dashscope/RateLimit/CurrentPriority", {
    defaultValue: (): Priority => "interactive"
  })
{}

// -----------------------------------------------------------------------------
// numbers and events
// -----------------------------------------------------------------------------

/**
 * The numbers of calls that are counted together: those of one model, for example.
 *
 * @since 0.1.0
 * @category models
 */
export interface GroupStats {
  /** The buckets that count them, such as `qwen-plus`; of several quotas, joined by ` + `. */
  readonly key: string
  /** Calls that wait for their turn. */
  readonly waiting: { readonly [priority in Priority]: number }
  /** How long the next one still waits, in milliseconds, where it has its turn. */
  readonly nextTurnMillis: number | undefined
  /** Calls that have been let through and are not over. */
  readonly running: number
  /** Calls that have been let through. */
  readonly granted: number
  /** Of those, calls that had to wait. */
  readonly waited: number
  /** Calls that were refused. */
  readonly rejected: number
  /** Permits of which nothing had been sent. */
  readonly givenBack: number
  /** Pauses after a 429. */
  readonly pauses: number
  /** Tokens that calls which are over were estimated at, and those that they used. */
  readonly estimatedTokens: number
  readonly usedTokens: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stats {
  /** In the order in which they were first used. */
  readonly groups: ReadonlyArray<GroupStats>
}

interface OfGroup {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly key: string
  readonly model: string | undefined
}

/**
 * What happens in a limiter.
 *
 * - `Waiting`: a call has to wait. `place` is its place in the queue of its process, from 1.
 * - `Granted`: a call that waited may go.
 * - `Left`: a call that waited was interrupted, or its deadline passed.
 * - `Rejected`: a call was refused at once.
 * - `Settled`: the tokens that a call was estimated at, and those it used.
 * - `Paused`: the service answered 429; nothing goes for so long.
 * - `StoreFailed`: the store did not do what it was asked.
 *
 * @since 0.1.0
 * @category models
 */
export type Event =
  | OfGroup & { readonly _tag: "Waiting"; readonly priority: Priority; readonly place: number }
  | OfGroup & { readonly _tag: "Granted"; readonly priority: Priority; readonly waited: Duration.Duration }
  | OfGroup & { readonly _tag: "Left"; readonly priority: Priority; readonly waited: Duration.Duration }
  | OfGroup & { readonly _tag: "Rejected"; readonly priority: Priority; readonly error: RateLimitExceeded }
  | OfGroup & { readonly _tag: "Settled"; readonly estimatedTokens: number; readonly usedTokens: number }
  | OfGroup & { readonly _tag: "Paused"; readonly duration: Duration.Duration }
  | OfGroup & { readonly _tag: "StoreFailed"; readonly error: RateLimitStore.RateLimitStoreError }

/**
 * A limiter that keeps quotas.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Limiter {
  readonly stats: Effect.Effect<Stats>
  /** What happens from now on. A listener that is too slow loses the oldest of what it has not taken, beyond 1,000. */
  readonly events: Stream.Stream<Event>
}
