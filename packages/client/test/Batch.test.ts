import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import * as Batch from "../src/Batch.js"
import * as DashScope from "../src/DashScope.js"
import type { DashScopeError } from "../src/DashScopeError.js"
import * as Files from "../src/Files.js"
import * as Generation from "../src/Generation.js"
import * as TextEmbedding from "../src/TextEmbedding.js"
import { key } from "./util/mock.js"
import { serviceContract } from "./util/serviceContract.js"

// -----------------------------------------------------------------------------
// the contract
// -----------------------------------------------------------------------------

const baseUrl = "https://dashscope.aliyuncs.com/api/v1"

const wire = {
  id: "batch_1",
  object: "batch",
  endpoint: "/v1/chat/completions",
  errors: { object: "list", data: [{ code: "mismatched_model", message: "m", param: null, line: 2 }] },
  input_file_id: "file-batch-1",
  completion_window: "24h",
  status: "failed",
  output_file_id: null,
  created_at: 1780000000,
  request_counts: { total: 2, completed: 0, failed: 0 },
  metadata: { ds_name: "任务名" }
}

const ours = {
  id: "batch_1",
  object: "batch",
  endpoint: "/v1/chat/completions",
  errors: { object: "list", data: [{ code: "mismatched_model", message: "m", param: null, line: 2 }] },
  inputFileId: "file-batch-1",
  completionWindow: "24h",
  status: "failed",
  outputFileId: null,
  createdAt: 1780000000,
  requestCounts: { total: 2, completed: 0, failed: 0 },
  metadata: { ds_name: "任务名" },
  baseUrl
}

const saved: Batch.Batch = { id: "batch_1", endpoint: "/v1/chat/completions", status: "validating", baseUrl }

/** Errors of its own are of no interest to the contract; what happened to an answer that is lost is. */
const plain = <A, R>(
  self: Effect.Effect<A, DashScopeError | Batch.BatchError, R>
): Effect.Effect<A, DashScopeError, R> =>
  Effect.catchAll(self, (error): Effect.Effect<never, DashScopeError> =>
    !Batch.isBatchError(error)
      ? Effect.fail(error)
      : error._tag === "BatchLost"
      ? Effect.fail(error.cause)
      : Effect.die(error))

const chat = (customId: string, prompt = "你好", model = "qwen-plus") => Batch.generation(customId, { model, prompt })

serviceContract("Batch", {
  layer: Batch.layer,
  samples: [{
    name: "listPage",
    run: (options) =>
      Batch.listPage({
        after: "batch_0",
        limit: 2,
        status: ["completed", "failed"],
        inputFileIds: ["file-batch-1"],
        name: "任务名",
        createAfter: new Date("2026-01-01T00:00:00+08:00"),
        createBefore: "20260201000000"
      }, options),
    sends: {
      method: "GET",
      path: "/compatible-mode/v1/batches?after=batch_0&limit=2&status=completed,failed&input_file_ids=file-batch-1" +
        "&ds_name=任务名&create_after=20260101000000&create_before=20260201000000"
    },
    answer: {
      object: "list",
      data: [wire],
      first_id: "batch_1",
      last_id: "batch_1",
      has_more: false,
      request_id: "r"
    },
    gives: {
      object: "list",
      data: [ours],
      firstId: "batch_1",
      lastId: "batch_1",
      hasMore: false,
      requestId: "r"
    },
    observed: { operation: "list_batches" }
  }, {
    name: "create",
    run: (options) =>
      plain(Batch.create({
        inputFileId: "file-batch-1",
        endpoint: "/v1/chat/completions",
        completionWindow: "2 days",
        name: "任务名",
        description: "任务描述",
        callbackUrl: "https://example.com/done",
        metadata: { x_of: "mine" }
      }, options)),
    sends: {
      path: "/compatible-mode/v1/batches",
      body: {
        input_file_id: "file-batch-1",
        endpoint: "/v1/chat/completions",
        completion_window: "48h",
        metadata: {
          ds_name: "任务名",
          ds_description: "任务描述",
          ds_batch_finish_callback: "https://example.com/done",
          x_of: "mine"
        }
      }
    },
    answer: { ...wire, request_id: "r" },
    gives: { ...ours, requestId: "r" },
    isRepeatable: false,
    isSimulated: false,
    observed: { operation: "create_batch" }
  }, {
    name: "fetch",
    run: (options) => Batch.fetch("batch_1", options),
    sends: { method: "GET", path: "/compatible-mode/v1/batches/batch_1" },
    answer: { ...wire, request_id: "r" },
    gives: { ...ours, requestId: "r" },
    isSimulated: false,
    observed: { operation: "get_batch" }
  }],
  refuses: [
    ["inputFileId", plain(Batch.create({ inputFileId: "", endpoint: "/v1/embeddings" }))],
    ["endpoint", plain(Batch.create({ inputFileId: "f", endpoint: "" }))],
    ["completionWindow", plain(Batch.submit([chat("a")], { completionWindow: 24 as never }))],
    ["batch", Batch.fetch("")],
    ["batch", Batch.cancel({ ...saved, baseUrl: "https://elsewhere.test/api/v1" })],
    ["batch", plain(Stream.runDrain(Batch.embeddings(saved)))],
    ["batch", plain(Stream.runDrain(Batch.results({ ...saved, endpoint: "/v1/embeddings" })))],
    ["poll", plain(Batch.await(saved, { poll: "often" as never }))],
    ["waitTimeout", plain(Stream.runDrain(Batch.watch(saved, { waitTimeout: 5 as never })))],
    ["requests", plain(Batch.submit([]))],
    ["requests[1].customId", plain(Batch.submit([chat("a"), chat("a")]))],
    ["requests[1].generation.model", plain(Batch.submit([chat("a"), chat("b", "x", "qwen-max")]))],
    [
      "requests[0].generation.resultFormat",
      plain(Batch.upload([
        Batch.generation("a", { model: "qwen-plus", prompt: "x", resultFormat: "text" })
      ]))
    ]
  ]
})

// -----------------------------------------------------------------------------
// against the simulator
// -----------------------------------------------------------------------------

const live = (url: string) =>
  DashScope.layer({
    endpoint: url,
    apiKey: key,
    retry: false,
    connection: ConnectionConfig.make({ shutdownTimeout: "0 seconds", readTimeout: "2 seconds" })
  })

const poll = Schedule.spaced("1 millis")

const simulated = <A, E>(
  options: Simulator.Options,
  program: (simulator: Simulator.Service) => Effect.Effect<A, E, DashScope.Services>
) => Effect.flatMap(Simulator.make(options), (simulator) => Effect.provide(program(simulator), live(simulator.url)))

const count = (simulator: Simulator.Service, method: string, path: RegExp) =>
  Effect.map(
    simulator.requests,
    (requests) => requests.filter((request) => request.method === method && path.test(request.path)).length
  )

const textOf = ({ answer }: Batch.BatchResult<Generation.GenerationResult>) =>
  Either.match(answer, { onLeft: ({ code }) => code, onRight: Generation.text })

describe("Batch", () => {
  it.scopedLive("is submitted, watched to its end, and has a result for each request by its id", () =>
    simulated({}, (simulator) =>
      Effect.gen(function*() {
        const ids = ["eins", "zwei 二", "drei\n3"]
        const batch = yield* Batch.submit(ids.map((id) => chat(id, `Say "${id}"`)), { name: "names" })
        assert.deepInclude(batch, { status: "validating", completionWindow: "24h", metadata: { ds_name: "names" } })
        const states = yield* Stream.runCollect(Batch.watch(batch, { poll }))
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(states).map(({ requestCounts, status }) => [status, requestCounts?.completed]),
          [["validating", 0], ["in_progress", 0], ["in_progress", 1], ["finalizing", 3], ["completed", 3]]
        )
        // Saved as JSON, and gone on with by another client.
        const Saved = Schema.parseJson(Batch.Batch)
        const json = yield* Schema.encode(Saved)(batch)
        assert.notInclude(json, key)
        const results = yield* Schema.decode(Saved)(json).pipe(
          Effect.flatMap((batch) => Stream.runCollect(Batch.results(batch, { poll }))),
          Effect.provide(live(simulator.url))
        )
        assert.sameMembers(Chunk.toReadonlyArray(results).map(({ customId }) => customId), ids)
        for (const result of results) assert.include(textOf(result), result.customId.slice(0, 4))
        for (const { answer } of results) {
          assert.isAbove(Either.getOrThrow(answer).usage?.inputTokens ?? 0, 0)
          assert.match(Either.getOrThrow(answer).requestId ?? "", /^[0-9a-f-]{36}$/)
        }
        const found = yield* Stream.runCollect(Batch.list({ name: "names" }))
        assert.deepStrictEqual(Chunk.toReadonlyArray(found).map(({ id }) => id), [batch.id])
        assert.lengthOf(yield* Stream.runCollect(Batch.list({ name: "others" })), 0)
      })))

  it.scopedLive("has errors by themselves, and loses no other result for them", () =>
    simulated({}, () =>
      Effect.gen(function*() {
        const batch = yield* Batch.submit([
          chat("good"),
          Batch.generation("bad", { model: "qwen-plus", prompt: "x", temperature: 9 }),
          Batch.generation("tools", { model: "qwen-plus", prompt: "x", toolChoice: "auto" })
        ])
        const ended = yield* Batch.await(batch, { poll })
        const results = yield* Stream.runCollect(Batch.results(ended))
        const byId = new Map(Chunk.toReadonlyArray(results).map((result) => [result.customId, result]))
        assert.strictEqual(byId.size, 3)
        const [good, bad] = ["good", "bad"].map((id) => byId.get(id))
        assert.isDefined(good)
        assert.isDefined(bad)
        assert.isTrue(Either.isRight(good.answer))
        assert.deepInclude<object>({ ...Either.getOrThrow(Either.flip(bad.answer)) }, {
          _tag: "ApiError",
          statusCode: 400,
          code: "invalid_parameter_error",
          reason: "InvalidRequest"
        })
        assert.strictEqual(bad.file, "error")
        const { completed = 0, failed = 0 } = ended.requestCounts ?? {}
        assert.strictEqual((completed ?? 0) + (failed ?? 0), 3)
      })))

  it.scopedLive("embeds texts", () =>
    simulated({}, () =>
      Effect.gen(function*() {
        const model = "text-embedding-v4"
        const batch = yield* Batch.submit(
          ["晴", "雨"].map((text) => Batch.embedding(text, { model, texts: [text, "雪"], dimension: 64 }))
        )
        assert.strictEqual(batch.endpoint, "/v1/embeddings")
        const results = Chunk.toReadonlyArray(yield* Stream.runCollect(Batch.embeddings(batch, { poll })))
        const called = yield* TextEmbedding.call({ model, texts: ["晴", "雪"], dimension: 64 })
        const found = results.find(({ customId }) => customId === "晴")
        assert.isDefined(found)
        const vectors = ({ output }: TextEmbedding.TextEmbeddingResult) =>
          output.embeddings.map(({ embedding, textIndex }) => [textIndex, embedding])
        assert.deepStrictEqual(vectors(Either.getOrThrow(found.answer)), vectors(called))
        assert.lengthOf(results, 2)
      })))

  it.scopedLive("takes requests of an Iterable and of a Stream, as one file with nothing held or read twice", () =>
    simulated({}, (simulator) =>
      Effect.gen(function*() {
        class Prompt extends Context.Tag("Prompt")<Prompt, string>() {}
        let made = 0
        function* generator() {
          while (made < 1000) yield chat(String(++made), "x".repeat(100))
        }
        const ofGenerator = yield* Batch.upload(generator(), { fileName: "of generator.jsonl" })
        const array = Array.from({ length: 1000 }, (_, i) => chat(String(i + 1), "x".repeat(100)))
        const ofArray = yield* Batch.upload(array)
        const stream = Stream.range(1, 1000).pipe(
          Stream.mapEffect((n) => Effect.map(Prompt, (prompt) => chat(String(n), prompt)))
        )
        const ofStream = yield* Batch.upload(stream).pipe(Effect.provideService(Prompt, "x".repeat(100)))
        for (const { bytes, endpoint, model, requests } of [ofGenerator, ofStream]) {
          assert.deepStrictEqual({ bytes, endpoint, model, requests }, {
            bytes: ofArray.bytes,
            endpoint: "/v1/chat/completions",
            model: "qwen-plus",
            requests: 1000
          })
        }
        const contents = yield* Effect.forEach([ofGenerator, ofArray, ofStream], ({ id }) =>
          Files.content(id).pipe(Stream.decodeText(), Stream.mkString))
        assert.strictEqual(contents[0], contents[1])
        assert.strictEqual(contents[0], contents[2])
        assert.strictEqual(contents[0]?.trimEnd().split("\n").length, 1000)
        const files = yield* Files.listCompatible({ purpose: "batch" })
        assert.deepStrictEqual(
          files.data?.map(({ filename }) =>
            filename
          ),
          [
            "batch.jsonl",
            "batch.jsonl",
            "of_generator.jsonl"
          ]
        )
        const lengths = (yield* simulator.requests).filter(({ method }) => method === "POST").map(({ headers }) =>
          headers["content-length"] !== undefined
        )
        assert.deepStrictEqual(lengths, [false, true, false])
      })))

  it.scopedLive("checks what it can before it sends anything, and breaks off where it cannot", () =>
    simulated({}, (simulator) =>
      Effect.gen(function*() {
        const wrong = [...Array.from({ length: 2000 }, (_, i) => chat(String(i), "x".repeat(200))), chat("7")]
        const before = yield* Effect.flip(Batch.submit(wrong))
        assert.deepInclude({ ...before }, { _tag: "InputRequired", field: "requests[2000].customId" })
        assert.include(before.message, "custom_id \"7\"")
        assert.strictEqual((yield* simulator.stats).totalRequests, 0)

        const ofGenerator = yield* Effect.flip(Batch.submit((function*() {
          yield* wrong
        })()))
        assert.deepInclude({ ...ofGenerator }, { _tag: "InputRequired", field: "requests[2000].customId" })
        const own = yield* Effect.flip(Batch.submit(Stream.concat(
          Stream.fromIterable(wrong.slice(0, 2000)),
          Stream.fail("the database is gone" as const)
        )))
        assert.strictEqual(own, "the database is gone")
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
        assert.lengthOf((yield* Files.listCompatible()).data ?? [], 0)
        assert.strictEqual(yield* count(simulator, "POST", /batches/), 0)
      })))

  it.scopedLive("says what the service found wrong, where that refuses the file", () =>
    simulated({}, () =>
      Effect.gen(function*() {
        const line = (customId: string, model: string) =>
          JSON.stringify({ custom_id: customId, method: "POST", url: "/v1/chat/completions", body: { model } })
        const content = [line("a", "qwen-plus"), line("a", "qwen-plus"), line("b", "qwen-max"), "{"].join("\n")
        const { id } = yield* Files.create({ file: { name: "f.jsonl", content }, purpose: "batch" })
        const batch = yield* Batch.create({ inputFileId: id, endpoint: "/v1/chat/completions" })
        const error = yield* Effect.flip(Batch.await(batch, { poll }))
        assert.strictEqual(error._tag, "BatchNotCompleted")
        assert.include(error.message, `Batch ${batch.id} failed: line 2: duplicate_custom_id`)
        assert.include(error.message, "line 3: mismatched_model")
        assert.include(error.message, "line 4: invalid_json_line")
        const none = yield* Stream.runCollect(Stream.either(Batch.results(batch)))
        assert.deepStrictEqual(Chunk.toReadonlyArray(none).map(Either.isLeft), [true])
        const refused = yield* Effect.flip(Batch.create({ inputFileId: "file-batch-none", endpoint: "/v1/embeddings" }))
        assert.deepInclude({ ...refused }, { _tag: "ApiError", statusCode: 400 })
      })))

  it.scopedLive("gives the results that there are where it expires or is cancelled, and says so after them", () =>
    Effect.gen(function*() {
      const requests = Array.from({ length: 10 }, (_, i) => chat(String(i)))
      const read = (batch: Batch.Batch) =>
        Batch.results(batch, { poll }).pipe(
          Stream.map(({ customId }) => customId),
          Stream.catchTag("BatchNotCompleted", ({ batch }) => Stream.make(batch.status)),
          Stream.runCollect,
          Effect.map(Chunk.toReadonlyArray)
        )
      yield* simulated({ batches: { expireAfter: 5 } }, () =>
        Effect.gen(function*() {
          const batch = yield* Batch.submit(requests)
          assert.deepStrictEqual([...yield* read(batch)].sort(), ["0", "1", "2", "3", "4", "expired"])
        }))
      yield* simulated({}, () =>
        Effect.gen(function*() {
          const batch = yield* Batch.submit(requests)
          yield* Stream.runDrain(Stream.take(Batch.watch(batch, { poll }), 3))
          assert.strictEqual((yield* Batch.cancel(batch)).status, "cancelling")
          const results = yield* read(batch)
          assert.strictEqual(results.at(-1), "cancelled")
          assert.lengthOf(results, 6)
          assert.deepInclude({ ...yield* Effect.flip(Batch.cancel(batch)) }, { _tag: "ApiError", statusCode: 400 })
          const listed = yield* Stream.runCollect(Batch.list({ status: ["cancelled"] }))
          assert.lengthOf(listed, 1)
        }))
    }))

  it.scopedLive("goes on where the time to wait for it has passed, on the clock of the service", () =>
    simulated({ batches: { validating: 10, working: 60_000 } }, () =>
      Effect.gen(function*() {
        const batch = yield* Batch.submit([chat("a")])
        const error = yield* Effect.flip(Batch.await(batch, { poll, waitTimeout: "400 millis" }))
        assert.strictEqual(error._tag, "BatchWaitTimeout")
        assert.include(error.message, "last seen in_progress")
        const again = yield* Effect.flip(Batch.await(batch, { poll: Schedule.recurs(1) }))
        assert.strictEqual(again._tag, "BatchWaitTimeout")
      })))

  const transient: ReadonlyArray<Behavior.Behavior> = [
    { error: { status: 503 } },
    { error: { status: 429 } },
    { fault: { _tag: "ResetBeforeHeaders" } },
    { fault: { _tag: "HalfBody" } }
  ]

  it.scopedLive("survives questions that fail for a while", () => {
    let asked = 0
    const behaviorOf: Simulator.Options["behaviorOf"] = ({ method, path }) =>
      method === "GET" && /batches/.test(path) ? transient[asked++] : undefined
    return simulated({ behaviorOf }, () =>
      Effect.gen(function*() {
        const batch = yield* Batch.submit([chat("a")])
        assert.strictEqual((yield* Batch.await(batch, { poll })).status, "completed")
        assert.isAbove(asked, transient.length)
      }))
  })

  it.scopedLive("is created once, and says that it may exist where the answer is lost", () =>
    Effect.gen(function*() {
      const lost: ReadonlyArray<Behavior.Behavior> = [
        { fault: { _tag: "ResetAfterHeaders" } },
        { fault: { _tag: "ResetBeforeHeaders" } },
        { fault: { _tag: "HalfBody" } },
        { error: { status: 502, code: "", shape: "html" } }
      ]
      for (const behavior of lost) {
        yield* simulated(
          { behaviorOf: ({ method, path }) => method === "POST" && /batches$/.test(path) ? behavior : undefined },
          (simulator) =>
            Effect.gen(function*() {
              const error = yield* Effect.flip(
                Batch.submit([chat("a")], { retry: { maxRetries: 3 }, name: "lost" })
              )
              assert.strictEqual(error._tag, "BatchLost", inspect(behavior))
              assert.include(error.message, "was not created again")
              assert.notInclude(inspect(error, { depth: 9 }), key)
              assert.strictEqual(yield* count(simulator, "POST", /batches$/), 1)
              if (error._tag !== "BatchLost") return
              const found = yield* Stream.runHead(Batch.list({ inputFileIds: [error.inputFileId] }))
              // The simulator that refuses has done nothing; one whose answer breaks off has.
              assert.strictEqual(Option.isSome(found), behavior.error === undefined, inspect(behavior))
            })
        )
      }
      // A refusal is none of that, and a request that was not written is sent again.
      yield* simulated(
        { behaviorOf: ({ method, path }) => method === "POST" && /batches$/.test(path) ? { error: {} } : undefined },
        () => Effect.map(Effect.flip(Batch.submit([chat("a")])), ({ _tag }) => assert.strictEqual(_tag, "ApiError"))
      )
    }))

  it.scopedLive("reads on where a download breaks off, with no line lost or twice", () =>
    Effect.gen(function*() {
      const requests = Array.from({ length: 200 }, (_, i) => chat(String(i), `${i} ${"你好".repeat(50)}`))
      let breaks = 3
      yield* simulated({
        behaviorOf: ({ path }) =>
          /content$/.test(path) && breaks-- > 0 ? { fault: { _tag: "ResetAfterBytes", bytes: 20_001 } } : undefined
      }, (simulator) =>
        Effect.gen(function*() {
          const batch = yield* Batch.await(yield* Batch.submit(requests), { poll })
          const results = yield* Stream.runCollect(Batch.results(batch))
          const ids = Chunk.toReadonlyArray(results).map(({ customId }) => Number(customId))
          assert.deepStrictEqual([...ids].sort((a, b) => a - b), requests.map((_, i) => i))
          for (const { answer } of results) assert.isTrue(Either.isRight(answer))
          assert.isAtLeast(yield* count(simulator, "GET", /content$/), 2)
        }))
      // Where nothing more comes, it is an error.
      yield* simulated({
        behaviorOf: ({ path }) => /content$/.test(path) ? { fault: { _tag: "ResetAfterHeaders" } } : undefined
      }, () =>
        Effect.gen(function*() {
          const batch = yield* Batch.await(yield* Batch.submit([chat("a")]), { poll })
          const error = yield* Effect.flip(Stream.runDrain(Batch.results(batch)))
          assert.strictEqual(error._tag, "ConnectionError")
        }))
    }))

  it.scopedLive("is free to try with the test model", () =>
    simulated({}, () =>
      Effect.gen(function*() {
        const batch = yield* Batch.submit([chat("a", "x", "batch-test-model")])
        assert.strictEqual(batch.endpoint, "/v1/chat/ds-test")
        const [result] = Chunk.toReadonlyArray(yield* Stream.runCollect(Batch.results(batch, { poll })))
        assert.isDefined(result)
        assert.strictEqual(textOf(result), "This is a test result.")
      })))

  it.scopedLive("pages through the list", () =>
    simulated({}, (simulator) =>
      Effect.gen(function*() {
        const { endpoint, id } = yield* Batch.upload([chat("a")])
        const made = yield* Effect.forEach(
          Array.from({ length: 5 }),
          () => Batch.create({ inputFileId: id, endpoint })
        )
        const listed = yield* Stream.runCollect(Batch.list({ limit: 2 }))
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(listed).map(({ id }) => id),
          made.map(({ id }) => id).reverse()
        )
        assert.strictEqual(yield* count(simulator, "GET", /batches/), 3)
        const now = Date.now()
        const after = (millis: number) =>
          Effect.map(Stream.runCount(Batch.list({ createAfter: new Date(now + millis) })), Number)
        assert.deepStrictEqual([yield* after(-60_000), yield* after(60_000)], [5, 0])
      })))
})
