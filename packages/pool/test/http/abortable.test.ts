import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import { withFiber } from "../../src/internal/fiber/fiber.js"
import { abortable } from "../../src/internal/http/abortable.js"

describe("abortable", () => {
  const make = () => {
    const seen: Array<string> = []
    let resume: (result: Effect.Effect<number, string>) => void = () => {}
    const effect = withFiber((_, status) =>
      abortable<number, string>(status, {
        start: (callback) => {
          seen.push("started")
          resume = callback
        },
        abort: () => seen.push("aborted")
      })
    )
    return { seen, effect, resume: (result: Effect.Effect<number, string>) => resume(result) }
  }

  it.effect("ends as it is told to, and aborts nothing then", () =>
    Effect.gen(function*() {
      for (const result of [Exit.succeed(1), Exit.fail("no")]) {
        const { effect, resume, seen } = make()
        const fiber = yield* Effect.fork(effect)
        yield* Effect.yieldNow()
        resume(result)
        assert.deepStrictEqual(yield* Fiber.await(fiber), result)
        assert.deepStrictEqual(seen, ["started"])
      }
    }))

  it.effect("is aborted once when its fiber is interrupted", () =>
    Effect.gen(function*() {
      const { effect, seen } = make()
      const fiber = yield* Effect.fork(effect)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.deepStrictEqual(seen, ["started", "aborted"])
    }))

  it.effect("is not even started in a fiber that is interrupted already", () =>
    Effect.gen(function*() {
      const { effect, seen } = make()
      const latch = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Effect.uninterruptibleMask((restore) => Effect.zipRight(Deferred.await(latch), restore(effect)))
      )
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      yield* Deferred.succeed(latch, undefined)
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("leaves what comes after it as it was: interruptible where it was that, and only there", () =>
    Effect.gen(function*() {
      const canBeInterrupted = Effect.checkInterruptible(Effect.succeed)
      for (const result of [Exit.succeed(1), Exit.fail("no")]) {
        for (const region of [Effect.interruptible, Effect.uninterruptible]) {
          const { effect, resume } = make()
          const fiber = yield* Effect.fork(region(Effect.zipRight(Effect.exit(effect), canBeInterrupted)))
          yield* Effect.yieldNow()
          resume(result)
          assert.strictEqual(yield* Fiber.join(fiber), region === Effect.interruptible)
        }
      }
    }))

  it.effect("waits where it cannot be interrupted", () =>
    Effect.gen(function*() {
      const { effect, resume, seen } = make()
      const fiber = yield* Effect.fork(Effect.uninterruptible(effect))
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      resume(Effect.succeed(1))
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, ["started"])
    }))
})
