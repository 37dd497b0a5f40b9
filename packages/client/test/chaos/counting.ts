/** Clocks and supervisors that count what is left behind. */
import { Clock, Effect, Supervisor } from "effect"
import type { Duration } from "effect"

/** Real time, with a count of those who wait for it: timers that are left behind show up here. */
export class CountingClock implements Clock.Clock {
  private readonly real = Clock.make()
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly currentTimeMillis = this.real.currentTimeMillis
  readonly currentTimeNanos = this.real.currentTimeNanos
  sleeping = 0
  unsafeCurrentTimeMillis() {
    return this.real.unsafeCurrentTimeMillis()
  }
  unsafeCurrentTimeNanos() {
    return this.real.unsafeCurrentTimeNanos()
  }
  sleep(duration: Duration.Duration) {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.sleeping++),
      () => this.real.sleep(duration),
      () => Effect.sync(() => this.sleeping--)
    )
  }
}

/** Counts the fibers of what is tried, but for those that run its steps. */
export class LiveFibers extends Supervisor.AbstractSupervisor<number> {
  alive = 0
  readonly value = Effect.sync(() => this.alive)
  override onStart() {
    this.alive++
  }
  override onEnd() {
    this.alive--
  }

  /** Counts those that the effect forks. */
  readonly watch = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.supervised(self, this)
}
