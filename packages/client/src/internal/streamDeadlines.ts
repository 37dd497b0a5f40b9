import type * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { RequestTimeout } from "../DashScopeError.js"

/** @internal The deadlines of a call, those that are off left out. */
export interface Deadlines {
  readonly total: Duration.Duration | undefined
  readonly firstContent: Duration.Duration | undefined
  readonly content: Duration.Duration | undefined
}

/** The deadline that passes first, if what is waited for does not come. */
interface Next {
  readonly phase: "total" | "firstContent" | "content"
  readonly duration: Duration.Duration
  readonly remaining: number
}

/**
 * The deadlines of one stream. The total runs from the start, whoever has the turn; the other two count only the time in
 * which this side waits, so that a slow consumer is not taken for a slow service.
 *
 * @internal
 */
export class Watch {
  private readonly startedAt: number
  private hasContent = false
  private waited = 0

  constructor(
    private readonly clock: Clock.Clock,
    private readonly deadlines: Deadlines
  ) {
    this.startedAt = clock.unsafeCurrentTimeMillis()
  }

  /** Content has come. */
  content(): void {
    this.hasContent = true
    this.waited = 0
  }

  /** A request begins, the first or another after that: the wait for content is its own. */
  attempt<A, E, R>(open: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    return Effect.suspend(() => {
      this.hasContent = false
      this.waited = 0
      return this.bound(open)
    })
  }

  /** Runs what waits for the service. */
  private bound<A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    return this.run<A, E | RequestTimeout, R>(wait, identity)
  }

  /** A stream each of whose pulls is a wait. */
  boundStream<A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | RequestTimeout, R> {
    return Stream.unwrapScoped(Effect.map(Stream.toPull(self), (pull) =>
      Stream.repeatEffectChunkOption(
        this.run<Chunk.Chunk<A>, Option.Option<E | RequestTimeout>, R>(pull, Option.some)
      )))
  }

  private run<A, E, R>(wait: Effect.Effect<A, E, R>, fail: (timeout: RequestTimeout) => E): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const now = this.clock.unsafeCurrentTimeMillis()
      const next = this.next(now)
      if (next === undefined) return wait
      const { duration, phase, remaining } = next
      const onTimeout = () => fail(new RequestTimeout({ phase, duration }))
      if (remaining <= 0) return Effect.fail(onTimeout())
      return Effect.map(
        Effect.timeoutFail(wait, { duration: Duration.millis(remaining), onTimeout }),
        (a) => {
          this.waited += this.clock.unsafeCurrentTimeMillis() - now
          return a
        }
      )
    })
  }

  private next(now: number): Next | undefined {
    const { content, firstContent, total } = this.deadlines
    const inTotal: Next | undefined = total === undefined ? undefined : {
      phase: "total",
      duration: total,
      remaining: Duration.toMillis(total) - (now - this.startedAt)
    }
    const silence = this.hasContent ? content : firstContent
    if (silence === undefined) return inTotal
    const remaining = Duration.toMillis(silence) - this.waited
    return inTotal !== undefined && inTotal.remaining <= remaining
      ? inTotal
      : { phase: this.hasContent ? "content" : "firstContent", duration: silence, remaining }
  }
}
