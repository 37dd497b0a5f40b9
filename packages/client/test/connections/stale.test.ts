/**
 * Thousands of calls against servers that close connections whenever they like. The rule: a request whose reused connection
 * died before any byte of an answer is sent once more, on a fresh connection; no other request is.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Behavior, RecordedRequest } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import type * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { casesOf } from "../../../../scripts/thorough.js"
import { assertAllBack, makePool } from "../../../pool/test/util/support.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import { randomOf } from "../chaos/random.js"

/** Of the calls of a load. */
const calls = (all: number) => casesOf(all, 0.1)

interface Load {
  readonly seed: number
  readonly calls: number
  readonly pool: ConnectionConfig.Input & { readonly connectionPoolSize: number }
  readonly simulator?: Omit<Simulator.Options, "seed" | "record" | "behaviorOf"> | undefined
  /** Breaks requests on reused connections, one in so many, each once. */
  readonly broken?: { readonly oneIn: number; readonly by: ReadonlyArray<Behavior.Behavior> } | undefined
  /** After so many calls all wait, for about so many milliseconds. */
  readonly pause?: { readonly after: number; readonly millis: readonly [least: number, most: number] } | undefined
}

/** The prompt of a call is its name, here and at the server. */
const nameOf = (request: RecordedRequest.RecordedRequest): string =>
  /"content":"(call \d+)"/.exec(request.body)?.[1] ?? "nameless"

const run = (load: Load) =>
  Effect.gen(function*() {
    const random = randomOf(load.seed)
    const { broken, pause } = load
    /** Calls that reached the server and got no whole answer, by name. */
    const wounded = new Map<string, RecordedRequest.RecordedRequest>()
    const simulator = yield* Simulator.make({
      ...load.simulator,
      seed: load.seed,
      record: 4 * load.calls,
      ...(broken === undefined ? {} : {
        behaviorOf: (request) => {
          const name = nameOf(request)
          if (request.ordinal === 1 || wounded.has(name) || !random.chance(1 / broken.oneIn)) return undefined
          wounded.set(name, request)
          return random.pick(broken.by)
        }
      })
    })
    const { ask, pool, stats } = yield* makePool(load.pool)
    let started = 0
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        pool[ConnectionPool.TypeId].observer.listen((event) => {
          if (event._tag === "RequestStarted") started++
        })
      ),
      (stop) => Effect.sync(stop)
    )

    const names = Array.from({ length: load.calls }, (_, i) => `call ${i}`)
    const call = (name: string) => Effect.either(ask(random.pick(simulator.urls), undefined, name))
    const burst = (names: ReadonlyArray<string>) =>
      Effect.forEach(names, (name) => {
        // Now at once, when the connection has just come back, now a little later, when its end may have been noticed.
        const wait = random.pick([0, 0, 0, 1, 3])
        return wait === 0 ? call(name) : Effect.delay(call(name), Duration.millis(wait))
      }, { concurrency: 2 * load.pool.connectionPoolSize })
    const outcomes: Array<Effect.Effect.Success<ReturnType<typeof call>>> = []
    const together = pause?.after ?? load.calls
    for (let from = 0; from < load.calls; from += together) {
      outcomes.push(...(yield* burst(names.slice(from, from + together))))
      if (pause !== undefined) yield* Effect.sleep(Duration.millis(random.integer(...pause.millis)))
    }

    const seen = new Map<string, Array<RecordedRequest.RecordedRequest>>()
    for (const request of yield* simulator.requests) {
      const name = nameOf(request)
      const before = seen.get(name)
      if (before === undefined) seen.set(name, [request])
      else before.push(request)
    }
    const numbers = yield* stats
    const served = yield* simulator.stats
    assertAllBack(numbers)
    assert.isAtMost(served.maxOpenConnections, load.pool.connectionPoolSize)
    // All that was sent was sent because somebody asked, or under the rule.
    assert.strictEqual(started, load.calls + numbers.resent)
    return {
      names,
      seen,
      served,
      wounded,
      resent: numbers.resent,
      failures: outcomes.filter(Either.isLeft).map((outcome) => outcome.left)
    }
  })

/** How often each call was executed, where that was not once. */
const notOnce = ({ names, seen }: Effect.Effect.Success<ReturnType<typeof run>>) =>
  new Map(names.map((name) => [name, seen.get(name)?.length ?? 0] as const).filter(([, times]) => times !== 1))

const closing = (closeIdleRandomly: number, hosts = 1) => ({ hosts, connections: { closeIdleRandomly } })

const succeed = (name: string, load: Load) =>
  it.scopedLive(`${name}: ${load.calls} calls succeed, each executed once`, () =>
    Effect.gen(function*() {
      const done = yield* run(load)
      assert.deepStrictEqual(done.failures, [])
      assert.deepStrictEqual(notOnce(done), new Map())
      assert.strictEqual(done.served.totalRequests, load.calls)
      assert.strictEqual(done.served.abortedRequests, 0)
      // It did close connections, and some under the feet of a request that was on its way.
      assert.isAbove(done.served.totalConnections, load.pool.connectionPoolSize)
      if (load.pause === undefined) assert.isAbove(done.resent, load.calls / 100)
    }), 180_000)

// Each waits for the network more than it computes, so they do that together.
describe.concurrent("connections that the server closes right after an answer", () => {
  succeed("after one in ten, 1 connection", {
    seed: 1,
    calls: calls(500),
    pool: { connectionPoolSize: 1 },
    simulator: closing(0.1)
  })
  succeed("after each, 1 connection", {
    seed: 2,
    calls: calls(500),
    pool: { connectionPoolSize: 1 },
    simulator: closing(1)
  })
  succeed("after every second, 4 connections", {
    seed: 3,
    calls: calls(1500),
    pool: { connectionPoolSize: 4 },
    simulator: closing(0.5)
  })
  succeed("after one in five, 16 connections, 3 hosts", {
    seed: 4,
    calls: calls(1500),
    pool: { connectionPoolSize: 16, maximumAsyncRequestsPerHost: 8 },
    simulator: closing(0.2, 3)
  })
  succeed("after each, 32 connections", {
    seed: 5,
    calls: calls(2000),
    pool: { connectionPoolSize: 32 },
    simulator: closing(1)
  })
})

// Calls come when the server is just about to close what they reuse, or has just done so. It waits long enough to leave
// a fresh connection alone until its first request, however slow the machine; so these have the machine to themselves.
describe("connections that the server closes after 700 ms without a request", () => {
  const rest = {
    simulator: { connections: { closeIdleAfter: 700 } },
    pause: { after: 75, millis: [694, 704] }
  } as const
  succeed("4 connections", { seed: 6, calls: calls(1000), pool: { connectionPoolSize: 4 }, ...rest })
  succeed("24 connections", { seed: 7, calls: calls(1000), pool: { connectionPoolSize: 24 }, ...rest })
})

const dead: ReadonlyArray<Behavior.Behavior> = [
  { fault: { _tag: "CloseBeforeHeaders" } },
  { fault: { _tag: "ResetBeforeHeaders" } },
  { latency: 2, fault: { _tag: "ResetBeforeHeaders" } }
]

describe.concurrent("requests that the server took from a reused connection, and died over", () => {
  const loads: ReadonlyArray<readonly [name: string, load: Load]> = [
    ["1 connection", { seed: 8, calls: calls(500), pool: { connectionPoolSize: 1 }, broken: { oneIn: 10, by: dead } }],
    ["8 connections, some closed while idle", {
      seed: 9,
      calls: calls(1500),
      pool: { connectionPoolSize: 8 },
      simulator: closing(0.3),
      broken: { oneIn: 10, by: dead }
    }]
  ]
  for (const [name, load] of loads) {
    it.scopedLive(`${name}: ${load.calls} calls succeed; those, and none else, are executed twice`, () =>
      Effect.gen(function*() {
        const done = yield* run(load)
        assert.deepStrictEqual(done.failures, [])
        assert.isAbove(done.wounded.size, load.calls / 100)
        assert.deepStrictEqual(notOnce(done), new Map(Array.from(done.wounded.keys(), (name) => [name, 2])))
        for (const [name, first] of done.wounded) {
          const again = done.seen.get(name)?.[1]
          assert.isAbove(first.ordinal, 1)
          assert.strictEqual(again?.ordinal, 1)
          assert.notStrictEqual(again?.connection, first.connection)
        }
        assert.strictEqual(done.served.totalRequests, load.calls + done.wounded.size)
        assert.strictEqual(done.served.abortedRequests, done.wounded.size)
        // The others that were sent again never got to the server.
        assert.isAtLeast(done.resent, done.wounded.size)
        if (load.simulator === undefined) assert.strictEqual(done.resent, done.wounded.size)
      }))
  }

  it.scopedLive("once a byte of the answer has come, the caller is told, and nothing is sent again", () =>
    Effect.gen(function*() {
      const done = yield* run({
        seed: 10,
        calls: calls(500),
        pool: { connectionPoolSize: 4 },
        broken: {
          oneIn: 5,
          by: [
            { fault: { _tag: "ResetAfterHeaders" } },
            { fault: { _tag: "ResetAfterBytes", bytes: 1 } },
            { fault: { _tag: "HalfBody" } }
          ]
        }
      })
      assert.isAbove(done.wounded.size, casesOf(10))
      assert.strictEqual(done.failures.length, done.wounded.size)
      for (const { cause } of done.failures) {
        assert.isTrue(isDashScopeError(cause) && cause._tag === "ConnectionError" && cause.responseStarted)
      }
      assert.deepStrictEqual(notOnce(done), new Map())
      assert.strictEqual(done.resent, 0)
    }))

  it.scopedLive("with resendOnStaleConnection off, the caller is told, and nothing is sent again", () =>
    Effect.gen(function*() {
      const done = yield* run({
        seed: 11,
        calls: calls(500),
        pool: { connectionPoolSize: 4, resendOnStaleConnection: false },
        simulator: closing(0.5),
        broken: { oneIn: 10, by: dead }
      })
      assert.isAbove(done.wounded.size, casesOf(10))
      assert.strictEqual(done.resent, 0)
      for (const { cause } of done.failures) {
        assert.isTrue(isDashScopeError(cause) && cause._tag === "ConnectionError" && !cause.responseStarted)
      }
      // Who was told of an error was either not heard by the server, or got no answer.
      const unheard = notOnce(done)
      assert.deepStrictEqual(new Set(unheard.values()), new Set([0]))
      assert.strictEqual(done.failures.length, unheard.size + done.wounded.size)
    }))
})
