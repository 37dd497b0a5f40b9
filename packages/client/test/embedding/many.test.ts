import { assert, describe, it } from "@effect/vitest"
import { type Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { casesOf } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import { ApiError } from "../../src/DashScopeError.js"
import * as TextEmbedding from "../../src/TextEmbedding.js"

const model = "text-embedding-v4"

const refusal = (reason: "InvalidRequest" | "Server") =>
  new ApiError({ reason, statusCode: 400, code: "", description: reason, isRetryable: false })

/** The length of the text is its vector; answers come in another order. */
const mock = (
  call: (texts: ReadonlyArray<string>) => Effect.Effect<void, ApiError> = () => Effect.void
) => {
  const asked: Array<ReadonlyArray<string>> = []
  const layer = Layer.mock(TextEmbedding.TextEmbedding, {
    call: ({ texts }) =>
      Effect.suspend(() => {
        asked.push(texts)
        return Effect.as(call(texts), {
          output: { embeddings: texts.map((text, textIndex) => ({ textIndex, embedding: [text.length] })).reverse() },
          usage: { totalTokens: texts.length },
          requestId: `r-${asked.length}`
        })
      })
  })
  return { asked, layer }
}

const embed = (text: string) => TextEmbedding.embed({ model, text })

describe("embed", () => {
  it.effect("shares a request between fibers that ask within the window, each text once", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock()
      yield* Effect.gen(function*() {
        const fibers = yield* Effect.forEach(["a", "bb", "a", "ccc"], (text) => Effect.fork(embed(text)))
        const other = yield* Effect.fork(TextEmbedding.embed({ model, text: "d", dimension: 64 }))
        yield* TestClock.adjust("2 millis")
        const embeddings = yield* Fiber.joinAll(fibers)
        assert.deepStrictEqual(
          embeddings,
          [1, 2, 1, 3].map((length) => ({ textIndex: 0, embedding: [length] }))
        )
        yield* Fiber.join(other)
        assert.sameDeepMembers(asked, [["a", "bb", "ccc"], ["d"]])
        // The window is closed; the next one is new.
        const late = yield* Effect.fork(embed("a"))
        yield* TestClock.adjust("2 millis")
        yield* Fiber.join(late)
        assert.lengthOf(asked, 3)
      }).pipe(Effect.provide(layer))
    }))

  it.effect("does not wait once a request is full", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock()
      const texts = Array.from({ length: 23 }, (_, i) => `text ${i}`)
      const fiber = yield* Effect.fork(
        Effect.provide(Effect.forEach(texts, embed, { concurrency: "unbounded" }), layer)
      )
      yield* Effect.yieldNow().pipe(Effect.repeatN(20))
      assert.deepStrictEqual(asked.map((batch) => batch.length), [10, 10])
      yield* TestClock.adjust("2 millis")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(asked.map((batch) => batch.length), [10, 10, 3])
    }))

  it.effect("fails for one text what that text is to blame for, and for all what is not", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock((texts) =>
        texts.includes("bad") ? Effect.fail(refusal("InvalidRequest")) : Effect.void
      )
      const exits = (texts: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.fork(
            Effect.forEach(texts, (text) => Effect.exit(embed(text)), { concurrency: "unbounded" })
          )
          yield* TestClock.adjust("2 millis")
          return (yield* Fiber.join(fiber)).map(Exit.isSuccess)
        })
      assert.deepStrictEqual(yield* Effect.provide(exits(["a", "bad", "b"]), layer), [true, false, true])
      assert.deepStrictEqual(asked, [["a", "bad", "b"], ["a"], ["bad"], ["b"]])
      const broken = mock(() => Effect.fail(refusal("Server")))
      assert.deepStrictEqual(yield* Effect.provide(exits(["a", "b"]), broken.layer), [false, false])
      assert.lengthOf(broken.asked, 1)
      const dying = mock(() => Effect.die("oops"))
      assert.deepStrictEqual(yield* Effect.provide(exits(["a", "b"]), dying.layer), [false, false])
    }))

  it.effect("refuses what cannot be before it waits for anybody", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock()
      const refused = Effect.forEach([
        embed(""),
        TextEmbedding.embed({ model: "", text: "a" }),
        TextEmbedding.embed({ model, text: "a", dimension: NaN }),
        TextEmbedding.embed({ model, text: "a", extra: { n: 1n } }),
        TextEmbedding.embed({ model, text: "a" }, Object.assign({}, { window: 5 as never }))
      ], (run) => Effect.map(Effect.flip(run), (error) => error._tag === "InputRequired" ? error.field : error._tag))
      assert.deepStrictEqual(yield* Effect.provide(refused, layer), ["text", "model", "dimension", "extra", "window"])
      assert.lengthOf(asked, 0)
    }))

  it.effect("goes on for the others where one is interrupted, and ends with the last", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const gate = yield* Deferred.make<void>()
      const { asked, layer } = mock(() =>
        Deferred.await(gate).pipe(Effect.onInterrupt(() => Effect.sync(() => interrupted++)))
      )
      yield* Effect.gen(function*() {
        const [a, b] = [yield* Effect.fork(embed("a")), yield* Effect.fork(embed("b"))]
        yield* TestClock.adjust("2 millis")
        yield* Fiber.interrupt(a)
        assert.strictEqual(interrupted, 0)
        yield* Fiber.interrupt(b)
        assert.strictEqual(interrupted, 1)
        const [c, d] = [yield* Effect.fork(embed("c")), yield* Effect.fork(embed("d"))]
        yield* Effect.yieldNow()
        // Before the request is sent: nobody asks for it.
        yield* Fiber.interrupt(c)
        yield* TestClock.adjust("2 millis")
        yield* Deferred.succeed(gate, undefined)
        assert.deepStrictEqual((yield* Fiber.join(d)).embedding, [1])
        assert.deepStrictEqual(asked, [["a", "b"], ["d"]])
      }).pipe(Effect.provide(layer))
    }))
})

describe("embedMany", () => {
  it.effect("gives nothing for nothing, and refuses what cannot be", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock()
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* TextEmbedding.embedMany({ model, texts: [] }), {
          embeddings: [],
          usage: { totalTokens: 0 },
          requestIds: []
        })
        const fields = yield* Effect.forEach([
          TextEmbedding.embedMany({ model: "", texts: ["a"] }),
          TextEmbedding.embedMany({ model, texts: ["a", "b", ""] }),
          TextEmbedding.embedMany({ model, texts: ["a"] }, { concurrency: 0 }),
          TextEmbedding.embedMany({ model, texts: ["a"] }, { batchSize: 1.5 })
        ], (run) => Effect.map(Effect.flip(run), (error) => error._tag === "InputRequired" ? error.field : error._tag))
        assert.deepStrictEqual(fields, ["model", "texts[2]", "concurrency", "batchSize"])
      }).pipe(Effect.provide(layer))
      assert.lengthOf(asked, 0)
    }))

  it.effect("says which texts failed, keeps what had arrived, and stops the rest", () =>
    Effect.gen(function*() {
      const { asked, layer } = mock((texts) => texts.includes("text 25") ? Effect.fail(refusal("Server")) : Effect.void)
      const texts = Array.from({ length: 100 }, (_, i) => `text ${i % 50}`)
      const error = yield* Effect.flip(
        Effect.provide(TextEmbedding.embedMany({ model, texts }, { concurrency: 1 }), layer)
      )
      assert.instanceOf(error, TextEmbedding.EmbedManyError)
      assert.deepStrictEqual(error.texts, [
        ...Array.from({ length: 10 }, (_, i) => 20 + i),
        ...Array.from({ length: 10 }, (_, i) => 70 + i)
      ])
      assert.match(error.message, /^No embeddings for texts 20, 21, 22 and 17 more: DashScope answered 400/)
      assert.isFalse(error.isRetryable)
      assert.lengthOf(asked, 3)
      const indices = TextEmbedding.partialResult(error).map(({ textIndex }) => textIndex)
      assert.deepStrictEqual(indices, [
        ...Array.from({ length: 20 }, (_, i) => i),
        ...Array.from({ length: 20 }, (_, i) => 50 + i)
      ])
      assert.notInclude(JSON.stringify(error), "embedding\"")
    }))

  it.effect("fails where the service gives one too few", () =>
    Effect.gen(function*() {
      const layer = Layer.mock(TextEmbedding.TextEmbedding, {
        call: () => Effect.succeed({ output: { embeddings: [{ textIndex: 0, embedding: [1] }] } })
      })
      const error = yield* Effect.flip(Effect.provide(TextEmbedding.embedMany({ model, texts: ["a", "b"] }), layer))
      assert.match(error.message, /one embedding for each of 2 texts, and there are 1/)
    }))
})

describe("over eight connections, with failures at random", () => {
  // Small enough that a busy machine makes it in time.
  const count = casesOf(10_000, 0.2)
  const texts = Array.from({ length: count }, (_, i) => `text number ${i}`)

  /** One request in eight goes wrong at first: by the numbers of a fixed generator. */
  const failures: ReadonlyArray<Behavior.Behavior> = [
    { error: { status: 500 } },
    { error: { status: 429, code: "Throttling.RateQuota" } },
    { fault: { _tag: "ResetBeforeHeaders" } },
    { error: { status: 503, shape: "html" } }
  ]

  const live = (simulator: Simulator.Service) =>
    DashScope.layer({
      apiKey: "sk-test",
      endpoint: simulator.url,
      connection: ConnectionConfig.make({ connectionPoolSize: 8 }),
      retry: { maxRetries: 10, baseDelay: "1 millis", maxDelay: "5 millis", budget: Infinity }
    })

  it.scopedLive(`${count} texts get their vectors, at most eight requests at once`, () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        behaviorOf: ({ index }) => (index * 2654435761 >>> 7) % 8 === 0 ? failures[index % failures.length] : undefined
      })
      const result = yield* Effect.provide(
        TextEmbedding.embedMany({ model, texts, dimension: 64 }, { concurrency: 32 }),
        live(simulator)
      )
      assert.lengthOf(result.embeddings, texts.length)
      assert.lengthOf(result.requestIds, texts.length / 10)
      const stats = yield* simulator.stats
      assert.isAbove(stats.totalRequests, texts.length / 10)
      assert.isAtMost(stats.maxRequestsInFlight, 8)
      assert.isAtMost(stats.maxOpenConnections, 8)
      // Each at its text: as a request of one text has it.
      const alone = yield* Effect.provide(
        Effect.forEach([0, 1, 9, 10, count / 2, count - 1], (i) =>
          Effect.map(
            TextEmbedding.call({ model, texts: [texts[i] ?? ""], dimension: 64 }),
            ({ output, usage }) => [i, output.embeddings[0]?.embedding, usage?.totalTokens] as const
          )),
        live(simulator)
      )
      for (const [i, vector] of alone) {
        assert.deepStrictEqual(result.embeddings[i], { textIndex: i, embedding: vector })
      }
      assert.strictEqual(new Set(result.embeddings.map(({ embedding }) => String(embedding))).size, texts.length)
      // "text", "number" and the number, and the spaces go with them.
      const [, , tokens] = alone[0] ?? []
      assert.strictEqual(result.usage.totalTokens, texts.length * (tokens ?? 0))
    }), 180_000)

  it.scopedLive("interruption stops all of them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(TextEmbedding.embedMany({ model, texts }, { concurrency: 32 }))
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 8)
        yield* Fiber.interrupt(fiber)
        const { active, inFlight, waiting } = yield* ConnectionPool.stats
        assert.deepStrictEqual({ active, inFlight, waiting }, { active: 0, inFlight: 0, waiting: 0 })
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
        assert.strictEqual((yield* simulator.stats).totalRequests, 8)
      }).pipe(Effect.provide(live(simulator)))
    }), 60_000)
})
