import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { ResultFile, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { createHash } from "node:crypto"
import { createReadStream, readdirSync } from "node:fs"
import { isThorough } from "../../../scripts/thorough.js"
import * as DashScope from "../src/DashScope.js"
import * as Download from "../src/Download.js"
import { type Answering, bytesOf, hashOf, makeFileServer } from "./util/fileServer.js"
import { collectGarbage } from "./util/garbage.js"
import { mockHttp } from "./util/mock.js"
import { systemReasonOf } from "./util/platform.js"
import { recordSpans } from "./util/recorder.js"
import { makeSinks } from "./util/sinks.js"

const key = "sk-download-sentinel-0123456789"
const secret = "secret-signature-1"

const live = Layer.merge(
  DashScope.layer({
    apiKey: key,
    connection: ConnectionConfig.make({
      connectionPoolSize: 1,
      resendOnStaleConnection: false,
      readTimeout: "20 seconds",
      shutdownTimeout: "0 seconds"
    })
  }),
  NodeFileSystem.layer
)

const idle = { active: 0, inFlight: 0, waiting: 0 }
const poolNow = Effect.map(ConnectionPool.stats, ({ active, inFlight, waiting }) => ({ active, inFlight, waiting }))

const whole = (url: string, options?: Download.DownloadOptions) =>
  Effect.map(
    Stream.runCollect(Download.stream(url, options)),
    (pieces) => Buffer.concat(Chunk.toReadonlyArray(pieces))
  )

const hashOfFile = (path: string) =>
  Effect.async<string>((resume) => {
    const hash = createHash("sha256")
    createReadStream(path).on("data", (piece) => hash.update(piece)).on(
      "end",
      () => resume(Effect.succeed(hash.digest("hex")))
    )
  })

const size = 300_000

describe("Download.stream", () => {
  const ways: ReadonlyArray<readonly [name: string, answers: ReadonlyArray<Answering>, rest?: Answering]> = [
    ["in one answer", []],
    ["over three breaks", [{ breakAfter: 70_000 }, { breakAfter: 1 }, { breakAfter: 100_000 }]],
    ["from a host that does not know parts", [{ breakAfter: 150_000 }], { ignoresRange: true }],
    ["over a break before any byte, and a host that is busy", [{ breakAfter: 0 }, { status: 503 }, { breakAfter: 9 }]],
    ["by its time of change, without an ETag", [{ breakAfter: 99 }], { headers: { etag: undefined } }],
    ["without a length", [{ isChunked: true, breakAfter: 123_456 }], { isChunked: true }],
    [
      "by its length alone",
      [{ breakAfter: 200_000, headers: { "etag": undefined, "last-modified": undefined } }],
      { headers: { "etag": undefined, "last-modified": undefined } }
    ],
    ["of a host that sends a part of what is missing", [
      { breakAfter: 50_000 },
      { endAfter: 50_000, isChunked: true, headers: { "content-range": `bytes 50000-99999/${size}` } }
    ]]
  ]
  for (const [name, answers, rest] of ways) {
    it.scopedLive(`gives the bytes of the file ${name}`, () =>
      Effect.gen(function*() {
        const given = name.startsWith("by its time")
          ? answers.map((answer) => ({ ...answer, headers: { etag: undefined } }))
          : answers
        const server = yield* makeFileServer(size, given, rest)
        const bytes = yield* whole(server.url)
        assert.isTrue(bytes.equals(bytesOf(0, size)))
        assert.lengthOf(server.requests, answers.length + 1)
        assert.deepStrictEqual(yield* poolNow, idle)
      }).pipe(Effect.provide(live)))
  }

  it.scopedLive("sends neither the key nor a header of the service, and asks for parts of the same file", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(size, [{ breakAfter: 100_000 }])
      const recorded = recordSpans()
      yield* whole(server.url).pipe(Effect.withSpan("caller"), Effect.provide(recorded.layer))
      const allowed = ["accept", "accept-encoding", "connection", "host", "if-range", "range"]
      for (const headers of server.requests) {
        assert.deepStrictEqual(Object.keys(headers).filter((name) => !allowed.includes(name)), [])
      }
      assert.deepInclude(server.requests[1], { "range": "bytes=100000-", "if-range": "\"tag-1\"" })
      const [span] = recorded.spans.filter(({ name }) => name === "dashscope.download")
      assert.deepInclude(Object.fromEntries(span?.attributes ?? []), {
        "url.full": server.url.replace(/\?.*/, ""),
        "server.address": "127.0.0.1"
      })
      assert.notInclude(JSON.stringify(recorded.spans.map(({ attributes, name }) => [name, ...attributes])), secret)
    }).pipe(Effect.provide(live)))

  it.scopedLive("tells its progress, and runs into a Sink", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(size, [{ breakAfter: 100_000 }])
      const seen: Array<Download.Progress> = []
      const count = Sink.foldLeft<number, Uint8Array>(0, (sum, piece) => sum + piece.length)
      const counted = yield* Download.toSink(server.url, count, {
        onProgress: (progress) => Effect.sync(() => void seen.push(progress))
      })
      assert.strictEqual(counted, size)
      assert.deepStrictEqual(seen.at(-1), { received: size, total: size })
      for (const [i, { received }] of seen.entries()) assert.isAbove(received, seen[i - 1]?.received ?? 0)
    }).pipe(Effect.provide(live)))

  const other: ReadonlyArray<readonly [name: string, broken: Answering, answer: Answering, said: RegExp]> = [
    ["another ETag", { breakAfter: 9 }, { seed: 2, headers: { etag: "\"tag-2\"" } }, /ETag/],
    ["another length", { breakAfter: 9 }, { headers: { "content-range": `bytes 9-99/100` } }, /length/],
    [
      "another part",
      { breakAfter: 9 },
      { headers: { "content-range": `bytes 0-${size - 1}/${size}` } },
      /another part/
    ],
    [
      "another time of change",
      { breakAfter: 9, headers: { etag: undefined } },
      { headers: { "etag": undefined, "last-modified": "Sat, 02 Mar 2024 00:00:00 GMT" } },
      /Last-Modified/
    ]
  ]
  const bare = { "etag": undefined, "last-modified": undefined }
  const others: typeof other = [
    ...other,
    [
      "other bytes, which nothing else tells",
      { breakAfter: 9, headers: bare },
      { seed: 2, headers: bare },
      /bytes before the break/
    ],
    [
      "other bytes of a host that knows no parts",
      { breakAfter: 9, headers: bare },
      { seed: 2, ignoresRange: true, headers: bare },
      /bytes before the break/
    ]
  ]
  for (const [name, broken, answer, said] of others) {
    it.scopedLive(`refuses ${name} after a break`, () =>
      Effect.gen(function*() {
        const server = yield* makeFileServer(size, [broken], answer)
        const error = yield* Effect.flip(whole(server.url))
        assert.strictEqual(error._tag, "FileChanged")
        assert.match(error.message, said)
        assert.deepInclude({ ...error }, { received: 9, url: server.url.replace(/\?.*/, "") })
        assert.lengthOf(server.requests, 2)
        assert.deepStrictEqual(yield* poolNow, idle)
      }).pipe(Effect.provide(live)))
  }

  it.scopedLive("goes on where the host falls silent for longer than the pool waits", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(size, [{ stallAfter: 100_000 }])
      assert.isTrue((yield* whole(server.url)).equals(bytesOf(0, size)))
      assert.deepInclude(server.requests[1], { range: "bytes=100000-" })
    }).pipe(Effect.provide(DashScope.layer({ apiKey: key, connection: { readTimeout: "300 millis" } }))))

  const again = ["changed", "mixed", "longer", "expired"] as const
  it.scopedLive("is refused by a storage host that has another file by then, or none, and shows it no key", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      for (const kind of again) {
        const url = yield* simulator.publish({ content: 500_000, breakAfter: 200_000, again: kind })
        const error = yield* Effect.flip(whole(url))
        assert.strictEqual(error._tag, kind === "expired" ? "ApiError" : "FileChanged", kind)
      }
      for (
        const more of [{ again: "whole" }, { breakBy: "close" }, { unmeasured: true }, { untagged: true }] as const
      ) {
        const url = yield* simulator.publish({ content: 500_000, breakAfter: 200_000, breakTimes: 1, ...more })
        const expected = Buffer.concat([...ResultFile.bytes(0, 500_000)])
        assert.isTrue((yield* whole(url)).equals(expected), JSON.stringify(more))
      }
      const seen = yield* simulator.downloads
      assert.isAtLeast(seen.length, 16)
      assert.isFalse(seen.some(({ authorization }) => authorization))
    }).pipe(Effect.provide(live)))

  it.scopedLive("fails with what broke it, where that does not stop", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(size, [{ breakAfter: 5 }], { breakAfter: 0 })
      const error = yield* Effect.flip(whole(server.url, { maxRetries: 2 }))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Reset" })
      assert.lengthOf(server.requests, 3)
      // Nothing tells what would follow from another file.
      const unknown = yield* makeFileServer(size, [{ breakAfter: 5, isChunked: true, headers: bare }])
      assert.strictEqual((yield* Effect.flip(whole(unknown.url)))._tag, "ConnectionError")
      assert.lengthOf(unknown.requests, 1)
      assert.deepStrictEqual(yield* poolNow, idle)
    }).pipe(Effect.provide(live)))

  it.scopedLive("says that a URL has expired, and shows its signature to nobody", () =>
    Effect.gen(function*() {
      const xml = `<Error><Code>AccessDenied</Code><Message>Request has expired. ${secret}</Message>` +
        "<RequestId>oss-1</RequestId></Error>"
      const server = yield* makeFileServer(size, [], { status: 403, body: xml })
      const sinks = makeSinks(secret)
      const exit = yield* whole(server.url).pipe(
        Effect.withSpan("caller"),
        Effect.tapErrorCause(Effect.logError),
        Effect.exit,
        Effect.provide(sinks.layer)
      )
      sinks.show(exit)
      sinks.assertClean()
      const error = yield* Effect.flip(whole(server.url))
      assert.deepInclude({ ...error }, { _tag: "ApiError", statusCode: 403, code: "AccessDenied", requestId: "oss-1" })
      assert.match(error.message, /good for 24 hours/)
      assert.lengthOf(server.requests, 2)
      const moved = yield* makeFileServer(size, [], { status: 302, headers: { location: "https://example.com/?s" } })
      assert.deepInclude({ ...yield* Effect.flip(whole(moved.url)) }, { _tag: "ApiError", statusCode: 302 })
    }).pipe(Effect.provide(live)))

  it.scopedLive("takes no more than it may", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(size)
      const error = yield* Effect.flip(whole(server.url, { maxBytes: size - 1 }))
      assert.deepInclude({ ...error }, { _tag: "FileTooLarge", maxBytes: size - 1, size })
      const chunked = yield* makeFileServer(size, [], { isChunked: true })
      const late = yield* Effect.flip(whole(chunked.url, { maxBytes: 100_000 }))
      assert.strictEqual(late._tag, "FileTooLarge")
      assert.lengthOf(yield* whole(chunked.url, { maxBytes: size }), size)
      assert.deepStrictEqual(yield* poolNow, idle)
    }).pipe(Effect.provide(live)))

  it.effect("refuses what it cannot do before any I/O", () =>
    Effect.gen(function*() {
      const http = mockHttp(() => new Response("x"))
      const url = "https://example.com/a.png"
      const refused: ReadonlyArray<readonly [field: string, url: string, options?: object]> = [
        ["url", "oss://bucket/a.png"],
        ["url", "a.png"],
        ["url", ""],
        ["maxBytes", url, { maxBytes: -1 }],
        ["maxRetries", url, { maxRetries: "3" }],
        ["timeout", url, { timeout: 3 }],
        ["contentTimeout", url, { contentTimeout: "0 seconds" }]
      ]
      yield* Effect.gen(function*() {
        for (const [field, url, options] of refused) {
          const error = yield* Effect.flip(whole(url, options))
          assert.deepInclude({ ...error }, { _tag: "InputRequired", field })
        }
        const error = yield* Effect.flip(Download.toFile(url, "a.png"))
        assert.deepInclude({ ...error }, { _tag: "InputRequired", field: "path" })
      }).pipe(Effect.provide(Layer.provide(Download.layer, http.layer)))
      assert.lengthOf(http.requests, 0)
    }))

  it.effect("keeps its deadlines over any HTTP client: one ends it, the other has it go on elsewhere", () =>
    Effect.gen(function*() {
      let asked = 0
      const stalling = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytesOf(0, 10))
      })
      const headers = { "etag": "\"a\"", "content-length": "20" }
      const http = mockHttp((request) => {
        asked++
        if (request.url.includes("never")) return Effect.never
        return asked === 1
          ? new Response(stalling, { headers })
          : new Response(new Uint8Array(bytesOf(10, 20)), {
            status: 206,
            headers: { "etag": "\"a\"", "content-range": "bytes 10-19/20", "content-length": "10" }
          })
      })
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(whole("https://example.com/a", { contentTimeout: "7 seconds" }))
        yield* TestClock.adjust("6 seconds")
        assert.strictEqual(asked, 1)
        yield* TestClock.adjust("2 seconds")
        assert.isTrue((yield* Fiber.join(fiber)).equals(bytesOf(0, 20)))
        assert.strictEqual(asked, 2)
        const never = yield* Effect.fork(
          Effect.flip(whole("https://example.com/never", { contentTimeout: "1 second", timeout: "2500 millis" }))
        )
        yield* TestClock.adjust("2400 millis")
        assert.isNull(never.unsafePoll())
        yield* TestClock.adjust("100 millis")
        assert.deepInclude({ ...yield* Fiber.join(never) }, { _tag: "RequestTimeout", phase: "total" })
      }).pipe(Effect.provide(Layer.provide(Download.layer, http.layer)))
    }))

  it.scopedLive("reads nothing that nobody asks for, and gives all back when its reader leaves", () =>
    Effect.gen(function*() {
      const server = yield* makeFileServer(50_000_000)
      const first = yield* Stream.runCollect(Stream.take(Download.stream(server.url), 1))
      assert.lengthOf(first, 1)
      assert.deepStrictEqual(yield* poolNow, idle)
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Stream.runForEach(
          Download.stream(server.url),
          () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)
        )
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* poolNow, idle)
    }).pipe(Effect.provide(live)))
})

describe("Download.toFile", () => {
  const large = isThorough ? 300_000_000 : 24_000_000

  it.scopedLive(
    `writes ${large / 1e6} MB over three breaks, equal to the source, and holds little of it`,
    () =>
      Effect.gen(function*() {
        const part = Math.floor(large / 4)
        const breaks = [part, part, part].map((breakAfter) => ({ breakAfter }))
        const server = yield* makeFileServer(large, breaks)
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        const path = `${folder}/film.mp4`
        yield* files.writeFileString(path, "what was there before")
        let pieces = 0
        let samples = 0
        let most = 0
        collectGarbage()
        const before = process.memoryUsage().arrayBuffers
        const file = yield* Download.toFile(server.url, path, {
          onProgress: () =>
            Effect.sync(() => {
              if (++pieces % 200 > 0) return
              // Counted is what is held, not what the collector has not come to yet.
              collectGarbage()
              samples++
              most = Math.max(most, process.memoryUsage().arrayBuffers - before)
              assert.deepStrictEqual(readdirSync(folder).filter((name) => name.endsWith(".part")).length, 1)
            })
        })
        assert.deepStrictEqual(file, { path, size: large, mediaType: "video/mp4" })
        assert.strictEqual(yield* hashOfFile(path), hashOf(large))
        assert.lengthOf(server.requests, 4)
        assert.isAtLeast(samples, isThorough ? 20 : 1)
        assert.isBelow(most, (isThorough ? 32 : 18) * 1024 * 1024)
        assert.deepStrictEqual(readdirSync(folder), ["film.mp4"])
        assert.deepStrictEqual(yield* poolNow, idle)
      }).pipe(Effect.provide(live)),
    180_000
  )

  it.scopedLive("leaves nothing under either name where it is interrupted or fails, and what was there before", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const path = `${folder}/film.mp4`
      const server = yield* makeFileServer(size, [{ stallAfter: 100_000 }, { breakAfter: 9 }], {
        seed: 2,
        headers: { etag: "\"tag-2\"" }
      })
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Download.toFile(server.url, path, { onProgress: () => Effect.asVoid(Deferred.succeed(begun, undefined)) })
      )
      yield* Deferred.await(begun)
      assert.lengthOf(readdirSync(folder), 1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(readdirSync(folder), [])
      yield* files.writeFileString(path, "what was there before")
      const error = yield* Effect.flip(Download.toFile(server.url, path))
      assert.strictEqual(error._tag, "FileChanged")
      assert.deepStrictEqual(readdirSync(folder), ["film.mp4"])
      assert.strictEqual(yield* files.readFileString(path), "what was there before")
      assert.deepStrictEqual(yield* poolNow, idle)
    }).pipe(Effect.provide(live)))

  it.scopedLive("says why a file cannot be written, and asks nobody then", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const server = yield* makeFileServer(size)
      const exit = yield* Effect.exit(Download.toFile(server.url, `${folder}/none/film.mp4`))
      assert.strictEqual(Exit.isFailure(exit) && systemReasonOf(Cause.squash(exit.cause)), "NotFound")
      assert.lengthOf(server.requests, 0)
    }).pipe(Effect.provide(live)))

  it.scopedLive("writes several at once to one name, the last one stays", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const server = yield* makeFileServer(size)
      yield* Effect.all(Array.from({ length: 3 }, () => Download.toFile(server.url, `${folder}/film.mp4`)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(readdirSync(folder), ["film.mp4"])
      assert.strictEqual(yield* hashOfFile(`${folder}/film.mp4`), hashOf(size))
    }).pipe(Effect.provide(live)))
})
