import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { once } from "../../src/internal/effect/once.js"

describe("an effect that runs once", () => {
  it.effect("is what it was made of: its result, its failure, its interruption", () =>
    Effect.gen(function*() {
      for (const exit of [Exit.succeed(1), Exit.fail("no"), Exit.die("broken")]) {
        assert.deepStrictEqual(yield* Effect.exit(once(exit)), exit)
      }
      const interrupted = yield* Effect.exit(once(Effect.interrupt))
      assert.isTrue(Exit.isFailure(interrupted) && Cause.isInterruptedOnly(interrupted.cause))
    }))

  it.effect("has forgotten it by the time that it runs, and says so where it is run again", () =>
    Effect.gen(function*() {
      let runs = 0
      const effect: Effect.Effect<boolean> = once(Effect.sync(() => {
        runs++
        return Object.values(effect).every((field) => field !== inner)
      }))
      const [inner] = Object.values(effect) as Array<unknown>
      assert.isTrue(yield* effect)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(effect)))
      assert.strictEqual(runs, 1)
    }))
})
