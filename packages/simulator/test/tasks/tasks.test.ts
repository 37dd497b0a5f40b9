import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { gunzipSync } from "node:zlib"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"
import { stateOf, submission, submit as submitAny } from "./submit.js"

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

  it.scoped("are listed by the time of China", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2024-03-01T17:00:00Z"))
      const { origin } = yield* Simulator.make({ clock: yield* Effect.clock })
      const id = yield* submit(origin)
      assert.strictEqual(
        at(yield* answered(origin, task(id)), "output", "submit_time"),
        "2024-03-02 01:00:00.000"
      )
      const listed = (query: string) =>
        Effect.map(answered(origin, { method: "GET", path: `/api/v1/tasks?${query}` }), (answer) => at(answer, "total"))
      assert.strictEqual(yield* listed("start_time=20240302005959&end_time=20240302010000"), 1)
      assert.strictEqual(yield* listed("start_time=20240301165959&end_time=20240301170000"), 0)
    }))

  it.scoped("go on by the clock, and are unknown after 24 hours", () =>
    Effect.gen(function*() {
      const { origin, tasks } = yield* Simulator.make({
        clock: yield* Effect.clock,
        tasks: { pending: 2000, running: 10_000 }
      })
      const images = submission("aigc/text2image/image-synthesis", "wan2.2-t2i-flash", { prompt: "a cat" }, { n: 4 })
      const id = yield* submitAny(origin, images)
      const lost = yield* submitAny(origin, {
        ...images,
        behavior: { task: { pending: 0, running: 1000, end: "UNKNOWN" } }
      })
      const slow = yield* submitAny(origin, { ...images, behavior: { task: { pending: 1e9 } } })
      const state = (which = id) =>
        Effect.map(stateOf(origin, which), (answer) => [
          at(answer, "output", "task_status"),
          at(answer, "output", "task_metrics", "SUCCEEDED")
        ])
      assert.deepStrictEqual(yield* state(), ["PENDING", undefined])
      assert.deepStrictEqual(yield* state(), ["PENDING", undefined])
      assert.deepStrictEqual(yield* state(lost), ["RUNNING", 0])
      yield* TestClock.adjust(2000)
      assert.deepStrictEqual(yield* state(), ["RUNNING", 0])
      assert.deepStrictEqual(yield* state(lost), ["UNKNOWN", undefined])
      yield* TestClock.adjust(5000)
      assert.deepStrictEqual(yield* state(), ["RUNNING", 2])
      yield* TestClock.adjust(5000)
      assert.deepStrictEqual(yield* state(), ["SUCCEEDED", 4])
      assert.deepStrictEqual(yield* state(slow), ["PENDING", undefined])
      assert.deepStrictEqual((yield* tasks).map(({ status }) => status), ["SUCCEEDED", "UNKNOWN", "PENDING"])
      assert.deepInclude((yield* tasks)[0], { id, model: "wan2.2-t2i-flash", input: { prompt: "a cat" } })
      yield* TestClock.adjust("24 hours")
      assert.deepStrictEqual(yield* state(), ["UNKNOWN", undefined])
      assert.strictEqual(at(yield* answered(origin, { method: "GET", path: "/api/v1/tasks" }), "total"), 0)
    }))

  it.scoped("are asked for 20 times in a second, and no more", () =>
    Effect.gen(function*() {
      const { origin, resetStats, taskStats } = yield* Simulator.make({ clock: yield* Effect.clock })
      const some = (count: number) => Effect.forEach(Array.from({ length: count }), () => ask(origin, task("1")))
      const statuses = (yield* some(21)).map(({ status }) => status)
      assert.deepStrictEqual(statuses, [...Array.from({ length: 20 }, () => 200), 429])
      assert.include(yield* refused(origin, task("1")), "429 Throttling.RateQuota")
      // Of its own.
      assert.include(yield* refused(origin, cancel("1")), "400 UnsupportedOperation")
      yield* TestClock.adjust(1000)
      assert.isTrue((yield* some(20)).every(({ status }) => status === 200))
      const counted = {
        submissions: 0,
        made: 0,
        queries: 42,
        maxQueriesInSecond: 22,
        lists: 0,
        cancels: 1,
        throttled: 2
      }
      assert.deepStrictEqual(yield* taskStats, counted)
      yield* resetStats
      assert.deepInclude(yield* taskStats, { queries: 0, maxQueriesInSecond: 0, throttled: 0 })
    }))

  it.scopedLive("are not there where the service has refused them, and are where only the answer was lost", () =>
    Effect.gen(function*() {
      const { origin, taskStats } = yield* Simulator.make()
      yield* ask(origin, { ...batch(texts), behavior: { error: { status: 500 } } })
      assert.deepInclude(yield* taskStats, { submissions: 1, made: 0 })
      const lost = ask(origin, { ...batch(texts), behavior: { fault: { _tag: "ResetBeforeHeaders" } } })
      yield* Effect.exit(Effect.sandbox(lost))
      assert.deepInclude(yield* taskStats, { submissions: 2, made: 1 })
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
