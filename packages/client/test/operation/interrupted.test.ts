/** Calls that are interrupted at each of their steps: of each that has begun, the operation and its request end once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import { assertAllBack } from "../../../pool/test/util/support.js"
import * as ConnectionConfig from "../../src/ConnectionConfig.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"
import { yielding } from "../util/platform.js"
import { metricsOf, recordSpans } from "../util/recorder.js"

/** More than a call takes, its answer included. */
const steps = 80

const interrupted = (wait: (step: number) => Effect.Effect<unknown>, model: string) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({})
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 2 }))
    const { layer: tracer, spans } = recordSpans()
    const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url })
    const call = Generation.call({ model, prompt: "hello" })
    const exits = yield* Effect.forEach(
      Array.from({ length: steps }, (_, step) => step),
      (step) =>
        Effect.gen(function*() {
          // A few steps at a time, and not always as many: so an interrupt may come between any two.
          let asked = 0
          const fiber = yield* Effect.fork(yielding(() => ++asked % (12 + step % 8) === 0)(call))
          yield* wait(step)
          yield* Fiber.interrupt(fiber)
          return yield* Fiber.await(fiber)
        })
    ).pipe(Effect.provide(Layer.merge(layer, tracer)))
    assert.deepStrictEqual(spans.filter(({ ends }) => ends.length !== 1).map(({ name }) => name), [])
    const chats = spans.filter(({ name }) => name === `chat ${model}`).length
    // Each operation has one request, unless it was interrupted before that.
    assert.isAtMost(spans.length, 2 * chats)
    assert.isAbove(spans.length, chats)
    const durations = (yield* metricsOf("gen_ai.request.model", model)).filter(({ name }) =>
      name === "gen_ai.client.operation.duration"
    )
    assert.strictEqual(durations.reduce((sum, { count }) => sum + count, 0), chats)
    assertAllBack(yield* pool.stats)
    return { chats, succeeded: exits.filter(Exit.isSuccess).length }
  })

describe("a call that is interrupted", () => {
  it.scopedLive("at any step before its answer ends once, where it has begun", () =>
    Effect.gen(function*() {
      const { chats } = yield* interrupted((step) => Effect.repeatN(Effect.yieldNow(), Math.floor(step / 8)), "qwen-a")
      // Some may not have begun.
      assert.isAbove(chats, 10)
    }))

  it.scopedLive("while its answer comes ends once", () =>
    Effect.gen(function*() {
      const { chats, succeeded } = yield* interrupted(
        (step) => Effect.repeatN(Effect.promise(() => new Promise((resolve) => setImmediate(resolve))), step % 20),
        "qwen-b"
      )
      assert.strictEqual(chats, steps)
      assert.isAbove(succeeded, 0)
      assert.isBelow(succeeded, steps)
    }))
})
