/**
 * Random schedules of everything that can go wrong, against pools of all sizes: what a schedule does follows from its
 * seed alone, and whatever it does, nothing may be lost. A schedule drives the pool's `HttpClient` and, through
 * `Generation`, calls and streams that are retried. Run many with `npm run chaos -- <schedules> [first seed]`.
 */
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import {
  Cause,
  Chunk,
  Clock,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Schedule,
  Scope,
  Stream,
  Supervisor
} from "effect"
import type { RecordedRequest, Stats } from "effect-dashscope-simulator"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Beneath from "effect-http-pool/Beneath"
import type * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import type * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as assert from "node:assert"
import { Ledger as EventLedger } from "../../../pool/test/util/eventLedger.js"
import { generation, makePool } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import type * as DashScopeClient from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import { isFinish } from "../../src/internal/chat/finishReason.js"
import type * as Retry from "../../src/Retry.js"

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

/** Bytes of an answer before it breaks off: fewer than the shortest has. */
const someBytes = (random: Random) => random.integer(0, 120)

const faults = (random: Random): Behavior.Behavior =>
  random.pick<() => Behavior.Behavior>([
    ...Array.from({ length: 6 }, () => () => ({})),
    () => ({ latency: random.integer(0, 30) }),
    () => ({ fault: { _tag: "CloseBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetBeforeHeaders" } }),
    () => ({ fault: { _tag: "StallBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterHeaders" } }),
    () => ({ fault: { _tag: "StallAfterHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterBytes", bytes: someBytes(random) } }),
    () => ({ fault: { _tag: "StallAfterBytes", bytes: someBytes(random) } }),
    () => ({ fault: { _tag: "HalfBody" } }),
    () => ({ fault: { _tag: "OpenEndedBody" } }),
    () => ({ fault: { _tag: "ConnectionClose" } }),
    () => ({ fault: { _tag: "Informational" } }),
    () => ({ error: { status: random.pick([400, 401, 429, 500, 503]), padTo: random.pick([0, 70_000]) } }),
    () => ({ error: { status: random.pick([429, 503]), retryAfter: random.pick([0, 1]) } }),
    () => ({ error: { status: 500, padTo: 1_100_000, endless: "drip" } }),
    () => ({ error: { status: 500, endless: "open" } }),
    () => ({ gzip: true }),
    () => ({ keepAliveHint: random.integer(0, 3) }),
    () => ({ padAnswerTo: random.integer(1000, 200_000) })
  ])()

const streamFaults = (random: Random): Behavior.Behavior => {
  const after = random.integer(0, 6)
  return random.pick<() => Behavior.Behavior>([
    ...Array.from({ length: 4 }, () => () => faults(random)),
    ...Array.from({ length: 3 }, () => () => ({ stream: { events: 6, eventInterval: random.integer(0, 4) } })),
    () => ({ stream: { events: 20, commentsBetween: true, chunking: random.integer(1, 100) } }),
    () => ({ stream: { hugeEvent: 100_000 } }),
    () => ({ stream: { stallBeforeFirstEvent: true } }),
    () => ({ stream: { stallAfterEvents: after } }),
    () => ({ stream: { resetAfterEvents: after } }),
    () => ({ stream: { errorAfterEvents: after } }),
    () => ({ stream: { halfFrame: after } }),
    () => ({ stream: { undecodableEventAfter: after } }),
    () => ({ stream: { closeWithoutFinish: true } }),
    () => ({ stream: { jsonInsteadOfStream: true } }),
    () => ({ stream: { noFinalBlankLine: true } }),
    () => ({ stream: { doneSentinel: true }, gzip: true }),
    () => ({ stream: { heartbeatsOnly: 5 } }),
    () => ({ stream: { emptyDeltas: 5 } }),
    () => ({ error: { status: 429, asEvent: random.integer(0, 2) } })
  ])()
}

/** Who reads what never ends, and is never silent, has to know himself when to stop. */
const isEndless = ({ error, stream }: Behavior.Behavior): boolean =>
  error?.endless === "drip" || stream?.heartbeatsOnly !== undefined || stream?.emptyDeltas !== undefined

const ofPool = ["call", "stream", "take", "headersOnly"] as const
const ofGeneration = ["generate", "collect", "drain", "slowly", "takeSome", "unread"] as const

type How = typeof ofPool[number] | typeof ofGeneration[number]

const isOfPool = (how: How): boolean => ofPool.some((one) => one === how)

/** What one caller of a schedule does. */
interface Step {
  readonly after: number
  readonly host: number
  readonly behavior: Behavior.Behavior
  readonly how: How
  readonly options: DashScopeClient.CallOptions
  readonly incrementalOutput: boolean
  readonly interruptAfter: number | undefined
}

interface Plan {
  readonly config: ConnectionConfig.Input
  /** Whether the pool goes by the clock that counts, or by the one that it has in production. */
  readonly countsTimers: boolean
  /** Whether the services know of the pool beneath them, and leave to it what over any other client costs more. */
  readonly isPooled: boolean
  readonly simulator: Simulator.Options
  readonly retry: Retry.Policy
  readonly steps: ReadonlyArray<Step>
  /** When the pool closes, where it does not wait for the steps. */
  readonly closeAfter: number | undefined
}

const retryOf = (random: Random): Retry.Policy =>
  random.pick<() => Retry.Policy>([
    () => false,
    () => Schedule.intersect(Schedule.recurs(2), Schedule.spaced(Duration.millis(random.integer(1, 10)))),
    ...Array.from({ length: 6 }, () => () => ({
      maxRetries: random.integer(1, 3),
      baseDelay: Duration.millis(random.integer(1, 10)),
      maxDelay: "20 millis" as const,
      maxRetryAfter: "30 millis" as const,
      budget: random.pick([0, 0.1, 1, Infinity])
    }))
  ])()

const mostAttempts = (retry: Retry.Policy): number =>
  retry === false ? 1 : Schedule.isSchedule(retry) ? 3 : 1 + retry.maxRetries!

const stepOf = (random: Random, hosts: number): Step => {
  const how = random.pick<How>(random.pick<ReadonlyArray<How>>([ofPool, ofGeneration]))
  const isStream = !isOfPool(how) && how !== "generate"
  const behavior = isStream ? streamFaults(random) : faults(random)
  const endless = isEndless(behavior)
  const sometimes = (probability: number) =>
    random.chance(probability) ? Duration.millis(random.integer(5, 60)) : undefined
  return {
    after: random.integer(0, 40),
    host: random.integer(0, hosts - 1),
    behavior,
    how,
    options: isOfPool(how) ? {} : {
      timeout: sometimes(endless ? 1 : 0.15),
      firstContentTimeout: sometimes(0.2),
      contentTimeout: isStream ? sometimes(0.2) : undefined,
      ...(random.chance(0.05) ? { retry: false } : {})
    },
    incrementalOutput: random.chance(0.7),
    interruptAfter: (endless && isOfPool(how)) || random.chance(0.2) ? random.integer(0, 40) : undefined
  }
}

const planOf = (seed: number): Plan => {
  const random = randomOf(seed)
  const connectionPoolSize = random.integer(1, random.pick([2, 8, 32]))
  const maximumAsyncRequests = random.integer(Math.max(1, connectionPoolSize - 3), connectionPoolSize)
  const hosts = random.integer(1, 3)
  // On a busy machine the shorter deadlines end almost everything.
  const longest = random.pick([60, 60, 300])
  return {
    config: {
      connectionPoolSize,
      maximumAsyncRequests,
      maximumAsyncRequestsPerHost: random.integer(1, maximumAsyncRequests),
      connectTimeout: Duration.millis(random.integer(20, longest)),
      readTimeout: Duration.millis(random.integer(20, longest)),
      writeTimeout: Duration.millis(60),
      connectionIdleTimeout: Duration.millis(random.pick([5, 1000])),
      acquireTimeout: random.chance(0.3) ? Duration.millis(random.integer(5, 60)) : undefined,
      maximumPendingRequests: random.chance(0.2) ? random.integer(0, 5) : undefined,
      connectionMaxLifetime: random.chance(0.3) ? Duration.millis(random.integer(5, 50)) : undefined,
      resendOnStaleConnection: random.chance(0.8),
      shutdownTimeout: Duration.millis(random.pick([0, 20]))
    },
    countsTimers: random.chance(0.7),
    isPooled: random.chance(0.6),
    simulator: {
      hosts,
      seed,
      tls: random.chance(0.03),
      connections: random.chance(0.5) ? {} : {
        resetOnAccept: random.pick([0, 0.2]),
        stallHandshake: random.pick([0, 0.2]),
        closeIdleAfter: random.pick([undefined, 3]),
        closeIdleRandomly: random.pick([0, 0.4])
      },
      ...(random.chance(0.1) ? { rateLimit: { requests: 4, perMillis: 20, retryAfter: random.chance(0.3) } } : {})
    },
    retry: retryOf(random),
    steps: Array.from({ length: random.integer(1, 15) }, () => stepOf(random, hosts)),
    closeAfter: random.chance(0.25) ? random.integer(0, 100) : undefined
  }
}

/** Real time, with a count of those who wait for it: timers that are left behind show up here. */
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

/** Counts the fibers of what is tried, but for those that run its steps. */
class LiveFibers extends Supervisor.AbstractSupervisor<number> {
  alive = 0
  readonly value = Effect.sync(() => this.alive)
  override onStart() {
    this.alive++
  }
  override onEnd() {
    this.alive--
  }
}

/** How the steps of schedules ended, by kind, and what it took. */
export class Outcomes {
  succeeded = 0
  failed = 0
  interrupted = 0
  retries = 0
  resent = 0
  /** By tag and reason. */
  readonly errors: Record<string, number> = {}

  fail(error: DashScopeError): void {
    this.failed++
    const kind = error._tag === "ConnectionError" || error._tag === "ApiError"
      ? `${error._tag} ${error.reason}`
      : error._tag === "RequestTimeout"
      ? `${error._tag} ${error.phase}`
      : error._tag
    this.errors[kind] = (this.errors[kind] ?? 0) + 1
  }

  add(other: Outcomes): void {
    for (const kind of ["succeeded", "failed", "interrupted", "retries", "resent"] as const) this[kind] += other[kind]
    for (const [kind, count] of Object.entries(other.errors)) this.errors[kind] = (this.errors[kind] ?? 0) + count
  }
}

/** Of so many schedules, all kinds of ends, in numbers, however busy the machine is: else they were worth little. */
export const assertWorthwhile = (total: Outcomes, schedules: number): void => {
  for (const kind of ["succeeded", "failed", "interrupted", "retries"] as const) {
    assert.ok(total[kind] > schedules / 2, `${kind}: ${total[kind]}`)
  }
  assert.ok(total.resent > schedules / 100, `resent: ${total.resent}`)
  const often = ["ApiError Server", "ConnectionError Reset", "PoolExhausted", "RequestTimeout total"]
  const seldom = [
    "ApiError RateLimited",
    "ApiError UnexpectedResponse",
    "ConnectionError Closed",
    "ConnectionError Truncated",
    "RequestTimeout acquire",
    "RequestTimeout firstContent",
    "RequestTimeout read"
  ]
  const expected = schedules < 1000 ? often : [...often, ...seldom]
  assert.deepStrictEqual(expected.filter((kind) => total.errors[kind] === undefined), [], JSON.stringify(total.errors))
}

/** What is known of one step while it runs. */
class Progress {
  /** Requests that were begun for it. */
  attempts = 0
  /** As many of those as there were when its first element came. */
  atFirstElement: number | undefined = undefined
  last: Generation.GenerationResult | undefined = undefined

  element(result: Generation.GenerationResult): void {
    this.atFirstElement ??= this.attempts
    this.last = result
  }
}

/** A request says in this header whose it is, to the client and to the server. */
const stepHeader = "x-step"

/** Runs a schedule and checks what has to hold of it. Dies where it does not, naming the seed. */
export const runSchedule = (seed: number): Effect.Effect<Outcomes> =>
  Effect.gen(function*() {
    const schedule = planOf(seed)
    const simulator = yield* Simulator.make(schedule.simulator)
    const clock = new CountingClock()
    const fibers = new LiveFibers()
    const scope = yield* Scope.make()
    const made = makePool({
      ...schedule.config,
      ...(simulator.ca === undefined ? {} : { tls: { ca: simulator.ca } })
    }).pipe(Scope.extend(scope), Effect.supervised(fibers))
    const { client, pool, stats } = yield* schedule.countsTimers ? Effect.withClock(made, clock) : made
    const events = new EventLedger()
    const listening = yield* Effect.fork(
      Stream.runForEach(pool.events, (event) => Effect.sync(() => events.add(event)))
    )
    yield* Effect.yieldNow()
    yield* Effect.sleep("1 millis")

    const progress = schedule.steps.map(() => new Progress())
    let begun = 0
    let ended = 0
    const counted = PlatformHttpClient.transform(client, (execution, request) =>
      Effect.suspend(() => {
        begun++
        progress[Number(request.headers[stepHeader])]!.attempts++
        // One that was interrupted may not have come as far as the pool, and a pool that is closed tells nothing any more.
        return Effect.tapBoth(execution, {
          onFailure: ({ cause }) =>
            Effect.sync(() => {
              if (!(isDashScopeError(cause) && cause._tag === "ConnectionError" && cause.reason === "Closed")) ended++
            }),
          onSuccess: () => Effect.sync(() => ended++)
        })
      }))
    if (schedule.isPooled) Beneath.register(counted, Beneath.of(client)!)
    const services = yield* Effect.forEach(simulator.urls, (endpoint) =>
      Effect.provide(
        Generation.Generation,
        DashScope.layerWithoutHttpClient({ apiKey: "sk-test", endpoint, retry: schedule.retry }).pipe(
          Layer.provide(Layer.succeed(PlatformHttpClient.HttpClient, counted))
        )
      ).pipe(Effect.supervised(fibers)))

    const runOnPool = (step: Step, number: number) =>
      Effect.gen(function*() {
        const response = yield* counted.execute(
          HttpClientRequest.setHeader(
            generation(simulator.urls[step.host]!, step.behavior),
            stepHeader,
            String(number)
          )
        )
        switch (step.how) {
          case "call":
            return yield* response.text
          case "stream":
            return yield* Stream.runForEach(response.stream, () => Effect.sleep("1 millis"))
          case "take":
            return yield* Stream.runDrain(Stream.take(response.stream, 1))
          default:
            return
        }
      })

    const runGeneration = (step: Step, number: number) => {
      const service = services[step.host]!
      const params = { model: "qwen-plus", prompt: "你好", incrementalOutput: step.incrementalOutput }
      const options = {
        ...step.options,
        headers: { ...Behavior.toHeaders(step.behavior), [stepHeader]: String(number) }
      }
      const seen = progress[number]!
      const stream = Stream.tap(service.stream(params, options), (result) => Effect.sync(() => seen.element(result)))
      switch (step.how) {
        case "collect":
          return Effect.asVoid(Generation.collect(stream))
        case "drain":
          return Stream.runDrain(stream)
        case "slowly":
          return Stream.runForEach(stream, () => Effect.sleep("2 millis"))
        case "takeSome":
          return Stream.runDrain(Stream.take(stream, 2))
        case "unread":
          // Opened, pulled once, and left.
          return Effect.scoped(Effect.flatMap(Stream.toPull(stream), (pull) => pull)).pipe(
            Effect.catchAll(Option.match({ onNone: () => Effect.void, onSome: Effect.fail }))
          )
        default:
          return Effect.map(service.call(params, options), (result) => seen.element(result))
      }
    }

    const run = (step: Step, number: number): Effect.Effect<unknown, unknown> =>
      Effect.suspend((): Effect.Effect<unknown, unknown> =>
        isOfPool(step.how) ? runOnPool(step, number) : runGeneration(step, number)
      ).pipe(
        Effect.delay(Duration.millis(step.after)),
        Effect.withClock(clock),
        Effect.supervised(fibers)
      )

    const running = yield* Effect.forEach(schedule.steps, (step, number) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(run(step, number))
        if (step.interruptAfter !== undefined) {
          yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), Duration.millis(step.after + step.interruptAfter)))
        }
        return fiber
      }))

    if (schedule.closeAfter !== undefined) {
      yield* Effect.sleep(Duration.millis(schedule.closeAfter))
      yield* Scope.close(scope, Exit.void)
    }
    const exits = yield* Effect.forEach(running, Fiber.await)
    yield* Scope.close(scope, Exit.void)
    // The events end with the pool.
    yield* soon(Fiber.join(listening), () => "the events do not end")

    const outcomes = new Outcomes()
    exits.forEach((exit, number) => {
      const step = schedule.steps[number]!
      const { atFirstElement, attempts, last } = progress[number]!
      if (Exit.isSuccess(exit)) {
        outcomes.succeeded++
        if (step.how === "collect" || step.how === "drain" || step.how === "slowly") {
          const reasons = last?.output.choices.map(({ finishReason }) => finishReason)
          assert.ok(reasons?.some(isFinish), `a stream ended without its finish reason: ${String(reasons)}`)
        }
      } else if (Cause.isInterruptedOnly(exit.cause)) {
        assert.ok(step.interruptAfter !== undefined, "interrupted by nobody")
        outcomes.interrupted++
      } else {
        outcomes.fail(typedError(step, exit.cause))
      }
      const most = isOfPool(step.how) ? 1 : mostAttempts(step.options.retry ?? schedule.retry)
      assert.ok(attempts <= most, `${attempts} attempts, not ${most} at most`)
      assert.ok(atFirstElement === undefined || attempts === atFirstElement, "a stream was begun anew after an element")
      outcomes.retries += Math.max(0, attempts - 1)
    })

    // The server may come to accept a connection only after its client has gone.
    yield* soon(
      simulator.waitFor(({ totalConnections }) => totalConnections >= events.count("Connected")),
      () => `the server did not see ${events.count("Connected")} connections`
    )
    yield* soon(simulator.awaitIdle, () => "the server is not left alone")
    yield* soon(
      Effect.repeat(Effect.sleep("1 millis"), { until: () => fibers.alive === 0 }),
      () => `${fibers.alive} fibers are left`
    )
    const served = yield* simulator.stats
    const numbers = yield* stats
    outcomes.resent = numbers.resent
    checkLimits(schedule, served)
    checkNothingLeft(numbers, clock)
    events.check(numbers, served)
    assert.ok(
      ended <= events.count("Queued") && events.count("Queued") <= begun,
      "each attempt is one request of the pool"
    )
    if (schedule.isPooled && schedule.closeAfter === undefined) {
      assert.ok(outcomes.retries <= events.retriesDecided, "a retry that nobody decided")
    }
    checkRetries(schedule, progress)
    checkServed(progress, yield* simulator.requests, numbers)
    return outcomes
  }).pipe(
    Effect.scoped,
    Effect.disconnect,
    Effect.timeout("40 seconds"),
    Effect.catchAllCause((cause) => Effect.dieMessage(`chaos schedule ${seed}: ${Cause.pretty(cause)}`))
  )

const soon = <A, E>(effect: Effect.Effect<A, E>, otherwise: () => string): Effect.Effect<A, E | string> =>
  Effect.timeoutFail(effect, { duration: "5 seconds", onTimeout: otherwise })

const typedError = (step: Step, cause: Cause.Cause<unknown>): DashScopeError => {
  const failure = Cause.failureOption(cause)
  assert.ok(
    Option.isSome(failure) && Chunk.isEmpty(Cause.defects(cause)),
    `not a typed failure: ${Cause.pretty(cause)}`
  )
  const error: unknown = isOfPool(step.how) ? Reflect.get(Object(failure.value), "cause") : failure.value
  assert.ok(isDashScopeError(error), `not an error of this library: ${Cause.pretty(cause)}`)
  return error
}

const checkLimits = ({ config }: Plan, served: Stats.Stats) => {
  assert.ok(
    served.maxOpenConnections <= config.connectionPoolSize!,
    `more connections than connectionPoolSize: ${served.maxOpenConnections}`
  )
  assert.ok(served.maxRequestsInFlight <= config.maximumAsyncRequests!, "more requests than maximumAsyncRequests")
  for (const host of served.byPort.values()) {
    assert.ok(
      host.maxRequestsInFlight <= config.maximumAsyncRequestsPerHost!,
      "more requests to one host than maximumAsyncRequestsPerHost"
    )
  }
}

/** The clients of a schedule, one for each host, keep within their budgets. */
const checkRetries = ({ retry, simulator, steps }: Plan, progress: ReadonlyArray<Progress>) => {
  if (retry === false || Schedule.isSchedule(retry) || retry.budget === Infinity) return
  for (let host = 0; host < simulator.hosts!; host++) {
    const calls = progress.filter((_, i) => steps[i]!.host === host && !isOfPool(steps[i]!.how))
    const retries = calls.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0)
    assert.ok(retries <= 10 + retry.budget! * calls.length, `${retries} retries of ${calls.length} calls`)
  }
}

/** Whatever the server got was asked for: once for each attempt, and once more for what was sent again. */
const checkServed = (
  progress: ReadonlyArray<Progress>,
  requests: ReadonlyArray<RecordedRequest.RecordedRequest>,
  { resent }: ConnectionPool.Stats
) => {
  const seen = progress.map(() => 0)
  for (const { headers } of requests) seen[Number(headers[stepHeader])]!++
  const beyond = progress.reduce((sum, { attempts }, i) => sum + Math.max(0, seen[i]! - attempts), 0)
  assert.ok(beyond <= resent, `the server got ${beyond} requests that nobody sent`)
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
