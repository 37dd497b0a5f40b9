import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { bundle } from "../../../scripts/bundle.js"
import { isThorough } from "../../../scripts/thorough.js"
import { hasRedis, make } from "./util/redisServer.js"

const perMinute = 1200
const minute = 60_000

/** Another time of day, from the first moment on. */
const skewedBy = (millis: number) => [
  "--import",
  `data:text/javascript,const now = Date.now; Date.now = () => now() + ${millis}`
]

const programs = Effect.acquireRelease(
  Effect.promise(() => bundle(new URL("./fixtures/worker.ts", import.meta.url))),
  (programs) => Effect.sync(programs.remove)
)

interface Worker {
  readonly child: ChildProcess
  readonly said: () => string
}

const kill = ({ child }: Worker) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const start = (path: string, options: ReadonlyArray<string>, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync((): Worker => {
      const child = spawn(process.execPath, [...options, path, ...args], { stdio: ["ignore", "pipe", "pipe"] })
      let said = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text
        })
      }
      return { child, said: () => said }
    }),
    kill
  )

/** The most that arrived in any window of so long. */
const mostWithin = (times: ReadonlyArray<number>, millis: number): number => {
  let most = 0
  let first = 0
  times.forEach((time, last) => {
    while (time - times[first]! >= millis) first++
    most = Math.max(most, last - first + 1)
  })
  return most
}

describe.skipIf(!hasRedis || !isThorough)("four processes", () => {
  it.live("keep to one quota, whatever happens to the server and to them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ record: 10_000, behavior: { latency: 100 } })
      const redis = yield* make()
      const worker = (yield* programs).path("worker")
      const run = (name: string, library: string, skewMillis: number) =>
        start(worker, skewedBy(skewMillis), [name, redis.url, simulator.url, library, String(perMinute)])
      const workers = yield* Effect.all([
        run("a", "ioredis", 0),
        run("b", "redis", minute),
        run("c", "ioredis", -minute),
        run("d", "redis", 0)
      ])
      const startedAt = Date.now()
      const until = (second: number) => Effect.sleep(Math.max(0, startedAt + 1000 * second - Date.now()))

      yield* until(10)
      yield* redis.cli("SCRIPT", "FLUSH", "SYNC")
      yield* until(20)
      yield* redis.kill
      yield* until(24)
      yield* redis.start
      yield* until(32)
      yield* redis.freeze
      yield* until(34.5)
      yield* redis.thaw
      yield* until(40)
      yield* kill(workers[0])
      yield* run("e", "ioredis", 0)
      yield* until(75)
      yield* Effect.forEach(workers, kill)

      const requests = yield* simulator.requests
      const times = requests.map(({ arrivedAt }) => arrivedAt)
      const most = mostWithin(times, minute)
      const of = (from: number, to: number) =>
        requests.filter(({ arrivedAt }) => arrivedAt >= startedAt + 1000 * from && arrivedAt < startedAt + 1000 * to)
      const whole = of(50, 75)
      const share = (name: string) => whole.filter(({ headers }) => headers["x-worker"] === name).length / whole.length
      const figures = {
        most,
        inSeconds: Array.from({ length: 15 }, (_, i) => of(5 * i, 5 * i + 5).length),
        shares: ["b", "c", "d", "e"].map((name) => Number(share(name).toFixed(2)))
      }
      console.log(JSON.stringify(figures))
      for (const { said } of workers) {
        const lines = said().split("\n")
        // Once for the server that was killed, once for the one that stood still.
        assert.isAtMost(lines.filter((line) => line.includes("Until it answers again")).length, 2, said())
        assert.isAtLeast(lines.filter((line) => line.includes("Until it answers again")).length, 1, said())
        assert.match(said(), /^started \d+$/m)
      }
      assert.isAtMost(most, perMinute)
      // What was given up has been given back: what is left is nearly all of the quota.
      assert.isAbove(whole.length, 0.85 * perMinute * 25 / 60)
      for (const each of ["b", "c", "d", "e"]) assert.isAbove(share(each), 0.125, each)
    }).pipe(Effect.scoped), 150_000)
})
