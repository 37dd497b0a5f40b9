/** Child processes that close their pools under load, and what has to hold of each. */
import { Cause, Duration, Effect, Schema } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import * as assert from "node:assert"
import { spawn } from "node:child_process"
import { bundle } from "../../../../scripts/bundle.js"

const Report = Schema.parseJson(Schema.Struct({
  atClose: Schema.Struct({
    asleep: Schema.Number,
    connecting: Schema.Number,
    inFlight: Schema.Number,
    waiting: Schema.Number,
    eventsSeen: Schema.Number
  }),
  closingMillis: Schema.Number,
  endedMillis: Schema.Number,
  succeeded: Schema.Number,
  failed: Schema.Number,
  untyped: Schema.Array(Schema.String),
  left: Schema.Struct({ open: Schema.Number, inFlight: Schema.Number, waiting: Schema.Number })
}))

/**
 * How long a child may take beyond its shutdownTimeout, from the beginning of the closing to the end of the process. On
 * a machine of its own it needs a small part of that; what it may not wait for takes twice as long and more.
 */
const aLittle = 10_000

/** A child that has not ended by then does not end by itself. */
const patience = 60_000

const fixture = Effect.acquireRelease(
  Effect.promise(() => bundle(new URL("../fixtures/closing.ts", import.meta.url))),
  (programs) => Effect.sync(programs.remove)
)

const runChild = (program: string, args: ReadonlyArray<string>) =>
  Effect.async<{ readonly output: string; readonly exitMillis: number }>((resume) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: patience
    })
    const marker = "closing\n"
    let output = ""
    let closingAt = Number.NaN
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
      if (Number.isNaN(closingAt) && output.startsWith(marker)) closingAt = performance.now()
    })
    child.on("close", (code, signal) => {
      const exitMillis = performance.now() - closingAt
      resume(
        code === 0
          ? Effect.succeed({ output: output.slice(marker.length), exitMillis })
          : Effect.dieMessage(`the child ended with ${code ?? signal}: ${output}`)
      )
    })
    return Effect.sync(() => child.kill())
  })

/** What a child did. */
export interface Closed {
  readonly shutdownMillis: number
  /** From the beginning of the closing to the end of the process. */
  readonly exitMillis: number
  readonly succeeded: number
  readonly failed: number
}

const closeOne = (program: string, url: string, silentUrl: string, seed: number): Effect.Effect<Closed> =>
  Effect.gen(function*() {
    const shutdownMillis = [1000, 300, 0][seed % 3]!
    const { exitMillis, output } = yield* runChild(program, [url, silentUrl, String(shutdownMillis), String(seed)])
    const { atClose, closingMillis, endedMillis, failed, left, succeeded, untyped } = yield* Schema.decode(Report)(
      output
    )
    // It was a load.
    assert.strictEqual(atClose.asleep, 12)
    for (const value of Object.values(atClose)) assert.ok(value > 0, `no load: ${JSON.stringify(atClose)}`)
    assert.deepStrictEqual(untyped, [])
    assert.deepStrictEqual(left, { open: 0, inFlight: 0, waiting: 0 })
    // The stalled calls and the handshakes last as long as they may.
    assert.ok(closingMillis >= shutdownMillis - 5, `closed after ${closingMillis} of ${shutdownMillis} ms`)
    for (const millis of [closingMillis, endedMillis, exitMillis]) {
      assert.ok(millis <= shutdownMillis + aLittle, `${millis} ms, where shutdownTimeout is ${shutdownMillis} ms`)
    }
    return { shutdownMillis, exitMillis, succeeded, failed }
  }).pipe(
    Effect.catchAllCause((cause) => Effect.dieMessage(`closing, seed ${seed}: ${String(Cause.squash(cause))}`))
  )

/** Runs so many children, dies where one does not end as it has to, and tells of each. */
export const closeMany = (
  count: number,
  concurrency: number,
  onClosed: (closed: Closed) => Effect.Effect<void> = () => Effect.void
) =>
  Effect.scoped(Effect.gen(function*() {
    const program = (yield* fixture).path("closing")
    const simulator = yield* Simulator.make()
    const silent = yield* Simulator.make({ tls: true, connections: { stallHandshake: 1 } })
    const all = yield* Effect.forEach(
      Array.from({ length: count }, (_, seed) => seed),
      (seed) => Effect.tap(closeOne(program, simulator.url, silent.url, seed), onClosed),
      { concurrency }
    )
    yield* Effect.timeout(Effect.all([simulator.awaitIdle, silent.awaitIdle]), Duration.seconds(20))
    return all
  }))
