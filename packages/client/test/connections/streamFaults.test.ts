/**
 * Everything that can go wrong with a stream, against each way of reading one: it ends with the error that says what
 * happened, none hangs, what arrived is kept, and everything is given back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Exit, Option, Scope, Stream } from "effect"
import { type Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import { assertAllBack } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import type { CallOptions } from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as Message from "../../src/Message.js"
import * as Tool from "../../src/Tool.js"
import { behaviorOf, getWeather, inRound, summary, withBehavior } from "../util/faults.js"

const params: Generation.GenerationParams = {
  model: "qwen-plus",
  messages: [Message.user("你好，世界 👩‍👩‍👧 and all the rest of it")]
}

/** What came, text by text, and the error. */
interface Outcome {
  readonly texts: ReadonlyArray<string>
  readonly error: DashScopeError | Tool.TooManyRounds | undefined
  /** How often a tool was run. */
  readonly handled?: number
}

/** One way of reading streams, of which one is misbehaving. */
interface Way {
  /** What that stream is the answer to. */
  readonly asked: Generation.GenerationParams
  readonly run: (
    behavior: Behavior.Behavior,
    options?: CallOptions
  ) => Effect.Effect<Outcome, never, Generation.Generation>
  /** How often a tool has been run when that stream fails, and when it does not. Default: never. */
  readonly handles?: { readonly failed: number; readonly ended: number }
}

/** What a stream gave before it failed. */
const drained = <R>(
  self: Stream.Stream<string, DashScopeError | Tool.TooManyRounds, R>
): Effect.Effect<Outcome, never, R> =>
  Effect.suspend(() => {
    const texts: Array<string> = []
    return Effect.match(Stream.runForEach(self, (text) => Effect.sync(() => texts.push(text))), {
      onFailure: (error) => ({ texts, error }),
      onSuccess: () => ({ texts, error: undefined })
    })
  })

/** What a result says, be it to the user or to a tool. */
const said = (result: Generation.GenerationResult): string =>
  Generation.text(result) + Generation.toolCalls(result).map((call) => call.function.arguments).join("")

const partialText = (error: Outcome["error"]): string => {
  const partial = Generation.partialResult(error)
  return partial === undefined ? "" : said(partial)
}

const asksForTool: Generation.GenerationParams = {
  ...params,
  tools: [Tool.toDefinition(getWeather)],
  messages: [Message.user("The weather in \"杭州 👩‍👩‍👧, Zhejiang\", please")]
}

const isMade = Tool.RunEvent.$is("ToolCallFinished")
const isRounded = Tool.RunEvent.$is("RoundEnded")

/** A run with a tool: the increments of a round, and how often the tool was run. */
const running = (
  { tools: _, ...asked }: Generation.GenerationParams,
  round: 1 | 2,
  options: CallOptions
): Effect.Effect<Outcome, never, Generation.Generation> =>
  Effect.suspend(() => {
    let handled = 0
    const handler = Tool.handler(getWeather, () => Effect.sync(() => `sunny 👩‍👩‍👧, ${++handled}`))
    const seen: Array<Tool.RunEvent> = []
    const events = Stream.tap(Generation.runToolsStream(asked, [handler], options), (event) =>
      Effect.sync(() => seen.push(event)))
    const texts = Stream.filterMap(events, (event) =>
      event._tag === "Increment" && event.round === round ? Option.some(said(event.result)) : Option.none())
    return Effect.map(drained(texts), (outcome) => {
      // The events agree with what was done, and with what the error knows of it.
      assert.lengthOf(seen.filter(isMade), handled)
      assert.strictEqual(seen.at(-1)?._tag === "Finished", outcome.error === undefined)
      const done = outcome.error === undefined ? undefined : Generation.partialRun(outcome.error)
      assert.strictEqual(done?.rounds ?? 0, outcome.error === undefined ? 0 : seen.filter(isRounded).length)
      assert.strictEqual(done?.messages.at(-1)?.content, done === undefined ? undefined : "sunny 👩‍👩‍👧, 1")
      return { ...outcome, handled }
    })
  })

const ways: Readonly<Record<string, Way>> = {
  stream: {
    asked: params,
    run: (behavior, options) =>
      drained(Stream.map(Generation.stream(params, withBehavior(behavior, options)), Generation.text))
  },
  streamText: {
    asked: params,
    run: (behavior, options) => drained(Generation.streamText(params, withBehavior(behavior, options)))
  },
  totals: {
    asked: params,
    run: (behavior, options) =>
      Effect.map(
        drained(Stream.map(
          Generation.stream({ ...params, incrementalOutput: false }, withBehavior(behavior, options)),
          Generation.text
        )),
        ({ error, texts }) => ({ error, texts: texts.slice(-1) })
      )
  },
  collect: {
    asked: params,
    run: (behavior, options) =>
      Effect.match(Generation.collect(Generation.stream(params, withBehavior(behavior, options))), {
        onFailure: (error) => ({ error, texts: [partialText(error)] }),
        onSuccess: (result) => ({ error: undefined, texts: [Generation.text(result)] })
      })
  },
  "runToolsStream, asking for a tool": {
    asked: asksForTool,
    run: (behavior, options) => running(asksForTool, 1, inRound(1, behavior, options)),
    handles: { failed: 0, ended: 1 }
  },
  "runToolsStream, after its tool": {
    asked: {
      ...asksForTool,
      messages: [
        ...asksForTool.messages ?? [],
        Message.assistant("", { toolCalls: [Message.toolCall({ id: "1", name: "get_weather", arguments: "{}" })] }),
        Message.tool("sunny 👩‍👩‍👧, 1", { toolCallId: "1" })
      ]
    },
    run: (behavior, options) => running(asksForTool, 2, inRound(2, behavior, options)),
    handles: { failed: 1, ended: 1 }
  }
}

interface Case {
  readonly behavior: Behavior.Behavior
  readonly options?: CallOptions
  /** How it ends. */
  readonly end: string
  /** How many of the answer's events arrive, or, below zero, how many do not; all where there is no number. */
  readonly events?: number | undefined
  /** Default: short where that is how it ends, long where it is not. */
  readonly readTimeout?: "1 seconds" | undefined
}

const stream = (
  stream: Behavior.StreamBehavior,
  end: string,
  events?: number,
  options?: CallOptions
): Case => ({ behavior: { stream }, end, events, ...(options === undefined ? undefined : { options }) })

const fault = (fault: Behavior.Fault, end: string, events?: number): Case => ({ behavior: { fault }, end, events })

const zipped = (one: Case): Case => ({ ...one, behavior: { ...one.behavior, gzip: true } })

// Long enough for a busy machine to come to what goes before the silence.
const firstContent = { firstContentTimeout: "1 seconds" } as const
const content = { contentTimeout: "1 seconds" } as const
const total = { timeout: "1500 millis" } as const

const cases = {
  "no fault": stream({}, "end"),
  "comments between the events": stream({ commentsBetween: true }, "end"),

  "silence before the first event": stream({ stallBeforeFirstEvent: true }, "RequestTimeout read", 0),
  "silence before the first event, sooner": stream(
    { stallBeforeFirstEvent: true },
    "RequestTimeout firstContent",
    0,
    firstContent
  ),
  "silence between events": stream({ stallAfterEvents: 3 }, "RequestTimeout read", 3),
  "silence between events, sooner": stream({ stallAfterEvents: 3 }, "RequestTimeout content", 3, content),
  "silence in all": stream({ stallAfterEvents: 2 }, "RequestTimeout total", 2, total),

  "heartbeats only": stream({ heartbeatsOnly: 20 }, "RequestTimeout firstContent", 0, firstContent),
  "heartbeats only, in all": stream({ heartbeatsOnly: 20 }, "RequestTimeout total", 0, total),
  "empty events only": stream({ emptyDeltas: 20 }, "RequestTimeout firstContent", 0, firstContent),
  "empty events only, in all": stream({ emptyDeltas: 20 }, "RequestTimeout total", 0, total),

  "a reset": stream({ resetAfterEvents: 3 }, "ConnectionError Reset", 3),
  "a reset before the first event": stream({ resetAfterEvents: 0 }, "ConnectionError Reset", 0),
  "half a frame": stream({ halfFrame: 3 }, "ConnectionError Truncated", 3),
  "half of the first frame": stream({ halfFrame: 0 }, "ConnectionError Truncated", 0),
  "a close without finish": stream({ closeWithoutFinish: true }, "ConnectionError Truncated", -1),

  "an error first": stream({ errorAfterEvents: 0 }, "ApiError Server 500 InternalError", 0),
  "an error between events": stream({ errorAfterEvents: 3 }, "ApiError Server 500 InternalError", 3),
  "throttling between events": {
    behavior: { error: { status: 429, code: "Throttling.AllocationQuota" }, stream: { errorAfterEvents: 2 } },
    end: "ApiError RateLimited 429 Throttling.AllocationQuota",
    events: 2
  },
  "the filter between events": {
    behavior: { error: { status: 400, code: "DataInspectionFailed", asEvent: 2 } },
    end: "ApiError ContentFiltered 400 DataInspectionFailed",
    events: 2
  },
  "an error without events": {
    behavior: { error: { status: 503, code: "ModelUnavailable", padTo: 70_000 } },
    end: "ApiError Server 503 ModelUnavailable",
    events: 0
  },
  "an error that does not end": {
    behavior: { error: { status: 500, padTo: 2_000_000, endless: "drip" } },
    end: "ApiError Server 500",
    events: 0
  },
  "an event that is no JSON": stream({ undecodableEventAfter: 2 }, "ApiError UnexpectedResponse 200", 2),
  "an event that is too large": stream({ hugeEvent: 1_000_000 }, "ApiError UnexpectedResponse 200", 0, {
    maxEventBytes: 500_000
  }),

  "plain JSON": stream({ jsonInsteadOfStream: true }, "end"),
  "other spellings": stream({
    lineEnd: "crlf",
    spaceAfterColon: true,
    noEventLine: true,
    noStatusComment: true,
    multiLineData: true,
    byteOrderMark: true,
    noFinalBlankLine: true
  }, "end"),
  "old line ends and a sentinel": stream({ lineEnd: "cr", doneSentinel: true }, "end"),
  "every byte by itself": stream({ chunking: 1 }, "end"),
  "every three bytes by themselves": stream({ chunking: 3 }, "end"),
  "every byte by itself, other spellings": stream({
    chunking: 1,
    lineEnd: "crlf",
    byteOrderMark: true,
    multiLineData: true,
    commentsBetween: true
  }, "end"),

  "a close before the head": fault({ _tag: "CloseBeforeHeaders" }, "ConnectionError Reset", 0),
  "a reset before the head": fault({ _tag: "ResetBeforeHeaders" }, "ConnectionError Reset", 0),
  "silence before the head": fault({ _tag: "StallBeforeHeaders" }, "RequestTimeout read", 0),
  "silence before the head, sooner": {
    ...fault({ _tag: "StallBeforeHeaders" }, "RequestTimeout firstContent", 0),
    options: firstContent
  },
  "a reset after the head": fault({ _tag: "ResetAfterHeaders" }, "ConnectionError Reset", 0),
  "silence after the head": fault({ _tag: "StallAfterHeaders" }, "RequestTimeout read", 0),
  "a reset inside a frame": fault({ _tag: "ResetAfterBytes", bytes: 500 }, "ConnectionError Reset", 1),
  "silence inside a frame": fault({ _tag: "StallAfterBytes", bytes: 500 }, "RequestTimeout read", 1),
  "a body cut off": fault({ _tag: "ResetAfterBytes", bytes: 0 }, "ConnectionError Reset", 0),
  "an end that does not come, after an answer that did": {
    ...fault({ _tag: "OpenEndedBody" }, "end"),
    readTimeout: "1 seconds"
  },
  // Long before `readTimeout`.
  "an end that does not come": fault({ _tag: "OpenEndedBody" }, "end"),
  "the last answer of its connection": fault({ _tag: "ConnectionClose" }, "end"),
  "a hint before the head": fault({ _tag: "Informational" }, "end"),

  "compressed": zipped(stream({}, "end")),
  "compressed, every byte by itself": zipped(stream({ chunking: 1 }, "end")),
  "compressed, an error between events": zipped(
    stream({ errorAfterEvents: 3 }, "ApiError Server 500 InternalError", 3)
  ),
  "compressed, a close without finish": zipped(stream({ closeWithoutFinish: true }, "ConnectionError Truncated", -1)),
  "compressed, silence between events": zipped(stream({ stallAfterEvents: 3 }, "RequestTimeout read", 3)),
  "compressed, silence between events, sooner": zipped(
    stream({ stallAfterEvents: 3 }, "RequestTimeout content", 3, content)
  )
} satisfies Readonly<Record<string, Case>>

/** Those that `npm test` tries: each end, and each way to cut. `npm run thorough` tries all. */
const share: ReadonlyArray<string> = [
  "no fault",
  "silence before the first event, sooner",
  "silence between events, sooner",
  "silence in all",
  "silence inside a frame",
  "heartbeats only",
  "a reset",
  "a reset before the head",
  "half a frame",
  "an error between events",
  "the filter between events",
  "an error that does not end",
  "an event that is too large",
  "other spellings",
  "every three bytes by themselves",
  "an end that does not come",
  "compressed, a close without finish"
] satisfies ReadonlyArray<keyof typeof cases>

/** Those that cut anywhere, or while the last bytes are still being decompressed. */
const halves: Readonly<Record<string, Case>> = {
  "half a body": fault({ _tag: "HalfBody" }, "ConnectionError Truncated"),
  "half a compressed body": zipped(fault({ _tag: "HalfBody" }, "ConnectionError Truncated")),
  "compressed, a reset": zipped(stream({ resetAfterEvents: 3 }, "ConnectionError Reset"))
}

const setup = (
  { end, readTimeout = end.endsWith("read") ? "1 seconds" : undefined }: Pick<Case, "end" | "readTimeout">
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behaviorOf })
    const layerOf = (pool: ConnectionPool.Service) =>
      DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false })
    const config = { connectionPoolSize: 8, shutdownTimeout: "0 seconds", readTimeout: "10 seconds" } as const
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({
      ...config,
      readTimeout: readTimeout ?? config.readTimeout
    }))
    return {
      simulator,
      pool,
      layer: layerOf(pool),
      /** Without the short deadlines. */
      patient: layerOf(yield* ConnectionPool.make(ConnectionConfig.make(config)))
    }
  })

/** Nothing is left of what was done with them. */
const assertNothingLeft = ({ pool, simulator }: Effect.Effect.Success<ReturnType<typeof setup>>) =>
  Effect.gen(function*() {
    assertAllBack(yield* pool.stats)
    yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
  })

/** How all ways end at once, and what they would have given otherwise. */
const outcomes = (one: Case) =>
  Effect.gen(function*() {
    const all = yield* setup(one)
    const healthy = yield* Effect.forEach(
      Object.values(ways),
      ({ asked }) => Effect.map(Stream.runCollect(Stream.map(Generation.stream(asked), said)), Chunk.toReadonlyArray)
    ).pipe(Effect.provide(all.patient))
    const found = yield* Effect.forEach(
      Object.entries(ways),
      ([name, { handles, run }], i) =>
        Effect.map(run(one.behavior, one.options), (outcome) => {
          const expected = handles?.[outcome.error === undefined ? "ended" : "failed"]
          assert.strictEqual(`${name}: ${outcome.handled}`, `${name}: ${expected}`)
          return { name, healthy: healthy[i] ?? [], ...outcome }
        }),
      { concurrency: "unbounded" }
    ).pipe(Effect.timeout("30 seconds"), Effect.provide(all.layer))
    yield* assertNothingLeft(all)
    return found
  })

describe("a stream with", () => {
  for (const [name, one] of Object.entries<Case>(cases)) {
    it.scopedLive.runIf(isThorough || share.includes(name))(name, () =>
      Effect.gen(function*() {
        for (const { error, healthy, name, texts } of yield* outcomes(one)) {
          assert.isAbove(healthy.length, 4)
          assert.include(healthy.join(""), "👩‍👩‍👧")
          const kept = healthy.slice(0, one.events).join("")
          assert.strictEqual(`${name}: ${summary(error)}`, `${name}: ${one.end}`)
          assert.strictEqual(`${name}: ${texts.join("")}`, `${name}: ${kept}`)
          // The error has what came as well.
          if (error !== undefined) assert.strictEqual(`${name}: ${partialText(error)}`, `${name}: ${kept}`)
        }
      }))
  }

  for (const [name, one] of Object.entries(halves)) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        for (const { error, healthy, name, texts } of yield* outcomes(one)) {
          assert.strictEqual(`${name}: ${summary(error)}`, `${name}: ${one.end}`)
          const text = texts.join("")
          assert.isTrue(healthy.join("").startsWith(text), `${name}: ${text}`)
          assert.notStrictEqual(text, "")
          assert.strictEqual(error === undefined ? "" : partialText(error), text)
        }
      }))
  }

  const many = casesOf(20_000)
  it.scopedLive(`${many} small events`, () =>
    Effect.gen(function*() {
      const all = yield* setup({ end: "end" })
      const stream = Generation.stream(params, withBehavior({ stream: { events: many } }))
      const count = yield* Effect.provide(Stream.runCount(stream), all.layer)
      const whole = yield* Effect.provide(Generation.collect(stream), all.layer)
      // And the one that ends them.
      assert.strictEqual(count, many + 1)
      assert.lengthOf(Generation.text(whole), 4 * many)
      yield* assertNothingLeft(all)
    }))

  it.scopedLive("one huge event", () =>
    Effect.gen(function*() {
      const all = yield* setup({ end: "end" })
      const size = casesOf(15, 0.3) * 1024 * 1024
      const stream = Generation.stream(params, withBehavior({ stream: { hugeEvent: size } }))
      const result = yield* Effect.provide(Generation.collect(stream), all.layer)
      assert.strictEqual(Generation.text(result).length, size)
      yield* assertNothingLeft(all)
    }))

  it.scopedLive("a pool that closes", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behaviorOf })
      const scope = yield* Scope.make()
      const pool = yield* Scope.extend(
        ConnectionPool.make(ConnectionConfig.make({ shutdownTimeout: "0 seconds" })),
        scope
      )
      const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url })
      const reading = Effect.forEach(
        Object.entries(ways),
        ([name, { handles, run }]) =>
          Effect.map(run({ stream: { eventInterval: 20, events: 1000 } }), ({ handled, ...outcome }) => {
            assert.strictEqual(`${name}: ${handled}`, `${name}: ${handles?.failed}`)
            return { name, ...outcome }
          }),
        { concurrency: "unbounded" }
      )
      // Once each has its stream, the one with a tool its second.
      const all = Object.keys(ways).length
      const closing = simulator.waitFor(({ requestsInFlight, totalRequests }) =>
        requestsInFlight === all && totalRequests > all
      ).pipe(Effect.andThen(Effect.delay(Scope.close(scope, Exit.void), "500 millis")))
      const [found] = yield* Effect.all([Effect.provide(reading, layer), closing], { concurrency: "unbounded" })
      for (const { error, name, texts } of found) {
        assert.strictEqual(`${name}: ${summary(error)}`, `${name}: ConnectionError Closed`)
        assert.isAbove(texts.join("").length, 0)
      }
      yield* Effect.timeout(simulator.awaitIdle, "20 seconds")
    }))
})
