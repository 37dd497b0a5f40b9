import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"

/** Time as the pool needs it: a clock in milliseconds and one-shot timers. @internal */
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
 * A timer that fires later than this after its time, in milliseconds, says that this process was busy or asleep, and heard
 * nobody meanwhile.
 */
const busy = 50

/** One timer of Node's. */
class LiveTimer {
  private due: number
  private isExcused = false
  private timer: NodeJS.Timeout | undefined = undefined
  private immediate: NodeJS.Immediate | undefined = undefined

  constructor(private readonly delay: number, private readonly task: () => void) {
    this.due = performance.now() + delay
    this.arm(delay)
  }

  readonly cancel = (): void => {
    clearTimeout(this.timer)
    clearImmediate(this.immediate)
  }

  private arm(millis: number): void {
    this.timer = setTimeout(this.fire, Math.min(Math.ceil(millis), longestTimer))
    this.timer.unref()
  }

  private readonly fire = (): void => {
    const late = performance.now() - this.due
    // Node's timers may be a moment early, and those that are set for longer than it can count are set anew.
    if (late < -1) return this.arm(-late)
    if (late > busy && !this.isExcused) {
      // What this process has missed is not the peer's silence.
      this.isExcused = true
      const grace = Math.min(late, this.delay)
      this.due += late + grace
      return this.arm(grace)
    }
    // Timers run before sockets are looked at: what has come in time is there by then.
    this.immediate = setImmediate(this.task)
  }
}

/**
 * Node's timers. They never keep the process alive: what they guard (a socket, a lookup) does so itself while it is
 * in use, and an idle pool should let a script end.
 */
const live: Timers = {
  now: () => performance.now(),
  schedule: (delayMillis, task) => new LiveTimer(delayMillis, task).cancel,
  isOf: (clock) => isLiveClock(clock)
}

const livePrototype: unknown = Object.getPrototypeOf(Clock.make())

const isLiveClock = (clock: Clock.Clock) => Object.getPrototypeOf(clock) === livePrototype

/** A clock's milliseconds, to measure with: with fractions where it is the default one. @internal */
export const nowOf = (clock: Clock.Clock): number =>
  isLiveClock(clock) ? performance.now() : clock.unsafeCurrentTimeMillis()

/**
 * Node's timers under the default Clock, where a fiber per timer would be the most expensive part of a call; any
 * other Clock (TestClock) is asked itself.
 *
 * @internal
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
