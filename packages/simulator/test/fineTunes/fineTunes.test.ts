import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/fine-tunes"
const get = (rest: string) => ({ method: "GET", path: `${path}${rest}` })
const job = {
  model: "qwen-turbo",
  training_file_ids: ["file-1"],
  validation_file_ids: ["file-3"],
  hyper_parameters: { n_epochs: 10 },
  training_type: "efficient_sft"
}

const create = (origin: string, more: object = {}) =>
  Effect.map(answered(origin, { path, body: { ...job, ...more } }), (answer) => String(at(answer, "output", "job_id")))
const statusOf = (origin: string, id: string) =>
  Effect.map(answered(origin, get(`/${id}`)), (answer) => at(answer, "output", "status"))

describe("fine-tunes", () => {
  it.scopedLive("go on while they are watched, and have an output in the end", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, { path, body: job })
      assert.deepInclude(at(answer, "output") as object, { ...job, status: "PENDING" })
      const id = String(at(answer, "output", "job_id"))
      const statuses = yield* Effect.forEach([1, 2, 3, 4], () => statusOf(origin, id))
      assert.deepStrictEqual(statuses, ["PENDING", "RUNNING", "SUCCEEDED", "SUCCEEDED"])
      const done = at(yield* answered(origin, get(`/${id}`)), "output")
      const finetuned_output = at(done, "finetuned_output")
      assert.strictEqual(finetuned_output, `qwen-turbo-${id}`)
      const listed = at(yield* answered(origin, get("?page_no=1&page_size=10")), "output")
      assert.deepInclude(listed as object, { page_no: 1, page_size: 10, total: 1 })
      assert.strictEqual(at(listed, "jobs", 0, "job_id"), id)
      const outputs = at(yield* answered(origin, get("/outputs")), "output")
      assert.strictEqual(at(outputs, "finetuned_outputs", 0, "finetuned_output"), finetuned_output)
      const logs = at(yield* answered(origin, get(`/${id}/logs?offset=2&line=2`)), "output")
      assert.deepStrictEqual([at(logs, "total"), (at(logs, "logs") as ReadonlyArray<string>).length], [5, 2])
      assert.include(
        yield* refused(origin, { method: "DELETE", path: `${path}/${id}`, body: "" }),
        "UnsupportedOperation"
      )
      assert.include(yield* refused(origin, { path: `${path}/${id}/cancel`, body: "" }), "400 UnsupportedOperation")
    }))

  it.scopedLive("tell their events, which bring them to their end", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const id = yield* create(origin)
      const { headers, text } = yield* ask(origin, get(`/${id}/stream`))
      assert.match(String(headers.get("content-type")), /^text\/event-stream/)
      assert.match(text, /^id:1\nevent:result\n/)
      const statuses = dataOf(text).map((data) => at(JSON.parse(data), "output", "status"))
      assert.deepStrictEqual(statuses.slice(-2), ["RUNNING", "SUCCEEDED"])
      assert.strictEqual(yield* statusOf(origin, id), "SUCCEEDED")
    }))

  it.scopedLive("are canceled and deleted, and fail", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const canceled = yield* create(origin)
      assert.deepStrictEqual(
        at(yield* answered(origin, { path: `${path}/${canceled}/cancel`, body: "" }), "output"),
        { status: "success" }
      )
      assert.strictEqual(yield* statusOf(origin, canceled), "CANCELED")
      yield* answered(origin, { method: "DELETE", path: `${path}/${canceled}`, body: "" })
      assert.include(yield* refused(origin, get(`/${canceled}`)), "404 NotFound")
      const failing = yield* create(origin, { model: "qwen-fail" })
      yield* statusOf(origin, failing)
      yield* statusOf(origin, failing)
      const failed = at(yield* answered(origin, get(`/${failing}`)), "output")
      assert.deepInclude(failed as object, { status: "FAILED", code: "InvalidFile.Format" })
      const phrases = {
        training_type: "compile_asr_phrase",
        training_file_ids: [],
        validation_file_ids: [],
        hyper_parameters: { phrase_list: { 下一首: 90 } }
      }
      const compiled = yield* answered(origin, { path, body: { ...job, ...phrases, model: "paraformer-realtime-v1" } })
      const output = String(at(compiled, "output", "finetuned_output"))
      assert.strictEqual(at(yield* answered(origin, get(`/outputs/${output}`)), "output", "status"), "SUCCEEDED")
      yield* answered(origin, { method: "DELETE", path: `${path}/outputs/${output}`, body: "" })
      assert.include(yield* refused(origin, get(`/outputs/${output}`)), "404 NotFound")
    }))

  it.scopedLive("are refused as the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (wrong: object) => refused(origin, { path, body: { ...job, ...wrong } })
      assert.include(yield* no({ model: undefined }), "400 BadRequest.EmptyModel")
      assert.include(yield* no({ model: "unknown-1" }), "404 ModelNotFound")
      assert.include(yield* no({ training_file_ids: [] }), "training_file_ids")
      assert.include(yield* no({ training_file_ids: "file-1" }), "lists of strings")
      assert.include(yield* no({ training_type: "magic" }), "training_type")
      assert.include(yield* no({ training_file_ids: [`file-fe-${"0".repeat(24)}`] }), "cannot be found")
      assert.include(yield* refused(origin, get("/ft-none/logs")), "404 NotFound")
    }))
})
