import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Simulator, TcpServer } from "effect-dashscope-simulator"
import type * as ConnectionConfig from "../src/ConnectionConfig.js"
import { assertAllBack, generation, makePool, poolErrorOf } from "./util/support.js"

/** Each deadline at 150 ms in turn, all others far away: the one and no other must fire, about then. */
const short = 150
/** What a deadline is late by on a busy machine; what it may not wait for takes longer than that. */
const tolerance = 2000

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
  describe(`deadlines over ${tls ? "TLS" : "plain HTTP"}`, () => {
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
        const [took, error] = yield* Effect.timed(poolErrorOf(request))
        assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error.message, knob.replace("Timeout", ""))
        assert.isAtLeast(Duration.toMillis(took), short - 5)
        assert.isAtMost(Duration.toMillis(took), short + tolerance)
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
          client.execute(generation(simulator.url, { fault: { _tag: "StallBeforeHeaders" } }, large))
        )
        assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "read" })
      }))

    it.scopedLive("no deadline fires on a call that is slow in all of its parts", () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ tls })
        const { ask } = yield* makePool({
          readTimeout: "200 millis",
          writeTimeout: "200 millis",
          tls: simulator.ca === undefined ? {} : { ca: simulator.ca }
        })
        // Three waits of 150 ms each: longer than the read timeout together, and none of them alone.
        const text = yield* ask(simulator.url, { latency: 150, bodyLatency: 150 })
        assert.include(text, "output")
      }))
  })
}

describe("connectTimeout", () => {
  it.scopedLive("fires on a full accept queue", () =>
    Effect.gen(function*() {
      const server = yield* TcpServer.fullQueue
      const { ask, stats } = yield* makePool(knobs("connectTimeout"))
      const [took, error] = yield* Effect.timed(poolErrorOf(ask(`http://${server.host}:${server.port}`)))
      assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "connect" })
      assert.isAtMost(Duration.toMillis(took), short + tolerance)
      assertAllBack(yield* stats)
    }))
})

describe("a deadline can be any length", () => {
  for (const millis of [20, 60, 300, 700]) {
    it.scopedLive(`${millis} ms`, () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
        const { ask } = yield* makePool({ readTimeout: Duration.millis(millis) })
        const [took] = yield* Effect.timed(poolErrorOf(ask(simulator.url)))
        assert.isAtLeast(Duration.toMillis(took), millis - 5)
        assert.isAtMost(Duration.toMillis(took), millis + tolerance)
      }))
  }
})
