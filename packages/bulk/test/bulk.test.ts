import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Metric, Schema, Stream } from "effect"
import { DashScopeError } from "effect-dashscope"
import { Bulk, BulkError, Progress, Results } from "effect-dashscope-bulk"
import { join } from "node:path"
import { folder, linesOf, within } from "./util/place.js"

class Bad extends Schema.TaggedError<Bad>("Bad")("Bad", { n: Schema.Number }) {}
class Down extends Schema.TaggedError<Down>("Down")("Down", { why: Schema.String }) {}

/** Squares numbers, but for those that it is told to treat otherwise, and counts how often it is asked. */
const squares = (treat: (n: number) => Effect.Effect<number, Bad | Down> | undefined = () => undefined) => {
  const calls: Array<number> = []
  const job = Bulk.make({
    name: "squares",
    input: Schema.Number,
    output: Schema.Number,
    error: Schema.Union(Bad, Down),
    key: String,
    run: (n) =>
      Effect.suspend(() => {
        calls.push(n)
        return treat(n) ?? Effect.succeed(n * n)
      }),
    stopWhen: (error) => error._tag === "Down",
    tokens: (output) => output
  })
  return { calls, job }
}

const failureOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  if (Exit.isSuccess(exit)) assert.fail("it did not fail")
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "None") assert.fail(Cause.pretty(exit.cause))
  return failure.value
}

const numbers = (count: number) => Stream.range(1, count)

describe("a job", () => {
  it.scopedLive("has one result for each input, and asks none again", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      const { calls, job } = squares()
      const seen: Array<Progress.Progress> = []
      const run = within(
        join(at, "job.db"),
        job,
        Bulk.run(job, numbers(50), {
          concurrency: 8,
          total: 50,
          results: Results.jsonl(path),
          onProgress: (progress) => Effect.sync(() => seen.push(progress))
        })
      )
      const first = yield* run
      assert.include(first, { total: 50, skipped: 0, done: 50, failed: 0, duplicates: 0, inFlight: 0, tokens: 42925 })
      assert.sameDeepMembers(
        [...linesOf(path)],
        Array.from({ length: 50 }, (_, i) => ({ key: String(i + 1), output: (i + 1) ** 2 }))
      )
      assert.isAtMost(Math.max(...seen.map(({ inFlight }) => inFlight)), 8)
      assert.isAbove(Math.max(...seen.map(({ inFlight }) => inFlight)), 1)

      const second = yield* run
      assert.include(second, { skipped: 50, done: 0 })
      assert.lengthOf(calls, 50)
      assert.lengthOf(linesOf(path), 50)
    }))

  it.scopedLive("knows its answers where the results are lost", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { calls, job } = squares()
      const run = (name: string) =>
        within(join(at, "job.db"), job, Bulk.run(job, numbers(5), { results: Results.jsonl(join(at, name)) }))
      yield* run("a.jsonl")
      assert.include(yield* run("b.jsonl"), { skipped: 0, done: 5 })
      assert.lengthOf(calls, 5)
      assert.lengthOf(linesOf(join(at, "b.jsonl")), 5)
    }))

  it.scopedLive("asks inputs that share a key once", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      const { calls, job } = squares()
      const summary = yield* within(
        join(at, "job.db"),
        job,
        Bulk.run(job, Stream.make(1, 2, 1, 1, 2), { results: Results.jsonl(path) })
      )
      assert.include(summary, { done: 2, duplicates: 3 })
      assert.lengthOf(calls, 2)
      assert.lengthOf(linesOf(path), 2)
    }))

  it.scopedLive("sets inputs aside with their error, and asks them again when it is told to", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      let cured = false
      const { calls, job } = squares((n) => {
        if (n === 3) return Effect.die(new Error("a bug"))
        if (n === 4) return Effect.succeed(Number.NaN)
        if (n === 5) return Effect.interrupt
        return n === 2 && !cured ? Effect.fail(new Bad({ n })) : undefined
      })
      const run = (retryFailed: boolean) =>
        within(join(at, "job.db"), job, Bulk.run(job, numbers(6), { retryFailed, results: Results.jsonl(path) }))

      assert.include(yield* run(false), { done: 2, failed: 4 })
      const aside = new Map(
        linesOf(join(at, "out.failed.jsonl")).map((line) => {
          const { key, ...rest } = Schema.decodeUnknownSync(
            Schema.Struct({
              key: Schema.String,
              input: Schema.Number,
              message: Schema.String,
              error: Schema.optional(Schema.Unknown)
            })
          )(line)
          return [key, rest]
        })
      )
      assert.deepStrictEqual(aside.get("2")?.error, { _tag: "Bad", n: 2 })
      assert.match(aside.get("3")?.message ?? "", /a bug/)
      assert.match(aside.get("5")?.message ?? "", /interrupted/)
      assert.deepStrictEqual([...aside].map(([key, { input }]) => [key, input]).sort(), [["2", 2], ["3", 3], ["4", 4], [
        "5",
        5
      ]])

      assert.include(yield* run(false), { skipped: 6, done: 0, failed: 0 })
      assert.lengthOf(calls, 6)

      cured = true
      assert.include(yield* run(true), { skipped: 2, done: 1, failed: 3 })
      assert.lengthOf(calls, 10)
      assert.lengthOf(linesOf(path), 3)
      assert.lengthOf(linesOf(join(at, "out.failed.jsonl")), 3)
    }))

  it.scopedLive("stops where all others would fail too, and goes on from there", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      let down = true
      const { calls, job } = squares((n) => n > 10 && down ? Effect.fail(new Down({ why: "no money" })) : undefined)
      const run = within(
        join(at, "job.db"),
        job,
        Bulk.run(job, numbers(100), { concurrency: 4, results: Results.jsonl(path) })
      )
      for (let attempt = 0; attempt < 2; attempt++) {
        const error = failureOf(yield* Effect.exit(run))
        assert.instanceOf(error, BulkError.JobStopped)
        assert.match(error.message, /^The job "squares" has stopped at the input "1[1-4]", .*no money/s)
      }
      // It was not tried on all of them.
      assert.isBelow(calls.length, 30)
      down = false
      const summary = yield* run
      assert.strictEqual(summary.skipped + summary.done, 100)
      assert.strictEqual(summary.failed, 0)
      assert.lengthOf(linesOf(path), 100)
    }))

  it.scopedLive("goes on where it was interrupted", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      const started = yield* Deferred.make<void>()
      let hangs = true
      const { calls, job } = squares((n) =>
        n === 20 && hangs ? Effect.zipRight(Deferred.succeed(started, undefined), Effect.never) : undefined
      )
      const run = within(
        join(at, "job.db"),
        job,
        Bulk.run(job, numbers(40), { concurrency: 1, results: Results.jsonl(path) })
      )
      const fiber = yield* Effect.fork(run)
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      assert.lengthOf(linesOf(path), 19)
      hangs = false
      assert.include(yield* run, { skipped: 19, done: 21 })
      assert.lengthOf(calls, 41)
      assert.lengthOf(linesOf(path), 40)
    }))

  it.scopedLive("refuses inputs that cannot be kept, before they are run", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { calls, job } = squares()
      const run = (input: number, key: string) => {
        const keyed = { ...job, key: () => key }
        return within(
          join(at, "job.db"),
          keyed,
          Effect.exit(Bulk.run(keyed, Stream.make(input), { results: Results.jsonl(join(at, "out.jsonl")) }))
        )
      }
      assert.match(failureOf(yield* run(1, "")).message, /its input 0: its key is empty/)
      assert.match(failureOf(yield* run(1, "k".repeat(201))).message, /201 characters; 200 is the most/)
      assert.match(failureOf(yield* run(Number.NaN, "k")).message, /its input 0: /)
      assert.lengthOf(calls, 0)
    }))

  it.scopedLive("passes on what its inputs fail with", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { job } = squares()
      const inputs = Stream.concat(numbers(3), Stream.fail("no more" as const))
      const exit = yield* within(
        join(at, "job.db"),
        job,
        Effect.exit(Bulk.run(job, inputs, { results: Results.jsonl(join(at, "out.jsonl")) }))
      )
      assert.strictEqual(failureOf(exit), "no more")
    }))

  it.scopedLive("writes into a table beside its engine", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { calls, job } = squares((n) => n === 2 && calls.length < 5 ? Effect.fail(new Bad({ n })) : undefined)
      const run = (retryFailed: boolean) =>
        within(
          join(at, "job.db"),
          job,
          Bulk.run(job, numbers(4), { concurrency: 1, retryFailed, results: Results.sql("squared") })
        )
      assert.include(yield* run(false), { done: 3, failed: 1 })
      assert.include(yield* run(false), { skipped: 4 })
      assert.include(yield* run(true), { skipped: 3, done: 1 })
      assert.include(yield* run(true), { skipped: 4 })
    }))

  it.scopedLive("is counted", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { job } = squares((n) => n === 2 ? Effect.fail(new Bad({ n })) : undefined)
      const counted = (outcome: string) =>
        Metric.value(
          Metric.tagged(
            Metric.tagged(
              Metric.counter("dashscope.bulk.inputs", {
                description: "Inputs of bulk jobs that got their result",
                incremental: true
              }),
              "dashscope.bulk.job",
              "squares"
            ),
            "dashscope.bulk.outcome",
            outcome
          )
        )
      const before = [(yield* counted("done")).count, (yield* counted("failed")).count] as const
      yield* within(
        join(at, "job.db"),
        job,
        Bulk.run(job, numbers(3), { results: Results.jsonl(join(at, "out.jsonl")) })
      )
      assert.strictEqual((yield* counted("done")).count, before[0] + 2)
      assert.strictEqual((yield* counted("failed")).count, before[1] + 1)
    }))
})

describe("a shared run", () => {
  const { job } = squares()
  const summary = { skipped: 0, done: 1, failed: 0, duplicates: 0, inFlight: 0, tokens: 0, elapsedMillis: 1 }
  const counted = (run: (times: number) => Effect.Effect<Progress.Progress, BulkError.ResultsError>) => {
    let times = 0
    return { run: Effect.suspend(() => run(times++)), times: () => times }
  }
  const lead = (filename: string, name: string, run: Effect.Effect<Progress.Progress, BulkError.ResultsError>) => {
    const shared = Bulk.shared(name, run)
    return within(filename, job, Effect.exit(Effect.provide(shared.run, shared.layer)))
  }

  it.scopedLive("is led once under its name, and all are told its end", () =>
    Effect.gen(function*() {
      const filename = join(yield* folder, "job.db")
      const { run, times } = counted(() => Effect.succeed({ ...summary, total: undefined }))
      for (const name of ["monday", "monday", "tuesday"]) {
        const exit = yield* lead(filename, name, run)
        assert.deepStrictEqual(exit, Exit.succeed({ ...summary, total: undefined }))
      }
      assert.strictEqual(times(), 2)
    }))

  it.scopedLive("stays failed under its name", () =>
    Effect.gen(function*() {
      const filename = join(yield* folder, "job.db")
      const { run, times } = counted(() =>
        new BulkError.ResultsError({ where: "out", description: "the disk is full" })
      )
      for (const _ of [1, 2]) {
        const error = failureOf(yield* lead(filename, "monday", run))
        assert.instanceOf(error, BulkError.SharedRunFailed)
        assert.match(error.message, /^The shared run "monday" has failed: .*the disk is full/)
      }
      assert.strictEqual(times(), 1)
    }))

  it.scopedLive("is begun again when it dies", () =>
    Effect.gen(function*() {
      const { run, times } = counted((before) =>
        before < 2 ? Effect.dieMessage("the database is away") : Effect.succeed({ ...summary, total: 5 })
      )
      assert.deepStrictEqual(
        yield* lead(join(yield* folder, "job.db"), "monday", run),
        Exit.succeed({ ...summary, total: 5 })
      )
      assert.strictEqual(times(), 3)
    }))
})

describe("the engine", () => {
  it.scopedLive("has its file for itself, and gives it back", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const { job } = squares()
      const filename = join(at, "job.db")
      const again = yield* within(filename, job, Effect.exit(within(filename, job, Effect.void)))
      assert.match(failureOf(again).message, /Another process works with .*job\.db/)
      yield* within(filename, job, Effect.void)
    }))

  it.scopedLive("says which file it cannot open", () =>
    Effect.gen(function*() {
      const { job } = squares()
      const exit = yield* Effect.exit(within("/nowhere/job.db", job, Effect.void))
      assert.match(failureOf(exit).message, /Cannot open \/nowhere\/job\.db/)
    }))

  it.scopedLive("keeps errors of the client as they are", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "out.jsonl")
      const error = new DashScopeError.ApiError({
        reason: "ContentFiltered",
        statusCode: 400,
        code: "DataInspectionFailed",
        description: "no",
        retryAfter: Duration.seconds(3),
        isRetryable: false
      })
      const job = Bulk.make({
        name: "asks",
        input: Schema.String,
        output: Schema.String,
        key: (text) => text,
        run: () => Effect.fail(error)
      })
      assert.include(
        yield* within(join(at, "job.db"), job, Bulk.run(job, Stream.make("a"), { results: Results.jsonl(path) })),
        {
          failed: 1
        }
      )
    }))

  it("tells outages from bad inputs", () => {
    const api = (reason: DashScopeError.ApiErrorReason) =>
      new DashScopeError.ApiError({ reason, statusCode: 400, code: "", description: "", isRetryable: false })
    const connection = (reason: DashScopeError.ConnectionErrorReason) =>
      new DashScopeError.ConnectionError({ reason, origin: "", responseStarted: false, description: "" })
    const timeout = (phase: DashScopeError.TimeoutPhase) =>
      new DashScopeError.RequestTimeout({ phase, duration: Duration.seconds(1) })
    assert.deepStrictEqual(
      [
        new DashScopeError.NoApiKey({ lookedIn: [] }),
        api("Authentication"),
        api("QuotaExhausted"),
        api("RateLimited"),
        connection("Refused"),
        connection("Dns"),
        timeout("acquire"),
        timeout("connect"),
        new DashScopeError.RateLimitExceeded({ reason: "QueueFull", key: "qwen-plus", waiting: 1 })
      ].filter((error) => !Bulk.isOutage(error)),
      []
    )
    assert.deepStrictEqual(
      [
        new DashScopeError.InputRequired({ field: "", description: "" }),
        api("ContentFiltered"),
        api("Server"),
        connection("Reset"),
        connection("Truncated"),
        timeout("read"),
        new Error("another")
      ].filter(Bulk.isOutage),
      []
    )
  })
})

describe("the progress", () => {
  const progress = {
    total: 100,
    skipped: 20,
    done: 28,
    failed: 2,
    duplicates: 0,
    inFlight: 8,
    tokens: 1234,
    elapsedMillis: 10_000
  }

  it("is a line with a bar, a pace and what is left", () => {
    assert.strictEqual(
      Progress.line(progress, { width: 10 }),
      "[#####-----] 50/100  20 done before  2 failed  8 in flight  3.0/s  1,234 tokens  17 s left"
    )
    assert.strictEqual(
      Progress.line({ ...progress, total: undefined, skipped: 0, failed: 0, tokens: 0 }),
      "28  8 in flight  2.8/s"
    )
  })

  it("has no end in sight without a total or a result", () => {
    assert.isUndefined(Progress.etaMillis({ ...progress, total: undefined }))
    assert.isUndefined(Progress.etaMillis({ ...progress, done: 0, failed: 0 }))
    assert.strictEqual(Progress.etaMillis(progress), 50_000 / 3)
  })
})
