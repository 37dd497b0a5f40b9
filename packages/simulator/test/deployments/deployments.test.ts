import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/deployments"
const get = (rest: string) => ({ method: "GET", path: `${path}${rest}` })
const wanted = { model_name: "qwen-turbo-ft-1", capacity: 2, suffix: "1" }

describe("deployments", () => {
  it.scopedLive("come up, are scaled, listed and deleted", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const made = at(yield* answered(origin, { path, body: wanted }), "output")
      assert.deepInclude(made as object, {
        deployed_model: "qwen-turbo-ft-1-1",
        model_name: "qwen-turbo-ft-1",
        base_model: "qwen-turbo",
        capacity: 2,
        status: "PENDING"
      })
      const id = "qwen-turbo-ft-1-1"
      const statuses = yield* Effect.forEach([1, 2], () =>
        Effect.map(answered(origin, get(`/${id}`)), (answer) => at(answer, "output", "status")))
      assert.deepStrictEqual(statuses, ["PENDING", "RUNNING"])
      assert.include(
        yield* refused(origin, { path, body: wanted }),
        `409 Conflict: Model instance ${id} already exists, please specify a suffix.`
      )
      const scaled = yield* answered(origin, {
        method: "PUT",
        path: `${path}/${id}/scale`,
        body: { deployed_model: id, capacity: 4 }
      })
      assert.deepInclude(at(scaled, "output") as object, { capacity: 4, ready_capacity: 4 })
      const listed = at(yield* answered(origin, get("?page_no=1&page_size=10")), "output")
      assert.strictEqual(at(listed, "deployments", 0, "deployed_model"), id)
      yield* answered(origin, { method: "DELETE", path: `${path}/${id}`, body: "" })
      assert.include(yield* refused(origin, get(`/${id}`)), "404 NotFound")
    }))

  it.scopedLive("tell their events, and fail", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const [model_name, end] of [["qwen-turbo", "RUNNING"], ["qwen-fail", "FAILED"]]) {
        const made = yield* answered(origin, { path, body: { model_name, capacity: 1 } })
        const id = String(at(made, "output", "deployed_model"))
        const { text } = yield* ask(origin, get(`/${id}/stream`))
        const statuses = dataOf(text).map((data) => at(JSON.parse(data), "output", "status"))
        assert.deepStrictEqual(statuses, ["PENDING", end])
        assert.strictEqual(at(yield* answered(origin, get(`/${id}`)), "output", "status"), end)
      }
    }))

  it.scopedLive("are refused as the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (wrong: object) => refused(origin, { path, body: { ...wanted, ...wrong } })
      assert.include(yield* no({ model_name: "" }), "model_name")
      assert.include(yield* no({ capacity: 0 }), "capacity")
      assert.include(yield* no({ model_name: "unknown-1" }), "404 ModelNotFound")
      assert.include(
        yield* refused(origin, { method: "PUT", path: `${path}/none/scale`, body: { capacity: 1 } }),
        "404 NotFound"
      )
    }))
})
