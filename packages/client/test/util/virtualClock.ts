/** A clock that goes on to the next event when nothing else is left to do, so that minutes of waiting take moments. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Turns of the event loop without anything at work, before time goes on. */
const quietTurns = 3

const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Somebody else's turn: a loop without a pause would take the network's time. */
const pause = Effect.async<void>((resume) => {
  setTimeout(() => resume(Effect.void), 1)
})

export interface VirtualClock {
  readonly clock: Clock.Clock
  readonly now: () => number
  /** Runs under the clock; time stands still while it is busy, with the network for example. */
  readonly run: <A, E, R, R2>(
    self: Effect.Effect<A, E, R>,
    isBusy: Effect.Effect<boolean, never, R2>
  ) => Effect.Effect<A, E, R | R2>
}

export const makeVirtualClock = (start = Date.parse("2026-01-01T00:00:00Z")): VirtualClock => {
  let now = start
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  const clock: Clock.Clock = {
    ...Clock.make(),
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const sleeper = { at: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        sleepers.add(sleeper)
        return Effect.sync(() => sleepers.delete(sleeper))
      })
  }
  const goOn = () => {
    let next = Infinity
    for (const { at } of sleepers) next = Math.min(next, at)
    if (next === Infinity) return
    now = next
    for (const sleeper of [...sleepers]) {
      if (sleeper.at <= now) {
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    }
  }
  return {
    clock,
    now: () => now,
    run: (self, isBusy) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.withClock(self, clock))
        let quiet = 0
        while (fiber.unsafePoll() === null) {
          yield* quiet === 0 ? pause : turn
          quiet = (yield* isBusy) ? 0 : quiet + 1
          if (quiet < quietTurns) continue
          quiet = 1
          goOn()
        }
        return yield* Fiber.join(fiber)
      })
  }
}
