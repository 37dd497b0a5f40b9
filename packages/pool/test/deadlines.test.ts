import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Simulator, TcpServer } from "effect-dashscope-simulator"
import type * as ConnectionConfig from "../src/ConnectionConfig.js"
import { assertAllBack, generation, makePool, poolErrorOf } from "./util/support.js"

/** Each deadline at 150 ms in turn, all others far away: the one and no other must fire. */
const short = 150

type Knob = "acquireTimeout" | "connectTimeout" | "writeTimeout" | "readTimeout"

const knobs = (knob: Knob): ConnectionConfig.Input => ({
  connectionPoolSize: 1,
  acquireTimeout: "20 seconds",
  connectTimeout: "20 seconds",
  writeTimeout: "20 seconds",
  readTimeout: "20 seconds",
  [knob]: Duration.millis(short)
})

const large = "很".repeat(8_000_000)

for (const tls of [false, true]) {
  // Each waits for its own.
  describe.concurrent(`deadlines over ${tls ? "TLS" : "plain HTTP"}`, () => {
    const expectTimeout = <R>(
      knob: Knob,
      arrange: (
        simulator: Simulator.Service,
        pool: Effect.Effect.Success<ReturnType<typeof makePool>>
      ) => Effect.Effect<Effect.Effect<unknown, { readonly cause?: unknown }>, unknown, R>
    ) =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ tls })
        const pool = yield* makePool({ ...knobs(knob), tls: simulator.ca === undefined ? {} : { ca: simulator.ca } })
        const request = yield* arrange(simulator, pool)
        const error = yield* poolErrorOf(request)
        assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error.message, knob.replace("Timeout", ""))
        if (knob !== "acquireTimeout") assertAllBack(yield* pool.stats)
      })

    it.scopedLive("acquireTimeout: the only connection is in use", () =>
      expectTimeout("acquireTimeout", (simulator, { ask }) =>
        Effect.gen(function*() {
          yield* Effect.fork(ask(simulator.url, { fault: { _tag: "StallBeforeHeaders" } }))
          yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
          return ask(simulator.url)
        })))

    it.scopedLive("connectTimeout: a handshake that never ends", () =>
      Effect.gen(function*() {
        const server = yield* TcpServer.silent
        yield* expectTimeout(
          "connectTimeout",
          (_, { ask }) => Effect.succeed(ask(`https://${server.host}:${server.port}`))
        )
      }))

    it.scopedLive("writeTimeout: a server that stops reading a large request", () =>
      expectTimeout(
        "writeTimeout",
        (simulator, { client }) =>
          Effect.succeed(client.execute(generation(simulator.url, { fault: { _tag: "NeverReadRequest" } }, large)))
      ))

    it.scopedLive("readTimeout: no head of an answer", () =>
      expectTimeout(
        "readTimeout",
        (simulator, { ask }) => Effect.succeed(ask(simulator.url, { fault: { _tag: "StallBeforeHeaders" } }))
      ))

    it.scopedLive("readTimeout: a head and no body", () =>
      expectTimeout(
        "readTimeout",
        (simulator, { ask }) => Effect.succeed(ask(simulator.url, { fault: { _tag: "StallAfterHeaders" } }))
      ))

    it.scopedLive("readTimeout: silence inside the body", () =>
      expectTimeout(
        "readTimeout",
        (simulator, { ask }) => Effect.succeed(ask(simulator.url, { fault: { _tag: "StallAfterBytes", bytes: 20 } }))
      ))

    it.scopedLive("readTimeout: silence after a large request that was read", () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ tls })
        const { client } = yield* makePool({
          ...knobs("readTimeout"),
          tls: simulator.ca === undefined ? {} : { ca: simulator.ca }
        })
        const error = yield* poolErrorOf(
          client.execute(
            generation(simulator.url, { fault: { _tag: "StallBeforeHeaders" } }, large.slice(0, 1_000_000))
          )
        )
        assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "read" })
      }))
  })

  describe(`a slow call over ${tls ? "TLS" : "plain HTTP"}`, () => {
    it.scopedLive("is ended by no deadline, slow as it is in all of its parts", () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ tls })
        const { ask } = yield* makePool({
          readTimeout: "800 millis",
          writeTimeout: "800 millis",
          tls: simulator.ca === undefined ? {} : { ca: simulator.ca }
        })
        // Two waits of 500 ms each: longer than the read timeout together, and none of them alone.
        const text = yield* ask(simulator.url, { latency: 500, bodyLatency: 500 })
        assert.include(text, "output")
      }))
  })
}

describe("connectTimeout", () => {
  it.scopedLive("fires on a full accept queue", () =>
    Effect.gen(function*() {
      const server = yield* TcpServer.fullQueue
      const { ask, stats } = yield* makePool(knobs("connectTimeout"))
      const error = yield* poolErrorOf(ask(`http://${server.host}:${server.port}`))
      assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "connect" })
      assertAllBack(yield* stats)
    }))
})

describe("deadlines of any length", () => {
  it.scopedLive("fire in their order", () =>
    Effect.gen(function*() {
      const lengths = [20, 250, 1000]
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      const fired: Array<number> = []
      // The longest is begun first.
      yield* Effect.forEach([...lengths].reverse(), (millis) =>
        Effect.gen(function*() {
          const { ask } = yield* makePool({ readTimeout: Duration.millis(millis) })
          const error = yield* poolErrorOf(ask(simulator.url))
          assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "read" })
          fired.push(millis)
        }), { concurrency: "unbounded", discard: true })
      assert.deepStrictEqual(fired, lengths)
    }))
})
