/**
 * Random schedules of speech over WebSockets, tasks and realtime sessions, mixed with calls over HTTP, with every fault of the simulator's: whatever
 * happens, every outcome is typed, nobody hears another's audio, and nothing is left behind.
 */
import { Cause, Chunk, Duration, Effect, Exit, Fiber, Option, Scope, Stream } from "effect"
import type { RecordedRequest } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as assert from "node:assert"
import { Ledger as EventLedger } from "../../../pool/test/util/eventLedger.js"
import { makePool } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"
import { checkNothingLeft } from "./checks.js"
import { CountingClock, LiveFibers } from "./counting.js"
import type { Heard, RealtimeSounds } from "./realtimeSteps.js"
import { checkHeard, realtimeSounds, runRealtime } from "./realtimeSteps.js"
import type { RealtimeHow, Step } from "./speechPlan.js"
import { isRealtime, isSound, planOf, sayings } from "./speechPlan.js"
import { unread } from "./unread.js"

const voice = { model: "cosyvoice-v3-flash", voice: "longanyang", format: "pcm" }

/** How the steps of schedules ended. */
export class SpeechOutcomes {
  succeeded = 0
  failed = 0
  interrupted = 0
  /** Tasks over a WebSocket that had carried another. */
  reused = 0
  /** Realtime sessions that came to their end. */
  sessions = 0
  /** By tag and reason. */
  readonly errors: Record<string, number> = {}

  fail(kind: string, count = 1): void {
    this.failed += count
    this.errors[kind] = (this.errors[kind] ?? 0) + count
  }

  add(other: SpeechOutcomes): void {
    this.succeeded += other.succeeded
    this.interrupted += other.interrupted
    this.reused += other.reused
    this.sessions += other.sessions
    for (const [kind, count] of Object.entries(other.errors)) this.fail(kind, count)
  }
}

/** What each saying sounds like, as a sound service says it: in a task, and in sessions. */
export interface Sounds {
  readonly tasks: ReadonlyArray<Buffer>
  readonly sessions: RealtimeSounds
}

export const sounds: Effect.Effect<Sounds> = Effect.scoped(Effect.gen(function*() {
  const simulator = yield* Simulator.make()
  return yield* Effect.all({
    tasks: Effect.forEach(sayings, (texts) =>
      Effect.map(
        SpeechSynthesizer.synthesize({ ...voice, text: texts.join("") }),
        ({ audio }) => Buffer.from(audio)
      )),
    sessions: realtimeSounds
  }).pipe(Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url })))
})).pipe(Effect.orDie)

const stepHeader = "x-step"

const runStep = (
  step: Step,
  number: number,
  heard: Heard,
  sounds: Sounds
): Effect.Effect<unknown, unknown, DashScope.Services> => {
  const { how, options: { cut: _, ...limits } } = step
  return isRealtime(how)
    ? runRealtime(how, step.saying, sounds.sessions, heard, {
      ...limits,
      headers: { [stepHeader]: String(number) },
      finishTimeout: "2 seconds"
    })
    : runTask({ ...step, how }, number, heard.audio)
}

const runTask = (
  step: Step & { readonly how: Exclude<Step["how"], RealtimeHow> },
  number: number,
  heard: Array<Uint8Array>
): Effect.Effect<unknown, unknown, DashScope.Services> => {
  const texts = Stream.fromIterable(sayings[step.saying]!)
  const params = { ...voice, extra: { step: number } }
  const speech = (texts: Stream.Stream<SpeechSynthesizer.SpeechInput, string>) =>
    Stream.tap(SpeechSynthesizer.stream(params, texts, step.options), (event) =>
      Effect.sync(() => {
        if (event._tag === "Audio") heard.push(event.bytes)
      }))
  switch (step.how) {
    case "synthesize":
      return Effect.tap(
        SpeechSynthesizer.synthesize({ ...params, text: sayings[step.saying]!.join("") }, step.options),
        ({ audio }) => Effect.sync(() => heard.push(audio))
      )
    case "stream":
      return Stream.runDrain(speech(texts))
    case "slowly":
      return Stream.runForEach(
        speech(Stream.tap(texts, () => Effect.sleep("2 millis"))),
        () => Effect.sleep("1 millis")
      )
    case "takeSome":
      return Stream.runDrain(Stream.take(speech(Stream.concat(texts, Stream.never)), 2))
    case "unread":
      return unread(speech(texts))
    case "answer":
      return Stream.runDrain(
        SpeechSynthesizer.sayAnswer(params, step.options)(
          Generation.streamText({ model: "qwen-plus", prompt: "你好" }, { timeout: "2 seconds" })
        )
      )
    case "brokenText":
      return Stream.runDrain(speech(Stream.concat(texts, Stream.fail("the text broke off"))))
    case "call":
      return Generation.call({ model: "qwen-plus", prompt: "你好" }, { timeout: "2 seconds" })
  }
}

const kindOf = (step: Step, cause: Cause.Cause<unknown>): string => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  assert.ok(Chunk.isEmpty(Cause.defects(cause)), `a defect: ${Cause.pretty(cause)}`)
  if (step.how === "brokenText" && failure === "the text broke off") return failure
  assert.ok(isDashScopeError(failure), `not an error of this library: ${Cause.pretty(cause)}`)
  assert.ok(failure._tag !== "InputRequired", `nothing was wrong with what was asked for: ${Cause.pretty(cause)}`)
  return failure._tag === "ConnectionError" || failure._tag === "ApiError"
    ? `${failure._tag} ${failure.reason}`
    : failure._tag === "RequestTimeout"
    ? `${failure._tag} ${failure.phase}`
    : failure._tag
}

/** The step that a task is for says so in its parameters, and a session in a header. */
const stepOf = ({ body, headers, method }: RecordedRequest.RecordedRequest): number | undefined => {
  const found = method === "run-task" ? /"step":(\d+)/.exec(body)?.[1] : headers[stepHeader]
  return found === undefined ? undefined : Number(found)
}

/** Runs a schedule and checks what has to hold of it. Dies where it does not, naming the seed. */
export const runSpeech = (seed: number, sounds: Sounds): Effect.Effect<SpeechOutcomes> =>
  Effect.gen(function*() {
    const schedule = planOf(seed)
    const { steps } = schedule
    const simulator = yield* Simulator.make({
      ...schedule.simulator,
      behaviorOf: (request) => steps[stepOf(request) ?? -1]?.behavior
    })
    const outcomes = new SpeechOutcomes()
    const clock = new CountingClock()
    const fibers = new LiveFibers()
    const scope = yield* Scope.make()
    const { pool, stats } = yield* makePool(schedule.config).pipe(
      Scope.extend(scope),
      fibers.watch,
      Effect.withClock(clock)
    )
    const events = new EventLedger()
    const listening = yield* Effect.fork(
      Stream.runForEach(pool.events, (event) => Effect.sync(() => events.add(event)))
    )
    yield* Effect.sleep("1 millis")
    const services = yield* Effect.provide(
      Effect.context<DashScope.Services>(),
      DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: schedule.retry })
    )

    const heard = steps.map((): Heard => ({ audio: [], text: undefined }))
    const running = yield* Effect.forEach(steps, (step, number) =>
      Effect.gen(function*() {
        const fiber = yield* runStep(step, number, heard[number]!, sounds).pipe(
          Effect.provide(services),
          Effect.delay(Duration.millis(step.after)),
          Effect.withClock(clock),
          fibers.watch,
          Effect.fork
        )
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
    yield* soon(Fiber.join(listening), () => "the events do not end")

    exits.forEach((exit, number) => {
      const step = steps[number]!
      if (Exit.isSuccess(exit)) outcomes.succeeded++
      else if (Cause.isInterruptedOnly(exit.cause)) {
        assert.ok(step.interruptAfter !== undefined, "interrupted by nobody")
        outcomes.interrupted++
      } else outcomes.fail(kindOf(step, exit.cause))
      const { how, saying } = step
      const endedWell = Exit.isSuccess(exit)
      if (endedWell && isRealtime(how)) outcomes.sessions++
      if (!isSound(step.behavior)) return
      if (isRealtime(how)) return checkHeard(how, saying, sounds.sessions, heard[number]!, endedWell)
      const audio = Buffer.concat(heard[number]!.audio)
      const whole = sounds.tasks[saying]!
      const isWhole = endedWell && ["synthesize", "stream", "slowly"].includes(how)
      assert.ok(
        audio.equals(isWhole ? whole : whole.subarray(0, audio.length)),
        `step ${number} heard something else than what was said: ${audio.length} of ${whole.length} bytes`
      )
    })

    yield* soon(simulator.awaitIdle, () => "the server is not left alone")
    yield* soon(
      simulator.waitForSockets(({ open, tasksInFlight }) => open === 0 && tasksInFlight === 0),
      () => "WebSockets are open"
    )
    yield* soon(
      Effect.repeat(Effect.sleep("1 millis"), { until: () => fibers.alive === 0 }),
      () => `${fibers.alive} fibers are left`
    )
    const { maxOpenConnections } = yield* simulator.stats
    const { maxTasksInFlight, tasksReused } = yield* simulator.socketStats
    const { connectionPoolSize, maximumAsyncRequests } = schedule.config
    assert.ok(maxOpenConnections <= connectionPoolSize!, `${maxOpenConnections} connections of ${connectionPoolSize}`)
    assert.ok(maxTasksInFlight <= maximumAsyncRequests!, `${maxTasksInFlight} tasks of ${maximumAsyncRequests}`)
    const numbers = yield* stats
    checkNothingLeft(numbers, clock)
    assert.strictEqual(events.count("Acquired"), events.count("Released"))
    assert.strictEqual(events.count("Acquired"), numbers.acquired)
    outcomes.reused = tasksReused
    return outcomes
  }).pipe(
    Effect.scoped,
    Effect.disconnect,
    Effect.timeout("80 seconds"),
    Effect.catchAllCause((cause) => Effect.dieMessage(`chaos schedule of speech ${seed}: ${Cause.pretty(cause)}`))
  )

const soon = <A, E>(effect: Effect.Effect<A, E>, otherwise: () => string): Effect.Effect<A, E | string> =>
  Effect.timeoutFail(effect, { duration: "30 seconds", onTimeout: otherwise })

/** Of so many schedules, all kinds of ends: else they were worth little. */
export const assertSpeechWorthwhile = (total: SpeechOutcomes, schedules: number): void => {
  for (const kind of ["succeeded", "failed", "interrupted", "reused", "sessions"] as const) {
    assert.ok(total[kind] > schedules / 10, `${kind}: ${total[kind]}`)
  }
  // Of some kinds a few schedules may have none.
  const expected = schedules < 300
    ? []
    : [
      "ApiError InvalidRequest",
      "ApiError RateLimited",
      "ApiError Server",
      "ApiError UnexpectedResponse",
      "ConnectionError Closed",
      "ConnectionError Reset",
      "ConnectionError Truncated",
      "PoolExhausted",
      "RequestTimeout acquire",
      "RequestTimeout firstContent",
      "RequestTimeout read",
      "RequestTimeout total",
      "the text broke off"
    ]
  assert.deepStrictEqual(expected.filter((kind) => total.errors[kind] === undefined), [], JSON.stringify(total.errors))
}
