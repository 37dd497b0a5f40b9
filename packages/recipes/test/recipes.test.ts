import { FileSystem, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, ManagedRuntime, Queue, Stream } from "effect"
import { Generation } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import type { AddressInfo } from "node:net"
import { ask, planOf, say } from "../src/fallback/fallback.js"
import { makeServer } from "../src/fastify/server.js"
import { StockServer } from "../src/mcp/server.js"
import { fromServer } from "../src/mcp/tools.js"
import { answers, type Done, makeQueue } from "../src/queue/queue.js"
import { add, answer, prepare } from "../src/rag/rag.js"
import { makeRoute } from "../src/route/route.js"
import { dashScope, http } from "./support.js"

const quiet = Logger.remove(Logger.defaultLogger)

const post = (url: string, prompt: string, signal?: AbortSignal) =>
  Effect.promise(() =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt }),
      ...(signal === undefined ? undefined : { signal })
    })
  )

const idle = (simulator: Simulator.Service) => simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)

describe("Fastify with one ManagedRuntime", () => {
  const serve = (simulator: Simulator.Service) =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = makeServer({ apiKey: "sk-test", endpoint: simulator.url, retry: false })
        await server.listen({ port: 0, host: "127.0.0.1" })
        return { server, url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}` }
      }),
      ({ server }) => Effect.promise(() => server.close())
    )

  it.scopedLive("streams, answers, refuses, and ends with all its connections", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.scoped(Effect.gen(function*() {
        const { url } = yield* serve(simulator)
        const streamed = yield* post(`${url}/ask`, "Why is the sky blue?")
        assert.include(yield* Effect.promise(() => streamed.text()), "Why is the sky blue?")
        const title = yield* post(`${url}/title`, "rain")
        assert.include(((yield* Effect.promise(() => title.json())) as { title: string }).title, "A title for: rain")
        assert.strictEqual((yield* post(`${url}/ask`, "")).status, 400)
        assert.strictEqual((yield* simulator.stats).totalConnections, 1)
      }))
      yield* simulator.waitFor(({ openConnections }) => openConnections === 0)
    }))

  it.scopedLive("gives the call up when the visitor leaves", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { stream: { events: 10_000, eventInterval: 5 } } })
      const { url } = yield* serve(simulator)
      const leaving = new AbortController()
      const response = yield* post(`${url}/ask`, "Why is the sky blue?", leaving.signal)
      yield* Effect.promise(() => response.body!.getReader().read())
      leaving.abort()
      yield* idle(simulator)
      assert.strictEqual((yield* simulator.stats).abortedRequests, 1)
    }))
})

describe("a route from Request to Response", () => {
  const routeOver = (simulator: Simulator.Service) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => ManagedRuntime.make(Layer.provide(dashScope(simulator), quiet))),
        (runtime) => runtime.disposeEffect
      ),
      (runtime) => makeRoute(() => runtime)
    )

  const request = (prompt: string, signal?: AbortSignal) =>
    new Request("http://localhost/ask", {
      method: "POST",
      body: JSON.stringify({ prompt }),
      ...(signal === undefined ? undefined : { signal })
    })

  it.scopedLive("streams the answer, and says by its status where there is none", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const route = yield* routeOver(simulator)
      const response = yield* Effect.promise(() => route(request("Why is the sky blue?")))
      assert.strictEqual(response.status, 200)
      assert.include(yield* Effect.promise(() => response.text()), "Why is the sky blue?")
      assert.strictEqual((yield* Effect.promise(() => route(request("")))).status, 400)
      yield* simulator.setBehavior({ error: { status: 429 } })
      assert.strictEqual((yield* Effect.promise(() => route(request("Why is the sky blue?")))).status, 503)
    }))

  it.scopedLive("gives the call up when nobody reads on", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { stream: { events: 10_000, eventInterval: 5 } } })
      const route = yield* routeOver(simulator)
      const response = yield* Effect.promise(() => route(request("Why is the sky blue?")))
      const reader = response.body!.getReader()
      yield* Effect.promise(() => reader.read())
      yield* Effect.promise(() => reader.cancel())
      yield* idle(simulator)
      assert.strictEqual((yield* simulator.stats).abortedRequests, 1)
    }))
})

describe("answers from a table with a vector column", () => {
  const database = Layer.unwrapScoped(Effect.gen(function*() {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
    return LibsqlClient.layer({ url: `file:${folder}/passages.db` })
  })).pipe(Layer.provide(NodeContext.layer))

  it.scopedLive("find what is near the question, and give it to the model", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        yield* prepare
        yield* add([
          "West Lake lies in Hangzhou.",
          "A connection that is idle is closed after connectionIdleTimeout.",
          "Tea is grown on hills.",
          "The moon is far away."
        ])
        const { sources, text } = yield* answer("When is a connection that is idle closed?")
        assert.strictEqual(sources.length, 3)
        assert.strictEqual(sources[0], "A connection that is idle is closed after connectionIdleTimeout.")
        assert.isAbove(text.length, 0)
      }).pipe(Effect.provide(database), Effect.provide(dashScope(simulator)))
      const requests = yield* simulator.requests
      assert.deepStrictEqual(requests.map(({ path }) => path.split("/").at(-1)), [
        "text-embedding",
        "text-embedding",
        "generation"
      ])
      assert.include(requests[2]!.body, "connectionIdleTimeout")
    }))
})

describe("the tools of an MCP server", () => {
  it.scopedLive("are what the model is offered, and are called where it asks for them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* HttpServer.addressFormattedWith((address) =>
        Effect.gen(function*() {
          const tools = yield* fromServer(`${address}/mcp`)
          const { result, rounds } = yield* Generation.runTools({
            model: "qwen-plus",
            prompt: "How many umbrellas are there?"
          }, tools)
          assert.strictEqual(rounds, 2)
          assert.include(Generation.text(result), "\"count\":12")
        })
      ).pipe(
        Effect.provide(Layer.provideMerge(StockServer, http)),
        Effect.provide(dashScope(simulator))
      )
      const { body } = (yield* simulator.requests)[0]!
      const { parameters } = JSON.parse(body) as { parameters: { tools: ReadonlyArray<{ function: object }> } }
      assert.deepInclude(parameters.tools[0]!.function, {
        name: "find_stock",
        description: "How many of an article are in stock"
      })
      assert.include(JSON.stringify(parameters.tools), "\"description\":\"Its name\"")
    }))
})

describe("a plan of models and regions", () => {
  const places = (first: Simulator.Service, second: Simulator.Service) =>
    planOf(
      { model: "qwen-max", endpoint: first.url, apiKey: "sk-one" },
      { model: "qwen-plus", endpoint: second.url, apiKey: "sk-two" }
    )

  it.scopedLive("asks the next where one fails, and not where none could do better", () =>
    Effect.gen(function*() {
      const first = yield* Simulator.make({ behavior: { error: { status: 403, code: "Model.AccessDenied" } } })
      const second = yield* Simulator.make()
      const plan = places(first, second)
      const { model } = yield* Effect.withExecutionPlan(ask("hello"), plan)
      assert.strictEqual(model, "qwen-plus")
      assert.strictEqual((yield* second.requests)[0]?.headers["authorization"], "Bearer sk-two")
      yield* first.setBehavior({ error: { status: 400 } })
      const error = yield* Effect.flip(Effect.withExecutionPlan(ask("hello"), plan))
      assert.strictEqual(error._tag === "ApiError" ? error.reason : error._tag, "InvalidRequest")
      assert.strictEqual((yield* second.stats).totalRequests, 1)
    }))

  it.scopedLive("does not begin a stream again that has begun", () =>
    Effect.gen(function*() {
      const first = yield* Simulator.make({
        behavior: { stream: { events: 10, resetAfterEvents: 3, eventInterval: 5 } }
      })
      const second = yield* Simulator.make()
      const pieces: Array<string> = []
      const error = yield* say("hello").pipe(
        Stream.withExecutionPlan(places(first, second), { preventFallbackOnPartialStream: true }),
        Stream.runForEach((piece) => Effect.sync(() => pieces.push(piece))),
        Effect.flip
      )
      assert.strictEqual(error._tag, "ConnectionError")
      assert.strictEqual(pieces.length, 3)
      assert.strictEqual((yield* second.stats).totalRequests, 0)
    }))
})

describe("prompts from a queue", () => {
  it.scopedLive("are answered side by side, each with its own result", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        behaviorOf: ({ body }) => body.includes("poison") ? { error: { status: 400 } } : { latency: 10 }
      })
      const done = yield* Effect.gen(function*() {
        const jobs = yield* makeQueue(4)
        yield* Effect.fork(Effect.forEach(
          Array.from({ length: 20 }, (_, i) => i),
          (i) => Queue.offer(jobs, { id: String(i), prompt: i === 7 ? "poison" : `question ${i}` })
        ))
        return yield* Stream.runCollect(Stream.take(answers(jobs, 5), 20))
      }).pipe(Effect.provide(dashScope(simulator, { connectionPoolSize: 5 })))
      const results: ReadonlyArray<Done> = Array.from(done)
      assert.deepStrictEqual(
        results.map(({ job }) => Number(job.id)).sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i)
      )
      assert.deepStrictEqual(results.flatMap(({ _tag, job }) => _tag === "Failed" ? [job.id] : []), ["7"])
      assert.isTrue(results.every((one) => one._tag === "Failed" || one.text.includes(one.job.prompt)))
      const { maxOpenConnections, maxRequestsInFlight } = yield* simulator.stats
      assert.strictEqual(maxOpenConnections, 5)
      assert.isAtMost(maxRequestsInFlight, 5)
    }))
})
