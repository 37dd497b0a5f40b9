import { NodeFileSystem } from "@effect/platform-node"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cassette from "../src/Cassette.js"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import * as ImageSynthesis from "../src/ImageSynthesis.js"
import * as Format from "../src/internal/cassette/format.js"
import * as DashScope from "../src/neutral/DashScope.js"
import * as Task from "../src/Task.js"
import * as TextEmbedding from "../src/TextEmbedding.js"
import * as Tokens from "../src/Tokens.js"

const key = "sk-cassette-0123456789"
const params = { model: "qwen-plus", prompt: "你是谁？" }

/** All services over a cassette; the real service is the simulator. */
const over = (options: Cassette.Options, endpoint: string, apiKey = key) =>
  DashScope.layerWithoutHttpClient({ apiKey, endpoint, retry: false }).pipe(Layer.provide(Cassette.layer(options)))

/** Whoever asks the network is told so. */
const noNetwork = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make(() => Effect.dieMessage("the network was asked"))
)

const nowhere = "http://127.0.0.1:1/api/v1"

/** Runs a program while it is recorded, and once more from the file alone. */
const twice = <A, E>(program: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const simulator = yield* Simulator.make({ apiKeys: [key] })
    const path = `${yield* fs.makeTempDirectoryScoped()}/new/folder/cassette.json`
    const recorded = yield* Effect.provide(program, over({ path, mode: "record" }, simulator.url))
    const { totalRequests } = yield* simulator.stats
    const replayed = yield* program.pipe(
      Effect.provide(over({ path }, nowhere, "sk-any")),
      Effect.provide(noNetwork)
    )
    const text = yield* fs.readFileString(path)
    return { path, recorded, replayed, simulator, text, totalRequests }
  }).pipe(Effect.provide(NodeFileSystem.layer))

describe("a cassette", () => {
  it.scopedLive("replays calls, streams, errors and other services as they were", () =>
    Effect.gen(function*() {
      const program = Effect.all([
        Generation.call(params),
        Stream.runCollect(Generation.stream(params)),
        Effect.flip(Generation.call(params, { apiKey: "sk-wrong-9876543210" })),
        TextEmbedding.call({ model: "text-embedding-v4", texts: ["你好"] }),
        Effect.flip(Generation.call(params, { headers: Behavior.toHeaders({ error: { status: 429, retryAfter: 2 } }) }))
      ])
      const { recorded, replayed, text, totalRequests } = yield* twice(program)
      assert.deepStrictEqual(JSON.stringify(replayed), JSON.stringify(recorded))
      assert.isAbove(recorded[1].length, 1)
      assert.instanceOf(replayed[2], DashScopeError.ApiError)
      assert.strictEqual(totalRequests, 5)
      assert.strictEqual(Generation.header(replayed[0], "x-request-id"), Generation.header(recorded[0], "x-request-id"))
      for (const secret of [key, "sk-wrong", "authorization", "user-agent"]) assert.notInclude(text, secret)
      // Readable: names, texts, and each event by its lines.
      assert.include(text, "\"prompt\": \"你是谁？\"")
      assert.match(text, /"events": \[\n\s+\[\n\s+"id:1",\n\s+"event:result",\n\s+":HTTP_STATUS\/200",\n\s+"data:\{/)
    }))

  it.scopedLive("replays the states of a task in their order", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const task = yield* ImageSynthesis.submit({ model: "wan2.2-t2i-flash", prompt: "猫", n: 1 })
        const states = yield* Stream.runCollect(Task.watch(
          { ...task, baseUrl: (yield* Task.Tasks).baseUrl },
          { poll: Schedule.spaced("1 millis") }
        ))
        return Array.from(states, ({ output }) => output.taskStatus)
      })
      const { recorded, replayed } = yield* twice(program)
      assert.deepStrictEqual(replayed, recorded)
      assert.deepStrictEqual(replayed, ["PENDING", "RUNNING", "SUCCEEDED"])
    }))

  it.scopedLive("has no keys that the service gives", () =>
    Effect.gen(function*() {
      const { recorded, text } = yield* twice(Tokens.create())
      assert.include(text, "\"token\": \"<redacted>\"")
      assert.notInclude(JSON.stringify(recorded), "st-")
      assert.notMatch(text, /"st-/)
    }))

  it.scopedLive("ends a test that asks for what was not recorded, whatever handles errors", () =>
    Effect.gen(function*() {
      const { path } = yield* twice(Generation.call(params))
      const died = (program: Effect.Effect<unknown, unknown, Generation.Generation>) =>
        program.pipe(
          Effect.catchAll(() => Effect.succeed("handled")),
          Effect.provide(over({ path }, nowhere)),
          Effect.provide(noNetwork),
          Effect.sandbox,
          Effect.flip,
          Effect.map(Cause.squash)
        )
      const other = yield* died(Generation.call({ ...params, prompt: "再见" }))
      assert.instanceOf(other, Cassette.NotRecorded)
      assert.include(other.message, "this path with another body")
      assert.include(other.message, "再见")
      const again = yield* died(Effect.repeatN(Generation.call(params), 1))
      assert.instanceOf(again, Cassette.NotRecorded)
      assert.include(again.message, "recorded once")
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("of the mode auto records what is missing, and that alone", () =>
    Effect.gen(function*() {
      const { path, simulator, text } = yield* twice(Generation.call(params))
      yield* simulator.resetStats
      const both = Effect.all([Generation.call(params), Generation.call({ ...params, prompt: "再见" })])
      const auto = over({ path, mode: "auto" }, simulator.url)
      yield* Effect.provide(both, auto)
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
      yield* Effect.provide(both, auto)
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
      const fs = yield* FileSystem.FileSystem
      const longer = yield* fs.readFileString(path)
      assert.isTrue(longer.startsWith(text.slice(0, -"  ]\n}\n".length).trimEnd()))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("that cannot be read is an error of the layer", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${folder}/other.json`, "{\"version\":2}")
      for (const path of [`${folder}/none.json`, `${folder}/other.json`]) {
        const error = yield* Effect.flip(Effect.provide(Effect.void, Cassette.layer({ path })))
        assert.instanceOf(error, Cassette.CassetteError)
        assert.include(error.message, path)
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})

describe("the file", () => {
  const same: Format.Redact = (text) => text

  it("gives bodies back as they were", () => {
    const text = (body: Format.Body | undefined) =>
      Format.piecesOf(body).map((piece) => new TextDecoder().decode(piece)).join("")
    const encode = (text: string) => new TextEncoder().encode(text)
    FastCheck.assert(FastCheck.property(FastCheck.string({ unit: "grapheme" }), (given) => {
      assert.strictEqual(text(Format.bodyOf(encode(given), "text/plain", same)).length > 0, given.length > 0)
      const events = given.replaceAll("\r", "")
      assert.strictEqual(text(Format.bodyOf(encode(events), "text/event-stream", same)), events)
    }))
    FastCheck.assert(FastCheck.property(FastCheck.uint8Array({ minLength: 1 }), (bytes) => {
      const body = Format.bodyOf(bytes, undefined, same)
      if (body !== undefined && "base64" in body) {
        assert.deepStrictEqual([...Format.piecesOf(body)[0] ?? []], [...bytes])
      }
    }))
    FastCheck.assert(FastCheck.property(FastCheck.json(), (json) => {
      const body = Format.bodyOf(encode(json), "application/json", same)
      assert.deepStrictEqual(JSON.parse(text(body)), JSON.parse(json))
      const encoded = Schema.encodeSync(Schema.Struct({ body: Schema.optional(Format.Body) }))({ body })
      assert.strictEqual(Format.normal(JSON.parse(JSON.stringify(encoded.body))), Format.normal(body))
    }))
  })

  it("has no secrets of bodies and URLs", () => {
    const redact = Format.redactText(["sk-secret-1"], (text) => text.replaceAll("mine", "…"))
    const body = Format.bodyOf(
      new TextEncoder().encode(JSON.stringify({
        said: "sk-secret-1 is mine",
        oss_access_key_id: "LTAI",
        Signature: "abc",
        tokens: "3",
        list: [{ url: "https://oss/x?Expires=1&OSSAccessKeyId=LTAI&Signature=a%2Bb" }]
      })),
      "application/json",
      redact
    )
    assert.deepStrictEqual(body, {
      json: {
        said: "<redacted> is …",
        oss_access_key_id: "<redacted>",
        Signature: "<redacted>",
        tokens: "3",
        list: [{ url: "https://oss/x?Expires=1&OSSAccessKeyId=<redacted>&Signature=<redacted>" }]
      }
    })
    const event = new TextEncoder().encode("data: {\"a\": 1}\ndata:{\"token\":\"t-1\"}\n\nda")
    assert.deepStrictEqual(Format.bodyOf(event, "text/event-stream;charset=utf-8", redact), {
      events: [["data: {\"a\": 1}", "data:{\"token\":\"<redacted>\"}"]],
      rest: "da"
    })
  })

  it("knows a request whose fields and parameters stand in another order", () => {
    assert.strictEqual(Format.normal({ b: [1, { d: 2, c: undefined }], a: "x" }), "{\"a\":\"x\",\"b\":[1,{\"d\":2}]}")
    const path = (url: string) => Format.pathOf(new URL(url), same)
    assert.strictEqual(path("http://a/p?b=2&a=1"), path("https://other/p?a=1&b=2"))
  })
})
