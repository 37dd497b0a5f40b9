import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"

/** @internal Time as the pool needs it: a clock in milliseconds and one-shot timers. */
export interface Timers {
  readonly now: () => number
  /** Runs the task once after the delay; the returned function cancels it. */
  readonly schedule: (delayMillis: number, task: () => void) => () => void
  /** Whether time is this clock's here. */
  readonly isOf: (clock: Clock.Clock) => boolean
}

/** Node fires timers that are set for longer at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Node's timers. They never keep the process alive: whatever they guard (a socket, a lookup) does so itself while it is
 * in use, and an idle pool should let a script end.
 */
const live: Timers = {
  now: () => performance.now(),
  schedule: (delayMillis, task) => {
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      timer = left > longestTimer
        ? setTimeout(() => arm(left - longestTimer), longestTimer)
        : setTimeout(task, Math.ceil(left))
      timer.unref()
    }
    arm(delayMillis)
    return () => clearTimeout(timer)
  },
  isOf: (clock) => isLiveClock(clock)
}

const livePrototype: unknown = Object.getPrototypeOf(Clock.make())

const isLiveClock = (clock: Clock.Clock) => Object.getPrototypeOf(clock) === livePrototype

/** @internal A clock's milliseconds, to measure with: with fractions where it is the default one. */
export const nowOf = (clock: Clock.Clock): number =>
  isLiveClock(clock) ? performance.now() : clock.unsafeCurrentTimeMillis()

/**
 * @internal Node's timers under the default Clock, where a fiber per timer would be the dearest part of a call; any
 * other Clock (TestClock) is asked itself.
 */
export const fromClock = (clock: Clock.Clock, runtime: Runtime.Runtime<never>): Timers =>
  isLiveClock(clock) ? live : {
    now: () => clock.unsafeCurrentTimeMillis(),
    schedule: (delayMillis, task) =>
      Runtime.runCallback(runtime)(
        // The runtime may have been taken where nothing can be interrupted, and a timer must be cancellable.
        Effect.interruptible(Effect.zipRight(clock.sleep(Duration.millis(delayMillis)), Effect.sync(task)))
      ),
    isOf: (other) => other === clock
  }
