/**
 * Everything that can go wrong with the calls of a run with tools, over a real network: in its first round or after its
 * tool, it ends with the error that says what happened, none hangs, no tool is run twice, what was done is kept, and
 * everything is given back.
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { type Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import { isTried } from "../../../../scripts/thorough.js"
import { assertAllBack } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import type { CallOptions } from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import * as Message from "../../src/Message.js"
import type * as Retry from "../../src/Retry.js"
import * as Tool from "../../src/Tool.js"
import { behaviorOf, getWeather, inRound, summary } from "../util/faults.js"

const params: Generation.GenerationParams = {
  model: "qwen-plus",
  messages: [Message.user("The weather in \"杭州\", please")]
}

/** A tool that counts how often it is run. */
const makeTool = () => {
  let handled = 0
  const handler = Tool.handler(getWeather, () => Effect.sync(() => `sunny, ${++handled}`))
  return {
    handlers: [handler],
    get handled() {
      return handled
    }
  }
}

const setup = (
  options: {
    readonly simulator?: Simulator.Options
    readonly path?: string
    readonly retry?: Retry.Policy
    readonly connection?: ConnectionConfig.Input
  } = {}
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behaviorOf, ...options.simulator })
    const pool = yield* ConnectionPool.make(
      ConnectionConfig.make({ connectionPoolSize: 8, shutdownTimeout: "0 seconds", ...options.connection })
    )
    const layer = DashScope.layerPool(pool, {
      apiKey: "sk-test",
      endpoint: options.path === undefined ? simulator.url : `${simulator.origin}${options.path}`,
      retry: options.retry ?? false
    })
    const assertNothingLeft = Effect.gen(function*() {
      assertAllBack(yield* pool.stats)
      yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
    })
    return { simulator, layer, assertNothingLeft }
  })

interface Case {
  readonly behavior: Behavior.Behavior
  readonly options?: CallOptions
  /** How it ends. */
  readonly end: string
  /** Whether the pool sends it once more where it was the second of its connection, which may have died by itself. */
  readonly isSentAgain?: boolean
}

const fault = (fault: Behavior.Fault, end: string, options: CallOptions = {}): Case => ({
  behavior: { fault },
  end,
  options
})

const refusal = (error: Behavior.ErrorAnswer, end: string): Case => ({ behavior: { error }, end })

const firstContent = { firstContentTimeout: "1500 millis" } as const
const total = { timeout: "2 seconds" } as const

const cases: Readonly<Record<string, Case>> = {
  "no fault": { behavior: {}, end: "end" },
  "compressed": { behavior: { gzip: true }, end: "end" },
  "the last answer of its connection": fault({ _tag: "ConnectionClose" }, "end"),
  "a hint before the head": fault({ _tag: "Informational" }, "end"),

  "silence before the head": fault({ _tag: "StallBeforeHeaders" }, "RequestTimeout read"),
  "silence before the head, sooner": fault(
    { _tag: "StallBeforeHeaders" },
    "RequestTimeout firstContent",
    firstContent
  ),
  "silence before the head, in all": fault({ _tag: "StallBeforeHeaders" }, "RequestTimeout total", total),
  "silence after the head": fault({ _tag: "StallAfterHeaders" }, "RequestTimeout read"),
  "silence after the head, in all": fault({ _tag: "StallAfterHeaders" }, "RequestTimeout total", total),
  "silence inside the body": fault({ _tag: "StallAfterBytes", bytes: 100 }, "RequestTimeout read"),
  "an end that does not come": fault({ _tag: "OpenEndedBody" }, "RequestTimeout read"),

  "a close before the head": { ...fault({ _tag: "CloseBeforeHeaders" }, "ConnectionError Reset"), isSentAgain: true },
  "a reset before the head": { ...fault({ _tag: "ResetBeforeHeaders" }, "ConnectionError Reset"), isSentAgain: true },
  "a reset after the head": fault({ _tag: "ResetAfterHeaders" }, "ConnectionError Reset"),
  "a reset inside the body": fault({ _tag: "ResetAfterBytes", bytes: 100 }, "ConnectionError Reset"),
  "half a body": fault({ _tag: "HalfBody" }, "ConnectionError Truncated"),
  "half a compressed body": { behavior: { fault: { _tag: "HalfBody" }, gzip: true }, end: "ConnectionError Truncated" },

  "a bad request": refusal({ status: 400 }, "ApiError InvalidRequest 400 InvalidParameter"),
  "a wrong key": refusal({ status: 401 }, "ApiError Authentication 401 InvalidApiKey"),
  "throttling": refusal({ status: 429 }, "ApiError RateLimited 429 Throttling.RateQuota"),
  "the filter": refusal(
    { status: 400, code: "DataInspectionFailed" },
    "ApiError ContentFiltered 400 DataInspectionFailed"
  ),
  "a failure of the service": refusal({ status: 500 }, "ApiError Server 500 InternalError"),
  "a proxy's page": refusal({ status: 502, shape: "html" }, "ApiError Server 502"),
  "an error that does not end": refusal(
    { status: 503, padTo: 2_000_000, endless: "drip" },
    "ApiError Server 503"
  )
}

// Most of them wait for a deadline.
describe.concurrent("a run with", () => {
  for (const [i, [name, { behavior, end, isSentAgain, options }]] of Object.entries(cases).entries()) {
    const connection = { readTimeout: end.endsWith("read") ? "1500 millis" : "10 seconds" } as const

    it.scopedLive.runIf(isTried(i))(`${name}, in its first round`, () =>
      Effect.gen(function*() {
        const { assertNothingLeft, layer, simulator } = yield* setup({ connection })
        const tool = makeTool()
        const ended = yield* Generation.runTools(params, tool.handlers, inRound(1, behavior, options)).pipe(
          Effect.either,
          Effect.timeout("30 seconds"),
          Effect.provide(layer)
        )
        yield* assertNothingLeft
        assert.strictEqual(ended._tag === "Right" ? "end" : summary(ended.left), end)
        // No tool is run for an answer that did not come.
        assert.strictEqual(tool.handled, ended._tag === "Right" ? 1 : 0)
        assert.lengthOf(yield* simulator.requests, ended._tag === "Right" ? 2 : 1)
        if (ended._tag === "Left") {
          // Of an answer in one piece nothing arrives before it is whole.
          assert.isUndefined(Generation.partialResult(ended.left))
          assert.isUndefined(Generation.partialRun(ended.left))
        }
      }))

    it.scopedLive.runIf(isTried(i + 1))(`${name}, after its tool`, () =>
      Effect.gen(function*() {
        const { assertNothingLeft, layer, simulator } = yield* setup({ connection })
        const tool = makeTool()
        const run = (asked: Generation.GenerationParams, behavior: Behavior.Behavior) =>
          Generation.runTools(asked, tool.handlers, inRound(2, behavior, options)).pipe(
            Effect.either,
            Effect.timeout("30 seconds"),
            Effect.provide(layer)
          )
        const ended = yield* run(params, behavior)
        yield* assertNothingLeft
        assert.strictEqual(ended._tag === "Right" ? "end" : summary(ended.left), end)
        assert.strictEqual(tool.handled, 1)
        const sent = isSentAgain === true ? 3 : 2
        assert.lengthOf(yield* simulator.requests, sent)
        if (ended._tag === "Right") return

        const done = Generation.partialRun(ended.left)
        assert.deepStrictEqual(done?.messages.map(({ role }) => role), ["user", "assistant", "tool"])
        assert.strictEqual(done?.messages.at(-1)?.content, "sunny, 1")
        assert.strictEqual(done?.rounds, 1)
        assert.isAbove(done?.usage.totalTokens ?? 0, 0)
        // From there it goes on, without the tool.
        const resumed = yield* run({ ...params, messages: done?.messages ?? [] }, {})
        assert.include(resumed._tag === "Right" ? Generation.text(resumed.right.result) : "", "sunny, 1")
        assert.strictEqual(tool.handled, 1)
        assert.lengthOf(yield* simulator.requests, sent + 1)
        yield* assertNothingLeft
      }))
  }
})

// ---------------------------------------------------------------------------------------------------------------------
// Answers that the service would not give
// ---------------------------------------------------------------------------------------------------------------------

/** A service that gives these bodies one after another. */
const saying = (...bodies: ReadonlyArray<string>) => {
  const asked: Array<string> = []
  const app = Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = bodies[asked.length] ?? ""
    asked.push(yield* request.text)
    return HttpServerResponse.text(body, { contentType: "application/json" })
  }).pipe(Effect.orDie)
  return { app, asked }
}

const answerOf = (message: object) =>
  JSON.stringify({
    output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: "", ...message } }] },
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    request_id: "r-1"
  })

const callOf = (args: string, name = "get_weather") =>
  answerOf({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: args } }] })

const asks = callOf("{\"place\":\"杭州\",\"country\":\"China\",\"language\":\"zh\"}")
const says = answerOf({ content: "It is sunny." })

type Options = CallOptions & Tool.RunOptions

/** Both ways to run tools, of a service that answers a streaming request in one piece as well. */
const runs = {
  runTools: (tool: ReturnType<typeof makeTool>, options?: Options) =>
    Generation.runTools(params, tool.handlers, options),
  runToolsStream: (tool: ReturnType<typeof makeTool>, options?: Options) =>
    Stream.runFoldEffect(
      Generation.runToolsStream(params, tool.handlers, options),
      undefined,
      (_: Tool.RunResult | undefined, event) => Effect.succeed(event._tag === "Finished" ? event : undefined)
    ).pipe(Effect.flatMap((result) => result === undefined ? Effect.dieMessage("no end") : Effect.succeed(result)))
}

describe.concurrent.each(Object.entries(runs))("%s of a service that", (_, run) => {
  const ended = (bodies: ReadonlyArray<string>, options?: Options) =>
    Effect.gen(function*() {
      const { app, asked } = saying(...bodies)
      const { assertNothingLeft, layer } = yield* setup({ simulator: { app }, path: "/odd" })
      const tool = makeTool()
      const result = yield* run(tool, options).pipe(
        Effect.either,
        Effect.timeout("30 seconds"),
        Effect.provide(layer)
      )
      yield* assertNothingLeft
      return { result, handled: tool.handled, asked }
    })

  const nothings = {
    "JSON of another kind": "{\"hello\":\"world\"}",
    "an answer of another shape": "{\"output\":{\"choices\":[{\"message\":\"Hi\"}]}}",
    "a list": "[1]",
    "half of its JSON": asks.slice(0, -10),
    "a page": "<html>Bad gateway</html>"
  }
  for (const [what, body] of Object.entries(nothings)) {
    it.scopedLive(`says ${what}`, () =>
      Effect.gen(function*() {
        for (const round of [1, 2]) {
          const { asked, handled, result } = yield* ended(round === 1 ? [body] : [asks, body])
          assert.strictEqual(result._tag === "Right" ? "end" : summary(result.left), "ApiError UnexpectedResponse 200")
          assert.strictEqual(handled, round - 1)
          assert.lengthOf(asked, round)
          const done = result._tag === "Left" ? Generation.partialRun(result.left) : undefined
          assert.strictEqual(done?.rounds, round === 1 ? undefined : 1)
        }
      }))
  }

  const faults = {
    "arguments that are cut off": [callOf("{\"place\":\"杭"), "InvalidJson"],
    "no arguments": [callOf(""), "InvalidArguments"],
    "arguments that do not fit": [
      callOf("{\"place\":5,\"country\":\"China\",\"language\":\"zh\"}"),
      "InvalidArguments"
    ],
    "a call of a tool that there is not": [callOf("{}", "get_time"), "UnknownTool"]
  } as const
  for (const [what, [body, reason]] of Object.entries(faults)) {
    it.scopedLive(`makes ${what}`, () =>
      Effect.gen(function*() {
        // It is told, and may fix it.
        const told = yield* ended([body, asks, says])
        assert.strictEqual(told.result._tag === "Right" && Generation.text(told.result.right.result), "It is sunny.")
        assert.strictEqual(told.handled, 1)
        assert.lengthOf(told.asked, 3)

        for (const round of [1, 2]) {
          const failed = yield* ended(round === 1 ? [body] : [asks, body], { onInvalidCall: "fail" })
          assert.strictEqual(
            failed.result._tag === "Right" ? "end" : summary(failed.result.left),
            `ToolCallError ${reason}`
          )
          assert.strictEqual(failed.handled, round - 1)
          assert.lengthOf(failed.asked, round)
        }
      }))
  }

  it.scopedLive("never comes to an answer", () =>
    Effect.gen(function*() {
      const { asked, handled, result } = yield* ended([asks, asks, asks, asks], { maxRounds: 3 })
      assert.strictEqual(result._tag === "Right" ? "end" : summary(result.left), "TooManyRounds")
      assert.strictEqual(handled, 2)
      assert.lengthOf(asked, 3)
    }))

  // -------------------------------------------------------------------------------------------------------------------
  // The connection
  // -------------------------------------------------------------------------------------------------------------------

  it.scopedLive("fails for a while is asked again, without the tool", () =>
    Effect.gen(function*() {
      let failures = 2
      const { assertNothingLeft, layer, simulator } = yield* setup({
        retry: { maxRetries: 3, baseDelay: "1 millis" },
        simulator: {
          behaviorOf: ({ body }) =>
            body.includes("\"role\":\"tool\"") && failures-- > 0 ? { error: { status: 503 } } : undefined
        }
      })
      const tool = makeTool()
      const { result, rounds } = yield* Effect.provide(run(tool), layer)
      assert.include(Generation.text(result), "sunny, 1")
      assert.strictEqual(rounds, 2)
      assert.strictEqual(tool.handled, 1)
      // One for the first round, three for the second.
      assert.lengthOf(yield* simulator.requests, 4)
      yield* assertNothingLeft
    }))

  it.scopedLive("is silent is left at once by an interruption, in either round", () =>
    Effect.gen(function*() {
      const { assertNothingLeft, layer, simulator } = yield* setup()
      for (const round of [1, 2] as const) {
        const tool = makeTool()
        const silent = inRound(round, { fault: { _tag: "StallBeforeHeaders" } })
        const fiber = yield* Effect.fork(Effect.provide(run(tool, silent), layer))
        const seen = round === 1 ? 1 : 3
        yield* Effect.timeout(simulator.waitFor(({ totalRequests }) => totalRequests === seen), "20 seconds")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(tool.handled, round - 1)
        yield* assertNothingLeft
      }
    }))

  it.scopedLive("has one connection lets a tool use it", () =>
    Effect.gen(function*() {
      const { assertNothingLeft, layer, simulator } = yield* setup({ connection: { connectionPoolSize: 1 } })
      const question = { model: "qwen-plus", prompt: "What is 6*7?" }
      const asking = Tool.handler(getWeather, () =>
        Effect.zipWith(
          Effect.map(Generation.call(question), Generation.text),
          Stream.mkString(Generation.streamText(question)),
          (called, streamed) => called === streamed ? called : `${called} or ${streamed}`
        ).pipe(Effect.provide(layer), Effect.orDie))
      const { result } = yield* run({ handlers: [asking], handled: 0 }).pipe(
        Effect.provide(layer),
        Effect.timeout("30 seconds")
      )
      assert.include(Generation.text(result), "6*7 equals 42.")
      assert.strictEqual((yield* simulator.stats).totalConnections, 1)
      yield* assertNothingLeft
    }))
})
