/**
 * Random schedules of everything that can go wrong, against pools of all sizes: what a schedule does follows from its
 * seed alone, and whatever it does, nothing may be lost. A schedule drives the pool's `HttpClient` and, through
 * `Generation`, calls and streams that are retried. Run many with `npm run chaos -- <schedules> [first seed]`.
 */
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Cause, Chunk, Duration, Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import { Behavior, ProxySimulator, Simulator } from "effect-dashscope-simulator"
import * as Beneath from "effect-http-pool/Beneath"
import type * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as assert from "node:assert"
import { Ledger as EventLedger } from "../../../pool/test/util/eventLedger.js"
import { generation, makePool } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import { isFinish } from "../../src/internal/chat/finishReason.js"
import { isEncodeError } from "../util/platform.js"
import { brokenBody } from "./bodies.js"
import { checkLimits, checkNothingLeft, checkRetries, checkServed, Progress, stepHeader } from "./checks.js"
import { CountingClock, LiveFibers } from "./counting.js"
import { Outcomes } from "./outcomes.js"
import type { Plan, Step } from "./plan.js"
import { isOfPool, mostAttempts, planOf } from "./plan.js"
import { randomOf } from "./random.js"
import type { RelayCounts } from "./relay.js"
import { relay } from "./relay.js"
import { unread } from "./unread.js"

/** What lies between the pool and the simulator: where the hosts are to be found, and how to get there. */
const networkOf = ({ network, simulator: { seed = 0 } }: Plan, simulator: Simulator.Service, counts: RelayCounts) =>
  Effect.gen(function*() {
    const { ca, urls } = simulator
    const trusted = (more: ReadonlyArray<string> = []): ConnectionConfig.Input => {
      const authorities = [...(ca === undefined ? [] : [ca]), ...more]
      return authorities.length === 0 ? {} : { tls: { ca: authorities } }
    }
    if (network._tag === "direct") return { urls, config: trusted(), tunnels: Effect.succeed(0) }
    if (network._tag === "proxy") {
      const proxy = yield* ProxySimulator.make({ tls: true, fault: network.fault })
      return {
        urls,
        config: { ...trusted(proxy.ca === undefined ? [] : [proxy.ca]), proxy: proxy.url },
        tunnels: Effect.map(proxy.stats, ({ totalTunnels }) => totalTunnels)
      }
    }
    const random = randomOf(seed)
    const relays = yield* Effect.forEach(urls, (text) =>
      Effect.gen(function*() {
        const url = new URL(text)
        url.port = String(yield* relay(Number(url.port), network.faults, random, counts))
        return url.href
      }))
    return { urls: relays, config: trusted(), tunnels: Effect.succeed(0) }
  })

/** Runs a schedule and checks what has to hold of it. Dies where it does not, naming the seed. */
export const runSchedule = (seed: number): Effect.Effect<Outcomes> =>
  Effect.gen(function*() {
    const schedule = planOf(seed)
    const simulator = yield* Simulator.make(schedule.simulator)
    const outcomes = new Outcomes()
    const network = yield* networkOf(schedule, simulator, outcomes.relayed)
    const clock = new CountingClock()
    const fibers = new LiveFibers()
    const scope = yield* Scope.make()
    const made = makePool({
      ...schedule.config,
      ...network.config
    }).pipe(Scope.extend(scope), fibers.watch)
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
    const begins = (request: HttpClientRequest.HttpClientRequest) => {
      begun++
      progress[Number(request.headers[stepHeader])]!.attempts++
    }
    // One that was interrupted may not have come as far as the pool, and a pool that is closed tells nothing any more.
    const fails = ({ cause }: HttpClientError.HttpClientError) => {
      if (!(isDashScopeError(cause) && cause._tag === "ConnectionError" && cause.reason === "Closed")) ended++
    }
    const counted = PlatformHttpClient.transform(client, (execution, request) =>
      Effect.suspend(() => {
        begins(request)
        return Effect.tapBoth(execution, {
          onFailure: (error) => Effect.sync(() => fails(error)),
          onSuccess: () => Effect.sync(() => ended++)
        })
      }))
    if (schedule.isPooled) {
      Beneath.register(counted, Beneath.of(client)!)
      const send = Beneath.sendOf(client)!
      Beneath.registerSend(counted, (request, sent) =>
        send(request, {
          begin: () => {
            begins(request)
            return sent.begin()
          },
          end: (outcome) => {
            Exit.match(outcome, {
              onFailure: (cause) => Option.map(Cause.failureOption(cause), fails),
              onSuccess: () => ended++
            })
            return sent.end(outcome)
          },
          abort: (cause) => sent.abort(cause)
        }))
    }
    const services = yield* Effect.forEach(network.urls, (endpoint) =>
      Effect.provide(
        Generation.Generation,
        DashScope.layerWithoutHttpClient({ apiKey: "sk-test", endpoint, retry: schedule.retry }).pipe(
          Layer.provide(Layer.succeed(PlatformHttpClient.HttpClient, counted))
        )
      ).pipe(fibers.watch))

    const runOnPool = (step: Step, number: number) =>
      Effect.gen(function*() {
        const request = HttpClientRequest.setHeader(
          generation(network.urls[step.host]!, step.behavior),
          stepHeader,
          String(number)
        )
        const response = yield* counted.execute(
          step.how === "brokenBody" ? HttpClientRequest.setBody(request, brokenBody(number)) : request
        )
        switch (step.how) {
          case "call":
          case "brokenBody":
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
          return unread(stream)
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
        fibers.watch
      )

    const running = yield* Effect.forEach(schedule.steps, (step, number) =>
      Effect.gen(function*() {
        const isWarmingUp = schedule.warmsUp && number < schedule.simulator.hosts!
        const fiber = yield* Effect.fork(run(step, number))
        if (step.interruptAfter !== undefined) {
          yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), Duration.millis(step.after + step.interruptAfter)))
        }
        if (isWarmingUp) yield* Fiber.await(fiber)
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
      } else if (step.how === "brokenBody" && failedByBody(exit.cause)) {
        outcomes.failed++
        outcomes.brokenBodies++
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
    outcomes.tunnels = yield* network.tunnels
    events.check(numbers, {
      ...served,
      totalConnections: schedule.network._tag === "relay"
        ? events.count("Connected")
        : withoutSecondHandshakes(schedule, served.totalConnections, events.count("Connecting"))
    })
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
    Effect.timeout("80 seconds"),
    Effect.catchAllCause((cause) => Effect.dieMessage(`chaos schedule ${seed}: ${Cause.pretty(cause)}`))
  )

/**
 * A handshake that is made again without its session, because the server reset the first, is one connection of the pool, and two of
 * the server.
 */
const withoutSecondHandshakes = ({ simulator: { tls } }: Plan, accepted: number, begun: number): number =>
  tls === true && accepted <= 2 * begun ? Math.min(accepted, begun) : accepted

const soon = <A, E>(effect: Effect.Effect<A, E>, otherwise: () => string): Effect.Effect<A, E | string> =>
  Effect.timeoutFail(effect, { duration: "30 seconds", onTimeout: otherwise })

/** The request's own body failed, and the error says so. */
const failedByBody = (cause: Cause.Cause<unknown>): boolean => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  return Chunk.isEmpty(Cause.defects(cause)) && isEncodeError(failure) && !isDashScopeError(failure.cause)
}

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
