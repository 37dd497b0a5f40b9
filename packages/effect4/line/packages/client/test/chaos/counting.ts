/** Clocks and counters of fibers that count what is left behind: for Effect 4. */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const real = Clock.Clock.defaultValue()

/** Real time, with a count of those who wait for it: timers that are left behind show up here. */
export class CountingClock implements Clock.Clock {
  readonly currentTimeMillis = real.currentTimeMillis
  readonly currentTimeNanos = real.currentTimeNanos
  readonly monotonicTimeNanos = real.monotonicTimeNanos
  sleeping = 0
  currentTimeMillisUnsafe() {
    return real.currentTimeMillisUnsafe()
  }
  currentTimeNanosUnsafe() {
    return real.currentTimeNanosUnsafe()
  }
  monotonicTimeNanosUnsafe() {
    return real.monotonicTimeNanosUnsafe()
  }
  sleep(duration: Duration.Duration) {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.sleeping++),
      () => real.sleep(duration),
      () => Effect.sync(() => this.sleeping--)
    )
  }
}

/** Counts the fibers of what is tried, but for those that run its steps. */
export class LiveFibers {
  alive = 0
  private readonly counter: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: () => {
      this.alive++
    },
    recordFiberEnd: () => {
      this.alive--
    }
  }

  /** Counts those that the effect forks. */
  readonly watch = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, Metric.FiberRuntimeMetrics, this.counter)
}
