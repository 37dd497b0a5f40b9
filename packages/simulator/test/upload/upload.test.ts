import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { pngOf } from "../../src/internal/core/image.js"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import type { Ask } from "../helpers.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const certificatePath = (model: string) => `/api/v1/uploads?action=getPolicy&model=${model}`
const chatPath = "/api/v1/services/aigc/multimodal-generation/generation"

const certificateOf = (origin: string, model = "qwen-vl-plus") =>
  Effect.map(answered(origin, { method: "GET", path: certificatePath(model) }), (answer) => at(answer, "data"))

const fieldsFor = (certificate: unknown, name: string): ReadonlyArray<readonly [string, string]> => [
  ["OSSAccessKeyId", String(at(certificate, "oss_access_key_id"))],
  ["Signature", String(at(certificate, "signature"))],
  ["policy", String(at(certificate, "policy"))],
  ["key", `${String(at(certificate, "upload_dir"))}/${name}`],
  ["x-oss-object-acl", String(at(certificate, "x_oss_object_acl"))],
  ["x-oss-forbid-overwrite", String(at(certificate, "x_oss_forbid_overwrite"))],
  ["success_action_status", "200"],
  ["x-oss-content-type", "image/png"]
]

const send = (
  certificate: unknown,
  fields: ReadonlyArray<readonly [string, string]>,
  content: Uint8Array,
  headers: Record<string, string> = {}
) =>
  Effect.promise(async () => {
    const form = new FormData()
    for (const [name, value] of fields) {
      form.append(name, value)
    }
    form.append("file", new Blob([Uint8Array.from(content)]), "cat.png")
    const response = await fetch(String(at(certificate, "upload_host")), { method: "POST", body: form, headers })
    return `${response.status} ${/<Code>(.*)<\/Code>/.exec(await response.text())?.[1] ?? ""}`.trimEnd()
  })

const about = (url: string, headers: Record<string, string> = { "x-dashscope-ossresourceresolve": "enable" }): Ask => ({
  path: chatPath,
  headers,
  body: {
    model: "qwen-vl-plus",
    input: { messages: [{ role: "user", content: [{ image: url }, { text: "what?" }] }] }
  }
})

const png = pngOf("cat", 40, 30)

describe("temporary uploads", () => {
  it.scopedLive("are kept, and read by the model of their certificate, where the request asks for that", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 2 })
      const { origin } = simulator
      const certificate = yield* certificateOf(origin)
      assert.include(String(at(certificate, "upload_host")), String(simulator.ports[1]))
      assert.strictEqual(yield* send(certificate, fieldsFor(certificate, "cat.png"), png), "200")
      const url = `oss://${String(at(certificate, "upload_dir"))}/cat.png`
      const [upload] = yield* simulator.uploads
      assert.deepInclude(upload, {
        url,
        model: "qwen-vl-plus",
        fileName: "cat.png",
        contentType: "image/png",
        size: png.length,
        authorization: false,
        status: 200
      })
      const answer = yield* answered(origin, about(url))
      assert.match(String(at(answer, "output", "choices", 0, "message", "content", 0, "text")), /cat\.png/)
      assert.include(yield* refused(origin, about(url, {})), "The provided URL does not appear to be valid.")
      assert.include(yield* refused(origin, about(`${url}x`)), "Failed to download multimodal content.")
      const other = about(url)
      assert.include(
        yield* refused(origin, { ...other, body: { ...(other.body as object), model: "qwen-vl-max" } }),
        "Failed to download multimodal content."
      )
      // A certificate is good for several files.
      assert.strictEqual(yield* send(certificate, fieldsFor(certificate, "dog.png"), png), "200")
      // Each simulator has its own files.
      const another = yield* Simulator.make()
      assert.include(yield* refused(another.origin, about(url)), "Failed to download multimodal content.")
    }))

  it.scopedLive("are refused as the storage host refuses", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const certificate = yield* certificateOf(simulator.origin)
      const fields = fieldsFor(certificate, "cat.png")
      const but = (name: string, value?: string) =>
        send(
          certificate,
          fields.flatMap(([one, own]) => one !== name ? [[one, own]] : value === undefined ? [] : [[one, value]]),
          png
        )
      assert.strictEqual(yield* but("Signature", "none"), "403 SignatureDoesNotMatch")
      assert.strictEqual(yield* but("Signature"), "403 AccessDenied")
      assert.strictEqual(yield* but("policy", "e30="), "403 SignatureDoesNotMatch")
      assert.strictEqual(yield* but("OSSAccessKeyId", "other"), "403 InvalidAccessKeyId")
      assert.strictEqual(yield* but("key", "elsewhere/cat.png"), "403 AccessDenied")
      assert.strictEqual(yield* but("x-oss-object-acl", "public-read"), "403 AccessDenied")
      assert.strictEqual(yield* but("x-oss-forbid-overwrite"), "403 AccessDenied")
      assert.strictEqual(yield* but("success_action_status"), "204")
      assert.strictEqual(yield* send(certificate, fields, png), "409 FileAlreadyExists")
      const other = fieldsFor(certificate, "dog.png")
      assert.strictEqual(
        yield* send(certificate, other, png, { authorization: "Bearer key" }),
        "400 InvalidArgument"
      )
      assert.deepStrictEqual(
        (yield* simulator.uploads).filter(({ authorization }) => authorization).map(({ status }) => status),
        [400]
      )
      assert.match(
        (yield* ask(simulator.origin, { path: "/storage", body: "{}" })).text,
        /<Code>MalformedPOSTRequest<\/Code>/
      )
    }))

  it.scopedLive("need a certificate that has not expired, and are no larger than it says", () =>
    Effect.gen(function*() {
      const late = yield* Simulator.make({ uploads: { expireInSeconds: 0 } })
      const expired = yield* certificateOf(late.origin)
      assert.strictEqual(at(expired, "expire_in_seconds"), 0)
      assert.strictEqual(yield* send(expired, fieldsFor(expired, "a"), png), "403 AccessDenied")
      const small = yield* Simulator.make({ uploads: { maxFileSizeMb: 1 } })
      const certificate = yield* certificateOf(small.origin)
      assert.strictEqual(at(certificate, "max_file_size_mb"), 1)
      const content = Buffer.alloc(1024 * 1024 + 1)
      assert.strictEqual(yield* send(certificate, fieldsFor(certificate, "a"), content), "400 EntityTooLarge")
      assert.strictEqual(yield* send(certificate, fieldsFor(certificate, "a"), content.subarray(1)), "200")
    }))

  it.scopedLive("begin with a certificate of the API", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (path: string, headers = {}) => refused(origin, { method: "GET", path, headers })
      assert.include(yield* no("/api/v1/uploads?model=qwen-vl-plus"), "400 InvalidParameter")
      assert.include(yield* no("/api/v1/uploads?action=getPolicy"), "400 BadRequest.EmptyModel")
      assert.include(yield* no(certificatePath("unknown-1")), "404 ModelNotFound")
      assert.include(yield* no(certificatePath("qwen-vl-plus"), { authorization: "" }), "401 InvalidApiKey")
      const [one, two] = [yield* certificateOf(origin), yield* certificateOf(origin)]
      assert.notStrictEqual(at(one, "upload_dir"), at(two, "upload_dir"))
      const policy: unknown = JSON.parse(Buffer.from(String(at(one, "policy")), "base64").toString())
      assert.isAbove(Date.parse(String(at(policy, "expiration"))), Date.now())
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const captures = capturesWhere(({ name }) => name.startsWith("get-upload-policy"))
      assert.isNotEmpty(captures)
      for (const { answer, path } of captures) {
        const { text } = yield* ask(origin, { method: "GET", path })
        assert.deepStrictEqual(differences(fieldsOf(text, false), fieldsOf(answer, false)), {
          unknown: [],
          missing: []
        })
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})
