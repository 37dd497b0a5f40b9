/**
 * Whatever a server sends, the readers of it give what their types say, or one of this library's errors, in time that
 * grows with its length. For longer runs, or other ones: `FUZZ_RUNS=100000 FUZZ_SEED=7 npm test -- fuzz`.
 */
import * as Headers from "@effect/platform/Headers"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
// Hundreds of thousands of checks: those of chai take a hundred times as long.
import * as assert from "node:assert"
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, vi } from "vitest"
import { casesOf, isThorough, isTried } from "../../../scripts/thorough.js"
import { Meter } from "../../pool/test/util/meter.js"
import type { ServerEvent } from "../src/DashScopeClient.js"
import { ApiError, isDashScopeError } from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import { retryAfter, statusOf } from "../src/internal/protocol/classify.js"
import * as Envelope from "../src/internal/protocol/envelope.js"
import * as ErrorBody from "../src/internal/protocol/errorBody.js"
import { EventReader } from "../src/internal/protocol/eventReader.js"
import { SseDecoder } from "../src/internal/protocol/sse.js"
import { captures, hasCaptures } from "./util/captures.js"
import { codePoint } from "./util/codePoints.js"
import { awkwardJson, bodiesWith, cut, cuts, deepJson, fill, holes, spoiltJson, values } from "./util/fuzz.js"
import { services } from "./util/mock.js"

const { FUZZ_RUNS = casesOf(300, 0.2), FUZZ_SEED = "1" } = process.env
/** A share of them for what takes longer. */
const runs = (share = 1) => ({
  fastCheck: { numRuns: Math.ceil(Number(FUZZ_RUNS) * share), seed: Number(FUZZ_SEED) },
  timeout: 30_000 + 20 * Number(FUZZ_RUNS)
})

// Recordings of the service itself, where they are at hand.
if (!hasCaptures) {
  console.warn("fuzz.test.ts: there are no recordings of the service here; our own texts alone are spoilt")
}

const Recording = Schema.parseJson(Schema.Struct({ response: Schema.Struct({ body: Schema.String }) }))
const recordings = hasCaptures
  ? readdirSync(captures).filter((file) => file.endsWith(".json")).map((file) =>
    Schema.decodeUnknownSync(Recording)(readFileSync(new URL(file, captures), "utf8")).response.body
  )
  : []
const anyBody = bodiesWith(recordings)

const key = "sk-0123456789abcdef0123456789abcdef"
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

// ---------------------------------------------------------------------------------------------------------------------
// What holds of everything that a reader gives
// ---------------------------------------------------------------------------------------------------------------------

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype]
const untouched = prototypes.map((prototype) => Reflect.ownKeys(prototype))

afterAll(() => {
  assert.deepStrictEqual(prototypes.map((prototype) => Reflect.ownKeys(prototype)), untouched)
})

const checkPrototypes = () => assert.strictEqual(Reflect.get({}, "polluted"), undefined)

/** A record whose prototype is nobody's choice but ours. */
const checkRecord = (u: unknown) => {
  assert.ok(typeof u === "object" && u !== null && !Array.isArray(u))
  assert.strictEqual(Object.getPrototypeOf(u), Object.prototype)
}

const checkOptionalText = (u: unknown) => assert.ok(u === undefined || typeof u === "string")

const checkErrorBody = (body: ErrorBody.ErrorBody) => {
  assert.ok(typeof body.code === "string")
  assert.ok(body.message.length > 0)
  // 500 characters and an ellipsis: whatever came, it fits into a log.
  for (const text of [body.code, body.message, body.requestId ?? ""]) {
    assert.ok(text.length <= 501)
    assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
    assert.ok(!text.includes(key))
  }
  checkOptionalText(body.requestId)
}

const checkApiError = (error: ApiError) => {
  assert.ok(error instanceof ApiError)
  assert.ok(Number.isInteger(error.statusCode))
  for (const text of [error.message, String(error), JSON.stringify(error)]) assert.ok(typeof text === "string")
  assert.ok(typeof error.isRetryable === "boolean")
}

const checkResult = (result: Generation.GenerationResult) => {
  assert.ok(typeof Generation.text(result) === "string")
  assert.ok(typeof Generation.reasoning(result) === "string")
  for (const call of Generation.toolCalls(result)) {
    assert.ok(typeof call.id === "string")
    assert.ok(typeof call.function.name === "string")
    assert.ok(typeof call.function.arguments === "string")
  }
  assert.strictEqual(Generation.assistantMessage(result).role, "assistant")
  assert.ok(result.output.choices.length > 0)
  for (const record of [result, result.output, ...result.output.choices]) checkRecord(record)
  for (const choice of result.output.choices) checkRecord(choice.message)
}

const checkEvent = (event: ServerEvent) => {
  checkRecord(event.body)
  checkOptionalText(event.event)
  checkOptionalText(event.id)
  checkOptionalText(event.requestId)
  assert.ok(Number.isInteger(event.status))
}

const checkDecoded = (json: unknown) => {
  const decoded = Generation.decode(json)
  if (Either.isRight(decoded)) checkResult(decoded.right)
  else checkApiError(Envelope.unexpectedShape(decoded.left, { status: 200, requestId: undefined }))
  checkPrototypes()
}

const checkRead = (text: string) => {
  checkErrorBody(ErrorBody.parse(text, [key]))
  const reading = Envelope.read(text, [key])
  if (reading._tag === "Error") {
    checkErrorBody(reading.error)
    checkApiError(Envelope.apiError(500, reading.error, { requestId: undefined, retryAfter: undefined }))
  } else {
    checkRecord(reading.body)
    checkOptionalText(Envelope.requestIdOf(reading.body, () => undefined))
    checkDecoded(reading.body)
  }
  checkPrototypes()
}

const checkDecoder = (bytes: Uint8Array, fractions: ReadonlyArray<number>, maxEventBytes?: number) => {
  const decoder = new SseDecoder({ maxEventBytes })
  const items = [...cut(bytes, fractions).flatMap((chunk) => decoder.feed(chunk)), ...decoder.end()]
  let size = 0
  items.forEach((item, i) => {
    if (item._tag === "SseOverflow") {
      assert.strictEqual(i, items.length - 1)
      assert.ok(bytes.length > item.maxEventBytes)
    } else {
      assert.ok(typeof item.data === "string")
      checkOptionalText(item.event)
      checkOptionalText(item.id)
      assert.ok(item.status === undefined || Number.isInteger(item.status))
      size += item.data.length
    }
  })
  // Nothing comes out that did not go in.
  assert.ok(size <= bytes.length)
  assert.ok(decoder.comments <= bytes.length)
}

const labels = FastCheck.constantFrom(
  "text/event-stream",
  "text/event-stream;charset=UTF-8",
  "application/json",
  "text/html",
  ""
)

const checkStream = (bytes: Uint8Array, fractions: ReadonlyArray<number>, contentType: string) => {
  const headers = Headers.fromInput(contentType === "" ? {} : { "content-type": contentType })
  const reader = new EventReader({ status: 200, headers }, { secrets: [key] })
  const events: Array<ServerEvent> = []
  for (const chunk of cut(bytes, fractions)) {
    const isOver = reader.outcome !== undefined
    const more = reader.feed([chunk])
    if (isOver) assert.deepStrictEqual(more, [])
    events.push(...more)
  }
  events.push(...reader.end())
  events.forEach(checkEvent)
  for (const { body } of events) checkDecoded(body)
  const { outcome } = reader
  assert.ok(outcome !== undefined)
  switch (outcome._tag) {
    case "Done":
      break
    case "Truncated":
      assert.ok(typeof outcome.description === "string")
      break
    case "Refused":
      assert.ok(Number.isInteger(outcome.status))
      checkErrorBody(outcome.error)
  }
  assert.deepStrictEqual(reader.feed([bytes]), [])
  assert.deepStrictEqual(reader.end(), [])
  checkPrototypes()
}

// ---------------------------------------------------------------------------------------------------------------------
// Random input
// ---------------------------------------------------------------------------------------------------------------------

describe.runIf(hasCaptures)("recordings", () => {
  it("are there", () => assert.ok(recordings.length > 10))
})

describe("random and spoilt input", () => {
  const mostBytes = FastCheck.integer({ min: 1, max: 300 })
  const anyJson = FastCheck.oneof(FastCheck.jsonValue(), FastCheck.anything())
  const halves = FastCheck.tuple(
    FastCheck.constantFrom("", "data:", "{\"message\":\""),
    FastCheck.string({ unit: codePoint }),
    FastCheck.constantFrom("", "\ud83d", "\"}")
  )
  const code = FastCheck.oneof(
    FastCheck.string(),
    FastCheck.constantFrom("Throttling", "a..b", ".".repeat(50), "__proto__")
  )
  const waits = FastCheck.oneof(
    FastCheck.string(),
    FastCheck.constantFrom("9".repeat(400), "1e9", "-1", " 5 ", "Sun, 99 Jan 999999 99:99:99 GMT", "Mon, 01 Jan 2024")
  )

  it.prop("event decoder", [anyBody, cuts, mostBytes], ([bytes, fractions, most]) => {
    checkDecoder(bytes, fractions)
    checkDecoder(bytes, fractions, most)
  }, runs())

  it.prop("reader of streams", [anyBody, cuts, labels], ([bytes, fractions, label]) => {
    checkStream(bytes, fractions, label)
  }, runs())

  it.prop("readers of answers and errors", [anyBody], ([bytes]) => checkRead(textOf(bytes)), runs())

  it.prop("half characters", [halves], ([parts]) => checkRead(parts.join("")), runs())

  it.prop("decoder of answers", [anyJson], ([json]) => checkDecoded(json), runs())

  it.prop("one part of an answer for another", [spoiltJson], ([text]) => checkDecoded(JSON.parse(text)), runs())

  it.prop(
    "status, code, message and Retry-After of an error",
    [FastCheck.integer({ min: 100, max: 999 }), code, FastCheck.string({ unit: codePoint }), waits],
    ([status, code, message, header]) => {
      const error = Envelope.apiError(status, { code, message, requestId: undefined }, {
        requestId: undefined,
        retryAfter: retryAfter(header, 1_700_000_000_000)
      })
      checkApiError(error)
      if (error.retryAfter !== undefined) assert.ok(Duration.toMillis(error.retryAfter) >= 0)
      assert.ok(Number.isInteger(statusOf(code)))
    },
    runs()
  )
})

describe("each part of an answer or error", () => {
  const places = values.flatMap(holes)

  it("awkward", () => {
    assert.ok(places.length > 150)
    for (const [i, place] of places.entries()) {
      for (const [j, json] of awkwardJson.entries()) {
        // Each place, and each awkward value, with some of the others.
        if (isTried(i + j, 5)) checkRead(fill(place, json))
      }
    }
  })

  it("nested very deeply", () => {
    const some = places.filter((_, i) => i % (isThorough ? 7 : 35) === 0)
    const cases = [
      ...deepJson(2000).map((json) => [json, [...some, "⌖", "data:⌖"]] as const),
      ...deepJson(20_000).map((json) => [json, [...some, "⌖", "data:⌖"]] as const),
      ...deepJson(500_000).map((json) => [json, ["⌖", "data:⌖", "{\"output\":⌖}", "{\"code\":⌖}"]] as const)
    ]
    const thrown = cases.flatMap(([json, places]) =>
      places.flatMap((place) =>
        Either.match(Either.try(() => checkRead(fill(place, json))), {
          onLeft: (error) => [`${json.slice(0, 12)}… at ${place.slice(0, 200)}: ${String(error).slice(0, 80)}`],
          onRight: () => []
        })
      )
    )
    assert.deepStrictEqual(thrown, [])
  })

  it("twice: the last counts", () => {
    const text = "{\"output\":1,\"output\":{\"text\":\"a\",\"text\":\"b\"},\"code\":\"A\",\"code\":\"\"}"
    const reading = Envelope.read(text, [])
    assert.strictEqual(reading._tag, "Answer")
    assert.strictEqual(Generation.text(Either.getOrThrow(Generation.decode(JSON.parse(text)))), "b")
    assert.deepStrictEqual(ErrorBody.parse("{\"code\":\"A\",\"code\":\"B\",\"message\":\"m\"}", []).code, "B")
  })

  it("named __proto__", () => {
    for (const place of places.filter((place) => place.startsWith("{\"output\"") && place.includes("⌖}"))) {
      const text = fill(place, "{\"__proto__\":{\"polluted\":true},\"message\":{\"__proto__\":{\"polluted\":true}}}")
      checkDecoded(JSON.parse(text))
    }
    const decoded = Either.getOrThrow(Generation.decode(JSON.parse(
      "{\"__proto__\":{\"polluted\":1},\"output\":{\"__proto__\":{\"polluted\":2},\"choices\":[{\"message\":{\"__proto__\":{\"polluted\":3}}}]}}"
    )))
    checkResult(decoded)
    const [choice] = decoded.output.choices
    for (const [part, value] of [[decoded, 1], [decoded.output, 2], [choice.message, 3]] as const) {
      assert.deepStrictEqual(Generation.field(part, "__proto__"), { polluted: value })
      assert.strictEqual(Reflect.get(part, "polluted"), undefined)
    }
  })
})

// ---------------------------------------------------------------------------------------------------------------------
// Calls and streams as a whole
// ---------------------------------------------------------------------------------------------------------------------

interface Sent {
  readonly bytes: Uint8Array
  readonly fractions: ReadonlyArray<number>
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

const headerText = FastCheck.oneof(
  FastCheck.string({ maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
  FastCheck.constantFrom("true", "0", "9".repeat(400), "Mon, 01 Jan 2024 00:00:00 GMT", "[object Object]")
)

const sent: FastCheck.Arbitrary<Sent> = FastCheck.record({
  bytes: anyBody,
  fractions: cuts,
  status: FastCheck.constantFrom(200, 200, 200, 201, 301, 400, 401, 429, 500, 599),
  headers: FastCheck.tuple(
    labels,
    FastCheck.dictionary(
      FastCheck.constantFrom(
        "retry-after",
        "x-request-id",
        "x-dashscope-partialresponse",
        "constructor",
        "__proto__",
        "x-a"
      ),
      headerText,
      { maxKeys: 3 }
    )
  ).map(([type, others]) => type === "" ? others : { ...others, "content-type": type })
})

const respond = ({ bytes, fractions, headers, status }: Sent): Response => {
  const chunks = cut(bytes, fractions)
  return new Response(
    new ReadableStream({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      }
    }),
    { status, headers: new globalThis.Headers(Object.entries(headers).filter(([name]) => name !== "__proto__")) }
  )
}

const params = { model: "qwen-plus", prompt: "1+1" }

const checkExit = (exit: Exit.Exit<Generation.GenerationResult, unknown>) => {
  if (Exit.isSuccess(exit)) return checkResult(exit.value)
  const failure = Cause.failureOption(exit.cause)
  const pretty = Cause.pretty(exit.cause)
  assert.ok(failure._tag === "Some", `not a typed failure: ${pretty}`)
  const error = Cause.originalError(Cause.squash(exit.cause))
  assert.ok(isDashScopeError(error), `not one of this library's errors: ${pretty}`)
  for (const text of [String(error), JSON.stringify(error), pretty]) assert.ok(!text.includes(key))
  const partial = Generation.partialResult(error)
  if (partial !== undefined) checkResult(partial)
}

/** What the server of the test says next. */
let next: Sent = { bytes: new Uint8Array(), fractions: [], status: 200, headers: {} }
const Live = services(() => respond(next), { apiKey: key, retry: false }).layer

const askAndCheck = (sent: Sent) =>
  Effect.gen(function*() {
    next = sent
    checkExit(yield* Effect.exit(Generation.call(params)))
    for (const incrementalOutput of [true, false]) {
      checkExit(yield* Effect.exit(Generation.collect(Generation.stream({ ...params, incrementalOutput }))))
    }
    checkPrototypes()
  }).pipe(Effect.provide(Live))

describe("calls and streams", () => {
  it.effect.prop("of anything", [sent], ([sent]) => askAndCheck(sent), runs(0.2))

  const places = values.slice(0, 3).flatMap(holes).filter((_, i) => i % (isThorough ? 60 : 120) === 0)
  it.effect("nested very deeply", () =>
    Effect.forEach(
      deepJson(20_000),
      (json) =>
        Effect.forEach(places, (place) =>
          Effect.forEach([fill(place, json), `data:${fill(place, json)}\n\n`], (text) =>
            askAndCheck({ bytes: new TextEncoder().encode(text), fractions: [], status: 200, headers: {} })))
    ))
})

// ---------------------------------------------------------------------------------------------------------------------
// Work
// ---------------------------------------------------------------------------------------------------------------------

/** Texts handed to the engine's own functions, in characters or bytes: each of them is linear in that. */
const workOf = (run: () => void): number => {
  const spies = [
    vi.spyOn(JSON, "parse"),
    vi.spyOn(TextDecoder.prototype, "decode"),
    vi.spyOn(String.prototype, "replace"),
    vi.spyOn(String.prototype, "replaceAll")
  ]
  try {
    run()
    return spies.reduce((sum, spy) =>
      spy.mock.calls.reduce((sum, [input], call) => {
        const subject: unknown = typeof spy.mock.contexts[call] === "string" ? spy.mock.contexts[call] : input
        return sum + (typeof subject === "string" ? subject.length : subject instanceof Uint8Array ? subject.length : 0)
      }, sum), 0)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** Of this many characters, about. Those that a careless reader would go through again and again. */
const hard: Readonly<Record<string, (length: number) => string>> = {
  "line feeds": (n) => "\n".repeat(n),
  "carriage returns": (n) => "\r".repeat(n),
  "spaces": (n) => " ".repeat(n),
  "a line of data without end": (n) => "data:" + "x".repeat(n),
  "empty lines of data": (n) => "data:\n".repeat(n / 6),
  "lines of data for one event": (n) => "data:[\ndata:1]\n".repeat(n / 15) + "\n",
  "events that are not JSON": (n) => "data:{\n\n".repeat(n / 8),
  "many events": (n) => "data:{\"output\":{\"text\":\"a\"}}\n\n".repeat(n / 33),
  "one large event": (n) => `data:{"output":{"text":"${"a".repeat(n)}"}}\n\n`,
  "error events": (n) => "event:error\n\n".repeat(n / 13),
  "comments": (n) => ":\n".repeat(n / 2),
  "unknown fields": (n) => "datum:\n".repeat(n / 7),
  "one large answer": (n) => `{"output":{"text":"${"a".repeat(n)}"}}`,
  "one large error": (n) => `{"code":"InternalError","message":"${"a ".repeat(n / 2)}"}`,
  "a page of text": (n) => "<p>" + "word ".repeat(n / 5),
  "brackets": (n) => "[".repeat(n),
  "braces": (n) => "{\"a\":".repeat(n / 5),
  "quotes": (n) => "\"".repeat(n),
  "escapes": (n) => "\"" + "\\\"".repeat(n / 2) + "\"",
  "many keys": (n) => `{${Array.from({ length: n / 12 }, (_, i) => `"key${i}":${i}`).join(",")}}`,
  "the same key": (n) => `{${"\"code\":\"A\",".repeat(n / 11)}"code":"B"}`,
  "many choices": (n) => `{"output":{"choices":[${"{\"message\":{}},".repeat(n / 15)}{"message":{}}]}}`,
  "starts of the key": (n) => "<" + key.slice(0, -1).repeat(n / key.length),
  "keys": (n) => "<" + key.repeat(n / key.length),
  "byte order marks": (n) => "\ufeff".repeat(n / 3)
}

const readAll = (text: string, chunkSize: number) => {
  const bytes = new TextEncoder().encode(text)
  for (const contentType of ["text/event-stream", "application/json", ""]) {
    const headers = Headers.fromInput(contentType === "" ? {} : { "content-type": contentType })
    const reader = new EventReader({ status: 200, headers }, { secrets: [key] })
    for (let from = 0; from < bytes.length; from += chunkSize) reader.feed([bytes.subarray(from, from + chunkSize)])
    reader.end()
  }
  ErrorBody.parse(text, [key])
  Envelope.read(text, [key])
}

/** The time it takes, in milliseconds. */
const timeOf = (run: () => void): number => {
  const startedAt = performance.now()
  run()
  return performance.now() - startedAt
}

describe("work is linear", () => {
  for (const [name, make] of Object.entries(hard)) {
    it(name, () => {
      const [short, long] = [make(20_000), make(160_000)]
      for (const chunkSize of [100, 16_384]) {
        for (const text of [short, long]) {
          // Five readers, and for each the decoder, JSON.parse (twice, where a body may be an error) and, for two forms
          // of a key, the search for it.
          assert.ok(workOf(() => readAll(text, chunkSize)) / text.length <= 30)
        }
      }
      if (!isThorough) return
      // Loops over characters are not seen by that. Eight times the length takes 64 times as long where work grows with
      // the square. What else the machine does makes a measurement longer, but not the least of many; and both are so large that
      // V8 keeps them apart from small objects, which costs something for each.
      const [large, larger] = [make(160_000), make(1_280_000)]
      let [least, most] = [Infinity, Infinity]
      for (let i = 0; i < 3 || (i < 20 && most > 40 * least); i++) {
        least = Math.min(least, timeOf(() => readAll(large, 16_384)))
        most = Math.min(most, timeOf(() => readAll(larger, 16_384)))
      }
      assert.ok(most <= 40 * least)
    })
  }

  it("over the values of an answer", () => {
    const perChoice = (length: number) => {
      const json: unknown = JSON.parse(hard["many choices"]!(length))
      const meter = new Meter()
      const subject = typeof json === "object" && json !== null ? meter.wrap(json) : {}
      assert.ok(Either.isRight(Generation.decode(subject)))
      return meter.take() / length
    }
    assert.ok(perChoice(80_000) <= perChoice(10_000) * 1.01)
  })
})
