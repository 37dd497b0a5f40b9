import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Aimd from "../../src/internal/limiter/aimd.js"

const settings: Aimd.Settings = { min: 1, max: 200, initial: 4, tolerance: 2 }

const settingsOf = FastCheck.record({
  min: FastCheck.integer({ min: 1, max: 5 }),
  max: FastCheck.integer({ min: 5, max: 1000 }),
  initial: FastCheck.integer({ min: 1, max: 1000 }),
  tolerance: FastCheck.constantFrom(1.2, 2, Infinity)
})

const outcome = FastCheck.record({
  refused: FastCheck.oneof({ weight: 9, arbitrary: FastCheck.constant(false) }, FastCheck.constant(true)),
  /** How many epochs ago it began. */
  age: FastCheck.constantFrom(0, 0, 0, 1, 3),
  use: FastCheck.double({ min: 0, max: 1.5, noNaN: true }),
  latencyMillis: FastCheck.option(FastCheck.double({ min: 0, max: 100_000, noNaN: true }), { nil: undefined })
})

type Outcome = typeof outcome extends FastCheck.Arbitrary<infer A> ? A : never

const step = (
  state: Aimd.State,
  settings: Aimd.Settings,
  { age, latencyMillis, refused, use }: Outcome
): Aimd.State => {
  const ended = { epoch: state.epoch - age, running: Math.ceil(use * state.limit) }
  return refused ? Aimd.refused(state, settings, ended) : Aimd.succeeded(state, settings, { ...ended, latencyMillis })
}

/** So many windows that end well, with all of the limit in use. */
const windows = (state: Aimd.State, count: number, latencyMillis?: number): Aimd.State => {
  let now = state
  for (let i = 0; i < count; i++) {
    for (let left = Math.floor(now.limit); left > 0; left--) {
      now = Aimd.succeeded(now, settings, { epoch: now.epoch, running: Math.floor(now.limit), latencyMillis })
    }
  }
  return now
}

const refuse = (state: Aimd.State) =>
  Aimd.refused(state, settings, { epoch: state.epoch, running: Math.floor(state.limit) })

describe("the limit of what runs at once", () => {
  it("stays within its bounds, is cut by news only, and keeps little", () => {
    FastCheck.assert(
      FastCheck.property(
        settingsOf,
        FastCheck.array(outcome, { maxLength: 300, size: "max" }),
        (settings, outcomes) => {
          let state = Aimd.start(settings)
          for (const outcome of outcomes) {
            const next = step(state, settings, outcome)
            assert.isTrue(next.limit >= settings.min && next.limit <= settings.max)
            assert.isAtMost(next.latencies.length, 50)
            if (outcome.age > 0) assert.strictEqual(next, state)
            if (next.limit < state.limit) assert.strictEqual(next.epoch, state.epoch + 1)
            if (next.epoch > state.epoch) assert.isAtMost(next.limit, Math.max(settings.min, state.limit * 0.85))
            state = next
          }
        }
      ),
      { numRuns: casesOf(1000, 0.03) }
    )
  })

  it("doubles with each window until there is too much", () => {
    const state = windows(Aimd.start(settings), 4)
    assert.strictEqual(state.limit, 64)
    assert.strictEqual(windows(state, 10).limit, 200)
  })

  it("is back where it was too much within some windows, lingers there, and then looks for more", () => {
    const before = windows(Aimd.start(settings), 4)
    const after = refuse(before)
    assert.closeTo(after.limit, 64 * 0.85, 1e-9)
    const limits = Array.from({ length: 20 }, (_, i) => windows(after, i).limit / 64)
    assert.isAbove(limits[4]!, 0.98)
    assert.isBelow(limits[9]!, 1.05)
    assert.isAbove(limits[18]!, 2)
    for (let i = 1; i < limits.length; i++) assert.isAtLeast(limits[i]!, limits[i - 1]!)
  })

  it("is cut once by all that were refused together", () => {
    const before = windows(Aimd.start(settings), 4)
    const ended = { epoch: before.epoch, running: 64 }
    const after = Array.from({ length: 30 }).reduce(
      (state: Aimd.State) => Aimd.refused(state, settings, ended),
      before
    )
    assert.deepStrictEqual(after, refuse(before))
  })

  it("does not grow where it is not used", () => {
    const state = Aimd.start({ ...settings, initial: 50 })
    assert.strictEqual(Aimd.succeeded(state, settings, { epoch: 0, running: 24, latencyMillis: undefined }).limit, 50)
    assert.strictEqual(Aimd.succeeded(state, settings, { epoch: 0, running: 25, latencyMillis: undefined }).limit, 51)
  })

  it("is cut where the median of a window is more than twice the baseline", () => {
    const state = windows(Aimd.start(settings), 4, 500)
    assert.strictEqual(state.baseline, 500)
    const same = windows(state, 2, 900)
    assert.strictEqual(same.epoch, 0)
    assert.isAbove(same.baseline!, 500)
    assert.isBelow(same.baseline!, 560)
    const slow = windows(state, 1, 1500)
    assert.strictEqual(slow.epoch, 1)
    assert.strictEqual(slow.baseline, 500)
    assert.isBelow(slow.limit, windows(state, 1, 500).limit)
    // A few that are slow are none of its business.
    const few = Array.from({ length: 64 }, (_, i) => i % 3 === 0 ? 60_000 : 500).reduce(
      (now, latencyMillis) => Aimd.succeeded(now, settings, { epoch: 0, running: 10, latencyMillis }),
      state
    )
    assert.strictEqual(few.epoch, 0)
  })

  it("learns a new baseline where it cannot be lower", () => {
    const one = Aimd.start({ ...settings, initial: 1 })
    const ask = (state: Aimd.State, latencyMillis: number) =>
      Array.from({ length: 10 }).reduce(
        (now: Aimd.State) => Aimd.succeeded(now, settings, { epoch: now.epoch, running: 0, latencyMillis }),
        state
      )
    const state = ask(ask(one, 100), 1000)
    assert.strictEqual(state.baseline, 1000)
    assert.strictEqual(state.epoch, 0)
  })
})
