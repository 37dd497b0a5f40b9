import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { at } from "../helpers.js"
import { eventsOf, failureOf, finish, goOn, lastEvent, open, run, say, start } from "../socketClient.js"

describe("tasks over a WebSocket", () => {
  it.scopedLive("follow one another on it, and are recorded as requests", () =>
    Effect.gen(function*() {
      const { messages, origin, requests, socketStats, stats } = yield* Simulator.make()
      const client = yield* open(origin)
      for (const id of ["one", "two", "three"]) {
        yield* say(client, ["x."], { id })
      }
      assert.deepInclude(yield* socketStats, { opened: 1, open: 1, tasks: 3, tasksFinished: 3, tasksReused: 2 })
      assert.deepInclude(yield* stats, { totalConnections: 1, totalRequests: 1, requestsInFlight: 0 })
      const seen = yield* requests
      assert.deepStrictEqual(
        seen.map(({ connection, index, method, ordinal, path }) => [index, method, path, connection, ordinal]),
        [
          [1, "GET", "/api-ws/v1/inference", 1, 1],
          [2, "run-task", "/api-ws/v1/inference", 1, 2],
          [3, "run-task", "/api-ws/v1/inference", 1, 3],
          [4, "run-task", "/api-ws/v1/inference", 1, 4]
        ]
      )
      assert.strictEqual(at(JSON.parse(seen[2]?.body ?? ""), "header", "task_id"), "two")
      assert.strictEqual(seen[2]?.headers["authorization"], "Bearer key")
      assert.deepStrictEqual(
        (yield* messages).slice(0, 3).map(({ text }) => at(JSON.parse(text ?? ""), "header", "action")),
        ["run-task", "continue-task", "finish-task"]
      )
      yield* client.send(run({ id: "two" }))
      yield* client.until(() => client.ended() !== undefined)
      assert.strictEqual(failureOf(client), "InvalidParameter: Invalid action('run-task')! Please follow the protocol!")
    }))

  it.scopedLive("are aborted by another one, of which nothing is heard later", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make({ behavior: { socket: { eventInterval: 4 } } })
      const client = yield* open(origin)
      yield* start(client)
      yield* client.send(goOn({ text: "一。二。三。四。五。" }))
      yield* client.until(() => client.texts.length >= 3)
      yield* start(client, { id: "two" })
      yield* client.send(finish({}, "two"))
      yield* client.until(() => lastEvent(client) === "task-finished")
      const ids = client.texts.map((text) => at(text, "header", "task_id"))
      assert.deepStrictEqual(ids.slice(ids.indexOf("two")), ["two", "two"])
      assert.deepInclude(yield* socketStats, { tasks: 2, tasksAborted: 1, tasksFinished: 1, maxTasksInFlight: 1 })
    }))

  it.scopedLive("fail by the rules of the protocol, and close", () =>
    Effect.gen(function*() {
      const { origin, waitForSockets } = yield* Simulator.make()
      const after = (...messages: ReadonlyArray<object | string | Uint8Array>) =>
        Effect.scoped(Effect.gen(function*() {
          const client = yield* open(origin)
          for (const message of messages) {
            const before = client.texts.length
            yield* client.send(message)
            if (message === started) {
              yield* client.until(() => client.texts.length > before)
            }
          }
          yield* client.until(() => client.ended() !== undefined)
          return lastEvent(client) === "task-failed" ? failureOf(client) : client.ended()
        }))
      const started = run()
      const invalid = (action: string) => `InvalidParameter: Invalid action('${action}')! Please follow the protocol!`
      assert.strictEqual(yield* after(goOn({ text: "x" })), invalid("continue-task"))
      assert.strictEqual(yield* after(finish()), invalid("finish-task"))
      assert.strictEqual(yield* after(Buffer.alloc(10)), invalid("binary"))
      assert.strictEqual(yield* after(started, Buffer.alloc(10)), invalid("binary"))
      assert.strictEqual(yield* after({ header: { action: "sing" } }), invalid("sing"))
      assert.strictEqual(yield* after(started, goOn({ text: "x" }, "other")), invalid("continue-task"))
      assert.strictEqual(yield* after(started, started), invalid("run-task"))
      const { input: _, ...payload } = started.payload
      assert.strictEqual(
        yield* after({ header: started.header, payload }),
        "InvalidParameter: task can not be null"
      )
      assert.strictEqual(
        yield* after(started, { header: finish().header, payload: {} }),
        "InvalidParameter: task can not be null"
      )
      assert.strictEqual(
        yield* after({ header: started.header, payload: { ...started.payload, model: undefined } }),
        "InvalidParameter: Missing required parameter 'payload.model'! Please follow the protocol!"
      )
      assert.include(yield* after(run({ task: "dance" })), "audio/dance/SpeechSynthesizer")
      assert.include(yield* after(run({ streaming: "both" })), "header.streaming")
      assert.deepStrictEqual(yield* after("{"), { code: 1007, reason: "Invalid payload data" })
      yield* waitForSockets(({ open, tasksInFlight }) => open === 0 && tasksInFlight === 0)
    }))

  it.scopedLive("hear after their start what came before it, in order", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make()
      const patient = yield* open(origin)
      yield* say(patient, ["一。", "二。"])
      assert.strictEqual((yield* socketStats).messagesHeld, 0)
      for (const behavior of [{}, { latency: 20 }]) {
        const hasty = yield* open(origin, { behavior })
        // One after another, on one WebSocket.
        for (const id of ["one", "two"]) {
          hasty.texts.length = 0
          hasty.audio.length = 0
          yield* Effect.forEach(
            [run({ id }), goOn({ text: "一。" }, id), goOn({ text: "二。" }, id), finish({}, id)],
            hasty.send
          )
          yield* hasty.until(() => lastEvent(hasty) === "task-finished" || hasty.ended() !== undefined)
          assert.deepStrictEqual(eventsOf(hasty), eventsOf(patient))
          assert.deepStrictEqual(hasty.audio, patient.audio)
        }
      }
      assert.deepInclude(yield* socketStats, { messagesHeld: 12, tasksFinished: 5, tasksFailed: 0 })
      // Audio too.
      const asr = {
        task: "asr",
        function: "recognition",
        model: "fun-asr-realtime",
        parameters: { format: "pcm", sample_rate: 16_000 }
      }
      const listening = yield* open(origin)
      yield* Effect.forEach([run(asr), ...patient.audio, finish()], listening.send)
      yield* listening.until(() => lastEvent(listening) === "task-finished" || listening.ended() !== undefined)
      assert.include(JSON.stringify(listening.texts), "一")
      // What is wrong fails then, and what follows it is not heard.
      const wrong = yield* open(origin)
      yield* Effect.forEach([run(), Buffer.alloc(10), goOn({ text: "一。" }), finish()], wrong.send)
      yield* wrong.until(() => wrong.ended() !== undefined)
      assert.deepStrictEqual(eventsOf(wrong), ["task-started", "task-failed"])
      assert.include(failureOf(wrong), "Invalid action('binary')")
      // A task that does not start, and one that another aborts, take with them what they were sent.
      const refused = yield* open(origin)
      yield* Effect.forEach([run({ parameters: {} }), goOn({ text: "一。" })], refused.send)
      yield* refused.until(() => refused.ended() !== undefined)
      assert.deepStrictEqual(eventsOf(refused), ["task-failed"])
      const aborted = yield* open(origin, { behavior: { latency: 20 } })
      yield* Effect.forEach([run(), goOn({ text: "一。" }), run({ id: "two" }), finish({}, "two")], aborted.send)
      yield* aborted.until(() => lastEvent(aborted) === "task-finished")
      assert.deepStrictEqual(eventsOf(aborted), ["task-started", "task-finished"])
    }))

  it.scoped("fail after 23 seconds without a word, and a WebSocket without a task closes after 60", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      const { origin, socketStats } = yield* Simulator.make({ clock })
      const idle = yield* open(origin)
      const client = yield* open(origin)
      yield* start(client)
      yield* TestClock.adjust("22 seconds")
      yield* client.send(goOn({ text: "x." }))
      yield* client.until(() => eventsOf(client).at(-1) === "sentence-end")
      yield* TestClock.adjust("22 seconds")
      assert.isUndefined(client.ended())
      assert.strictEqual((yield* socketStats).tasksInFlight, 1)
      yield* TestClock.adjust("1 seconds")
      yield* client.until(() => client.ended() !== undefined)
      assert.strictEqual(failureOf(client), "CLIENT_ERROR: request timeout after 23 seconds.")
      assert.isUndefined(idle.ended())
      yield* TestClock.adjust("15 seconds")
      yield* idle.until(() => idle.ended() !== undefined)
      assert.deepInclude(yield* socketStats, { tasksFailed: 1, opened: 2 })
    }))

  it.scopedLive("are idle when they have ended, and only then closed with the idle ones", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const client = yield* open(simulator.origin)
      yield* start(client)
      yield* simulator.closeIdleConnections
      yield* client.send(finish())
      yield* client.until(() => lastEvent(client) === "task-finished")
      yield* simulator.closeIdleConnections
      yield* client.until(() => client.ended() !== undefined)
      const second = yield* open(simulator.origin)
      yield* start(second)
      yield* simulator.closeConnections
      yield* second.until(() => second.ended() !== undefined)
      yield* simulator.awaitIdle
      assert.deepInclude(yield* simulator.socketStats, { open: 0, tasksInFlight: 0, tasksAborted: 1 })
      // By the machine's clock.
      const hasty = yield* Simulator.make({ sockets: { inputTimeout: 20 } })
      const third = yield* open(hasty.origin)
      yield* start(third)
      yield* third.until(() => third.ended() !== undefined)
      assert.include(failureOf(third), "CLIENT_ERROR")
    }))

  it.scopedLive("end with the simulator, and so do their timers", () =>
    Effect.gen(function*() {
      let timers = 0
      const real = Clock.make()
      const clock: Clock.Clock = {
        ...real,
        unsafeCurrentTimeMillis: () => real.unsafeCurrentTimeMillis(),
        unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos(),
        sleep: () =>
          Effect.acquireUseRelease(Effect.sync(() => timers++), () => Effect.never, () =>
            Effect.sync(() => {
              timers--
            }))
      }
      const scope = yield* Scope.make()
      const { origin } = yield* Scope.extend(Simulator.make({ clock }), scope)
      const idle = yield* open(origin)
      const busy = yield* open(origin)
      yield* start(busy)
      assert.strictEqual(timers, 2)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.forEach([idle, busy], (client) => client.until(() => client.ended() !== undefined))
      assert.strictEqual(timers, 0)
    }))
})
