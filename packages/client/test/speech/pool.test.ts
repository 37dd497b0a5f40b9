/** What speech holds of the pool, as the server counts it. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { bundle } from "../../../../scripts/bundle.js"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"
import * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"

const params = { model: "cosyvoice-v3-flash", voice: "longanyang", format: "mp3" }

const poolOf8 = (simulator: Simulator.Service) =>
  Effect.map(
    ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 8 })),
    (pool) => ({ pool, layer: DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false }) })
  )

const texts = ["一。", "二二。", "Three of them. And more.", "四？五！", "Half a sentence"]

const count = casesOf(1000, 0.05)

describe("speech over a pool", () => {
  it.scopedLive(`of 8 connections: ${count} tasks share them, and none hears another`, () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ record: 0 })
      const { layer, pool } = yield* poolOf8(simulator)
      yield* Effect.gen(function*() {
        const say = (text: string) =>
          Effect.map(SpeechSynthesizer.synthesize({ ...params, text }), ({ audio }) => Buffer.from(audio))
        const expected = yield* Effect.forEach(texts, say)
        assert.strictEqual(new Set(expected.map(String)).size, texts.length)
        yield* simulator.resetStats
        yield* Effect.forEach(
          Array.from({ length: count }, (_, i) => i % texts.length),
          (i) => Effect.map(say(texts[i]!), (audio) => assert.isTrue(audio.equals(expected[i]!), `text ${i}`)),
          { concurrency: 24, discard: true }
        )
        const served = yield* simulator.socketStats
        assert.strictEqual(served.tasksFinished, count)
        assert.isAtMost(served.maxOpen, 8)
        // One of them was open before.
        assert.isAtMost(served.opened, 7)
        assert.strictEqual(served.tasksReused, count - served.opened)
        // Nothing is said to a task that has not started.
        assert.strictEqual(served.messagesHeld, 0)
        const { active, idle, waiting } = yield* pool.stats
        assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
        assert.strictEqual(idle, served.maxOpen)
      }).pipe(Effect.provide(layer))
    }), 120_000)

  it.scopedLive("of 8 connections shares them with calls over HTTP", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ record: 0 })
      const { layer, pool } = yield* poolOf8(simulator)
      yield* Effect.forEach(
        Array.from({ length: casesOf(300, 0.15) }, (_, i) => i),
        (i): Effect.Effect<unknown, unknown, DashScope.Services> =>
          i % 3 === 0
            ? Generation.call({ model: "qwen-plus", prompt: "你好" })
            : SpeechSynthesizer.synthesize({ ...params, text: texts[i % texts.length]! }),
        { concurrency: 32, discard: true }
      ).pipe(Effect.provide(layer))
      assert.strictEqual((yield* simulator.stats).maxOpenConnections, 8)
      const { active, open, waiting } = yield* pool.stats
      assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
      assert.isAtMost(open, 8)
    }))
})

const programs = await bundle(new URL("../fixtures/slowListener.ts", import.meta.url))
afterAll(programs.remove)

const audioBytes = isThorough ? 100_000_000 : 25_000_000

describe("a slow listener", () => {
  const Line = Schema.parseJson(Schema.Union(
    Schema.Struct({ holding: Schema.Literal(true) }),
    Schema.Struct({ bytes: Schema.Number, grewBy: Schema.Number })
  ))

  const listens = (protocol: "task" | "session") =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const child = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn(
            process.execPath,
            ["--expose-gc", programs.path("slowListener"), simulator.url, String(audioBytes), protocol],
            { stdio: ["pipe", "pipe", "inherit"] }
          )
        ),
        (child) => Effect.sync(() => child.kill())
      )
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
      const line = Effect.promise(() => lines.next()).pipe(
        Effect.flatMap(({ value }) => Schema.decodeUnknown(Line)(value)),
        Effect.timeout("90 seconds")
      )
      assert.deepStrictEqual(yield* line, { holding: true })
      // Once what the kernels hold between the two is full, nothing moves.
      const held = yield* simulator.socketStats.pipe(
        Effect.flatMap((before) =>
          Effect.map(Effect.delay(simulator.socketStats, "300 millis"), (after) => ({ before, after }))
        ),
        Effect.repeat({ until: ({ after, before }) => after.audioBytesSent === before.audioBytesSent }),
        Effect.map(({ after }) => after),
        Effect.timeout("40 seconds")
      )
      assert.isBelow(held.audioBytesSent, 20_000_000)
      assert.deepStrictEqual([held.open, held.tasksInFlight + held.sessions], [1, 1])

      child.stdin.write("go on\n")
      const report = yield* line
      assert.strictEqual("bytes" in report && report.bytes, audioBytes)
      // What it remembers for an error, 8 MiB at the most, is let go where more comes.
      assert.isBelow("grewBy" in report ? report.grewBy : Infinity, 12_000_000)
    })

  it.scopedLive(`slows the server, and holds little of ${audioBytes / 1e6} MB of audio`, () => listens("task"), 150_000)

  if (isThorough) {
    it.scopedLive("does so in a realtime session, too", () => listens("session"), 150_000)
  }
})
