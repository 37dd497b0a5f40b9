import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { casesOf } from "../../../scripts/thorough.js"
import type { CloseReason } from "../src/ConnectionEvent.js"
import * as ConnectionPool from "../src/ConnectionPool.js"
import type { Host, Queue, Waiter } from "../src/internal/books/host.js"
import type { Limits } from "../src/internal/books/ledger.js"
import { Ledger } from "../src/internal/books/ledger.js"
import { FakeTimers } from "./util/fakeTimers.js"
import { Meter } from "./util/meter.js"
import { assertAllBack, makePool } from "./util/support.js"

type BookedHost = Host<FakeConnection>

class FakeConnection {
  readonly longestIdle = Infinity
  readonly reuseKey = undefined
  idleSince = 0
  idleBefore: FakeConnection | undefined = undefined
  idleAfter: FakeConnection | undefined = undefined
  usable = true
  closeReason: CloseReason | undefined = undefined
  readonly expiresAt = Infinity
  constructor(readonly host: BookedHost, private readonly onClose: () => void) {}
  close(): void {
    this.usable = false
    this.onClose()
  }
}

class FakeRequest implements Waiter<FakeConnection> {
  readonly reuseKey = undefined
  queue: Queue<FakeConnection> | undefined = undefined
  previous: Waiter<FakeConnection> | undefined = undefined
  next: Waiter<FakeConnection> | undefined = undefined
  earlier: Waiter<FakeConnection> | undefined = undefined
  later: Waiter<FakeConnection> | undefined = undefined
  ticket = 0
  queuedAt = 0
  constructor(
    readonly host: BookedHost,
    readonly grantConnection: (connection: FakeConnection) => void,
    readonly grantSlot: () => void,
    readonly refuse: () => void
  ) {}
}

const connections = 8

interface Flying {
  readonly host: BookedHost
  readonly connection: FakeConnection
}

/** The books of a pool whose connections are all taken, with every operation on them counted. */
class World {
  private readonly meter = new Meter()
  private readonly timers = new FakeTimers()
  private readonly ledger: Ledger<FakeConnection>
  /** Each oldest first. */
  private readonly flying: Array<Flying> = []
  private readonly dialing: Array<BookedHost> = []
  private readonly closing: Array<BookedHost> = []
  private readonly waiters: Array<{ readonly host: BookedHost; readonly waiter: Waiter<FakeConnection> }> = []
  private arrived = 0
  refused = 0

  constructor(waiting: number, private readonly hosts: number, limits: Partial<Limits> = {}) {
    const nothing = () => {}
    const gauges = { addActive: nothing, addIdle: nothing, addInFlight: nothing, addWaiting: nothing }
    this.ledger = this.meter.wrap(
      new Ledger<FakeConnection>(
        {
          connectionPoolSize: connections,
          maximumAsyncRequests: connections,
          maximumAsyncRequestsPerHost: connections,
          maximumPendingRequests: Infinity,
          acquireTimeout: Infinity,
          connectionIdleTimeout: 1000,
          ...limits
        },
        this.timers,
        () => gauges,
        (task) => task()
      )
    )
    for (let i = 0; i < connections; i++) {
      this.arrive()
      this.settle()
    }
    for (let i = 0; i < waiting; i++) this.arrive()
    assert.strictEqual(this.ledger.waiting, waiting)
  }

  get waiting(): number {
    return this.ledger.waiting
  }

  arrive(): "granted" | "queued" | "exhausted" {
    const host = this.meter.wrap(this.ledger.host(`host ${this.arrived++ % this.hosts}`))
    const waiter = this.request(host)
    this.waiters.push({ host, waiter })
    return this.ledger.acquire(host, waiter)
  }

  /** The oldest request in flight ends well. */
  end(): void {
    const { connection, host } = this.flying.shift()!
    this.ledger.releaseConnection(host, connection)
  }

  /** The oldest request in flight dies with its connection. */
  lose(): void {
    const { connection, host } = this.flying.shift()!
    this.ledger.discarded(host, connection, "error")
    connection.close()
    this.ledger.releasePermit(host)
  }

  /** The oldest request in flight finds its connection dead, and wants another one. */
  resend(): void {
    const { connection, host } = this.flying.shift()!
    this.ledger.discarded(host, connection, "peer")
    connection.close()
    this.ledger.acquireSlot(this.request(host))
  }

  /** The one in the middle of those that wait is interrupted. */
  giveUp(): void {
    const [middle] = this.waiters.splice(this.waiters.length - Math.ceil(this.waiting / 2), 1)
    const { host, waiter } = middle!
    assert.isDefined(waiter.queue)
    this.ledger.leave(host, waiter)
  }

  /** All sockets that close are closed, and all that connect are connected. */
  settle(): void {
    while (this.closing.length + this.dialing.length > 0) {
      const closed = this.closing.shift()
      if (closed !== undefined) this.ledger.slotFreed(closed)
      const dialed = this.dialing.shift()
      if (dialed !== undefined) {
        this.ledger.connected(dialed)
        const connection = this.meter.wrap(new FakeConnection(dialed, () => this.closing.push(dialed)))
        this.flying.push({ host: dialed, connection })
      }
    }
  }

  pass(millis: number): void {
    this.timers.advance(millis)
  }

  close(): void {
    this.ledger.close()
  }

  costOf(step: (world: World) => void): number {
    this.meter.take()
    step(this)
    return this.meter.take()
  }

  costsOf(steps: number, step: (world: World) => void): ReadonlyArray<number> {
    return Array.from({ length: steps }, () => this.costOf(step))
  }

  private request(host: BookedHost): Waiter<FakeConnection> {
    return this.meter.wrap(
      new FakeRequest(
        host,
        (connection) => this.flying.push({ host, connection }),
        () => this.dialing.push(host),
        () => this.refused++
      )
    )
  }
}

const many = casesOf(10_000, 0.2)

describe(`${many} that wait cost no more per call than ten: operations on the books, counted`, () => {
  it("the meter sees who walks through a list or a set", () => {
    interface Link {
      readonly next: Link | undefined
    }
    const costsWith = (length: number) => {
      let first: Link | undefined
      const all = new Set<number>()
      for (let i = 0; i < length; i++) {
        first = { next: first }
        all.add(i)
      }
      const meter = new Meter()
      const subject = meter.wrap({ first, all })
      for (let link = subject.first; link !== undefined; link = link.next);
      const ofList = meter.take()
      assert.lengthOf(Array.from(subject.all), length)
      return [ofList, meter.take()]
    }
    assert.deepStrictEqual(costsWith(10), [11, 12])
    assert.deepStrictEqual(costsWith(1000), [1001, 1002])
  })

  const turns: Readonly<Record<string, (world: World) => void>> = {
    "one comes, and one ends": (world) => {
      assert.strictEqual(world.arrive(), "queued")
      world.end()
      world.settle()
    },
    "one comes, and one dies with its connection": (world) => {
      world.arrive()
      world.lose()
      world.settle()
    },
    "one finds its connection dead and gets another": (world) => {
      world.resend()
      world.settle()
    },
    "one comes, and one in the middle is interrupted": (world) => {
      world.arrive()
      world.giveUp()
    }
  }

  for (const hosts of [1, 4]) {
    for (const [name, turn] of Object.entries(turns)) {
      it(`${name}, ${hosts === 1 ? "one host" : `${hosts} hosts`}`, () => {
        const few = new World(10 * hosts, hosts)
        const costs = few.costsOf(200, turn)
        assert.isAbove(Math.min(...costs), 10)
        assert.deepStrictEqual(new World(many, hosts).costsOf(200, turn), costs)
        assert.strictEqual(few.waiting, 10 * hosts)
      })
    }

    it(`one too many is turned away, ${hosts === 1 ? "one host" : `${hosts} hosts`}`, () => {
      const costsWith = (waiting: number) =>
        new World(waiting, hosts, { maximumPendingRequests: waiting }).costsOf(
          100,
          (world) => assert.strictEqual(world.arrive(), "exhausted")
        )
      assert.deepStrictEqual(costsWith(many), costsWith(10 * hosts))
    })
  }

  it("for many hosts no more than for one, but for the depth of a heap", () => {
    const turn = turns["one comes, and one ends"]!
    const costOf = (hosts: number) => new World(many, hosts).costsOf(200, turn).reduce((sum, cost) => sum + cost, 0)
    assert.isBelow(costOf(many), 8 * costOf(1))
  })

  // Costs of the form a + b·n are at most a thousandfold for a thousand times as many; and they go in slices.
  const sweeps: Readonly<Record<string, readonly [limits: Partial<Limits>, step: (world: World) => void]>> = {
    "all are too late at once": [{ acquireTimeout: 100 }, (world) => world.pass(100)],
    "the pool is closed": [{}, (world) => world.close()]
  }
  for (const [name, [limits, step]] of Object.entries(sweeps)) {
    it(name, () => {
      const costWith = (waiting: number) => {
        const world = new World(waiting, 1, limits)
        const cost = world.costOf(step)
        assert.deepStrictEqual([world.refused, world.waiting], [waiting, 0])
        assert.isAtLeast(cost, waiting)
        return cost
      }
      assert.isAtMost(costWith(many), 1.02 * costWith(10) * (many / 10))
    })
  }
})

/** Counts the steps of those who walk through it. */
const countSteps = <A>(all: Iterable<A>): { readonly steps: number } => {
  const seen = { steps: 0 }
  const walk = all[Symbol.iterator].bind(all)
  Object.defineProperty(all, Symbol.iterator, {
    *value() {
      for (const one of { [Symbol.iterator]: walk }) {
        seen.steps++
        yield one
      }
    }
  })
  return seen
}

describe("calls by the thousand that wait for 8 connections", () => {
  it.scopedLive("are all answered, in the order in which they came", () =>
    Effect.gen(function*() {
      const calls = casesOf(10_000)
      const gate = yield* Deferred.make<void>()
      const simulator = yield* Simulator.make({
        record: calls,
        app: Effect.as(Deferred.await(gate), HttpServerResponse.text("open"))
      })
      const { ask, client, pool, stats } = yield* makePool({ connectionPoolSize: connections })
      const shared = pool[ConnectionPool.TypeId]
      const walked = countSteps(shared.exchanges)
      const queued: Array<number> = []
      const acquired: Array<number> = []
      const started: Array<number> = []
      yield* Effect.acquireRelease(
        Effect.sync(() =>
          shared.observer.listen((event) => {
            if (event._tag === "Queued") queued.push(event.request)
            if (event._tag === "Acquired") acquired.push(event.request)
            if (event._tag === "RequestStarted") started.push(event.request)
          })
        ),
        (stop) => Effect.sync(stop)
      )
      const until = (condition: (stats: ConnectionPool.Stats) => boolean) =>
        Effect.repeat(stats, { until: condition, schedule: Schedule.spaced("5 millis") })

      const holders = yield* Effect.fork(
        Effect.replicateEffect(
          Effect.flatMap(client.execute(HttpClientRequest.get(simulator.origin)), (response) => response.text),
          connections,
          { concurrency: "unbounded" }
        )
      )
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === connections)
      const texts = Array.from({ length: calls }, (_, i) => `call ${i}`)
      const fibers = yield* Effect.forEach(texts, (text) => Effect.fork(ask(simulator.url, undefined, text)))
      yield* until(({ waiting }) => waiting === calls)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(holders)
      const answers = yield* Fiber.joinAll(fibers)

      assert.strictEqual(answers.filter((text) => text.includes("\"output\"")).length, calls)
      assert.strictEqual(queued.length, connections + calls)
      assert.deepStrictEqual(acquired, queued)
      assert.deepStrictEqual(started, queued)

      const seen = yield* simulator.requests
      const order = seen.map(({ body }) => Number(/call (\d+)/.exec(body)?.[1]))
      assert.deepStrictEqual([...order].sort((a, b) => a - b), texts.map((_, i) => i))
      // They come over eight sockets, and the server is told of those in any order: as far apart as all eight can be.
      const displaced = order.map((call, place) => Math.abs(call - place))
      assert.isBelow(Math.max(...displaced), connections)

      const served = yield* simulator.stats
      assert.strictEqual(served.totalConnections, connections)
      assert.strictEqual(served.maxRequestsInFlight, connections)
      // Nobody walks through all those that wait, whoever comes or goes.
      assert.strictEqual(walked.steps, 0)
      const numbers = yield* stats
      assertAllBack(numbers)
      assert.strictEqual(numbers.waited, calls)
      assert.strictEqual(numbers.reused, calls)
    }), 180_000)
})

describe("closing a pool for which many wait", () => {
  it.scopedLive(
    "refuses a few in each turn, also where it does not wait for those in flight",
    () =>
      Effect.gen(function*() {
        const calls = 1200
        const simulator = yield* Simulator.make({ app: Effect.never })
        const scope = yield* Scope.make()
        const { client, stats } = yield* Scope.extend(makePool({ connectionPoolSize: 1 }), scope)
        const end = { refused: 0 }
        const call = Effect.tapError(
          client.execute(HttpClientRequest.get(simulator.origin)),
          () => Effect.sync(() => end.refused++)
        )
        yield* Effect.forkScoped(Effect.ignore(Effect.all(Array.from({ length: calls }, () => Effect.ignore(call)), {
          concurrency: "unbounded"
        })))
        yield* Effect.repeat(stats, {
          until: ({ waiting }) => waiting === calls - 1,
          schedule: Schedule.spaced("5 millis")
        })
        const perTurn: Array<number> = []
        let isWatching = true
        const watch = (seen: number) => {
          perTurn.push(end.refused - seen)
          const { refused } = end
          if (isWatching) setImmediate(() => watch(refused))
        }
        watch(0)
        yield* Scope.close(scope, Exit.void)
        while (end.refused < calls) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        isWatching = false
        assert.isAtMost(Math.max(...perTurn), 400)
        assertAllBack(yield* stats)
      }),
    60_000
  )
})
