import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const files = "/compatible-mode/v1/files"
const batches = "/compatible-mode/v1/batches"

const chat = "/v1/chat/completions"

const get = (path: string) => ({ method: "GET", path })

interface Line {
  readonly id?: string
  readonly url?: string
  readonly method?: string
  readonly body?: object
}

const line = ({ body, id = "1", method = "POST", url = chat }: Line = {}): string =>
  JSON.stringify({
    custom_id: id,
    method,
    url,
    body: { model: "qwen-plus", messages: [{ role: "user", content: `Say ${id}` }], ...body }
  })

/** Uploads a file, and tells its id. */
const upload = (origin: string, text: string, purpose = "batch") =>
  Effect.promise(async () => {
    const form = new FormData()
    form.append("file", new Blob([text]), "batch.jsonl")
    form.append("purpose", purpose)
    const response = await fetch(`${origin}${files}`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      body: form
    })
    return String(at(await response.json(), "id"))
  })

const creation = (id: string, more: object = {}) => ({
  path: batches,
  body: { input_file_id: id, endpoint: chat, completion_window: "24h", ...more }
})

/** Creates a batch of lines, and tells its id. */
const submit = (origin: string, lines: ReadonlyArray<string>, endpoint = chat) =>
  Effect.flatMap(
    upload(origin, lines.join("\n")),
    (id) => Effect.map(answered(origin, creation(id, { endpoint })), (batch) => String(at(batch, "id")))
  )

const look = (origin: string, id: string) => answered(origin, get(`${batches}/${id}`))

const textOf = (origin: string, id: unknown) =>
  Effect.promise(() =>
    fetch(`${origin}${files}/${String(id)}/content`, { headers: { authorization: "Bearer key" } })
      .then((response) => response.text())
  )

const contentOf = (origin: string, id: unknown) =>
  Effect.map(textOf(origin, id), (text) => text.trimEnd().split("\n").map((line): unknown => JSON.parse(line)))

const ended = (origin: string, id: string) =>
  Effect.repeat(look(origin, id), {
    until: (batch) => ["completed", "failed", "expired", "cancelled"].includes(String(at(batch, "status")))
  })

describe("batches", () => {
  it.scopedLive("are worked off, a state with each question, into a file of answers and one of errors", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const id = yield* submit(origin, [
        line({ id: "a" }),
        line({ id: "b", body: { temperature: 9 } }),
        line({ id: "c", body: { stream: true } }),
        line({ id: "d" })
      ])
      const seen = yield* Effect.forEach([1, 2, 3, 4, 5, 6], () => look(origin, id))
      assert.deepStrictEqual(
        seen.map((batch) => [at(batch, "status"), at(batch, "request_counts", "completed")]),
        [["validating", 0], ["in_progress", 0], ["in_progress", 2], ["finalizing", 4], ["completed", 2], [
          "completed",
          2
        ]]
      )
      const last = seen.at(-1)
      assert.deepStrictEqual(at(last, "request_counts"), { total: 4, completed: 2, failed: 2 })
      for (const time of ["created_at", "in_progress_at", "finalizing_at", "completed_at"]) {
        assert.isNumber(at(last, time), time)
      }
      const output = yield* contentOf(origin, at(last, "output_file_id"))
      assert.deepStrictEqual(output.map((line) => at(line, "custom_id")), ["d", "a"])
      assert.isString(at(output, 0, "response", "body", "choices", 0, "message", "content"))
      const errors = yield* contentOf(origin, at(last, "error_file_id"))
      assert.deepStrictEqual(errors.map((line) => [at(line, "custom_id"), at(line, "response", "status_code")]), [
        ["c", 400],
        ["b", 400]
      ])
      assert.strictEqual(at(errors, 1, "error", "code"), "invalid_parameter_error")
    }))

  it.scopedLive("embed texts, and answer for nothing at the test endpoint", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const body = { model: "text-embedding-v4", input: ["a"], dimensions: 64, messages: undefined }
      const embeds = yield* submit(origin, [line({ url: "/v1/embeddings", body })], "/v1/embeddings")
      const [vector] = yield* contentOf(origin, at(yield* ended(origin, embeds), "output_file_id"))
      assert.lengthOf(at(vector, "response", "body", "data", 0, "embedding") as ReadonlyArray<number>, 64)
      const test = line({ url: "/v1/chat/ds-test", body: { model: "batch-test-model" } })
      const [answer] = yield* contentOf(
        origin,
        at(yield* ended(origin, yield* submit(origin, [test], "/v1/chat/ds-test")), "output_file_id")
      )
      assert.isString(at(answer, "response", "body", "choices", 0, "message", "content"))
    }))

  it.scopedLive("fail with what is wrong in their files", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const problems = (lines: ReadonlyArray<string>) =>
        Effect.map(Effect.flatMap(submit(origin, lines), (id) => ended(origin, id)), (batch) => {
          assert.strictEqual(at(batch, "status"), "failed")
          const found = at(batch, "errors", "data") as ReadonlyArray<
            { readonly code: string; readonly line: number | null }
          >
          return found.map(({ code, line }) => [code, line])
        })
      assert.deepStrictEqual(
        yield* problems([
          line({ id: "a" }),
          line({ id: "a" }),
          line({ id: "b", body: { model: "qwen-max" } }),
          line({ id: "c", method: "GET" }),
          line({ id: "d", url: "/v1/embeddings" }),
          line({ id: "e", body: { model: "" } }),
          line({ id: "" }),
          "{"
        ]),
        [
          ["duplicate_custom_id", 2],
          ["mismatched_model", 3],
          ["invalid_method", 4],
          ["mismatched_url", 5],
          ["missing_required_parameter", 6],
          ["missing_required_parameter", 7],
          ["invalid_json_line", 8]
        ]
      )
      assert.deepStrictEqual(yield* problems(["", ""]), [["empty_file", null]])
      const large = "x".repeat(1024 * 1024)
      assert.deepStrictEqual(
        yield* problems(Array.from({ length: 5 }, (_, i) => line({ id: `${i}${large}` }))),
        [["simulator_limit", null]]
      )
    }))

  it.scopedLive("are refused for what they cannot begin with", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const id = yield* upload(origin, line())
      const document = yield* upload(origin, "x", "file-extract")
      const wrong = [
        creation("file-batch-none"),
        creation(document),
        creation(id, { endpoint: "/v1/images" }),
        creation(id, { completion_window: "1h" }),
        creation(id, { completion_window: "400h" }),
        creation(id, { metadata: "x" }),
        { path: batches, body: "[" }
      ]
      for (const one of wrong) {
        assert.include(yield* refused(origin, one), "400 invalid_parameter_error", JSON.stringify(one))
      }
      assert.include(yield* refused(origin, get(`${batches}/batch_none`)), "404 not_found")
      assert.isString(at(yield* answered(origin, creation(id, { completion_window: "14d" })), "id"))
    }))

  it.scopedLive("are cancelled, and expire, with what was done by then", () =>
    Effect.gen(function*() {
      const lines = Array.from({ length: 10 }, (_, i) => line({ id: String(i) }))
      const { origin } = yield* Simulator.make()
      const id = yield* submit(origin, lines)
      yield* Effect.repeatN(look(origin, id), 2)
      const cancel = { path: `${batches}/${id}/cancel`, body: "" }
      assert.strictEqual(at(yield* answered(origin, cancel), "status"), "cancelling")
      assert.include(yield* refused(origin, cancel), "400 invalid_parameter_error")
      const cancelled = yield* ended(origin, id)
      assert.strictEqual(at(cancelled, "status"), "cancelled")
      assert.lengthOf(yield* contentOf(origin, at(cancelled, "output_file_id")), 5)
      const expiring = yield* Simulator.make({ batches: { expireAfter: 3 } })
      const expired = yield* ended(expiring.origin, yield* submit(expiring.origin, lines))
      assert.strictEqual(at(expired, "status"), "expired")
      assert.lengthOf(yield* contentOf(expiring.origin, at(expired, "output_file_id")), 3)
    }))

  it.scoped("go on by the clock, where that is asked for", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      const { origin } = yield* Simulator.make({
        clock,
        batches: { validating: 1000, working: 10_000, finalizing: 1000 }
      })
      const id = yield* submit(origin, Array.from({ length: 10 }, (_, i) => line({ id: String(i) })))
      const after = (seconds: number) =>
        Effect.map(
          Effect.zipRight(TestClock.adjust(`${seconds} seconds`), look(origin, id)),
          (batch) => [at(batch, "status"), at(batch, "request_counts", "completed")]
        )
      assert.deepStrictEqual(yield* after(0), ["validating", 0])
      assert.deepStrictEqual(yield* after(1), ["in_progress", 0])
      assert.deepStrictEqual(yield* after(3), ["in_progress", 3])
      assert.deepStrictEqual(yield* after(0), ["in_progress", 3])
      assert.deepStrictEqual(yield* after(7), ["finalizing", 10])
      assert.deepStrictEqual(yield* after(1), ["completed", 10])
    }))

  it.scopedLive("are listed, the newest first", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const file = yield* upload(origin, line())
      const made = yield* Effect.forEach(["a", "b", "c"], (name) =>
        Effect.map(
          answered(origin, creation(file, { metadata: { ds_name: name } })),
          (batch) => String(at(batch, "id"))
        ))
      const [a, b, c] = made
      const list = (query: string) =>
        Effect.map(answered(origin, get(`${batches}?${query}`)), (page) => {
          const data = at(page, "data") as ReadonlyArray<{ readonly id: string }> | null
          return [data?.map(({ id }) => id) ?? null, at(page, "has_more")]
        })
      assert.deepStrictEqual(yield* list("limit=2"), [[c, b], true])
      assert.deepStrictEqual(yield* list(`limit=2&after=${b ?? ""}`), [[a], false])
      assert.deepStrictEqual(yield* list("ds_name=b"), [[b], false])
      assert.deepStrictEqual(yield* list(`input_file_ids=x,${file}&status=validating,completed`), [[c, b, a], false])
      assert.deepStrictEqual(yield* list("status=completed"), [null, false])
      assert.deepStrictEqual(yield* list("create_after=20000101000000&create_before=20010101000000"), [null, false])
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const metadata = { ds_name: "n", ds_description: "d", ds_batch_finish_callback: "https://example.com" }
      const created = yield* ask(origin, creation(yield* upload(origin, line()), { metadata }))
      const id = String(at(created.json, "id"))
      const last = yield* ended(origin, id)
      const texts = new Map([
        ["create-batch-compatible-nosse.json", created.text],
        ["get-completed-batch-compatible-nosse.json", JSON.stringify(last)]
      ])
      for (const { answer, name } of capturesWhere(({ name }) => texts.has(name))) {
        assert.deepStrictEqual(
          differences(fieldsOf(texts.get(name) ?? "", false), fieldsOf(answer, false)),
          { unknown: [], missing: [] },
          name
        )
        texts.delete(name)
      }
      assert.deepStrictEqual([...texts.keys()], [])
      const [content] = capturesWhere(({ name }) => name === "get-file-content-compatible-nosse.json")
      const own = yield* textOf(origin, at(last, "output_file_id"))
      const { missing } = differences(
        fieldsOf(own.trimEnd(), false),
        fieldsOf(content?.answer.split("\n")[0] ?? "", false)
      )
      assert.deepStrictEqual(missing, [])
    }).pipe(Effect.scoped, Effect.runPromise))
})
