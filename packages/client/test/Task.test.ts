import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { isThorough } from "../../../scripts/thorough.js"
import * as DashScopeClient from "../src/DashScopeClient.js"
import { ConnectionError } from "../src/DashScopeError.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Verbs from "../src/internal/operation/task.js"
import * as Task from "../src/Task.js"
import { exchanges, hasCaptures } from "./util/captures.js"
import { env, type Handler, jsonResponse, key, mockHttp } from "./util/mock.js"
import { keeping, requestError } from "./util/platform.js"
import { metricsOf, recordSpans } from "./util/recorder.js"
import { serviceContract } from "./util/serviceContract.js"

const baseUrl = "https://dashscope.aliyuncs.com/api/v1"
const saved: Task.Task = { id: "t-1", service: "Fake", model: "m", baseUrl, submittedAt: 0 }

const taskJson = { task_id: "t-1", task_status: "RUNNING", task_metrics: { TOTAL: 4, SUCCEEDED: 1, FAILED: 0 } }
const taskOurs = { taskId: "t-1", taskStatus: "RUNNING", taskMetrics: { total: 4, succeeded: 1, failed: 0 } }
const row = { task_id: "t-1", status: "SUCCEEDED", model_name: "m", gmt_create: 1, api_key_id: "2" }

serviceContract("Task", {
  layer: Task.layer,
  samples: [{
    name: "listPage",
    run: (options) =>
      Task.listPage({
        taskId: "t-1",
        startTime: new Date(Date.UTC(2024, 2, 1, 20, 0, 5)),
        endTime: "20240302050000",
        modelName: "m",
        status: "SUCCEEDED",
        pageNo: 1,
        pageSize: 3
      }, options),
    sends: {
      method: "GET",
      path: "/api/v1/tasks?task_id=t-1&start_time=20240302040005&end_time=20240302050000&model_name=m" +
        "&status=SUCCEEDED&page_no=1&page_size=3"
    },
    answer: { request_id: "r", data: [row], total: 1, total_page: 1, page_no: 1, page_size: 3 },
    gives: {
      requestId: "r",
      data: [{ taskId: "t-1", status: "SUCCEEDED", modelName: "m", gmtCreate: 1, apiKeyId: "2" }],
      total: 1,
      totalPage: 1,
      pageNo: 1,
      pageSize: 3
    },
    schema: Task.TaskPage,
    observed: { operation: "list_tasks" }
  }, {
    name: "fetch",
    run: (options) => Effect.flatMap(Task.byId("t-1"), (task) => Task.fetch(task, options)),
    sends: { method: "GET", path: "/api/v1/tasks/t-1" },
    answer: { request_id: "r", output: taskJson, usage: { image_count: 1 } },
    gives: { requestId: "r", output: taskOurs, usage: { image_count: 1 } },
    schema: Task.TaskState,
    observed: { operation: "get_task" },
    isSimulated: false
  }, {
    name: "cancel",
    run: (options) => Effect.flatMap(Task.byId("t-1"), (task) => Task.cancel(task, options)),
    sends: { path: "/api/v1/tasks/t-1/cancel" },
    answer: { request_id: "r" },
    gives: { requestId: "r" },
    schema: Task.CancelResult,
    observed: { operation: "cancel_task" },
    isSimulated: false
  }],
  refuses: [
    ["task", Task.fetch({ ...saved, baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1" })],
    ["task", Task.fetch({ ...saved, id: "" })],
    ["task", Task.cancel(Object.assign({}, saved, { submittedAt: "yesterday" }))]
  ],
  recordings: {
    of: ({ name }) => name === "list-task-nosse",
    schema: Task.TaskPage
  }
})

describe("states of tasks", () => {
  const recorded = exchanges.filter(({ name }) => name.startsWith("get-task"))
  it.runIf(hasCaptures)("are read from recordings with nothing lost", () => {
    assert.isAbove(recorded.length, 3)
    for (const { response } of recorded) {
      const json: unknown = JSON.parse(response.body)
      const state = Either.getOrThrow(Codec.decoder(Task.TaskState)(json))
      assert.deepStrictEqual<unknown>(
        Schema.encodeUnknownSync(keeping(Task.TaskState))(state),
        json
      )
    }
  })

  it("know both spellings", () => {
    const state = Either.getOrThrow(Codec.decoder(Task.TaskState)({ output: { task_status: "CANCELLED" } }))
    assert.strictEqual(state.output.taskStatus, "CANCELED")
    assert.isTrue(Task.isEnded(state))
  })
})

// ---------------------------------------------------------------------------------------------------------------------

const Result = Schema.Struct({ output: Schema.Struct({ url: Schema.String }) })

const fake: Verbs.TaskEndpoint<string, { readonly output: { readonly url: string }; readonly requestId?: string }> = {
  service: "Fake",
  operation: "fake",
  modelOf: () => "m",
  encode: (prompt) => Either.right({ path: "/services/fake", body: { model: "m", input: { prompt } } }),
  decode: Codec.decoder(Result)
}

type Answer = Response | ConnectionError

const status = (task_status: string, more: object = {}) =>
  jsonResponse({ output: { task_id: "t-1", task_status, ...more }, request_id: "r-poll" })
const submitted = jsonResponse.bind(null, { output: { task_id: "t-1", task_status: "PENDING" }, request_id: "r-sub" })
const succeeded = () => status("SUCCEEDED", { url: "https://example.com/1.png" })

const failing = (cause: ConnectionError): Handler => (request) =>
  Effect.fail(requestError({ request, reason: "Transport", cause }))

/** Questions and submissions are answered one after another, the last answer for ever. */
const over = (answers: ReadonlyArray<() => Answer>, submission: Handler = () => submitted()) => {
  let next = 0
  const http = mockHttp((request) => {
    if (request.method === "POST") return submission(request)
    const answer = (answers[next++] ?? answers[answers.length - 1] ?? succeeded)()
    return answer instanceof Response ? answer : failing(answer)(request)
  })
  const layer = Task.layer.pipe(
    Layer.provideMerge(DashScopeClient.layer({ apiKey: key, retry: false })),
    Layer.provide(http.layer),
    Layer.provide(env({}))
  )
  return { ...http, layer, verbs: Effect.map(DashScopeClient.DashScopeClient, (client) => Verbs.make(client, fake)) }
}

const urls = (requests: ReadonlyArray<{ readonly method: string; readonly url: string }>) =>
  requests.map(({ method, url }) => `${method} ${url.replace(baseUrl, "")}`)

/** Runs with the clock moved on until it has ended. */
const patiently = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(self)
    while (fiber.unsafePoll() === null) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

describe("a task", () => {
  it.effect("is submitted once, and asked for with growing pauses until its result is there", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const { layer, requests, verbs } = over([
        ...Array.from({ length: 10 }, (_, i) => () => status(i === 0 ? "PENDING" : "RUNNING")),
        succeeded
      ])
      const result = yield* Effect.gen(function*() {
        const { call } = yield* verbs
        const fiber = yield* Effect.fork(call("a cat"))
        for (let second = 0; fiber.unsafePoll() === null; second++) {
          const before = requests.length
          yield* TestClock.adjust(second === 0 ? 0 : "1 second")
          for (let i = before; i < requests.length; i++) times.push(second)
        }
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(result.output.url, "https://example.com/1.png")
      assert.strictEqual(result.requestId, "r-poll")
      assert.deepStrictEqual(times, [0, 0, 1, 2, 4, 6, 8, 12, 16, 20, 25, 30])
      assert.deepStrictEqual(urls(requests).slice(0, 3), ["POST /services/fake", "GET /tasks/t-1", "GET /tasks/t-1"])
      assert.strictEqual(requests[0]?.headers["x-dashscope-async"], "enable")
      assert.isUndefined(requests[1]?.headers["x-dashscope-async"])
    }))

  it.effect("is data that another process goes on with", () =>
    Effect.gen(function*() {
      const first = over([succeeded])
      const Saved = Schema.parseJson(Task.Task)
      const text = yield* Effect.flatMap(first.verbs, ({ submit }) => submit("a cat")).pipe(
        Effect.flatMap(Schema.encode(Saved)),
        Effect.provide(first.layer)
      )
      assert.notInclude(text, key)
      const second = over([succeeded])
      const task = yield* Schema.decode(Saved)(text)
      assert.deepInclude(task, { id: "t-1", service: "Fake", model: "m", baseUrl, requestId: "r-sub" })
      const result = yield* Effect.flatMap(second.verbs, (verbs) => verbs.await(task)).pipe(
        Effect.provide(second.layer)
      )
      assert.strictEqual(result.output.url, "https://example.com/1.png")
      const other = yield* Effect.flatMap(second.verbs, (verbs) => verbs.await({ ...task, service: "Other" })).pipe(
        Effect.flip,
        Effect.provide(second.layer)
      )
      assert.deepInclude({ ...other }, { _tag: "InputRequired", field: "task" })
      assert.include(other.message, "Other.await")
    }))

  it.effect("that failed, was canceled or is not known is a typed error that has it", () =>
    Effect.gen(function*() {
      const ends = [
        [status("FAILED", { code: "InvalidParameter", message: "The size is wrong" }), "ApiError"],
        [status("CANCELLED"), "TaskCanceled"],
        [status("UNKNOWN"), "TaskUnknown"]
      ] as const
      for (const [answer, tag] of ends) {
        const { layer, verbs } = over([() => answer])
        const error = yield* Effect.flatMap(verbs, ({ call }) => call("a cat")).pipe(Effect.flip, Effect.provide(layer))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(Task.ofError(error)?.id, "t-1")
        if (error._tag === "ApiError") {
          assert.deepInclude({ ...error }, { code: "InvalidParameter", reason: "InvalidRequest", requestId: "r-poll" })
        }
        if (error._tag === "TaskUnknown") assert.include(error.message, "24 hours")
      }
    }))

  it.effect("survives questions that fail for a while, and an answer that breaks off", () =>
    Effect.gen(function*() {
      const broken = () =>
        new ConnectionError({ reason: "Truncated", origin: "o", responseStarted: true, description: "d" })
      const { layer, requests, verbs } = over([
        () => jsonResponse({ code: "Throttling.RateQuota", message: "m" }, { status: 429 }),
        () => jsonResponse({ code: "InternalError", message: "m" }, { status: 500 }),
        () => new Response("<html>502</html>", { status: 502 }),
        () => status("RUNNING"),
        () => jsonResponse({ code: "Throttling", message: "m" }, { status: 429 }),
        broken,
        succeeded
      ])
      const result = yield* patiently(Effect.flatMap(verbs, ({ call }) => call("a cat"))).pipe(Effect.provide(layer))
      assert.strictEqual(result.output.url, "https://example.com/1.png")
      assert.lengthOf(requests, 8)
    }))

  it.effect("whose question is refused for good is an error that has it", () =>
    Effect.gen(function*() {
      const { layer, requests, verbs } = over([() => jsonResponse({ code: "InvalidApiKey" }, { status: 401 })])
      const error = yield* Effect.flatMap(verbs, ({ call }) => call("a cat")).pipe(Effect.flip, Effect.provide(layer))
      assert.deepInclude({ ...error }, { _tag: "ApiError", reason: "Authentication" })
      assert.strictEqual(Task.ofError(error)?.id, "t-1")
      assert.lengthOf(requests, 2)
    }))

  it.effect("goes on where the time to wait for it has passed", () =>
    Effect.gen(function*() {
      const { layer, requests, verbs } = over([() => status("RUNNING")])
      const waits = [
        [{ waitTimeout: "7 seconds" }, 7000],
        [{ poll: Schedule.addDelay(Schedule.recurs(2), () => "3 seconds") }, 6000]
      ] as const
      for (const [options, millis] of waits) {
        const error = yield* Effect.gen(function*() {
          const verb = yield* verbs
          const before = yield* Clock.currentTimeMillis
          const error = yield* patiently(Effect.flip(verb.call("a cat", options)))
          assert.isAtLeast((yield* Clock.currentTimeMillis) - before, millis)
          return error
        }).pipe(Effect.provide(layer))
        assert.strictEqual(error._tag, "TaskWaitTimeout")
        assert.include(error.message, "last seen RUNNING")
        assert.strictEqual(Task.ofError(error)?.id, "t-1")
      }
      assert.notInclude(urls(requests).join(), "cancel")
    }))

  it.effect("is watched state by state, without repetitions", () =>
    Effect.gen(function*() {
      const { layer } = over([
        () => status("PENDING"),
        () => status("PENDING"),
        () => status("RUNNING", { task_metrics: { TOTAL: 2, SUCCEEDED: 0, FAILED: 0 } }),
        () => status("RUNNING", { task_metrics: { TOTAL: 2, SUCCEEDED: 1, FAILED: 0 } }),
        () => status("FAILED", { code: "X" })
      ])
      const states = yield* patiently(Stream.runCollect(Task.watch(saved))).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(states).map(({ output }) => [output.taskStatus, output.taskMetrics?.succeeded]),
        [["PENDING", undefined], ["RUNNING", 0], ["RUNNING", 1], ["FAILED", undefined]]
      )
    }))

  it.effect("is seen in spans, with its states, and in a metric", () =>
    Effect.gen(function*() {
      const { layer, verbs } = over([() => status("PENDING"), () => status("RUNNING"), succeeded])
      const recorded = recordSpans()
      const service = { ...fake, service: "Seen" }
      yield* patiently(
        Effect.flatMap(DashScopeClient.DashScopeClient, (client) => Verbs.make(client, service).call("a cat"))
      ).pipe(Effect.provide(layer), Effect.provide(recorded.layer))
      const span = recorded.spans.find(({ name }) => name === "await_task m")
      assert.deepInclude(Object.fromEntries(span?.attributes ?? []), {
        "dashscope.task.id": "t-1",
        "dashscope.task.status": "SUCCEEDED"
      })
      assert.deepStrictEqual(
        span?.events.map(({ attributes, name }) => [name, attributes["dashscope.task.status"]]),
        ["PENDING", "RUNNING", "SUCCEEDED"].map((state) => ["dashscope.task.state", state])
      )
      assert.isTrue(recorded.spans.some(({ name }) => name === "fake m"))
      const [metric, ...more] = yield* metricsOf("dashscope.task.service", "Seen")
      assert.lengthOf(more, 0)
      assert.deepInclude({ ...metric }, { name: "dashscope.task.duration", count: 1, sum: 2 })
      assert.strictEqual(metric?.labels["dashscope.task.status"], "SUCCEEDED")
      yield* verbs.pipe(Effect.provide(layer))
    }))
})

describe("a submission", () => {
  const connection = (requestWritten?: boolean) =>
    new ConnectionError({
      reason: "Reset",
      origin: "o",
      responseStarted: false,
      description: "d",
      ...(requestWritten === undefined ? undefined : { requestWritten })
    })

  it.effect("whose answer is lost says that the task may exist, and is not made again", () =>
    Effect.gen(function*() {
      const lost: ReadonlyArray<Handler> = [
        failing(connection(true)),
        failing(connection()),
        () => new Response("<html>"),
        () => new Response("{\"output\":{}}"),
        () => new Response("", { status: 504 })
      ]
      for (const submission of lost) {
        const { layer, requests, verbs } = over([], submission)
        const error = yield* Effect.flatMap(verbs, ({ call }) => call("a cat")).pipe(Effect.flip, Effect.provide(layer))
        assert.strictEqual(error._tag, "SubmissionLost", String(error))
        assert.include(error.message, "Task.list")
        assert.lengthOf(requests, 1)
      }
    }))

  it.effect("of which nothing was sent, or that the service refused, is an error as of any call", () =>
    Effect.gen(function*() {
      const known: ReadonlyArray<readonly [Handler, string]> = [
        [failing(connection(false)), "ConnectionError"],
        [() => jsonResponse({ code: "InternalError" }, { status: 500 }), "ApiError"],
        [() => jsonResponse({ code: "Throttling" }, { status: 429 }), "ApiError"]
      ]
      for (const [submission, tag] of known) {
        const { layer, verbs } = over([], submission)
        const error = yield* Effect.flatMap(verbs, ({ submit }) => submit("a cat")).pipe(
          Effect.flip,
          Effect.provide(layer)
        )
        assert.strictEqual(error._tag, tag)
        assert.isUndefined(Task.ofError(error))
      }
    }))

  it.effect("is not made where the options of the waiting are wrong", () =>
    Effect.gen(function*() {
      const { layer, requests, verbs } = over([succeeded])
      const error = yield* Effect.flatMap(verbs, ({ call }) => call("a cat", { waitTimeout: 5 as never })).pipe(
        Effect.flip,
        Effect.provide(layer)
      )
      assert.deepInclude({ ...error }, { _tag: "InputRequired", field: "waitTimeout" })
      const poll = yield* Task.await(saved, { poll: "1 second" as never }).pipe(Effect.flip, Effect.provide(layer))
      assert.deepInclude({ ...poll }, { _tag: "InputRequired", field: "poll" })
      assert.lengthOf(requests, 0)
    }))
})

describe("an interruption", () => {
  const interrupted = (options: Task.AwaitOptions, submission?: Handler) =>
    Effect.gen(function*() {
      const { layer, requests, verbs } = over([() => status("PENDING")], submission)
      const exit = yield* Effect.gen(function*() {
        const fiber = yield* Effect.flatMap(verbs, ({ call }) => Effect.fork(call("a cat", options)))
        yield* TestClock.adjust("2 seconds")
        const ending = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(ending)
        return yield* Fiber.await(fiber)
      }).pipe(Effect.provide(layer))
      assert.isTrue(Exit.isInterrupted(exit))
      return urls(requests).at(-1)
    })

  it.effect("leaves the task running, or cancels it where that is asked for", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* interrupted({}), "GET /tasks/t-1")
      assert.strictEqual(yield* interrupted({ cancelOnInterrupt: true }), "POST /tasks/t-1/cancel")
    }))

  it.effect("waits for the answer to a submission, to cancel what it made", () =>
    Effect.gen(function*() {
      const slow: Handler = ({ url }) =>
        url.endsWith("/cancel") ? jsonResponse({}) : Effect.delay(Effect.succeed(submitted()), "4 seconds")
      assert.strictEqual(yield* interrupted({ cancelOnInterrupt: true }, slow), "POST /tasks/t-1/cancel")
      assert.strictEqual(yield* interrupted({}, slow), "POST /services/fake")
    }))
})

/** A clock that goes on to the next event when nothing else is left to do. */
const makeClock = () => {
  let now = 0
  const waiting: Array<{ readonly at: number; readonly wake: () => void }> = []
  const clock: Clock.Clock = {
    ...Clock.make(),
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        waiting.push({ at: now + Duration.toMillis(duration), wake: () => resume(Effect.void) })
      })
  }
  const turn = Effect.async<void>((resume) => {
    setImmediate(() => resume(Effect.void))
  })
  const run = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.withClock(self, clock))
      while (fiber.unsafePoll() === null) {
        yield* turn
        const next = waiting.reduce((least, { at }) => Math.min(least, at), Infinity)
        if (next === Infinity) continue
        now = next
        for (const one of waiting.filter(({ at }) => at <= now)) {
          waiting.splice(waiting.indexOf(one), 1)
          one.wake()
        }
      }
      return yield* Fiber.join(fiber)
    })
  return { run, now: () => now }
}

const count = isThorough ? 1000 : 200

it.live(
  `asks of ${count} tasks at once no more than 20 times in a second, in their order`,
  () =>
    Effect.gen(function*() {
      const { now, run } = makeClock()
      const times: Array<number> = []
      const ids: Array<string> = []
      const asked = new Map<string, number>()
      const http = mockHttp((request) => {
        times.push(now())
        const id = request.url.split("/").at(-1) ?? ""
        ids.push(id)
        const nth = (asked.get(id) ?? 0) + 1
        asked.set(id, nth)
        return nth < 2 ? status("RUNNING") : succeeded()
      })
      const layer = Task.layer.pipe(
        Layer.provideMerge(DashScopeClient.layer({ apiKey: key, retry: false })),
        Layer.provide(http.layer),
        Layer.provide(env({}))
      )
      const tasks = Array.from({ length: count }, (_, i) => ({ ...saved, id: `t-${i}` }))
      yield* run(Effect.flatMap(DashScopeClient.DashScopeClient, (client) => {
        const [one, other] = [Verbs.make(client, fake), Verbs.make(client, fake)]
        return Effect.forEach(tasks, (task, i) => (i % 2 === 0 ? one : other).await(task), { concurrency: "unbounded" })
      })).pipe(Effect.provide(layer))
      assert.lengthOf(times, 2 * count)
      assert.deepStrictEqual(ids.slice(0, 10), tasks.slice(0, 10).map(({ id }) => id))
      let most = 0
      for (let from = 0, to = 0; to < times.length; to++) {
        while ((times[to] ?? 0) - (times[from] ?? 0) >= 1000) from++
        most = Math.max(most, to - from + 1)
      }
      assert.strictEqual(most, 20)
      // And nearly as many.
      assert.isAtMost((times.at(-1) ?? 0) - (times[0] ?? 0), 110 * count)
    }),
  60_000
)
