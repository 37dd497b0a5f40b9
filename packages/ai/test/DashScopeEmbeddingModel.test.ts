import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as TextEmbedding from "effect-dashscope/TextEmbedding"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as DashScopeAiError from "../src/DashScopeAiError.js"
import * as DashScopeEmbeddingModel from "../src/DashScopeEmbeddingModel.js"
import * as Core from "./util/core.js"
import { live, sent } from "./util/live.js"

const Embedding = DashScopeEmbeddingModel.model("text-embedding-v4", { dimension: 64 })

const texts = Array.from({ length: 45 }, (_, i) => `text ${i % 44}`)

describe("EmbeddingModel", () => {
  it.live("embeds many texts by full requests, several at once, in order, and equal ones once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.Simulator
      const vectors = yield* Core.embedMany(texts)
      assert.strictEqual(vectors.length, 45)
      assert.isTrue(vectors.every((vector) => vector.length === 64))
      // Equal texts have equal vectors that are not the same array.
      assert.deepStrictEqual(vectors[44], vectors[0])
      assert.notStrictEqual(vectors[44], vectors[0])
      const stats = yield* simulator.stats
      assert.strictEqual(stats.totalRequests, 5)
      assert.isAbove(stats.maxRequestsInFlight, 1)
      assert.deepStrictEqual(yield* Core.embed("text 7"), vectors[7])
      assert.deepStrictEqual(yield* Core.embedMany([]), [])
      assert.strictEqual((yield* simulator.stats).totalRequests, 6)
    }).pipe(Effect.provide(Embedding), Effect.provide(live({ connections: 8, behavior: { latency: 20 } }))))

  it.live("has as many requests at once as it is told", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.Simulator
      const most = (concurrency: number | "unbounded") =>
        simulator.resetStats.pipe(
          Effect.zipRight(Core.embedMany(texts, concurrency)),
          Effect.zipRight(Effect.map(simulator.stats, ({ maxRequestsInFlight }) => maxRequestsInFlight))
        )
      assert.strictEqual(yield* most(1), 1)
      assert.isAbove(yield* most("unbounded"), 1)
    }).pipe(Effect.provide(Embedding), Effect.provide(live({ connections: 8, behavior: { latency: 20 } }))))

  it.live("ends all of its requests when it is interrupted", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.Simulator
      const fiber = yield* Effect.fork(Core.embedMany(texts))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 5)
      yield* Fiber.interrupt(fiber)
      yield* simulator.waitFor(({ abortedRequests, requestsInFlight }) =>
        requestsInFlight === 0 && abortedRequests === 5
      )
    }).pipe(
      Effect.provide(Embedding),
      Effect.provide(live({ connections: 8, behavior: { fault: { _tag: "StallBeforeHeaders" } } }))
    ))

  it.live("takes its settings from the layer, and those around the call over them", () =>
    Effect.gen(function*() {
      yield* Core.embedMany(["question"]).pipe(
        DashScopeEmbeddingModel.withConfigOverride({ textType: "query", dimension: 128 })
      )
      const [request] = yield* sent
      assert.deepStrictEqual(request?.body.parameters, { text_type: "query", dimension: 128 })
    }).pipe(Effect.provide(Embedding), Effect.provide(live())))

  it.live("fails with the client's error behind", () =>
    Effect.gen(function*() {
      const refusal = { headers: Behavior.toHeaders({ error: { status: 400, code: "InvalidParameter" } }) }
      const refused = yield* Effect.flip(DashScopeEmbeddingModel.withConfigOverride(Core.embedMany(texts), refusal))
      assert.strictEqual(Core.kindOf(refused), Core.kinds.invalidRequest)
      assert.strictEqual(DashScopeAiError.original(refused)?._tag, "EmbedManyError")
      const empty = yield* Effect.flip(Core.embedMany(["a", ""]))
      assert.strictEqual(Core.kindOf(empty), Core.kinds.malformedInput)
    }).pipe(Effect.provide(Embedding), Effect.provide(live())))

  it.effect("fails where there are no dense vectors", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Core.embedMany(["a"]))
      assert.strictEqual(Core.kindOf(error), Core.kinds.malformedOutput)
    }).pipe(
      Effect.provide(Embedding),
      Effect.provide(Layer.mock(TextEmbedding.TextEmbedding, {
        call: () => Effect.succeed({ output: { embeddings: [{ textIndex: 0 }] } })
      }))
    ))
})
