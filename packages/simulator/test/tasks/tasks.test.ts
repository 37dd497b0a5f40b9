import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { gunzipSync } from "node:zlib"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const batch = (url: string, parameters: object = { text_type: "document" }) => ({
  path: "/api/v1/services/embeddings/text-embedding/text-embedding",
  headers: { "x-dashscope-async": "enable" },
  body: { model: "text-embedding-async-v2", input: { url }, parameters }
})
const texts = "https://example.com/texts.txt"
const task = (id: string) => ({ method: "GET", path: `/api/v1/tasks/${id}` })
const cancel = (id: string) => ({ path: `/api/v1/tasks/${id}/cancel`, body: "" })

const submit = (origin: string, url = texts) =>
  Effect.map(answered(origin, batch(url)), (answer) => String(at(answer, "output", "task_id")))
const statusOf = (origin: string, id: string) =>
  Effect.map(answered(origin, task(id)), (answer) => at(answer, "output", "task_status"))

describe("tasks", () => {
  it.scopedLive("go on while they are asked for, and have a result in the end", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, batch(texts))
      assert.strictEqual(at(answer, "output", "task_status"), "PENDING")
      const id = String(at(answer, "output", "task_id"))
      const statuses = yield* Effect.forEach([1, 2, 3, 4], () => statusOf(origin, id))
      assert.deepStrictEqual(statuses, ["PENDING", "RUNNING", "SUCCEEDED", "SUCCEEDED"])
      const done = yield* answered(origin, task(id))
      const bytes = yield* Effect.promise(() =>
        fetch(String(at(done, "output", "url"))).then((response) => response.arrayBuffer())
      )
      const lines = gunzipSync(Buffer.from(bytes)).toString().split("\n").map((line) => JSON.parse(line) as unknown)
      assert.deepStrictEqual(lines.map((line) => at(line, "output", "text_index")), [0, 1])
      assert.isAbove(Number(at(done, "usage", "total_tokens")), 0)
    }))

  it.scopedLive("fail with a code of their own, and are unknown elsewhere", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const id = yield* submit(origin, "https://gone.invalid/texts.txt")
      yield* statusOf(origin, id)
      yield* statusOf(origin, id)
      const failed = at(yield* answered(origin, task(id)), "output")
      assert.deepInclude(failed as object, { task_status: "FAILED", code: "BadRequest.InputDownloadFailed" })
      const another = yield* Simulator.make()
      assert.deepStrictEqual(at(yield* answered(another.origin, task("1111")), "output"), {
        task_id: "1111",
        task_status: "UNKNOWN"
      })
    }))

  it.scopedLive("are canceled as long as they wait", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const id = yield* submit(origin)
      assert.sameMembers(Object.keys((yield* answered(origin, cancel(id))) as object), ["request_id"])
      assert.strictEqual(yield* statusOf(origin, id), "CANCELED")
      const running = yield* submit(origin)
      yield* statusOf(origin, running)
      assert.include(yield* refused(origin, cancel(running)), "400 UnsupportedOperation")
      assert.include(yield* refused(origin, cancel("none")), "400 UnsupportedOperation")
    }))

  it.scopedLive("are listed page by page, by their fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const ids = yield* Effect.forEach([1, 2, 3], () => submit(origin))
      const list = (query: string) =>
        Effect.map(answered(origin, { method: "GET", path: `/api/v1/tasks${query}` }), (answer) => ({
          ids: (at(answer, "data") as ReadonlyArray<{ readonly task_id: string }>).map(({ task_id }) => task_id),
          pages: at(answer, "total_page")
        }))
      assert.deepStrictEqual(yield* list("?page_size=2"), { ids: [ids[2] ?? "", ids[1] ?? ""], pages: 2 })
      assert.deepStrictEqual(yield* list("?page_no=2&page_size=2"), { ids: [ids[0] ?? ""], pages: 2 })
      yield* answered(origin, cancel(ids[1] ?? ""))
      assert.deepStrictEqual(yield* list("?status=CANCELED"), { ids: [ids[1] ?? ""], pages: 1 })
      assert.deepStrictEqual(yield* list("?end_time=20200101000000"), { ids: [], pages: 0 })
      assert.deepStrictEqual((yield* list(`?task_id=${ids[0] ?? ""}`)).ids, [ids[0]])
    }))

  it.scopedLive("are refused where the service has none, or nothing else", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers: _, ...whole } = batch(texts)
      assert.include(yield* refused(origin, whole), "403 AccessDenied: current user api does not support synchronous")
      assert.include(yield* refused(origin, batch("texts.txt")), "input.url")
      assert.include(yield* refused(origin, batch(texts, { text_type: "x" })), "text_type")
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const submitted = yield* ask(origin, batch(texts))
      const id = String(at(submitted.json, "output", "task_id"))
      yield* statusOf(origin, id)
      yield* statusOf(origin, id)
      const answers = new Map([
        ["batch-text-embedding-nosse.json", submitted.text],
        ["get-task-batch-text-embedding-success-nosse.json", (yield* ask(origin, task(id))).text],
        ["get-task-unknown-nosse.json", (yield* ask(origin, task("1"))).text],
        ["cancel-completed-task-nosse.json", (yield* ask(origin, cancel(id))).text],
        ["list-task-nosse.json", (yield* ask(origin, { method: "GET", path: "/api/v1/tasks" })).text]
      ])
      const captures = capturesWhere(({ name }) => answers.has(name))
      assert.strictEqual(captures.length, answers.size)
      for (const { answer, name } of captures) {
        assert.deepStrictEqual(
          differences(fieldsOf(answers.get(name) ?? "", false), fieldsOf(answer, false)),
          { unknown: [], missing: [] },
          name
        )
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})
