/**
 * Deadlines of single requests that the pool itself watches: a timer there costs next to nothing, while a fiber that races
 * the request (`Effect.timeout`) costs as much as the request.
 *
 * Only the `HttpClient` of this package respects them. Another one runs the request without any deadline.
 *
 * @since 0.1.0
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { dual } from "effect/Function"
import { globalValue } from "effect/GlobalValue"
import type { DurationWithUnit } from "./ConnectionConfig.js"
import { RequestTimeout } from "./ConnectionError.js"
import { DeadlineTimer as Timer } from "./internal/time/deadlineTimer.js"
import type { Timers as TimersOfPool } from "./internal/time/timers.js"

/**
 * Time as the pool counts it: a monotonic clock in milliseconds and one-shot timers.
 *
 * @since 0.1.0
 * @category models
 */
export type Timers = TimersOfPool

/**
 * A timer whose time moves often: moving it is an assignment.
 *
 * @since 0.1.0
 * @category models
 */
export const DeadlineTimer = Timer

/**
 * @since 0.1.0
 * @category models
 */
export type DeadlineTimer = Timer

/**
 * A request in flight, which its deadline can end.
 *
 * @since 0.1.0
 * @category models
 */
export interface Expirable {
  /** Fails the request, or the body that is being read. */
  expire(error: RequestTimeout): void
}

/**
 * What watches over one request. The pool attaches it when the request begins to wait for a connection, and detaches it
 * when all has been given back.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deadline {
  attach(timers: Timers, request: Expirable): void
  detach(): void
}

/**
 * The deadline of the request that this fiber is about to make.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Deadline | undefined> = globalValue(
  "effect-http-pool/Deadline/current",
  () => FiberRef.unsafeMake<Deadline | undefined>(undefined)
)

/** Its constructor gives back what it was given, so that a class that extends it adds its fields to that. */
class Given {
  constructor(request: object) {
    return request
  }
}

/** A private field on requests: nobody sees it, no comparison or copy of the request has it, and it costs next to nothing. */
class Watched extends Given {
  #deadline: Deadline

  constructor(request: object, deadline: Deadline) {
    super(request)
    this.#deadline = deadline
  }

  static of(request: object): Deadline | undefined {
    return #deadline in request ? request.#deadline : undefined
  }

  static set(request: object, deadline: Deadline): void {
    if (#deadline in request) request.#deadline = deadline
    else new Watched(request, deadline)
  }
}

/**
 * Has the pool watch over this very request, and no other: what {@link current} says of all requests of a fiber, at a tenth of
 * its cost. It is for code that gives the request straight to a pool's client, since a copy of the request is another one.
 *
 * @since 0.1.0
 * @category combinators
 */
export const watch = (request: HttpClientRequest.HttpClientRequest, deadline: Deadline): void =>
  Watched.set(request, deadline)

/**
 * What watches over this very request.
 *
 * @since 0.1.0
 * @category accessors
 */
export const watching = (request: HttpClientRequest.HttpClientRequest): Deadline | undefined => Watched.of(request)

/**
 * How long something may take, and what is left of it in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limit {
  readonly phase: "total" | "firstContent" | "content"
  readonly duration: Duration.Duration
  readonly remaining: number
}

/**
 * The error of a limit that has passed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const timeoutOf = ({ duration, phase }: Limit): RequestTimeout => new RequestTimeout({ phase, duration })

/**
 * The deadlines of one request: until the head of its answer, and until the end of its body. One timer serves both.
 *
 * @since 0.1.0
 * @category models
 */
export class RequestDeadline implements Deadline {
  private timer: DeadlineTimer | undefined = undefined
  /** What passes first of what is left. */
  private next: Limit | undefined = undefined
  private wholeDue = Infinity

  constructor(
    private readonly head: Limit | undefined,
    private readonly whole: Limit | undefined
  ) {}

  attach(timers: Timers, request: Expirable): void {
    const { head, whole } = this
    const now = timers.now()
    const headDue = head === undefined ? Infinity : now + head.remaining
    this.wholeDue = whole === undefined ? Infinity : now + whole.remaining
    this.next = headDue < this.wholeDue ? head : whole
    if (this.next === undefined) return
    this.timer = new DeadlineTimer(timers, () => {
      if (this.next !== undefined) request.expire(timeoutOf(this.next))
    })
    this.timer.set(Math.min(headDue, this.wholeDue))
  }

  /** The head of the answer is here. */
  responded(): void {
    if (this.next === undefined || this.next === this.whole) return
    this.next = this.whole
    // Later than what it is set for, which makes it an assignment.
    if (this.whole === undefined) this.timer?.clear()
    else this.timer?.set(this.wholeDue)
  }

  detach(): void {
    this.next = undefined
    this.timer?.dispose()
    this.timer = undefined
  }
}

/**
 * Bounds each request that the effect makes: from its wait for a connection to the last byte of its body, also where the
 * body is read after this effect has ended. A request that takes longer fails with `RequestTimeout` of phase `total` as
 * the cause of its `HttpClientError`.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Deadline } from "effect-http-pool"
 * import { Effect } from "effect"
 *
 * const page = HttpClient.get("https://example.com/").pipe(
 *   Deadline.within("10 seconds"),
 *   Effect.flatMap((response) => response.text)
 * )
 *
 * @since 0.1.0
 * @category combinators
 */
export const within: {
  (duration: DurationWithUnit): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, duration: DurationWithUnit): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, input: DurationWithUnit): Effect.Effect<A, E, R> => {
  const duration = Duration.decode(input)
  const limit: Limit = { phase: "total", duration, remaining: Duration.toMillis(duration) }
  return Effect.suspend(() => Effect.locally(self, current, new RequestDeadline(undefined, limit)))
})
