import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { bundle } from "../../../../scripts/bundle.js"
import { isThorough } from "../../../../scripts/thorough.js"
import * as ImageSynthesis from "../../src/ImageSynthesis.js"
import * as Task from "../../src/Task.js"
import * as VideoSynthesis from "../../src/VideoSynthesis.js"
import { collectGarbage } from "../util/garbage.js"
import { makeVirtualClock } from "../util/virtualClock.js"
import { cat, live } from "./support.js"

const fast = Schedule.spaced("5 millis")

const heapAfterCollection = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describe("many tasks awaited at once", () => {
  const count = isThorough ? 1000 : 45

  it.live(
    `ask 20 times in a second at the most, as the server counts (${count} tasks)`,
    () =>
      Effect.gen(function*() {
        const { clock, now, run } = makeVirtualClock()
        const simulator = yield* Simulator.make({
          clock,
          record: 0,
          tasks: { pending: 1000, running: count * 100 }
        })
        yield* Effect.gen(function*() {
          const tasks = yield* Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) =>
              Effect.gen(function*() {
                return i % 4 === 0
                  ? yield* VideoSynthesis.submit({ model: "wan2.5-t2v-preview", prompt: `${i}` })
                  : yield* ImageSynthesis.submit(cat(`${i}`))
              }),
            { concurrency: 4 }
          )
          const from = now()
          const results = yield* Effect.forEach(
            tasks,
            (task) =>
              Effect.gen(function*() {
                const { output } = task.service === "VideoSynthesis"
                  ? yield* VideoSynthesis.await(task)
                  : yield* ImageSynthesis.await(task)
                return output.taskId
              }),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(results, tasks.map(({ id }) => id))
          const { maxQueriesInSecond, queries, throttled } = yield* simulator.taskStats
          assert.strictEqual(maxQueriesInSecond, 20)
          assert.strictEqual(throttled, 0)
          assert.isAbove(queries, 2 * count)
          // And nearly as many as it may.
          assert.isAtMost(now() - from, 60 * queries)
        }).pipe(
          (self) => run(self, busy),
          Effect.provide(live(simulator)),
          Effect.scoped
        )
      }).pipe(Effect.scoped),
    120_000
  )

  it.live("ask no more where the service bears less than that, though each question is asked until it is answered", () =>
    Effect.gen(function*() {
      const { clock, run } = makeVirtualClock()
      const simulator = yield* Simulator.make({ clock, tasks: { pending: 0, running: 3000, perSecond: 8 } })
      yield* Effect.forEach(Array.from({ length: 24 }, (_, i) => i), (i) => ImageSynthesis.call(cat(`${i}`)), {
        concurrency: "unbounded",
        discard: true
      }).pipe((self) => run(self, busy), Effect.provide(live(simulator, undefined, {})), Effect.scoped)
      const { made, maxQueriesInSecond, throttled } = yield* simulator.taskStats
      assert.strictEqual(made, 24)
      assert.isAbove(throttled, 20)
      assert.isAtMost(maxQueriesInSecond, 20)
    }).pipe(Effect.scoped))

  it.live.runIf(isThorough)("hold no more the longer they wait", () =>
    Effect.gen(function*() {
      const { clock, run } = makeVirtualClock()
      const simulator = yield* Simulator.make({ clock, record: 0, tasks: { pending: 0, running: 400_000 } })
      const heaps: Array<number> = []
      const measure = (queries: number): Effect.Effect<void> =>
        Effect.flatMap(simulator.taskStats, (stats) =>
          stats.queries < queries
            ? Effect.zipRight(Effect.sleep("1 second"), measure(queries))
            : Effect.sync(() => heaps.push(heapAfterCollection())))
      yield* Effect.gen(function*() {
        const tasks = yield* Effect.forEach(Array.from({ length: 1000 }, (_, i) => i), (i) =>
          ImageSynthesis.submit(cat(`${i}`)), { concurrency: 4 })
        const waiting = yield* Effect.fork(Effect.forEach(tasks, (task) =>
          Task.await(task), {
          concurrency: "unbounded",
          discard: true
        }))
        for (const queries of [2000, 4000, 6000]) {
          yield* measure(queries)
        }
        yield* Fiber.interrupt(waiting)
      }).pipe(
        (self) =>
          run(self, busy),
        Effect.provide(live(simulator)),
        Effect.scoped
      )
      const [first = 0, , last = 0] = heaps
      assert.isBelow(last - first, 4_000_000, `${heaps.map((heap) => Math.round(heap / 1e5) / 10).join(", ")} MB`)
    }).pipe(Effect.scoped), 300_000)
})

/** A request is on its way. */
const busy = Effect.map(ConnectionPool.stats, ({ inFlight, waiting }) => inFlight + waiting > 0)

describe("an interruption of who waits", () => {
  const waiting = (simulator: Simulator.Service, options: Task.AwaitOptions, behavior: Behavior.Behavior) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(
        ImageSynthesis.call(cat("a cat"), { poll: fast, headers: Behavior.toHeaders(behavior), ...options })
      )
      yield* Effect.repeat(simulator.taskStats, { until: ({ queries }) => queries > 0, schedule: fast })
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(fiber)))
      return (yield* simulator.tasks).at(-1)
    })

  it.scopedLive("leaves the task with the server, where anybody finds it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const left = yield* waiting(simulator, {}, { task: { pending: 0, running: 300 } })
        assert.strictEqual((yield* simulator.taskStats).cancels, 0)
        const task = yield* Task.byId(left?.id ?? "")
        const { output } = yield* ImageSynthesis.await(task, { poll: fast })
        assert.strictEqual(output.taskStatus, "SUCCEEDED")
        assert.strictEqual((yield* simulator.taskStats).made, 1)
      }).pipe(Effect.provide(live(simulator)))
    }))

  it.scopedLive("cancels it where that is asked for and the service still can", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const cancelOnInterrupt = { cancelOnInterrupt: true }
        const pending = yield* waiting(simulator, cancelOnInterrupt, { task: { pending: 1e9 } })
        assert.strictEqual(pending?.status, "CANCELED")
        yield* simulator.resetStats
        const running = yield* waiting(simulator, cancelOnInterrupt, { task: { pending: 0, running: 1e9 } })
        assert.strictEqual(running?.status, "RUNNING")
        assert.strictEqual((yield* simulator.taskStats).cancels, 1)
      }).pipe(Effect.provide(live(simulator)))
    }))
})

describe("a task that failed, was lost or canceled by another", () => {
  it.scopedLive("is the typed error of it, and sub-tasks that failed are told beside those that did not", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const call = (task: Behavior.TaskBehavior) =>
        ImageSynthesis.call({ ...cat("a cat"), n: 4 }, { poll: fast, headers: Behavior.toHeaders({ task }) })
      yield* Effect.gen(function*() {
        const failed = yield* Effect.flip(
          call({ end: "FAILED", code: "InvalidParameter", message: "The size is wrong" })
        )
        assert.deepInclude({ ...failed }, { _tag: "ApiError", code: "InvalidParameter", reason: "InvalidRequest" })
        assert.isDefined(Task.ofError(failed))
        assert.strictEqual((yield* Effect.flip(call({ end: "UNKNOWN" })))._tag, "TaskUnknown")
        assert.strictEqual((yield* Effect.flip(call({ end: "CANCELED" })))._tag, "TaskCanceled")
        const { output } = yield* call({ failures: 1 })
        assert.deepInclude({ ...output.taskMetrics }, { total: 4, succeeded: 3, failed: 1 })
        assert.deepStrictEqual(output.results?.map(({ code, url }) => [code, typeof url]), [
          ["DataInspectionFailed", "undefined"],
          [undefined, "string"],
          [undefined, "string"],
          [undefined, "string"]
        ])
      }).pipe(Effect.provide(live(simulator)))
    }))
})

const run = (program: string, args: ReadonlyArray<string>) =>
  Effect.async<{ readonly output: string; readonly end: string }>((resume) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"], timeout: 60_000 })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    child.on("close", (code, signal) => resume(Effect.succeed({ output, end: String(signal ?? code) })))
    return Effect.sync(() => child.kill())
  })

describe("a process that dies after it has submitted a task", () => {
  it.scopedLive("leaves data with which another process goes on", () =>
    Effect.gen(function*() {
      const programs = yield* Effect.acquireRelease(
        Effect.promise(() => bundle(new URL("../fixtures/taskProcess.ts", import.meta.url))),
        (made) => Effect.sync(made.remove)
      )
      const simulator = yield* Simulator.make()
      const program = programs.path("taskProcess")
      const first = yield* run(program, [simulator.url, "submit"])
      assert.strictEqual(first.end, "SIGKILL")
      const saved = yield* Schema.decode(Schema.parseJson(Task.Task))(first.output)
      const second = yield* run(program, [simulator.url, first.output])
      assert.strictEqual(second.end, "0")
      const { output } = JSON.parse(second.output) as ImageSynthesis.ImageSynthesisResult
      assert.strictEqual(output.taskId, saved.id)
      assert.isString(output.results?.[0]?.url)
      assert.deepInclude(yield* simulator.taskStats, { submissions: 1, made: 1 })
    }), 90_000)
})
