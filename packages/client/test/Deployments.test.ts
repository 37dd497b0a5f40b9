import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as Deployments from "../src/Deployments.js"
import { serviceContract } from "./util/serviceContract.js"

const params = { modelName: "qwen-turbo-ft-2023", capacity: 2 }
const wire = { deployed_model: "m-1", model_name: "m", status: "PENDING", capacity: 2, ready_capacity: 0 }
const ours = { deployedModel: "m-1", modelName: "m", status: "PENDING", capacity: 2, readyCapacity: 0 }
const one = {
  answer: { output: wire, request_id: "r" },
  gives: { output: ours, requestId: "r" },
  schema: Deployments.DeploymentResult
}

serviceContract("Deployments", {
  layer: Deployments.layer,
  samples: [{
    name: "create",
    run: (options) => Deployments.create({ ...params, extra: { plan: "x" } }, options),
    sends: { path: "/api/v1/deployments", body: { model_name: "qwen-turbo-ft-2023", capacity: 2, plan: "x" } },
    ...one,
    isRepeatable: false,
    // Those that were interrupted were made all the same, and there may be one of each.
    isSimulated: false,
    observed: { operation: "create_deployment" }
  }, {
    name: "list",
    run: (options) => Deployments.list({ pageNo: 1 }, options),
    sends: { method: "GET", path: "/api/v1/deployments?page_no=1" },
    answer: { output: { deployments: [wire], page_no: 1, total: 1 }, request_id: "r" },
    gives: { output: { deployments: [ours], pageNo: 1, total: 1 }, requestId: "r" },
    schema: Deployments.DeploymentPage,
    observed: { operation: "list_deployments" }
  }, {
    name: "get",
    run: (options) => Deployments.get("m-1", options),
    sends: { method: "GET", path: "/api/v1/deployments/m-1" },
    ...one,
    observed: { operation: "get_deployment" }
  }, {
    name: "scale",
    run: (options) => Deployments.scale({ deployedModel: "m-1", capacity: 3 }, options),
    sends: { method: "PUT", path: "/api/v1/deployments/m-1/scale", body: { deployed_model: "m-1", capacity: 3 } },
    ...one,
    observed: { operation: "scale_deployment" }
  }, {
    name: "remove",
    run: (options) => Deployments.remove("m-1", options),
    sends: { method: "DELETE", path: "/api/v1/deployments/m-1" },
    ...one,
    observed: { operation: "delete_deployment" }
  }],
  refuses: [
    ["modelName", Deployments.create({ ...params, modelName: "" })],
    ["capacity", Deployments.create({ ...params, capacity: 0 })],
    ["capacity", Deployments.scale({ deployedModel: "m", capacity: 1.5 })],
    ["deployedModel", Deployments.get("")]
  ]
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("lives from its making to its end", () =>
  over(Effect.gen(function*() {
    const { output } = yield* Deployments.create({ ...params, suffix: "1" })
    const deployedModel = output?.deployedModel ?? ""
    assert.deepInclude<object>(
      { ...yield* Effect.flip(Deployments.create({ ...params, suffix: "1" })) },
      { _tag: "ApiError", statusCode: 409 }
    )
    const events = yield* Stream.runCollect(Deployments.events(deployedModel))
    assert.strictEqual([...events].at(-1)?.output?.status, "RUNNING")
    assert.strictEqual((yield* Deployments.scale({ deployedModel, capacity: 5 })).output?.capacity, 5)
    assert.strictEqual((yield* Deployments.get(deployedModel)).output?.readyCapacity, 5)
    assert.lengthOf((yield* Deployments.list()).output?.deployments ?? [], 1)
    yield* Deployments.remove(deployedModel)
    assert.lengthOf((yield* Deployments.list()).output?.deployments ?? [], 0)
  })))
