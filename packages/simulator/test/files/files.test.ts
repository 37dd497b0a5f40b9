import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const get = (path: string) => ({ method: "GET", path })

type Entry = readonly [name: string, value: string] | readonly [name: string, value: string, fileName: string]

/** Sends a form, and tells the status and the answer. */
const send = (origin: string, path: string, entries: ReadonlyArray<Entry>) =>
  Effect.promise(async () => {
    const form = new FormData()
    for (const [name, value, fileName] of entries) {
      if (fileName === undefined) {
        form.append(name, value)
      } else {
        form.append(name, new Blob([value]), fileName)
      }
    }
    const response = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      body: form
    })
    return { status: response.status, text: await response.text() }
  })

const parsed = ({ text }: { readonly text: string }): unknown => JSON.parse(text)

describe("files", () => {
  const path = "/api/v1/files"

  it.scopedLive("are kept, told, listed and deleted", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = parsed(
        yield* send(origin, path, [
          ["files", "first\n", "a.txt"],
          ["files", "{\"x\":1}\n{\"x\":2}\n", "b.jsonl"],
          ["descriptions", "the first"],
          ["descriptions", "the second"]
        ])
      )
      const uploaded = at(answer, "data", "uploaded_files") as ReadonlyArray<{ readonly file_id: string }>
      assert.strictEqual(uploaded.length, 2)
      assert.deepStrictEqual(at(answer, "data", "failed_uploads"), [])
      const id = uploaded[0]?.file_id ?? ""
      const file = at(yield* answered(origin, get(`${path}/${id}`)), "data")
      assert.deepInclude(file as object, {
        file_id: id,
        name: "a.txt",
        description: "the first",
        size: 6,
        md5: createHash("md5").update("first\n").digest("base64")
      })
      const content = yield* Effect.promise(() => fetch(String(at(file, "url"))).then((response) => response.text()))
      assert.strictEqual(content, "first\n")
      const listed = yield* answered(origin, get(`${path}?page_no=2&page_size=1`))
      assert.deepInclude(at(listed, "data") as object, { total: 2, page_no: 2, page_size: 1 })
      assert.strictEqual(at(listed, "data", "files", 0, "file_id"), id)
      assert.sameMembers(
        Object.keys((yield* answered(origin, { method: "DELETE", path: `${path}/${id}`, body: "" })) as object),
        ["request_id"]
      )
      assert.include(yield* refused(origin, get(`${path}/${id}`)), "404 NotFound")
      assert.include(yield* refused(origin, { method: "DELETE", path: `${path}/${id}`, body: "" }), "404 NotFound")
    }))

  it.scopedLive("fail one by one, or all for a wrong purpose", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const some = parsed(yield* send(origin, path, [["files", "no", "bad.jsonl"], ["files", "{}", "good.jsonl"]]))
      assert.strictEqual(at(some, "data", "failed_uploads", 0, "code"), "InvalidFile.Format")
      assert.strictEqual(at(some, "data", "uploaded_files", 0, "name"), "good.jsonl")
      const files = Array.from({ length: 101 }, (_, i): Entry => ["files", "x", `${i}.txt`])
      const many = parsed(yield* send(origin, path, files))
      const failed = at(many, "data", "failed_uploads") as ReadonlyArray<{ readonly code: string }>
      assert.deepStrictEqual(failed.map(({ code }) => code), ["BadRequest.TooMany", "BadRequest.TooMany"])
      const wrong = yield* send(origin, path, [["files", "x", "a.txt"], ["purpose", "fun"]])
      assert.strictEqual(wrong.status, 400)
      assert.deepStrictEqual(parsed(wrong), {
        error: {
          message: "'purpose' must be 'file-extract'",
          type: "invalid_request_error",
          param: "purpose",
          code: null
        }
      })
      assert.include(yield* refused(origin, { path, body: "{}" }), "400 InvalidParameter")
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const uploaded = yield* send(origin, path, [["files", "x", "a.txt"], ["files", "no", "bad.jsonl"]])
      const id = String(at(parsed(uploaded), "data", "uploaded_files", 0, "file_id"))
      const texts = new Map([
        ["upload-file-nosse.json", uploaded.text],
        ["upload-file-error-nosse.json", (yield* send(origin, path, [["files", "x", "a"], ["purpose", "y"]])).text],
        ["list-files-nosse.json", (yield* ask(origin, get(path))).text],
        ["get-file-nosse.json", (yield* ask(origin, get(`${path}/${id}`))).text],
        ["delete-file-nosse.json", (yield* ask(origin, { method: "DELETE", path: `${path}/${id}`, body: "" })).text]
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
    }).pipe(Effect.scoped, Effect.runPromise))
})

describe("files in the compatible form", () => {
  const path = "/compatible-mode/v1/files"

  it.scopedLive("are kept, told, listed, read and deleted, beside the native ones", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const sent = [["file", "hello", "a.txt"], ["purpose", "file-extract"]] as const
      const file = parsed(yield* send(origin, path, sent))
      assert.deepInclude(file as object, {
        object: "file",
        bytes: 5,
        filename: "a.txt",
        purpose: "file-extract",
        status: "processed"
      })
      const id = String(at(file, "id"))
      assert.match(id, /^file-fe-[0-9a-f]{24}$/)
      const batch = parsed(yield* send(origin, path, [["file", "{}", "b.jsonl"], ["purpose", "batch"]]))
      assert.match(String(at(batch, "id")), /^file-batch-/)
      assert.strictEqual((yield* ask(origin, get(`${path}/${id}/content`))).text, "hello")
      const idsOf = (query: string) =>
        Effect.map(answered(origin, get(`${path}${query}`)), (answer) => ({
          ids: (at(answer, "data") as ReadonlyArray<{ readonly id: string }>).map((one) => one.id),
          more: at(answer, "has_more")
        }))
      assert.deepStrictEqual(yield* idsOf("?purpose=file-extract"), { ids: [id], more: false })
      assert.deepStrictEqual(yield* idsOf("?limit=1"), { ids: [String(at(batch, "id"))], more: true })
      assert.deepStrictEqual(yield* idsOf(`?after=${String(at(batch, "id"))}`), { ids: [id], more: false })
      assert.deepStrictEqual(yield* idsOf("?create_before=20200101"), { ids: [], more: false })
      assert.strictEqual(at(yield* answered(origin, get(`/api/v1/files/${id}`)), "data", "name"), "a.txt")
      assert.deepStrictEqual(yield* answered(origin, { method: "DELETE", path: `${path}/${id}`, body: "" }), {
        id,
        object: "file",
        deleted: true
      })
      assert.include(yield* refused(origin, get(`${path}/${id}`)), `404 not_found: File [id:${id}] cannot be found.`)
    }))

  it.scopedLive("fail in the shape of OpenAI", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const wrong = yield* send(origin, path, [["file", "x", "a.txt"], ["purpose", "fun"]])
      assert.strictEqual(at(parsed(wrong), "error", "param"), "purpose")
      assert.strictEqual((yield* send(origin, path, [["purpose", "batch"]])).status, 400)
      const unauthorized = yield* ask(origin, { ...get(path), headers: { authorization: "" } })
      assert.deepStrictEqual(at(unauthorized.json, "error", "code"), "invalid_api_key")
      const nothing = yield* ask(origin, get("/compatible-mode/v1/nothing"))
      assert.strictEqual(nothing.status, 404)
      assert.strictEqual(at(nothing.json, "error", "code"), "NotFound")
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const uploaded = yield* send(origin, path, [["file", "hello", "a.txt"], ["purpose", "file-extract"]])
      const texts = new Map([
        ["upload-file-compatible-nosse.json", uploaded.text],
        ["list-files-compatible-nosse.json", (yield* ask(origin, get(path))).text]
      ])
      for (const { answer, name } of capturesWhere(({ name }) => texts.has(name))) {
        assert.deepStrictEqual(
          differences(fieldsOf(texts.get(name) ?? "", false), fieldsOf(answer, false)),
          { unknown: [], missing: [] },
          name
        )
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})
