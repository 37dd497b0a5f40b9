import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as Models from "../src/Models.js"
import { serviceContract } from "./util/serviceContract.js"

serviceContract("Models", {
  layer: Models.layer,
  samples: [{
    name: "list",
    run: (options) => Models.list({ pageNo: 2, pageSize: 5, model: "qwen-plus" }, options),
    sends: { method: "GET", path: "/api/v1/models?model=qwen-plus&page_no=2&page_size=5" },
    answer: {
      output: {
        models: [{ model: "qwen-plus", source: "system", opensource: false }],
        page_no: 2,
        page_size: 5,
        total: 6
      },
      request_id: "r"
    },
    gives: {
      output: {
        models: [{ model: "qwen-plus", source: "system", opensource: false }],
        pageNo: 2,
        pageSize: 5,
        total: 6
      },
      requestId: "r"
    },
    schema: Models.ModelPage,
    observed: { operation: "list_models" }
  }, {
    name: "list, of the first page",
    run: (options) => Models.list(undefined, options),
    sends: { method: "GET", path: "/api/v1/models" },
    answer: { output: { models: [] }, request_id: "r" },
    gives: { output: { models: [] }, requestId: "r" },
    schema: Models.ModelPage,
    observed: { operation: "list_models" }
  }],
  refuses: []
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("gives all models, page after page, and only the pages that are read", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    yield* Effect.gen(function*() {
      const first = yield* Stream.runCollect(Stream.take(Models.all({ pageSize: 5 }), 7))
      assert.lengthOf(first, 7)
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
      const all = [...yield* Stream.runCollect(Models.all({ pageSize: 5 }))].map(({ model }) => model)
      const { output } = yield* Models.list({ pageSize: 1 })
      assert.lengthOf(all, output.total ?? 0)
      assert.lengthOf(new Set(all), all.length)
    }).pipe(Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url })))
  }).pipe(Effect.scoped))

it.live("gives one model by its name, or none", () =>
  over(Effect.gen(function*() {
    assert.strictEqual(Option.getOrUndefined(yield* Models.get("qwen-plus"))?.model, "qwen-plus")
    assert.isTrue(Option.isNone(yield* Models.get("no-such-model")))
  })))
