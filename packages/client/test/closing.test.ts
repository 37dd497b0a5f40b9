import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

const Report = Schema.parseJson(Schema.Struct({
  closingMillis: Schema.Number,
  succeeded: Schema.Number,
  failed: Schema.Number,
  left: Schema.Struct({ open: Schema.Number, inFlight: Schema.Number, waiting: Schema.Number })
}))

/** Ends the child, and with it the test, when it does not end by itself. */
const patience = 15_000

const runChild = (url: string, shutdownMillis: number) =>
  Effect.async<string, Error>((resume) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", fileURLToPath(new URL("fixtures/closing.ts", import.meta.url)), url, String(shutdownMillis)],
      { timeout: patience },
      (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
    return Effect.sync(() => child.kill())
  }).pipe(Effect.flatMap(Schema.decodeUnknown(Report)))

describe("a process that closes its pool under load ends by itself", () => {
  it.scopedLive("after the requests in flight have ended", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { latency: 400 } })
      const report = yield* runChild(simulator.url, 5000)
      assert.strictEqual(report.succeeded, 8)
      assert.strictEqual(report.failed, 92)
      assert.isBelow(report.closingMillis, 1000)
      assert.deepStrictEqual(report.left, { open: 0, inFlight: 0, waiting: 0 })
      yield* simulator.awaitIdle
    }))

  it.scopedLive("within shutdownTimeout, where they do not end", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallAfterHeaders" } } })
      const report = yield* runChild(simulator.url, 300)
      assert.strictEqual(report.failed, 100)
      assert.isAtLeast(report.closingMillis, 295)
      assert.isBelow(report.closingMillis, 800)
      assert.deepStrictEqual(report.left, { open: 0, inFlight: 0, waiting: 0 })
      yield* simulator.awaitIdle
    }))

  it.scopedLive("during handshakes", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ connections: { stallHandshake: 1 } })
      const report = yield* runChild(simulator.url, 100)
      assert.strictEqual(report.failed, 100)
      assert.deepStrictEqual(report.left, { open: 0, inFlight: 0, waiting: 0 })
      yield* simulator.awaitIdle
    }))
})
