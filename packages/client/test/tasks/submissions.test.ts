import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { casesOf } from "../../../../scripts/thorough.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as ImageSynthesis from "../../src/ImageSynthesis.js"
import * as States from "../../src/internal/operation/taskState.js"
import * as Task from "../../src/Task.js"
import { randomOf } from "../chaos/random.js"
import { exchanges, hasCaptures } from "../util/captures.js"
import { cat, live, submissions, tasksByName } from "./support.js"

const fast = Schedule.spaced("5 millis")

/** What one submission meets. */
const troubles: ReadonlyArray<Behavior.Behavior> = [
  {},
  {},
  {},
  { gzip: true },
  { latency: 20 },
  { fault: { _tag: "Informational" } },
  { fault: { _tag: "ConnectionClose" } },
  { fault: { _tag: "CloseBeforeHeaders" } },
  { fault: { _tag: "ResetBeforeHeaders" } },
  { fault: { _tag: "StallBeforeHeaders" } },
  { fault: { _tag: "ResetAfterHeaders" } },
  { fault: { _tag: "StallAfterHeaders" } },
  { fault: { _tag: "ResetAfterBytes", bytes: 10 } },
  { fault: { _tag: "StallAfterBytes", bytes: 10 } },
  { fault: { _tag: "NeverReadRequest", resumeAfter: 100 } },
  { fault: { _tag: "HalfBody" } },
  { fault: { _tag: "OpenEndedBody" } },
  { error: { status: 400 } },
  { error: { status: 429 } },
  { error: { status: 429, retryAfter: 0.01 } },
  { error: { status: 500 } },
  { error: { status: 502, shape: "html" } },
  { error: { status: 503 } },
  { error: { status: 504, shape: "empty" } }
]

const isEndless = ({ fault }: Behavior.Behavior): boolean =>
  fault !== undefined && /^(?:Stall|NeverRead|OpenEnded)/.test(fault._tag)

const connections: ReadonlyArray<Simulator.Connections> = [
  {},
  { resetOnAccept: 0.3 },
  { stallHandshake: 0.3 },
  { closeIdleAfter: 2 },
  { closeIdleRandomly: 0.5 }
]

const perRound = 48

const recordings = ["batch-text-embedding-nosse", "image-generation-nosse", "image-synthesis-nosse"]

/** The ends of submissions, and whether the server has a task of each. */
type Counts = Record<"submitted" | "lostAndMade" | "lostAndNotMade" | "refused" | "interrupted", number>

const round = (seed: number, counts: Counts) =>
  Effect.gen(function*() {
    const random = randomOf(seed)
    const simulator = yield* Simulator.make({ seed, tls: seed % 5 === 4, connections: connections[seed % 5] })
    // Some connections are accepted and never answered.
    const isSilent = connections[seed % 5]?.stallHandshake !== undefined
    const one = (i: number) => {
      const behavior = random.pick(troubles)
      const interrupts = random.chance(0.15)
      const submit = random.pick(submissions)(`${i}`, {
        headers: Behavior.toHeaders(behavior),
        timeout: isSilent || isEndless(behavior) || random.chance(0.1)
          ? Duration.millis(random.integer(30, 300))
          : "30 seconds"
      }).pipe(Effect.delay(Duration.millis(random.integer(0, 30))))
      return interrupts
        ? Effect.exit(Effect.raceFirst(
          submit,
          Effect.delay(Effect.interrupt, Duration.millis(random.integer(0, 60)))
        ))
        : Effect.exit(submit)
    }
    const exits = yield* Effect.forEach(Array.from({ length: perRound }, (_, i) => i), one, {
      concurrency: "unbounded"
    }).pipe(
      Effect.provide(live(simulator, {
        connectionPoolSize: random.integer(2, 12),
        connectTimeout: isSilent ? "300 millis" : "10 seconds",
        ...(simulator.ca === undefined ? {} : { tls: { ca: simulator.ca } })
      }, { maxRetries: 3, baseDelay: "2 millis", budget: Infinity }))
    )
    yield* simulator.awaitIdle.pipe(Effect.timeout("10 seconds"))
    const made = yield* tasksByName(simulator)
    for (const [i, exit] of exits.entries()) {
      const ids = made.get(String(i)) ?? []
      const told = `seed ${seed}, submission ${i}: ${ids.length} tasks, ${String(exit).slice(0, 500)}`
      assert.isAtMost(ids.length, 1, told)
      if (Exit.isSuccess(exit)) {
        assert.deepStrictEqual(ids, [exit.value.id], told)
        counts.submitted++
        continue
      }
      const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
      if (error === undefined) {
        assert.isTrue(Cause.isInterruptedOnly(exit.cause), told)
        counts.interrupted++
      } else if (error._tag === "SubmissionLost") {
        assert.include(error.message, "The task may exist", told)
        assert.isTrue(isDashScopeError(error.cause), told)
        counts[ids.length === 1 ? "lostAndMade" : "lostAndNotMade"]++
      } else {
        // Whatever else is said, there is no task: it is safe to submit again.
        assert.isTrue(isDashScopeError(error), told)
        assert.lengthOf(ids, 0, told)
        counts.refused++
      }
    }
  }).pipe(Effect.scoped)

describe("submissions under all faults", () => {
  const rounds = casesOf(50, 0.06)
  it.live(
    `make no task twice, and each task is known or said to be possible (${rounds * perRound})`,
    () =>
      Effect.gen(function*() {
        const counts: Counts = { submitted: 0, lostAndMade: 0, lostAndNotMade: 0, refused: 0, interrupted: 0 }
        for (let seed = 0; seed < rounds; seed++) yield* round(seed, counts)
        for (const [kind, count] of Object.entries(counts)) {
          assert.isAtLeast(count, rounds, `${kind}, ${JSON.stringify(counts)}`)
        }
      }),
    300_000
  )

  it.scopedLive("are found in the list where their answers were lost", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        yield* ImageSynthesis.submit(cat("another"))
        yield* simulator.setBehavior({ fault: { _tag: "ResetBeforeHeaders" } })
        const lost = yield* Effect.flip(ImageSynthesis.submit({ ...cat("a cat"), model: "wanx2.1-t2i-turbo" }))
        yield* simulator.setBehavior({})
        assert.strictEqual(lost._tag, "SubmissionLost")
        if (lost._tag !== "SubmissionLost") return
        const { data = [] } = yield* Task.listPage({ modelName: lost.model, startTime: new Date(lost.submittedAt) })
        const [row, ...more] = data ?? []
        assert.lengthOf(more, 0)
        const task = yield* Task.byId(row?.taskId ?? "", { service: "ImageSynthesis" })
        const { output } = yield* ImageSynthesis.await(task, { poll: fast })
        assert.isString(output.results?.[0]?.url)
        assert.deepInclude(yield* simulator.taskStats, { submissions: 2, made: 2 })
      }).pipe(Effect.provide(live(simulator)))
    }))

  it.runIf(hasCaptures)("have the recorded answers", () => {
    const recorded = exchanges.filter(({ name }) => recordings.includes(name))
    assert.lengthOf(recorded, recordings.length)
    for (const { response } of recorded) {
      assert.match(Either.getOrThrow(States.submittedId(JSON.parse(response.body))), /^[0-9a-f-]{36}$/)
    }
  })
})
