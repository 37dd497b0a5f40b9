import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import type { CloseReason } from "../../src/ConnectionEvent.js"
import type { Host, Queue, Waiter } from "../../src/internal/books/host.js"
import type { Limits } from "../../src/internal/books/ledger.js"
import { Ledger } from "../../src/internal/books/ledger.js"
import { FakeTimers } from "../util/fakeTimers.js"

class FakeConnection {
  readonly longestIdle = Infinity
  readonly reuseKey = undefined
  idleSince = 0
  idleBefore: FakeConnection | undefined = undefined
  idleAfter: FakeConnection | undefined = undefined
  usable = true
  closeReason: CloseReason | undefined = undefined
  constructor(
    readonly host: Host<FakeConnection>,
    readonly expiresAt: number,
    private readonly world: World
  ) {}
  close(): void {
    this.usable = false
    this.world.closing.push(this.host)
  }
}

type Outcome = "waiting" | "connecting" | "sending" | "timeout" | "closed" | "exhausted" | "ended"

class FakeRequest implements Waiter<FakeConnection> {
  readonly reuseKey = undefined
  queue: Queue<FakeConnection> | undefined = undefined
  previous: Waiter<FakeConnection> | undefined = undefined
  next: Waiter<FakeConnection> | undefined = undefined
  earlier: Waiter<FakeConnection> | undefined = undefined
  later: Waiter<FakeConnection> | undefined = undefined
  ticket = 0
  queuedAt = 0
  state: Outcome = "waiting"
  connection: FakeConnection | undefined
  constructor(readonly host: Host<FakeConnection>, readonly world: World, readonly number: number) {}
  grantConnection(connection: FakeConnection): void {
    assert.strictEqual(this.state, "waiting")
    assert.isTrue(connection.usable)
    this.state = "sending"
    this.connection = connection
    this.world.granted.push(this.number)
  }
  grantSlot(): void {
    assert.strictEqual(this.state, "waiting")
    this.state = "connecting"
    this.world.granted.push(this.number)
  }
  refuse(reason: "timeout" | "closed"): void {
    assert.strictEqual(this.state, "waiting")
    this.state = reason
  }
}

const unlimited: Limits = {
  connectionPoolSize: 100,
  maximumAsyncRequests: 100,
  maximumAsyncRequestsPerHost: 100,
  maximumPendingRequests: Infinity,
  acquireTimeout: Infinity,
  connectionIdleTimeout: 1000
}

/** A pool without sockets: whatever the ledger asks for is done when the test says so. */
class World {
  readonly timers = new FakeTimers()
  readonly ledger: Ledger<FakeConnection>
  readonly requests: Array<FakeRequest> = []
  readonly granted: Array<number> = []
  readonly closing: Array<Host<FakeConnection>> = []
  readonly gauges = { active: 0, idle: 0, inFlight: 0, waiting: 0 }
  lifetime = Infinity
  constructor(limits: Partial<Limits> = {}, defer?: (task: () => void) => void) {
    this.ledger = new Ledger({ ...unlimited, ...limits }, this.timers, () => ({
      addActive: (delta) => this.gauges.active += delta,
      addIdle: (delta) => this.gauges.idle += delta,
      addInFlight: (delta) => this.gauges.inFlight += delta,
      addWaiting: (delta) => this.gauges.waiting += delta
    }), defer)
  }
  request(origin = "a"): FakeRequest {
    const host = this.ledger.host(origin)
    const request = new FakeRequest(host, this, this.requests.length)
    this.requests.push(request)
    if (this.ledger.closed) request.refuse("closed")
    else if (this.ledger.acquire(host, request) === "exhausted") request.state = "exhausted"
    return request
  }
  connect(request: FakeRequest): void {
    this.ledger.connected(request.host)
    request.state = "sending"
    request.connection = new FakeConnection(request.host, this.timers.now() + this.lifetime, this)
  }
  failToConnect(request: FakeRequest): void {
    request.state = "ended"
    this.ledger.connectFailed(request.host)
    this.closing.push(request.host)
    this.ledger.releasePermit(request.host)
  }
  succeed(request: FakeRequest): void {
    request.state = "ended"
    this.ledger.releaseConnection(request.host, request.connection!)
  }
  fail(request: FakeRequest): void {
    request.state = "ended"
    this.ledger.discarded(request.host, request.connection!, "error")
    request.connection!.close()
    this.ledger.releasePermit(request.host)
  }
  /** The socket of a reused connection is gone: a second connection under the same permit. */
  resend(request: FakeRequest): void {
    this.ledger.discarded(request.host, request.connection!, "peer")
    request.connection!.close()
    request.connection = undefined
    request.state = "waiting"
    this.ledger.acquireSlot(request)
  }
  leave(request: FakeRequest): void {
    const resending = request.host.permits > 0 && this.holdsPermit(request)
    request.state = "ended"
    this.ledger.leave(request.host, request)
    if (resending) this.ledger.releasePermit(request.host)
  }
  readonly resending = new Set<FakeRequest>()
  holdsPermit(request: FakeRequest): boolean {
    return this.resending.has(request)
  }
  closeSocket(): void {
    const host = this.closing.shift()
    if (host !== undefined) this.ledger.slotFreed(host)
  }
  with(...states: ReadonlyArray<Outcome>): ReadonlyArray<FakeRequest> {
    return this.requests.filter(({ state }) => states.includes(state))
  }
}

describe("Ledger", () => {
  it("grants up to the permits, then in order of arrival", () => {
    const world = new World({ connectionPoolSize: 2, maximumAsyncRequests: 2, maximumAsyncRequestsPerHost: 2 })
    const [first, second] = [world.request(), world.request(), world.request(), world.request()]
    assert.deepStrictEqual(world.granted, [0, 1])
    world.connect(first)
    world.connect(second)
    world.succeed(second)
    world.succeed(first)
    assert.deepStrictEqual(world.granted, [0, 1, 2, 3])
    assert.strictEqual(world.ledger.totals.reused, 2)
  })

  it("reuses the most recently used connection", () => {
    const world = new World()
    const [first, second] = [world.request(), world.request()]
    for (const request of [first, second]) world.connect(request)
    const { connection } = second
    world.succeed(first)
    world.timers.advance(1)
    world.succeed(second)
    assert.strictEqual(world.request().connection, connection)
  })

  it("does not let a host at its limit hold up another", () => {
    const world = new World({ maximumAsyncRequestsPerHost: 1 })
    world.request("stuck")
    for (let i = 0; i < 10; i++) world.request("stuck")
    const other = world.request("other")
    assert.strictEqual(other.state, "connecting")
  })

  it("closes the least recently used idle connection of another host to make room", () => {
    const world = new World({ connectionPoolSize: 2, maximumAsyncRequests: 2, maximumAsyncRequestsPerHost: 2 })
    for (const origin of ["a", "b"]) {
      const request = world.request(origin)
      world.connect(request)
      world.succeed(request)
      world.timers.advance(1)
    }
    const third = world.request("c")
    assert.strictEqual(third.state, "waiting")
    assert.deepStrictEqual(world.closing.map(({ origin }) => origin), ["a"])
    // The place is free once the socket is closed, not before.
    world.closeSocket()
    assert.strictEqual(third.state, "connecting")
    assert.strictEqual(world.ledger.totals.closed.evicted, 1)
  })

  it("refuses at once what is more than maximumPendingRequests", () => {
    const world = new World({
      connectionPoolSize: 1,
      maximumAsyncRequests: 1,
      maximumAsyncRequestsPerHost: 1,
      maximumPendingRequests: 1
    })
    const states = [world.request(), world.request(), world.request()].map(({ state }) => state)
    assert.deepStrictEqual(states, ["connecting", "waiting", "exhausted"])
    assert.strictEqual(world.ledger.waiting, 1)
  })

  it("does not count as pending who waits only for a socket to be closed, with a permit to be had", () => {
    const world = new World({
      connectionPoolSize: 2,
      maximumAsyncRequests: 2,
      maximumAsyncRequestsPerHost: 2,
      maximumPendingRequests: 0
    })
    const [first, second] = [world.request("a"), world.request("a")]
    world.connect(first)
    world.connect(second)
    world.succeed(first)
    // The idle connection makes room, and its place is taken once the socket is closed.
    const evicting = world.request("b")
    assert.strictEqual(evicting.state, "waiting")
    assert.strictEqual(world.request("b").state, "exhausted")
    world.closeSocket()
    assert.strictEqual(evicting.state, "connecting")
    world.failToConnect(evicting)
    const next = world.request("b")
    assert.strictEqual(next.state, "waiting")
    assert.strictEqual(world.request("b").state, "exhausted")
    world.closeSocket()
    assert.strictEqual(next.state, "connecting")
    assert.strictEqual(world.ledger.totals.rejected, 2)
  })

  it("lets nobody wait when maximumPendingRequests is zero", () => {
    const world = new World({ connectionPoolSize: 1, maximumAsyncRequests: 1, maximumPendingRequests: 0 })
    assert.strictEqual(world.request().state, "connecting")
    assert.strictEqual(world.request().state, "exhausted")
  })

  it("refuses each waiter exactly when its own acquireTimeout is over", () => {
    const world = new World({ maximumAsyncRequests: 1, acquireTimeout: 100 })
    world.request()
    const second = world.request()
    world.timers.advance(40)
    const third = world.request("b")
    world.timers.advance(59)
    assert.strictEqual(second.state, "waiting")
    world.timers.advance(1)
    assert.strictEqual(second.state, "timeout")
    assert.strictEqual(third.state, "waiting")
    world.timers.advance(40)
    assert.strictEqual(third.state, "timeout")
    assert.strictEqual(world.ledger.waiting, 0)
  })

  it("closes idle connections after connectionIdleTimeout, counted from their last use", () => {
    const world = new World()
    const [first, second] = [world.request(), world.request()]
    for (const request of [first, second]) world.connect(request)
    world.succeed(first)
    world.timers.advance(500)
    world.succeed(second)
    world.timers.advance(500)
    assert.strictEqual(world.ledger.idle, 1)
    world.timers.advance(499)
    assert.strictEqual(world.ledger.idle, 1)
    world.timers.advance(1)
    assert.strictEqual(world.ledger.idle, 0)
    assert.strictEqual(world.ledger.totals.closed.idle, 2)
    assert.strictEqual(world.timers.pending, 0)
  })

  it("replaces a connection past its lifetime when it comes back, or while it is idle", () => {
    const world = new World()
    world.lifetime = 100
    const [busy, idle] = [world.request(), world.request()]
    for (const request of [busy, idle]) world.connect(request)
    world.succeed(idle)
    world.timers.advance(100)
    assert.strictEqual(world.ledger.idle, 0)
    assert.isTrue(busy.connection!.usable)
    world.succeed(busy)
    assert.isFalse(busy.connection!.usable)
    assert.strictEqual(world.ledger.totals.closed.lifetime, 2)
  })

  it("forgets hosts that nobody uses", () => {
    const world = new World()
    for (let i = 0; i < 100; i++) world.failToConnect(world.request(`host${i}`))
    for (let i = 0; i < 100; i++) world.closeSocket()
    assert.strictEqual(world.ledger.hosts.size, 0)
  })

  const actions = FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.record({ do: FastCheck.constant("request" as const), of: FastCheck.nat(2) }) },
    {
      weight: 8,
      arbitrary: FastCheck.record({
        do: FastCheck.constantFrom(
          "connect",
          "failToConnect",
          "succeed",
          "fail",
          "resend",
          "leave",
          "closeSocket",
          "peerCloses",
          "advance"
        ),
        of: FastCheck.nat(20)
      })
    },
    { weight: 1, arbitrary: FastCheck.record({ do: FastCheck.constant("close" as const), of: FastCheck.nat(0) }) }
  )

  const limitsArbitrary = FastCheck.record({
    connectionPoolSize: FastCheck.integer({ min: 1, max: 5 }),
    fewer: FastCheck.nat(2),
    fewerPerHost: FastCheck.nat(2),
    maximumPendingRequests: FastCheck.constantFrom(0, 2, Infinity),
    acquireTimeout: FastCheck.constantFrom(30, Infinity),
    connectionIdleTimeout: FastCheck.constantFrom(20, 1000),
    lifetime: FastCheck.constantFrom(50, Infinity)
  })

  it("loses nothing under any interleaving", () => {
    FastCheck.assert(
      FastCheck.property(limitsArbitrary, FastCheck.array(actions, { maxLength: 80 }), (chosen, steps) => {
        const maximumAsyncRequests = Math.max(1, chosen.connectionPoolSize - chosen.fewer)
        const world = new World({
          ...chosen,
          maximumAsyncRequests,
          maximumAsyncRequestsPerHost: Math.max(1, maximumAsyncRequests - chosen.fewerPerHost)
        })
        world.lifetime = chosen.lifetime
        const { ledger } = world
        const pick = <A>(from: ReadonlyArray<A>, of: number, f: (a: A) => void) => {
          const picked = from[of % Math.max(1, from.length)]
          if (picked !== undefined) f(picked)
        }
        const finish = (request: FakeRequest, how: (request: FakeRequest) => void) => {
          world.resending.delete(request)
          how(request)
        }
        const invariants = () => {
          assert.isAtMost(ledger.open, ledger.limits.connectionPoolSize)
          assert.isAtMost(ledger.permits, ledger.limits.maximumAsyncRequests)
          const hosts = [...ledger.hosts.values()]
          for (const host of hosts) {
            assert.isAtMost(host.permits, ledger.limits.maximumAsyncRequestsPerHost)
            for (const count of [host.connecting, host.active, host.closing, host.waiting, host.permits]) {
              assert.isAtLeast(count, 0)
            }
          }
          const sum = (f: (host: Host<FakeConnection>) => number) => hosts.reduce((total, host) => total + f(host), 0)
          assert.strictEqual(sum((host) => host.open), ledger.open)
          assert.strictEqual(sum((host) => host.permits), ledger.permits)
          assert.strictEqual(sum((host) => host.waiting), ledger.waiting)
          assert.deepStrictEqual(world.gauges, {
            active: ledger.active,
            idle: ledger.idle,
            inFlight: ledger.permits,
            waiting: ledger.waiting
          })
          const resending = world.with("waiting").filter((request) => world.resending.has(request)).length
          assert.strictEqual(ledger.waiting, world.with("waiting").length - resending)
          assert.strictEqual(ledger.permits, world.with("connecting", "sending").length + resending)
          // Nobody waits for what is there: a free permit and a place that nothing is about to free.
          if (ledger.waiting > 0 && ledger.closing === 0 && resending === 0) {
            const grantable = hosts.some((host) =>
              host.waiting > 0 && host.permits < ledger.limits.maximumAsyncRequestsPerHost
            )
            assert.isFalse(grantable && ledger.permits < ledger.limits.maximumAsyncRequests)
          }
        }
        for (const step of steps) {
          switch (step.do) {
            case "request":
              world.request(`host${step.of}`)
              break
            case "connect":
              pick(world.with("connecting"), step.of, (request) => finish(request, () => world.connect(request)))
              break
            case "failToConnect":
              pick(world.with("connecting"), step.of, (request) => finish(request, () => world.failToConnect(request)))
              break
            case "succeed":
              pick(world.with("sending"), step.of, (request) => world.succeed(request))
              break
            case "fail":
              pick(world.with("sending"), step.of, (request) => world.fail(request))
              break
            case "resend":
              pick(world.with("sending"), step.of, (request) => {
                if (ledger.closed) return world.fail(request)
                world.resending.add(request)
                world.resend(request)
              })
              break
            case "leave":
              pick(world.with("waiting"), step.of, (request) => {
                world.leave(request)
                world.resending.delete(request)
              })
              break
            case "closeSocket":
              world.closeSocket()
              break
            case "peerCloses":
              pick([...ledger.hosts.values()].flatMap((host) => host.idle), step.of, (connection) => {
                connection.usable = false
                ledger.removeIdle(connection.host, connection, "peer")
                world.closing.push(connection.host)
              })
              break
            case "advance":
              world.timers.advance(step.of)
              break
            case "close":
              if (!ledger.closed) ledger.close()
              // A refused resender gives its permit back, as an exchange does.
              for (const request of world.resending) {
                if (request.state === "closed") ledger.releasePermit(request.host)
              }
              world.resending.clear()
              break
          }
          invariants()
        }
        // Everything ends, and everything is back.
        while (world.with("connecting", "sending").length > 0 || world.closing.length > 0) {
          for (const request of world.with("connecting")) finish(request, () => world.failToConnect(request))
          for (const request of world.with("sending")) world.succeed(request)
          while (world.closing.length > 0) world.closeSocket()
        }
        assert.strictEqual(world.with("waiting").length, 0)
        assert.strictEqual(ledger.permits, 0)
        let drained = false
        ledger.onDrained = () => drained = true
        ledger.close()
        while (world.closing.length > 0) world.closeSocket()
        assert.isTrue(drained)
        assert.strictEqual(ledger.open, 0)
        assert.strictEqual(ledger.hosts.size, 0)
        assert.strictEqual(world.timers.pending, 0)
      }),
      { numRuns: casesOf(2000, 0.25) }
    )
  })

  it("keeps nobody waiting for what another host is about to give back", () => {
    const world = new World({ connectionPoolSize: 4, maximumAsyncRequestsPerHost: 1, maximumPendingRequests: 0 })
    const [a, b] = [world.request("a"), world.request("b")]
    world.connect(a)
    world.connect(b)
    world.fail(b)
    assert.strictEqual(world.request("a").state, "exhausted")
    world.closeSocket()
    assert.strictEqual(world.request("b").state, "connecting")
  })

  it("closes as many idle connections as are wanted, and none for those that wait for a permit", () => {
    const world = new World({ connectionPoolSize: 12, maximumAsyncRequests: 12, maximumAsyncRequestsPerHost: 4 })
    for (const host of ["b", "c"]) {
      const requests = [1, 2, 3, 4].map(() => world.request(host))
      for (const request of requests) world.connect(request)
      for (const request of requests) world.succeed(request)
    }
    for (let i = 0; i < 4; i++) world.connect(world.request("a"))
    for (let i = 0; i < 50; i++) assert.strictEqual(world.request("a").state, "waiting")
    const one = world.request("d")
    assert.strictEqual(world.ledger.totals.closed.evicted, 1)
    world.closeSocket()
    assert.strictEqual(one.state, "connecting")
    assert.strictEqual(world.ledger.totals.closed.evicted, 1)
  })

  it("says which limit an idle connection has come to, whoever finds it", () => {
    const closedAfter = (lifetime: number, idleTimeout: number, takes: boolean) => {
      const world = new World({ connectionIdleTimeout: idleTimeout })
      world.lifetime = lifetime
      const request = world.request()
      world.connect(request)
      world.succeed(request)
      // Without its timers, as when the process was busy meanwhile.
      if (takes) Object.defineProperty(world.timers, "now", { value: () => 1000 })
      else world.timers.advance(1000)
      if (takes) world.request()
      const { idle, lifetime: old } = world.ledger.totals.closed
      return [idle, old]
    }
    for (const takes of [false, true]) {
      assert.deepStrictEqual(closedAfter(50, 300, takes), [0, 1])
      assert.deepStrictEqual(closedAfter(300, 50, takes), [1, 0])
    }
  })

  it("refuses those that wait in slices when it is closed, and is drained after the last", () => {
    const deferred: Array<() => void> = []
    const world = new World(
      { connectionPoolSize: 1, maximumAsyncRequests: 1, maximumAsyncRequestsPerHost: 1 },
      (task) => void deferred.push(task)
    )
    const first = world.request()
    world.connect(first)
    for (let i = 0; i < 2000; i++) world.request(`host ${i % 7}`)
    let drained = 0
    world.ledger.onDrained = () => drained++
    world.ledger.close()
    assert.isAbove(world.ledger.waiting, 0)
    const [left] = world.with("waiting")
    world.leave(left!)
    world.succeed(first)
    world.closeSocket()
    assert.strictEqual(drained, 0)
    for (let task = deferred.shift(); task !== undefined; task = deferred.shift()) task()
    assert.strictEqual(world.with("closed").length, 1999)
    assert.deepStrictEqual([world.ledger.waiting, drained], [0, 1])
  })

  it("counts each connection once, whatever is said of it twice", () => {
    const world = new World()
    const request = world.request()
    world.connect(request)
    const { connection, host } = request
    world.ledger.slotFreed(host, connection)
    world.ledger.discarded(host, connection!, "error")
    world.ledger.releaseConnection(host, connection!)
    const { active, closing, connecting, idle, permits } = world.ledger
    assert.deepStrictEqual([active, closing, connecting, idle, permits], [0, 0, 0, 0, 0])
    assert.strictEqual(world.ledger.totals.closed.peer, 1)
  })
})
