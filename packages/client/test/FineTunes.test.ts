import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as FineTunes from "../src/FineTunes.js"
import { serviceContract } from "./util/serviceContract.js"

const params = { model: "qwen-turbo", trainingFileIds: ["f-1"] }
const job = { job_id: "ft-1", status: "PENDING", training_file_ids: ["f-1"], hyper_parameters: { n_epochs: 10 } }
const ours = { jobId: "ft-1", status: "PENDING", trainingFileIds: ["f-1"], hyperParameters: { n_epochs: 10 } }
const one = {
  answer: { output: job, request_id: "r" },
  gives: { output: ours, requestId: "r" },
  schema: FineTunes.JobResult
}
const get = (path: string) => ({ method: "GET", path: `/api/v1/fine-tunes${path}` })

serviceContract("FineTunes", {
  layer: FineTunes.layer,
  samples: [{
    name: "create",
    run: (options) =>
      FineTunes.create({
        ...params,
        validationFileIds: ["f-2"],
        hyperParameters: { n_epochs: 10 },
        trainingType: "efficient_sft",
        extra: { new_field: 1 }
      }, options),
    sends: {
      path: "/api/v1/fine-tunes",
      body: {
        model: "qwen-turbo",
        training_file_ids: ["f-1"],
        validation_file_ids: ["f-2"],
        hyper_parameters: { n_epochs: 10 },
        training_type: "efficient_sft",
        new_field: 1
      }
    },
    ...one,
    isRepeatable: false,
    observed: { operation: "create_fine_tune" }
  }, {
    name: "list",
    run: (options) => FineTunes.list({ pageNo: 2, pageSize: 3 }, options),
    sends: get("?page_no=2&page_size=3"),
    answer: { output: { jobs: [job], page_no: 2, page_size: 3, total: 4 }, request_id: "r" },
    gives: { output: { jobs: [ours], pageNo: 2, pageSize: 3, total: 4 }, requestId: "r" },
    schema: FineTunes.JobPage,
    observed: { operation: "list_fine_tunes" }
  }, {
    name: "outputs",
    run: (options) => FineTunes.outputs(undefined, options),
    sends: get("/outputs"),
    answer: { output: { finetuned_outputs: [{ job_id: "ft-1", finetuned_output: "m" }] }, request_id: "r" },
    gives: { output: { finetunedOutputs: [{ jobId: "ft-1", finetunedOutput: "m" }] }, requestId: "r" },
    schema: FineTunes.JobPage,
    observed: { operation: "list_fine_tune_outputs" }
  }, {
    name: "get",
    run: (options) => FineTunes.get("a/b", options),
    sends: get("/a%2Fb"),
    ...one,
    observed: { operation: "get_fine_tune" }
  }, {
    name: "cancel",
    run: (options) => FineTunes.cancel("ft-1", options),
    sends: { path: "/api/v1/fine-tunes/ft-1/cancel" },
    ...one,
    observed: { operation: "cancel_fine_tune" }
  }, {
    name: "remove",
    run: (options) => FineTunes.remove("ft-1", options),
    sends: { method: "DELETE", path: "/api/v1/fine-tunes/ft-1" },
    ...one,
    observed: { operation: "delete_fine_tune" }
  }, {
    name: "logs",
    run: (options) => FineTunes.logs({ jobId: "ft-1", offset: 2, line: 10 }, options),
    sends: get("/ft-1/logs?offset=2&line=10"),
    answer: { output: { logs: ["a"], total: 3 }, request_id: "r" },
    gives: { output: { logs: ["a"], total: 3 }, requestId: "r" },
    schema: FineTunes.LogsResult,
    observed: { operation: "get_fine_tune_logs" }
  }],
  refuses: [
    ["model", FineTunes.create({ ...params, model: "" })],
    ["jobId", FineTunes.get("")],
    ["jobId", Stream.runDrain(FineTunes.events(" "))]
  ]
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("runs to its end, and tells what happens", () =>
  over(Effect.gen(function*() {
    const { output } = yield* FineTunes.create({ ...params, trainingType: "sft" })
    const jobId = output?.jobId ?? ""
    const events = yield* Stream.runCollect(FineTunes.events(jobId))
    const statuses = [...events].map(({ output }) => output?.status)
    assert.isAbove(statuses.length, 2)
    assert.strictEqual(statuses.at(-1), "SUCCEEDED")
    const ended = yield* FineTunes.get(jobId)
    assert.strictEqual(ended.output?.status, "SUCCEEDED")
    assert.isString(ended.output?.finetunedOutput)
    assert.lengthOf((yield* FineTunes.logs({ jobId, line: 2 })).output?.logs ?? [], 2)
    assert.lengthOf((yield* FineTunes.outputs()).output?.finetunedOutputs ?? [], 1)
    assert.deepInclude<object>(
      { ...yield* Effect.flip(FineTunes.cancel(jobId)) },
      { _tag: "ApiError", code: "UnsupportedOperation" }
    )
  })))
