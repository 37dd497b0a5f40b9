import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isThorough } from "../../../scripts/thorough.js"
import { baseline, needed, ours } from "../src/clients.js"
import { modes } from "../src/measures.js"
import type { Options } from "../src/options.js"
import { isComplete, write } from "../src/present.js"
import { Results } from "../src/results.js"
import { run } from "../src/run.js"
import type { Server, Snapshot } from "../src/serverProcess.js"
import { runWorker } from "../src/workerProcess.js"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "benchmarks-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

const decodeResults = Schema.decodeUnknown(Schema.parseJson(Results))

// It compiles the library and starts a dozen processes.
describe.runIf(isThorough)("a round", () => {
  it.scopedLive("measures, checks and writes a report, with processes of its own", () =>
    Effect.gen(function*() {
      const out = yield* folder
      const options: Options = {
        mode: modes.tiny,
        clients: [ours],
        measures: [
          "in-flight-32",
          "stream-2000",
          "heap-in-flight",
          "heap-waiting",
          "mixed-32",
          "cold",
          "tls-32",
          "layer",
          "import",
          "size"
        ],
        out,
        within: Infinity,
        profile: undefined
      }
      const results = yield* run(options)

      assert.deepStrictEqual(results.missing, [])
      assert.isTrue(isComplete(results))
      assert.deepStrictEqual(results.clients, [baseline, ours, needed.name])
      const of = (measure: string, client: string) => {
        const sample = results.samples.find((sample) => sample.measure === measure && sample.client === client)
        assert.isDefined(sample, `${measure} of ${client}`)
        return sample
      }
      assert.isAbove(of("layer", ours).values["wall"] ?? 0, 0)
      for (const client of [baseline, ours]) {
        for (const measure of ["mixed-32", "cold", "tls-32"]) {
          assert.isAbove(of(measure, client).values["cpu"] ?? 0, 0)
          assert.strictEqual(of(measure, client).seen?.connections, 32)
        }
        const calls = of("in-flight-32", client)
        assert.isAbove(calls.values["cpu"] ?? 0, 0)
        // As many connections as calls in flight, and a server that worked less than all the time.
        assert.strictEqual(calls.seen?.connections, 32)
        assert.isAbove(calls.seen?.serverBusy ?? 0, 0)
        assert.isBelow(calls.seen?.serverBusy ?? 100, 100)
        assert.isAbove(calls.seen?.requestBytes ?? 0, 400)
        assert.strictEqual(of("stream-2000", client).seen?.connections, 1)
        assert.isAbove(of("heap-in-flight", client).values["with"] ?? 0, 0)
        // Calls that wait open no connection.
        assert.strictEqual(of("heap-waiting", client).seen?.peakConnections, 32)
        assert.isAbove(of("size", client).values["size"] ?? 0, 0)
      }
      assert.isAbove(of("import", ours).values["cpu"] ?? 0, of("import", baseline).values["cpu"] ?? Infinity)
      assert.isAbove(of("import", needed.name).values["cpu"] ?? 0, 0)

      yield* write(results, out)
      const read = (name: string) => Effect.promise(() => readFile(join(out, name), "utf8"))
      assert.deepStrictEqual(yield* decodeResults(yield* read("results.json")), results)
      assert.include(yield* read("README.md"), "**effect-dashscope**")
      assert.match(yield* read("chart.svg"), /^<svg [\s\S]*<\/svg>\n$/)
    }), 180_000)
})

const snapshot: Snapshot = {
  cpuMicros: 0,
  wallMicros: 0,
  requests: 0,
  requestBytes: 0,
  connections: 0,
  open: 0,
  peak: 0,
  held: 7
}

/** Runs a script as a worker, beside a server that only remembers what it was asked. */
const runScript = (script: string) => {
  const asked: Array<string> = []
  const server: Server = {
    port: 0,
    tlsPort: 0,
    ca: "",
    ask: (command) =>
      Effect.sync(() => {
        asked.push(command)
        return snapshot
      })
  }
  const program = { command: process.execPath, args: ["-e", script] }
  const pinning = { _tag: "Unpinned", why: "a test" } as const
  return Effect.map(Effect.either(runWorker(program, { server, pinning, cores: 1 })), (outcome) => ({ asked, outcome }))
}

describe("a worker", () => {
  it.live("is answered line by line, and its other output ignored", () =>
    Effect.gen(function*() {
      const { asked, outcome } = yield* runScript(`
        const lines = ["begin", "hold", "held 7", "release", "end", 'result {"units":3,"cpuMicros":5}']
        const next = () => console.log("noise\\n@bench " + lines.shift())
        process.stdin.on("data", next)
        next()
      `)
      assert.isTrue(Either.isRight(outcome))
      assert.deepStrictEqual(Either.getOrThrow(outcome).numbers, { units: 3, cpuMicros: 5 })
      assert.isDefined(Either.getOrThrow(outcome).seen)
      assert.deepStrictEqual(asked.filter((command) => command === "hold" || command === "release"), [
        "hold",
        "release",
        // Whatever it left behind.
        "release"
      ])
    }))

  it.live("that breaks says why", () =>
    Effect.gen(function*() {
      const broken = yield* runScript("throw new Error('it broke')")
      assert.include(Either.getOrThrow(Either.flip(broken.outcome)).message, "it broke")
      const silent = yield* runScript("")
      assert.strictEqual(Either.getOrThrow(Either.flip(silent.outcome)).message, "it gave no result")
      const garbled = yield* runScript("console.log('@bench result {}{')")
      assert.isTrue(Either.isLeft(garbled.outcome))
    }))
})
