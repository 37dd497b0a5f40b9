/**
 * Random schedules of everything that can go wrong, against pools of all sizes: what a schedule does follows from its
 * seed alone, and whatever it does, nothing may be lost. Run many with `npm run chaos -- <schedules> [first seed]`.
 */
import { Cause, Clock, Duration, Effect, Exit, Fiber, Scope, Stream } from "effect"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as assert from "node:assert"
import type * as ConnectionConfig from "../src/ConnectionConfig.js"
import type * as ConnectionPool from "../src/ConnectionPool.js"
import { isDashScopeError } from "../src/DashScopeError.js"
import { Ledger as EventLedger } from "./eventLedger.js"
import { generation, makePool } from "./support.js"

/** Mulberry32: small, and the same everywhere. */
export const randomOf = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    integer,
    chance: (probability: number) => next() < probability,
    pick: <A>(from: ReadonlyArray<A>): A => from[integer(0, from.length - 1)]!
  }
}

type Random = ReturnType<typeof randomOf>

const faults = (random: Random): Behavior.Behavior =>
  random.pick<() => Behavior.Behavior>([
    () => ({}),
    () => ({}),
    () => ({}),
    () => ({ latency: random.integer(0, 30) }),
    () => ({ fault: { _tag: "CloseBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetBeforeHeaders" } }),
    () => ({ fault: { _tag: "StallBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterHeaders" } }),
    () => ({ fault: { _tag: "StallAfterHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterBytes", bytes: random.integer(0, 200) } }),
    () => ({ fault: { _tag: "StallAfterBytes", bytes: random.integer(0, 200) } }),
    () => ({ fault: { _tag: "HalfBody" } }),
    () => ({ fault: { _tag: "OpenEndedBody" } }),
    () => ({ fault: { _tag: "ConnectionClose" } }),
    () => ({ fault: { _tag: "Informational" } }),
    () => ({ error: { status: random.pick([400, 401, 429, 500, 503]), padTo: random.pick([0, 70_000]) } }),
    () => ({ error: { status: 500, padTo: 2_000_000, endless: "drip" } }),
    () => ({ error: { status: 500, endless: "open" } }),
    () => ({ gzip: true }),
    () => ({ keepAliveHint: random.integer(0, 3) }),
    () => ({ padAnswerTo: random.integer(1000, 200_000) })
  ])()

/** What one request of a schedule does. */
interface Step {
  readonly after: number
  readonly host: number
  readonly behavior: Behavior.Behavior
  readonly how: "call" | "stream" | "take" | "headersOnly"
  readonly interruptAfter: number | undefined
}

interface Schedule {
  readonly config: ConnectionConfig.Input
  readonly simulator: Simulator.Options
  readonly steps: ReadonlyArray<Step>
  /** When the pool closes, where it does not wait for the steps. */
  readonly closeAfter: number | undefined
}

const scheduleOf = (seed: number): Schedule => {
  const random = randomOf(seed)
  const connectionPoolSize = random.integer(1, random.pick([2, 8, 32]))
  const maximumAsyncRequests = random.integer(Math.max(1, connectionPoolSize - 3), connectionPoolSize)
  const hosts = random.integer(1, 3)
  return {
    config: {
      connectionPoolSize,
      maximumAsyncRequests,
      maximumAsyncRequestsPerHost: random.integer(1, maximumAsyncRequests),
      connectTimeout: Duration.millis(random.integer(20, 60)),
      readTimeout: Duration.millis(random.integer(20, 60)),
      writeTimeout: Duration.millis(60),
      connectionIdleTimeout: Duration.millis(random.pick([5, 1000])),
      acquireTimeout: random.chance(0.3) ? Duration.millis(random.integer(5, 60)) : undefined,
      maximumPendingRequests: random.chance(0.2) ? random.integer(0, 5) : undefined,
      connectionMaxLifetime: random.chance(0.3) ? Duration.millis(random.integer(5, 50)) : undefined,
      resendOnStaleConnection: random.chance(0.8),
      shutdownTimeout: Duration.millis(random.pick([0, 20]))
    },
    simulator: {
      hosts,
      seed,
      connections: random.chance(0.5) ? {} : {
        resetOnAccept: random.pick([0, 0.2]),
        stallHandshake: random.pick([0, 0.2]),
        closeIdleAfter: random.pick([undefined, 3]),
        closeIdleRandomly: random.pick([0, 0.4])
      }
    },
    steps: Array.from({ length: random.integer(1, 30) }, () => {
      const behavior = faults(random)
      // Who reads a body that drips for ever has to know himself when to stop.
      const isEndless = behavior.error?.endless === "drip"
      return {
        after: random.integer(0, 40),
        host: random.integer(0, hosts - 1),
        behavior,
        how: random.pick(["call", "call", "stream", "take", "headersOnly"]),
        interruptAfter: isEndless || random.chance(0.25) ? random.integer(0, 40) : undefined
      }
    }),
    closeAfter: random.chance(0.3) ? random.integer(0, 60) : undefined
  }
}

/** Real time, with a count of those who wait for it: timers of the pool that are left behind show up here. */
class CountingClock implements Clock.Clock {
  private readonly real = Clock.make()
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly currentTimeMillis = this.real.currentTimeMillis
  readonly currentTimeNanos = this.real.currentTimeNanos
  sleeping = 0
  unsafeCurrentTimeMillis() {
    return this.real.unsafeCurrentTimeMillis()
  }
  unsafeCurrentTimeNanos() {
    return this.real.unsafeCurrentTimeNanos()
  }
  sleep(duration: Duration.Duration) {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.sleeping++),
      () => this.real.sleep(duration),
      () => Effect.sync(() => this.sleeping--)
    )
  }
}

/** How the steps of a schedule ended, by kind. */
export type Outcomes = Readonly<Record<"succeeded" | "failed" | "interrupted", number>>

/** Runs a schedule and checks what has to hold of it. Dies where it does not, naming the seed. */
export const runSchedule = (seed: number): Effect.Effect<Outcomes> =>
  Effect.gen(function*() {
    const schedule = scheduleOf(seed)
    const simulator = yield* Simulator.make(schedule.simulator)
    const clock = new CountingClock()
    const scope = yield* Scope.make()
    const { client, pool, stats } = yield* makePool(schedule.config).pipe(Scope.extend(scope), Effect.withClock(clock))
    const events = new EventLedger()
    const listening = yield* Effect.fork(
      Stream.runForEach(pool.events, (event) => Effect.sync(() => events.add(event)))
    )
    yield* Effect.yieldNow()
    yield* Effect.sleep("1 millis")

    const run = (step: Step) =>
      Effect.gen(function*() {
        const response = yield* client.execute(generation(simulator.urls[step.host]!, step.behavior))
        switch (step.how) {
          case "call":
            return yield* response.text
          case "stream":
            return yield* Stream.runForEach(response.stream, () => Effect.sleep("1 millis"))
          case "take":
            return yield* Stream.runDrain(Stream.take(response.stream, 1))
          case "headersOnly":
            return
        }
      }).pipe(Effect.delay(Duration.millis(step.after)))

    const fibers = yield* Effect.forEach(schedule.steps, (step) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(run(step))
        if (step.interruptAfter !== undefined) {
          yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), Duration.millis(step.after + step.interruptAfter)))
        }
        return fiber
      }))

    if (schedule.closeAfter !== undefined) {
      yield* Effect.sleep(Duration.millis(schedule.closeAfter))
      yield* Scope.close(scope, Exit.void)
    }
    const exits = yield* Effect.forEach(fibers, Fiber.await)
    const outcomes = { succeeded: 0, failed: 0, interrupted: 0 }
    for (const exit of exits) {
      if (Exit.isSuccess(exit)) outcomes.succeeded++
      else if (Cause.isInterruptedOnly(exit.cause)) outcomes.interrupted++
      else {
        outcomes.failed++
        const failure = Cause.failureOption(exit.cause)
        assert.ok(failure._tag === "Some", `not a typed failure: ${Cause.pretty(exit.cause)}`)
        const { cause } = failure.value
        assert.ok(isDashScopeError(cause), `not an error of the pool: ${Cause.pretty(exit.cause)}`)
      }
    }
    yield* Scope.close(scope, Exit.void)
    yield* Effect.sleep("1 millis")
    yield* Fiber.interrupt(listening)
    const numbers = yield* stats
    // The server may come to accept a connection only after its client has gone.
    const served = yield* simulator.waitFor(({ totalConnections }) => totalConnections >= events.count("Connected"))
      .pipe(
        Effect.timeout("2 seconds")
      )
    checkLimits(schedule, served)
    checkNothingLeft(numbers, clock)
    events.check(numbers)
    assert.ok(events.count("RequestStarted") >= served.totalRequests, "fewer requests than the server saw")
    yield* Effect.timeout(simulator.awaitIdle, "2 seconds")
    return outcomes
  }).pipe(
    Effect.scoped,
    Effect.disconnect,
    Effect.timeout("20 seconds"),
    Effect.catchAllCause((cause) => Effect.dieMessage(`chaos schedule ${seed}: ${Cause.pretty(cause)}`))
  )

const checkLimits = (
  { config }: Schedule,
  served: Simulator.Service["stats"] extends Effect.Effect<infer A> ? A : never
) => {
  assert.ok(served.maxOpenConnections <= config.connectionPoolSize!, "more connections than connectionPoolSize")
  assert.ok(served.maxRequestsInFlight <= config.maximumAsyncRequests!, "more requests than maximumAsyncRequests")
  for (const host of served.byPort.values()) {
    assert.ok(
      host.maxRequestsInFlight <= config.maximumAsyncRequestsPerHost!,
      "more requests to one host than maximumAsyncRequestsPerHost"
    )
  }
}

const checkNothingLeft = (numbers: ConnectionPool.Stats, clock: CountingClock) => {
  const { inFlight, open, waiting } = numbers
  assert.deepStrictEqual({ open, inFlight, waiting, timers: clock.sleeping }, {
    open: 0,
    inFlight: 0,
    waiting: 0,
    timers: 0
  })
}
