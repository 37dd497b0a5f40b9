/**
 * Everything that can go wrong with a stream, against each way of reading one: it ends with the error that says what
 * happened, none hangs, what arrived is kept, and everything is given back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Exit, Scope, Stream } from "effect"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import * as ConnectionPool from "../src/ConnectionPool.js"
import * as DashScope from "../src/DashScope.js"
import type { CallOptions } from "../src/DashScopeClient.js"
import type { DashScopeError } from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import * as Message from "../src/Message.js"
import { assertAllBack } from "./support.js"

const params: Generation.GenerationParams = {
  model: "qwen-plus",
  messages: [Message.user("你好，世界 👩‍👩‍👧 and all the rest of it")]
}

/** What came, text by text, and the error. */
interface Outcome {
  readonly texts: ReadonlyArray<string>
  readonly error: DashScopeError | undefined
}

type Way = (options?: CallOptions) => Effect.Effect<Outcome, never, Generation.Generation>

/** What a stream gave before it failed. */
const drained = <R>(self: Stream.Stream<string, DashScopeError, R>): Effect.Effect<Outcome, never, R> =>
  Effect.suspend(() => {
    const texts: Array<string> = []
    return Effect.match(Stream.runForEach(self, (text) => Effect.sync(() => texts.push(text))), {
      onFailure: (error) => ({ texts, error }),
      onSuccess: () => ({ texts, error: undefined })
    })
  })

const partialText = (error: DashScopeError): string => {
  const partial = Generation.partialResult(error)
  return partial === undefined ? "" : Generation.text(partial)
}

const ways: Readonly<Record<string, Way>> = {
  stream: (options) => drained(Stream.map(Generation.stream(params, options), Generation.text)),
  streamText: (options) => drained(Generation.streamText(params, options)),
  totals: (options) =>
    Effect.map(
      drained(Stream.map(Generation.stream({ ...params, incrementalOutput: false }, options), Generation.text)),
      ({ error, texts }) => ({ error, texts: texts.slice(-1) })
    ),
  collect: (options) =>
    Effect.match(Generation.collect(Generation.stream(params, options)), {
      onFailure: (error) => ({ error, texts: [partialText(error)] }),
      onSuccess: (result) => ({ error: undefined, texts: [Generation.text(result)] })
    })
}

const summary = (error: DashScopeError | undefined): string => {
  if (error === undefined) return "end"
  switch (error._tag) {
    case "ApiError":
      return `ApiError ${error.reason} ${error.statusCode} ${error.code}`.trim()
    case "RequestTimeout":
      return `RequestTimeout ${error.phase}`
    case "ConnectionError":
      return `ConnectionError ${error.reason}`
    default:
      return error._tag
  }
}

interface Case {
  readonly behavior: Behavior.Behavior
  readonly options?: CallOptions
  /** How it ends. */
  readonly end: string
  /** How many of the answer's events arrive; all where there is no number. */
  readonly events?: number | undefined
  /** Default: short where that is how it ends, long where it is not. */
  readonly readTimeout?: "300 millis" | undefined
}

const stream = (
  stream: Behavior.StreamBehavior,
  end: string,
  events?: number,
  options?: CallOptions
): Case => ({ behavior: { stream }, end, events, ...(options === undefined ? undefined : { options }) })

const fault = (fault: Behavior.Fault, end: string, events?: number): Case => ({ behavior: { fault }, end, events })

const zipped = (one: Case): Case => ({ ...one, behavior: { ...one.behavior, gzip: true } })

const firstContent = { firstContentTimeout: "300 millis" } as const
const content = { contentTimeout: "300 millis" } as const
const total = { timeout: "400 millis" } as const

const cases: Readonly<Record<string, Case>> = {
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
  "a close without finish": stream({ closeWithoutFinish: true }, "ConnectionError Truncated"),

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
  "a reset inside a frame": fault({ _tag: "ResetAfterBytes", bytes: 400 }, "ConnectionError Reset", 1),
  "silence inside a frame": fault({ _tag: "StallAfterBytes", bytes: 400 }, "RequestTimeout read", 1),
  "a body cut off": fault({ _tag: "ResetAfterBytes", bytes: 0 }, "ConnectionError Reset", 0),
  "an end that does not come, after an answer that did": {
    ...fault({ _tag: "OpenEndedBody" }, "end"),
    readTimeout: "300 millis"
  },
  "the last answer of its connection": fault({ _tag: "ConnectionClose" }, "end"),
  "a hint before the head": fault({ _tag: "Informational" }, "end"),

  "compressed": zipped(stream({}, "end")),
  "compressed, every byte by itself": zipped(stream({ chunking: 1 }, "end")),
  "compressed, an error between events": zipped(
    stream({ errorAfterEvents: 3 }, "ApiError Server 500 InternalError", 3)
  ),
  "compressed, a close without finish": zipped(stream({ closeWithoutFinish: true }, "ConnectionError Truncated")),
  "compressed, silence between events": zipped(stream({ stallAfterEvents: 3 }, "RequestTimeout read", 3)),
  "compressed, silence between events, sooner": zipped(
    stream({ stallAfterEvents: 3 }, "RequestTimeout content", 3, content)
  )
}

/** Those that cut anywhere, or while the last bytes are still being decompressed. */
const halves: Readonly<Record<string, Case>> = {
  "half a body": fault({ _tag: "HalfBody" }, "ConnectionError Truncated"),
  "half a compressed body": zipped(fault({ _tag: "HalfBody" }, "ConnectionError Truncated")),
  "compressed, a reset": zipped(stream({ resetAfterEvents: 3 }, "ConnectionError Reset"))
}

const setup = (
  { end, readTimeout = end.endsWith("read") ? "300 millis" : undefined }: Pick<Case, "end" | "readTimeout">
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const pool = yield* ConnectionPool.make(
      ConnectionConfig.make({
        connectionPoolSize: 8,
        readTimeout: readTimeout ?? "10 seconds",
        shutdownTimeout: "0 seconds"
      })
    )
    const over = (behavior: Behavior.Behavior) =>
      DashScope.layerPool(pool, {
        apiKey: "sk-test",
        endpoint: simulator.url,
        retry: false,
        headers: Behavior.toHeaders(behavior)
      })
    return { simulator, pool, over }
  })

/** Nothing is left of what was done with them. */
const assertNothingLeft = ({ pool, simulator }: Effect.Effect.Success<ReturnType<typeof setup>>) =>
  Effect.gen(function*() {
    assertAllBack(yield* pool.stats)
    yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "2 seconds")
  })

/** How all ways end at once. */
const outcomes = (one: Case) =>
  Effect.gen(function*() {
    const all = yield* setup(one)
    const healthy = yield* Generation.stream(params).pipe(
      Stream.map(Generation.text),
      Stream.runCollect,
      Effect.provide(all.over({}))
    )
    const found = yield* Effect.all(
      Object.entries(ways).map(([name, way]) => Effect.map(way(one.options), (outcome) => ({ name, ...outcome }))),
      { concurrency: "unbounded" }
    ).pipe(Effect.timeout("5 seconds"), Effect.provide(all.over(one.behavior)))
    yield* assertNothingLeft(all)
    return { healthy: Chunk.toReadonlyArray(healthy), found }
  })

describe("a stream with", () => {
  for (const [name, one] of Object.entries(cases)) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const { found, healthy } = yield* outcomes(one)
        assert.isAbove(healthy.length, 4)
        const kept = healthy.slice(0, one.events).join("")
        for (const { error, name, texts } of found) {
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
        const { found, healthy } = yield* outcomes(one)
        for (const { error, name, texts } of found) {
          assert.strictEqual(`${name}: ${summary(error)}`, `${name}: ${one.end}`)
          const text = texts.join("")
          assert.isTrue(healthy.join("").startsWith(text), `${name}: ${text}`)
          assert.notStrictEqual(text, "")
          assert.strictEqual(error === undefined ? "" : partialText(error), text)
        }
      }))
  }

  it.scopedLive("20,000 small events", () =>
    Effect.gen(function*() {
      const all = yield* setup({ end: "end" })
      const layer = all.over({ stream: { events: 20_000 } })
      const count = yield* Effect.provide(Stream.runCount(Generation.stream(params)), layer)
      const whole = yield* Effect.provide(Generation.collect(Generation.stream(params)), layer)
      // And the one that ends them.
      assert.strictEqual(count, 20_001)
      assert.lengthOf(Generation.text(whole), 4 * 20_000)
      yield* assertNothingLeft(all)
    }))

  it.scopedLive("one huge event", () =>
    Effect.gen(function*() {
      const all = yield* setup({ end: "end" })
      const size = 15 * 1024 * 1024
      const result = yield* Effect.provide(
        Generation.collect(Generation.stream(params)),
        all.over({ stream: { hugeEvent: size } })
      )
      assert.strictEqual(Generation.text(result).length, size)
      yield* assertNothingLeft(all)
    }))

  it.scopedLive("a pool that closes", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const scope = yield* Scope.make()
      const pool = yield* Scope.extend(
        ConnectionPool.make(ConnectionConfig.make({ shutdownTimeout: "0 seconds" })),
        scope
      )
      const layer = DashScope.layerPool(pool, {
        apiKey: "sk-test",
        endpoint: simulator.url,
        headers: Behavior.toHeaders({ stream: { eventInterval: 20, events: 1000 } })
      })
      const reading = Effect.forEach(
        Object.entries(ways),
        ([name, way]) => Effect.map(way(), (outcome) => ({ name, ...outcome })),
        { concurrency: "unbounded" }
      )
      const closing = Effect.delay(Scope.close(scope, Exit.void), "200 millis")
      const [found] = yield* Effect.all([Effect.provide(reading, layer), closing], { concurrency: "unbounded" })
      for (const { error, name, texts } of found) {
        assert.strictEqual(`${name}: ${summary(error)}`, `${name}: ConnectionError Closed`)
        assert.isAbove(texts.join("").length, 0)
      }
      yield* Effect.timeout(simulator.awaitIdle, "2 seconds")
    }))
})
