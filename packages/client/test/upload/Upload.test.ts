import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import type { CallOptions } from "../../src/CallOptions.js"
import * as DashScope from "../../src/DashScope.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as Media from "../../src/Media.js"
import * as MultiModalEmbedding from "../../src/MultiModalEmbedding.js"
import * as Upload from "../../src/Upload.js"
import { collectGarbage } from "../util/garbage.js"
import { env, type Handler, jsonResponse, mockHttp } from "../util/mock.js"

const key = "sk-upload-sentinel-0123456789"
const model = "qwen-vl-max"

const live = (url: string, connection: ConnectionConfig.Input = {}) =>
  Layer.merge(
    DashScope.layer({
      endpoint: url,
      apiKey: key,
      retry: false,
      connection: ConnectionConfig.make({ shutdownTimeout: "0 seconds", ...connection })
    }),
    NodeFileSystem.layer
  )

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

const noise = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  const start = Math.min(size, 256)
  for (let i = 0; i < start; i++) bytes[i] = (i * 7919) & 255
  // The rest repeats the start.
  for (let filled = start; filled < size; filled *= 2) bytes.copyWithin(filled, 0, filled)
  return bytes
}

/** From here on nothing is read of a request; the certificate is there already. */
const stopReading = (simulator: Simulator.Service) =>
  Effect.zipRight(
    Upload.upload(Media.bytes(noise(1), "video/mp4"), { model }),
    simulator.setBehavior({ fault: { _tag: "NeverReadRequest" } })
  )

describe("Upload", () => {
  it.scopedLive("puts bytes and files where the model finds them, and reuses the certificate", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      const bytes = noise(3_000_000)
      yield* Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const path = `${yield* files.makeTempDirectoryScoped()}/ein Bild.png`
        yield* files.writeFile(path, bytes)
        const seen: Array<Upload.Progress> = []
        const urls = yield* Effect.all([
          Upload.upload(Media.bytes(bytes, "image/png"), { model }),
          Upload.upload(Media.file(path), { model, onProgress: (progress) => Effect.sync(() => seen.push(progress)) }),
          Upload.upload(Media.file(path), { model })
        ], { concurrency: "unbounded" })
        const uploads = yield* simulator.uploads
        assert.deepStrictEqual(uploads.map(({ url }) => url).sort(), [...urls].sort())
        assert.strictEqual(new Set(urls).size, 3)
        for (const upload of uploads) {
          assert.deepInclude(upload, { md5: md5(bytes), size: bytes.length, model, authorization: false, status: 200 })
        }
        assert.deepStrictEqual(seen.at(-1), { sent: bytes.length, size: bytes.length })
        assert.isAbove(seen.length, 10)
        const certificates = (yield* simulator.requests).filter(({ path }) => path.includes("/uploads"))
        assert.lengthOf(certificates, 1)
        // Another model, another certificate.
        yield* Upload.upload(Media.bytes(bytes, "image/png"), { model: "qwen-vl-plus" })
        assert.lengthOf((yield* simulator.requests).filter(({ path }) => path.includes("/uploads")), 2)
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.scopedLive("is read by the services that are given its URL: they send the header for it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      const model = "tongyi-embedding-vision-plus"
      yield* Effect.gen(function*() {
        const image = yield* Upload.upload(Media.bytes(noise(100), "image/png"), { model })
        const embed = (contents: ReadonlyArray<MultiModalEmbedding.Content>) =>
          MultiModalEmbedding.call({ model, contents })
        const result = yield* embed([{ text: "a picture" }, { image }])
        assert.lengthOf(result.output.embeddings ?? [], 2)
        yield* embed([{ image: "https://example.com/oss://.png" }])
      }).pipe(Effect.provide(live(simulator.url)))
      const asked = (yield* simulator.requests).slice(2)
      assert.deepStrictEqual(asked.map(({ headers }) => headers["x-dashscope-ossresourceresolve"]), [
        "enable",
        undefined
      ])
    }))

  it.scopedLive("never sends the key to the storage host", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      yield* Upload.upload(Media.bytes(noise(10), "image/png"), { model, headers: { "x-secret-token": key } }).pipe(
        Effect.provide(live(simulator.url))
      )
      const requests = (yield* simulator.requests).filter(({ path }) => path.includes("/storage"))
      assert.lengthOf(requests, 1)
      assert.notInclude(inspect(requests, { depth: 9 }), key)
    }))

  it.scopedLive("gets a new certificate, once, where the service finds the old one expired", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ uploads: { expireInSeconds: 0 } })
      const error = yield* Effect.flip(
        Upload.upload(Media.bytes(noise(10), "image/png"), { model }).pipe(Effect.provide(live(simulator.url)))
      )
      assert.deepInclude(error, { _tag: "ApiError", statusCode: 403, code: "AccessDenied" })
      assert.include(error.message, "Policy expired")
      assert.lengthOf(yield* simulator.uploads, 2)
      assert.notInclude(inspect(error, { depth: 9 }), key)
    }))

  it.scopedLive("refuses what cannot be sent before it is sent", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ uploads: { maxFileSizeMb: 1 } })
      const flipped = (media: Media.MediaBytes | Media.MediaFile) => Effect.flip(Upload.upload(media, { model }))
      yield* Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        assert.include((yield* flipped(Media.file(`${folder}/none.png`))).message, "cannot be read")
        assert.include((yield* flipped(Media.file(folder))).message, "is not a file")
        assert.include((yield* flipped(Media.bytes(noise(0), "image/png"))).message, "empty")
        assert.lengthOf(yield* simulator.requests, 0)
        const tooLarge = yield* flipped(Media.bytes(noise(1_048_577), "image/png"))
        assert.deepInclude(tooLarge, { _tag: "InputRequired", field: "media" })
        assert.lengthOf(yield* simulator.uploads, 0)
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.scopedLive("says that files need a FileSystem where there is none", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const pool = yield* ConnectionPool.make(ConnectionConfig.make({ shutdownTimeout: "0 seconds" }))
      const layers = Upload.layer.pipe(
        Layer.provide(DashScopeClient.layer({ endpoint: simulator.url, apiKey: key })),
        Layer.provide(DashScope.layerPool(pool))
      )
      const error = yield* Effect.flip(Upload.upload(Media.file("x.png"), { model }).pipe(Effect.provide(layers)))
      assert.include(error.message, "FileSystem")
    }))

  it.scopedLive("fails with a typed error, and resumes nothing, where the host stops reading or hangs up", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const error = yield* Effect.gen(function*() {
        yield* stopReading(simulator)
        return yield* Effect.flip(Upload.upload(Media.bytes(noise(30_000_000), "video/mp4"), { model }))
      }).pipe(Effect.provide(live(simulator.url, { writeTimeout: "300 millis" })))
      assert.deepInclude(error, { _tag: "RequestTimeout", phase: "write" })
      // The certificate, the first file, and the second once.
      assert.strictEqual((yield* simulator.stats).totalRequests, 3)

      const resetting = yield* Simulator.make({
        behaviorOf: ({ path }) => path.includes("/storage") ? { fault: { _tag: "ResetBeforeHeaders" } } : undefined
      })
      const reset = yield* Effect.flip(
        Upload.upload(Media.bytes(noise(100), "video/mp4"), { model }).pipe(Effect.provide(live(resetting.url)))
      )
      assert.strictEqual(reset._tag, "ConnectionError")
      assert.strictEqual((yield* resetting.stats).totalRequests, 2)
    }))

  it.scopedLive("gives its connection back when it is interrupted", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const pool = yield* ConnectionPool.ConnectionPool
        yield* stopReading(simulator)
        const fiber = yield* Effect.fork(Upload.upload(Media.bytes(noise(30_000_000), "video/mp4"), { model }))
        yield* simulator.waitFor((stats) => stats.requestsInFlight === 1 && stats.totalRequests === 3)
        yield* Fiber.interrupt(fiber)
        const stats = yield* pool.stats
        assert.deepInclude(stats, { inFlight: 0, waiting: 0, active: 0 })
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.scopedLive("holds little of a large file", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const size = casesOf(200, 0.25) * 1024 * 1024
      yield* Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const path = `${yield* files.makeTempDirectoryScoped()}/film.mp4`
        yield* files.writeFile(path, new Uint8Array(0))
        yield* files.truncate(path, size)
        let most = 0
        let chunks = 0
        collectGarbage()
        const before = process.memoryUsage().arrayBuffers
        yield* Upload.upload(Media.file(path), {
          model,
          onProgress: () =>
            Effect.sync(() => {
              // Counted is what is held, not what the collector has not come to yet.
              if (++chunks % (isThorough ? 64 : 256) > 0) return
              collectGarbage()
              most = Math.max(most, process.memoryUsage().arrayBuffers - before)
            })
        })
        const [upload] = yield* simulator.uploads
        assert.strictEqual(upload?.size, size)
        assert.isAbove(chunks, size / 100_000)
        assert.isBelow(most, 32 * 1024 * 1024)
      }).pipe(Effect.provide(live(simulator.url)))
    }), 120_000)
})

describe("the certificate of an upload", () => {
  const asked = (handler: Handler, options: CallOptions = {}, retry: DashScopeClient.Options["retry"] = false) => {
    const http = mockHttp(handler)
    const layers = Upload.layer.pipe(
      Layer.provide(DashScopeClient.layer({ apiKey: key, retry })),
      Layer.provide(http.layer),
      Layer.provide(env({}))
    )
    const run = Effect.flip(Upload.upload(Media.bytes(noise(1), "image/png"), { model, ...options }))
    return { requests: http.requests, run: Effect.provide(run, layers) }
  }

  const errors = [
    [400, "InvalidParameter", "InvalidRequest", false],
    [401, "InvalidApiKey", "Authentication", false],
    [404, "NotFound", "NotFound", false],
    [429, "Throttling.RateQuota", "RateLimited", true],
    [503, "ModelUnavailable", "Server", true]
  ] as const

  it.effect("has a typed error for each class, and is asked for again where that is worth it", () =>
    Effect.gen(function*() {
      for (const [status, code, reason, isRetryable] of errors) {
        const body = { code, message: "m", request_id: "r" }
        const { requests, run } = asked(() => jsonResponse(body, { status }), {}, { maxRetries: 2 })
        const fiber = yield* Effect.fork(run)
        yield* TestClock.adjust("30 minutes")
        const error = yield* Fiber.join(fiber)
        assert.deepInclude<object>({ ...error }, { _tag: "ApiError", statusCode: status, code, reason, requestId: "r" })
        assert.lengthOf(requests, isRetryable ? 3 : 1, code)
        assert.notInclude(inspect(error, { depth: 9 }), key)
      }
    }))

  it.effect("that is none is an answer that was not expected, and nothing is sent on", () =>
    Effect.gen(function*() {
      const odd = ["", "null", "[]", "{", "{}", "{\"data\":null}", "{\"data\":{\"policy\":7}}", "<html></html>"]
      for (const body of odd) {
        const { requests, run } = asked(() => new Response(body))
        assert.deepInclude<object>({ ...yield* run }, { _tag: "ApiError", reason: "UnexpectedResponse" }, body)
        assert.lengthOf(requests, 1)
      }
    }))

  it.effect("is waited for as long as the call may take, and with the call's own key", () =>
    Effect.gen(function*() {
      const { requests, run } = asked(() => Effect.never, { timeout: "3 seconds", apiKey: "sk-of-the-call" })
      const fiber = yield* Effect.fork(run)
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude<object>({ ...yield* Fiber.join(fiber) }, { _tag: "RequestTimeout", phase: "total" })
      assert.strictEqual(requests[0]?.headers["authorization"], "Bearer sk-of-the-call")
    }))
})

describe("Upload.resolve", () => {
  it.scopedLive("has URLs as they are, small media as data URLs, and large ones uploaded", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        assert.strictEqual(
          yield* Upload.resolve(Media.url("https://example.com/a.png"), { model }),
          "https://example.com/a.png"
        )
        assert.strictEqual(
          yield* Upload.resolve(Media.bytes(Uint8Array.of(1, 2, 3), "image/png"), { model }),
          "data:image/png;base64,AQID"
        )
        assert.lengthOf(yield* simulator.requests, 0)
        const bytes = noise(100)
        const url = yield* Upload.resolve(Media.bytes(bytes, "image/png"), { model, inlineBelow: 99 })
        assert.match(url, /^oss:\/\//)
        assert.strictEqual((yield* simulator.uploads)[0]?.md5, md5(bytes))
      }).pipe(Effect.provide(live(simulator.url)))
    }))
})

describe("Media", () => {
  it("shows what it is, and not the bytes", () => {
    const media = [
      Media.bytes(noise(9999), "image/png"),
      Media.file("a/b.JPG"),
      Media.url("data:image/png;base64,AAAA".padEnd(5000, "A"))
    ]
    const texts = media.map(String)
    assert.deepStrictEqual(texts.map((text) => text.length < 200), [true, true, true])
    assert.include(texts[1], "image/jpeg")
    assert.isBelow(inspect(media).length, 1000)
    assert.isTrue(media.every(Media.isMedia))
    assert.isFalse(Media.isMedia("a/b.jpg"))
    assert.strictEqual(Chunk.fromIterable(media).length, 3)
  })
})
