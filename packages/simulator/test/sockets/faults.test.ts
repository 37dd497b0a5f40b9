import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Behavior as Behaviors, Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import { pcmOf } from "../../src/internal/core/audio.js"
import { at } from "../helpers.js"
import type { Client } from "../socketClient.js"
import { eventsOf, failureOf, finish, goOn, lastEvent, open, run, say, start } from "../socketClient.js"

/** Asks for two sentences with a behaviour, and waits for whatever end there is. */
const speaking = (origin: string, behavior: Behavior.Behavior) =>
  Effect.gen(function*() {
    const client = yield* open(origin, { behavior })
    yield* client.send(run())
    yield* client.until(() => client.order.length > 0 || client.ended() !== undefined)
    if (lastEvent(client) === "task-started") {
      yield* client.send(goOn({ text: "一。二。" }))
      yield* client.send(finish())
    }
    yield* client.until(() => lastEvent(client) === "task-finished" || client.ended() !== undefined)
    return client
  })

const all = [
  "task-started",
  "sentence-begin",
  "sentence-synthesis",
  "sentence-end",
  "sentence-begin",
  "sentence-synthesis",
  "sentence-end",
  "task-finished"
]

const ended = (client: Client) => client.ended()?.code

describe("faults of a task", () => {
  it.scopedLive("strike after so many events, behind their audio", () =>
    Effect.gen(function*() {
      const { origin, socketStats, waitForSockets } = yield* Simulator.make()
      const error = { code: "ServerError", message: "It broke." }
      const counts = casesOf(all.length, 0.5)
      for (let events = 0; events < counts; events++) {
        const failed = yield* speaking(origin, { error, socket: { failAfterEvents: events } })
        assert.deepStrictEqual(eventsOf(failed), [...all.slice(0, events), "task-failed"])
        assert.strictEqual(failureOf(failed), "ServerError: It broke.")
        assert.strictEqual(failed.audio.length, events > 5 ? 2 : events > 2 ? 1 : 0)
        const closed = yield* speaking(origin, {
          socket: { closeAfterEvents: events, closeCode: 4001, closeReason: "why" }
        })
        assert.deepStrictEqual(eventsOf(closed), all.slice(0, events))
        assert.deepStrictEqual(closed.ended(), { code: 4001, reason: "why" })
        const left = yield* speaking(origin, { socket: { endAfterEvents: events } })
        assert.deepStrictEqual([eventsOf(left), ended(left)], [all.slice(0, events), 1006])
        const reset = yield* speaking(origin, { socket: { resetAfterEvents: events } })
        assert.deepStrictEqual([eventsOf(reset), ended(reset)], [all.slice(0, events), 1006])
      }
      yield* waitForSockets(({ open, tasksInFlight }) => open === 0 && tasksInFlight === 0)
      assert.deepInclude(yield* socketStats, { tasksFailed: counts, tasksAborted: 3 * counts, tasksFinished: 0 })
    }))

  it.scopedLive("keep silent, whatever is said", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make({ sockets: { inputTimeout: 20 } })
      const client = yield* open(origin, { behavior: { socket: { stallAfterEvents: 1 } } })
      yield* start(client)
      yield* client.send(goOn({ text: "一。" }))
      yield* client.send(finish({ directive: "cancel" }))
      yield* client.send(goOn({ text: "一。" }))
      yield* Effect.sleep("40 millis")
      assert.deepStrictEqual(eventsOf(client), ["task-started"])
      assert.deepInclude(yield* socketStats, { tasksInFlight: 1, messagesReceived: 4, messagesSent: 1 })
      const never = yield* open(origin, { behavior: { socket: { stallAfterEvents: 0 } } })
      yield* never.send(run())
      yield* Effect.sleep("30 millis")
      assert.deepStrictEqual([never.texts, never.ended()], [[], undefined])
    }))

  it.scopedLive("send other messages than are due", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const binary = yield* speaking(origin, { socket: { binaryInsteadOfText: 1 } })
      assert.strictEqual(at(JSON.parse(String(binary.audio[0])), "payload", "output", "type"), "sentence-begin")
      const text = yield* speaking(origin, { socket: { textInsteadOfBinary: 1 } })
      assert.deepStrictEqual([text.audio.length, text.order.filter((kind) => kind === "text").length], [1, 9])
      assert.include(text.texts.map((one) => typeof one), "string")
      const undecodable = yield* speaking(origin, { socket: { undecodableAfter: 2 } })
      assert.deepStrictEqual(undecodable.texts.map((one) => typeof one).indexOf("string"), 2)
      assert.strictEqual(lastEvent(undecodable), "task-finished")
      const giant = yield* speaking(origin, { socket: { giantFrame: 100_000 } })
      assert.strictEqual(JSON.stringify(giant.texts[1]).length, 100_000)
      assert.strictEqual(at(giant.texts[1], "header", "event"), "result-padded")
    }))

  it.scopedLive("leave a WebSocket that only looks as if it could be used again", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make()
      for (const [how, code] of [["close", 1000], ["end", 1006], ["reset", 1006]] as const) {
        const client = yield* speaking(origin, { socket: { closeInsteadOfReuse: how } })
        assert.deepStrictEqual(eventsOf(client), all)
        yield* client.until(() => client.ended() !== undefined)
        assert.strictEqual(ended(client), code)
      }
      assert.deepInclude(yield* socketStats, { tasksFinished: 3 })
    }))

  it.scopedLive("are decided for each task by itself, and a latency keeps it waiting", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        behaviorOf: ({ body, method }) =>
          method === "run-task" && body.includes("\"two\"")
            ? { error: { status: 429 } }
            : method === "run-task"
            ? { latency: 5 }
            : undefined
      })
      const client = yield* open(simulator.origin)
      yield* say(client, ["x"])
      assert.strictEqual(lastEvent(client), "task-finished")
      yield* start(client, { id: "two" })
      yield* client.until(() => client.ended() !== undefined)
      assert.include(failureOf(client), "Throttling.RateQuota")
      const hasty = yield* open(simulator.origin)
      yield* Effect.forEach([run({ id: "three" }), goOn({ text: "x" }, "three"), finish({}, "three")], hasty.send)
      yield* hasty.until(() => lastEvent(hasty) === "task-finished")
      assert.strictEqual((yield* simulator.socketStats).messagesHeld, 2)
    }))

  it.scopedLive("send no more audio than is read, and pings", () =>
    Effect.gen(function*() {
      const bytes = 20_000_000
      const { origin, socketStats, waitForSockets } = yield* Simulator.make({
        behavior: { socket: { audioBytes: bytes, frameBytes: 65_536, pingInterval: 5 } }
      })
      const client = yield* open(origin)
      yield* start(client)
      yield* waitForSockets(({ pongs }) => pongs > 1)
      client.ws.pause()
      yield* client.send(goOn({ text: "x." }))
      yield* waitForSockets(({ audioBytesSent }) => audioBytesSent > 0)
      let before = -1
      for (let now = 0; now !== before;) {
        before = now
        yield* Effect.sleep("30 millis")
        now = (yield* socketStats).audioBytesSent
      }
      assert.isBelow(before, bytes / 2)
      client.ws.resume()
      yield* client.send(finish())
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.strictEqual(client.audio.reduce((sum, { length }) => sum + length, 0), bytes)
      assert.strictEqual((yield* socketStats).audioBytesSent, bytes)
    }))

  it.scopedLive("strike by chance between tasks: idle connections are closed as those of HTTP", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const client = yield* open(simulator.origin)
      yield* start(client)
      yield* simulator.setConnections({ closeIdleAfter: 20 })
      yield* Effect.sleep("40 millis")
      assert.isUndefined(client.ended())
      yield* client.send(finish())
      yield* client.until(() => client.ended() !== undefined)
      yield* simulator.setConnections({ closeIdleRandomly: 1 })
      const second = yield* open(simulator.origin)
      yield* say(second, ["x"])
      yield* second.until(() => second.ended() !== undefined)
      assert.strictEqual(lastEvent(second), "task-finished")
      yield* simulator.awaitIdle
    }))
})

describe("the behaviour of a WebSocket", () => {
  it("travels in a header", () => {
    const behavior: Behavior.Behavior = {
      socket: {
        failAfterEvents: 1,
        closeAfterEvents: 2,
        closeCode: 1001,
        closeReason: "ü",
        eventInterval: 3,
        closeInsteadOfReuse: "reset",
        audioBytes: 4,
        frameBytes: 5,
        pingInterval: 6
      }
    }
    const read = Behaviors.fromJson(Behaviors.toHeaders(behavior)["x-simulator-behavior"])
    assert.deepStrictEqual(read._tag === "Right" ? read.right : read.left, behavior)
    assert.isTrue(Behaviors.fromJson("{\"socket\":{\"closeCode\":7}}")._tag === "Left")
  })
})

describe("many tasks with many faults", () => {
  it.scopedLive("leave nothing behind, and no audio of one in another", () =>
    Effect.gen(function*() {
      const fault = FastCheck.constantFrom<NonNullable<Behavior.Behavior["socket"]>>(
        {},
        {},
        { failAfterEvents: 3 },
        { closeAfterEvents: 2 },
        { endAfterEvents: 4 },
        { resetAfterEvents: 5 },
        { closeInsteadOfReuse: "end" },
        { eventInterval: 1 }
      )
      const plans = FastCheck.sample(FastCheck.array(fault, { minLength: 1, maxLength: 4 }), {
        numRuns: casesOf(300),
        seed: 1
      })
      const { awaitIdle, origin, socketStats } = yield* Simulator.make({
        behaviorOf: ({ body, method }) =>
          method === "run-task"
            ? { socket: JSON.parse(String(at(JSON.parse(body), "payload", "parameters", "fault"))) as object }
            : undefined
      })
      const conversation = (plan: ReadonlyArray<object>, number: number) =>
        Effect.scoped(Effect.gen(function*() {
          const client = yield* open(origin)
          for (const [i, fault] of plan.entries()) {
            const id = `${number}/${i}`
            client.audio.length = 0
            const parameters = { voice: "v", format: "pcm", sample_rate: 8000, fault: JSON.stringify(fault) }
            yield* client.send(run({ id, parameters }))
            const is = (event: string) =>
              at(client.texts.at(-1), "header", "event") === event &&
              at(client.texts.at(-1), "header", "task_id") === id
            yield* client.until(() => is("task-started") || client.ended() !== undefined)
            yield* client.send(goOn({ text: `task ${number} ${i}.` }, id))
            yield* client.send(finish({}, id))
            yield* client.until(() => is("task-finished") || client.ended() !== undefined)
            const said = Buffer.concat(client.audio)
            const whole = pcmOf(`task ${number} ${i}.`, 8000)
            // Of its own audio all or a part, and of no other.
            assert.deepStrictEqual(said, whole.subarray(0, is("task-finished") ? whole.length : said.length))
            if (client.ended() !== undefined) {
              return
            }
          }
        }))
      yield* Effect.forEach(plans, conversation, { concurrency: 10, discard: true })
      yield* awaitIdle
      const stats = yield* socketStats
      assert.deepInclude(stats, { open: 0, tasksInFlight: 0, opened: plans.length })
      assert.strictEqual(stats.tasksFinished + stats.tasksFailed + stats.tasksAborted, stats.tasks)
      assert.isAtMost(stats.maxOpen, 10)
      assert.strictEqual(stats.tasksReused, stats.tasks - plans.length)
    }))
})
