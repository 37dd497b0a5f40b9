import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as ConnectionPool from "../src/ConnectionPool.js"
import { assertAllBack, generation, makePool } from "./util/support.js"

setFlagsFromString("--expose-gc")
const collectGarbage = Effect.sync(runInNewContext("gc") as () => void)

const held = (refs: ReadonlyArray<WeakRef<object>>) => refs.filter((ref) => ref.deref() !== undefined).length

/** How many are still held, once it was tried for a while. */
const uncollected = (refs: ReadonlyArray<WeakRef<object>>) =>
  // Whoever is asked for is kept until the end of the job: the collection must be in another one.
  Effect.delay(collectGarbage, "10 millis").pipe(
    Effect.zipRight(Effect.sleep("1 millis")),
    Effect.repeat({ times: 20, until: () => held(refs) <= 1 }),
    Effect.map(() => held(refs))
  )

describe("responses are not held beyond their use", () => {
  const cases: ReadonlyArray<readonly [name: string, behavior: Behavior.Behavior, read: "all" | "some" | "none"]> = [
    ["read to the end", {}, "all"],
    ["given up half way", { fault: { _tag: "StallAfterBytes", bytes: 100 } }, "some"],
    ["broken off while they were read", { fault: { _tag: "ResetAfterBytes", bytes: 100 } }, "all"],
    ["never read", { fault: { _tag: "StallAfterBytes", bytes: 100 } }, "none"]
  ]
  for (const [name, behavior, read] of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make()
        const { client, stats } = yield* makePool()
        const one = Effect.gen(function*() {
          const response = yield* client.execute(generation(simulator.url, behavior))
          if (read !== "none") {
            const { stream } = response
            yield* Effect.exit(Stream.runDrain(read === "all" ? stream : Stream.take(stream, 1)))
          }
          return new WeakRef<object>(response)
        })
        const refs = yield* Effect.forEach(Array.from({ length: 20 }), () => one)
        // The last one may still be on a stack.
        assert.isAtMost(yield* uncollected(refs), 1)
        yield* Effect.sleep("10 millis")
        assertAllBack(yield* stats)
      }))
  }
})

describe("connections that are idle", () => {
  it.scopedLive("keep nothing of the requests that had them made", () =>
    Effect.gen(function*() {
      const count = 20
      const simulator = yield* Simulator.make()
      const { ask, pool, stats } = yield* makePool({ connectionPoolSize: count })
      const asking = yield* Effect.fork(
        Effect.forEach(Array.from({ length: count }), () => ask(simulator.url, { latency: 200 }), {
          concurrency: "unbounded"
        })
      )
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight > 10)
      const refs = Array.from(pool[ConnectionPool.TypeId].exchanges, (exchange) => new WeakRef<object>(exchange))
      assert.isAbove(refs.length, 1)
      yield* Fiber.join(asking)
      assert.isAtMost(yield* uncollected(refs), 1)
      assert.isAbove((yield* stats).idle, 1)
    }))
})
