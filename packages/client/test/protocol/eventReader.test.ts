import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { readdirSync, readFileSync } from "node:fs"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import type { ServerEvent } from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import { isFinish } from "../../src/internal/chat/finishReason.js"
import * as Total from "../../src/internal/chat/total.js"
import { EventReader, type Outcome } from "../../src/internal/protocol/eventReader.js"
import { captures, hasCaptures } from "../util/captures.js"
import { assertSame } from "../util/same.js"

const encoder = new TextEncoder()
const encode = Schema.encodeSync(Generation.GenerationResult)
const eventStream = "text/event-stream;charset=UTF-8"

type Read = { readonly events: ReadonlyArray<ServerEvent>; readonly outcome: Outcome | undefined }

const readChunks = (
  chunks: Iterable<Uint8Array>,
  options: { readonly type?: string | undefined; readonly maxEventBytes?: number; readonly requestId?: string } = {}
): Read => {
  const type = "type" in options ? options.type : eventStream
  const headers = {
    ...(type === undefined ? undefined : { "content-type": type }),
    ...(options.requestId === undefined ? undefined : { "x-request-id": options.requestId })
  }
  const reader = new EventReader({ status: 200, headers: headers as ServerEvent["headers"] }, {
    secrets: ["sk-hidden-key"],
    maxEventBytes: options.maxEventBytes
  })
  const events: Array<ServerEvent> = []
  for (const chunk of chunks) events.push(...reader.feed([chunk]))
  events.push(...reader.end())
  return { events, outcome: reader.outcome }
}

const cut = (bytes: Uint8Array, offsets: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const at = [0, ...[...offsets].sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((to, i) => bytes.slice(at[i], to))
}

const read = (body: string, options?: Parameters<typeof readChunks>[1]): Read => {
  const bytes = encoder.encode(body)
  const whole = readChunks([bytes], options)
  // However it is cut.
  assertSame(readChunks(Array.from(bytes, (byte) => Uint8Array.of(byte)), options), whole)
  for (let at = 1; at < bytes.length; at += 1 + Math.floor(bytes.length / casesOf(200, 0.1))) {
    assertSame(readChunks(cut(bytes, [at]), options), whole)
  }
  return whole
}

const json = (text: string) => ({ output: { text }, usage: { output_tokens: 1 }, request_id: "r-1" })
const frame = (data: unknown, lines = "event:result\n:HTTP_STATUS/200\n") =>
  `id:1\n${lines}data:${typeof data === "string" ? data : JSON.stringify(data)}\n\n`

const texts = ({ events }: Read) => events.map(({ output }) => Generation.field(output, "text"))

const refusal = ({ outcome }: Read) => {
  assert.strictEqual(outcome?._tag, "Refused")
  return outcome as Extract<Outcome, { readonly _tag: "Refused" }>
}

const error = { code: "Throttling.AllocationQuota", message: "Too much.", request_id: "r-2" }

describe("events", () => {
  it("carry all that came", () => {
    const { events, outcome } = read(`id:7\nevent:result\n:HTTP_STATUS/201\ndata:${JSON.stringify(json("你好"))}\n\n`)
    assert.deepStrictEqual(outcome, { _tag: "Done" })
    assert.deepStrictEqual<unknown>(events, [{
      event: "result",
      id: "7",
      status: 201,
      headers: { "content-type": eventStream },
      body: json("你好"),
      output: { text: "你好" },
      usage: { output_tokens: 1 },
      requestId: "r-1"
    }])
  })

  it("without lines of their own have what the response has", () => {
    const { events } = read("data: {\"output\":{}}\n\n", { requestId: "r-head" })
    assert.deepStrictEqual<unknown>(events.map(({ event, id, requestId, status }) => [event, id, status, requestId]), [
      [undefined, undefined, 200, "r-head"]
    ])
  })

  it("of other types come too, with or without output", () => {
    const { events } = read(`event:thread.created\ndata:{"id":"t"}\n\nevent:x\ndata:{"output":{"text":"a"}}\n\n`)
    assert.deepStrictEqual(events.map(({ body, event }) => [event, body]), [
      ["thread.created", { id: "t" }],
      ["x", { output: { text: "a" } }]
    ])
  })

  it("that say that all is done are not handed out", () => {
    assert.deepStrictEqual(texts(read(`${frame(json("a"))}event:done\ndata:[DONE]\n\n`)), ["a"])
    assert.deepStrictEqual(texts(read(`${frame(json("a"))}event:done\ndata:{}\n\n${frame(json("b"))}`)), ["a", "b"])
    // The end, whatever follows.
    assert.deepStrictEqual(texts(read(`${frame(json("a"))}data: [DONE]\n\n${frame(json("b"))}`)), ["a"])
  })

  it("without a blank line after the last are whole all the same", () => {
    assert.deepStrictEqual(texts(read(frame(json("a")).trimEnd())), ["a"])
  })
})

describe("errors in a stream", () => {
  it("have the status beside them", () => {
    for (const before of ["", frame(json("a"))]) {
      const found = read(before + frame(error, "event:error\n:HTTP_STATUS/429\n") + frame(json("never")))
      assert.deepStrictEqual(texts(found), before === "" ? [] : ["a"])
      assert.deepStrictEqual(refusal(found), {
        _tag: "Refused",
        status: 429,
        error: { code: error.code, message: error.message, requestId: "r-2" }
      })
    }
  })

  it("are known by a code without output too, and by a status", () => {
    for (const lines of ["", "event:result\n", ":HTTP_STATUS/429\n", "event: error\n: HTTP_STATUS/429\n"]) {
      const { error: { code }, status } = refusal(read(frame(error, lines)))
      assert.deepStrictEqual([code, status], [error.code, 429])
    }
    assert.strictEqual(refusal(read(frame({ ...error, output: null }))).error.code, error.code)
    assert.strictEqual(refusal(read(frame({ error: { message: "No.", code: "x" } }))).error.message, "No.")
    assert.deepStrictEqual(refusal(read(frame({ request_id: "r" }, ":HTTP_STATUS/500\n"))).status, 500)
    assert.deepStrictEqual(refusal(read(frame("not JSON", ":HTTP_STATUS/502\n"))), {
      _tag: "Refused",
      status: 502,
      error: { code: "", message: "not JSON", requestId: undefined }
    })
    // An output beside it is an answer, and so is an empty code.
    assert.deepStrictEqual(texts(read(frame({ ...json("a"), code: "Warning" }))), ["a"])
    assert.deepStrictEqual(texts(read(frame({ ...json("a"), code: "", message: "" }))), ["a"])
  })

  it("have the usual status of their code where they tell none", () => {
    const statuses = [
      ["InvalidApiKey", 401],
      ["Model.AccessDenied", 403],
      ["AccessDenied.Unpurchased", 403],
      ["DataInspectionFailed", 400],
      ["InvalidParameter.Something", 400],
      ["ModelNotFound", 404],
      ["Throttling.RateQuota", 429],
      ["Arrearage", 403],
      ["InternalError", 500],
      ["NeverHeardOf", 500]
    ] as const
    for (const [code, status] of statuses) {
      assert.strictEqual(refusal(read(frame({ code, message: "" }, "event:error\n"))).status, status, code)
    }
    assert.strictEqual(refusal(read(frame(error, "event:error\n:HTTP_STATUS/200\n"))).status, 429)
  })

  it("are errors without data too", () => {
    const { error: { message }, status } = refusal(read("event:error\n:HTTP_STATUS/503\n\n"))
    assert.deepStrictEqual([message, status], ["the service gave no message", 503])
    assert.strictEqual(refusal(read("event:error")).status, 500)
  })
})

describe("what cannot be understood", () => {
  const messageOf = (found: Read) => {
    const { error, status } = refusal(found)
    assert.strictEqual(status, 200)
    assert.strictEqual(error.code, "")
    return error.message
  }

  it("is shown, cut short, on one line and without secrets", () => {
    const found = read(frame(json("a")) + frame(`{"output": sk-hidden-key \t${"x".repeat(5000)}`) + frame(json("b")))
    assert.deepStrictEqual(texts(found), ["a"])
    const message = messageOf(found)
    assert.include(message, "the data of an event is not JSON: {\"output\": <redacted> xxx")
    assert.isBelow(message.length, 300)
  })

  it("is everything but an object", () => {
    for (const data of ["1", "null", "\"text\"", "[]", "[{\"output\":{}}]"]) {
      assert.strictEqual(messageOf(read(frame(data))), `the data of an event is not a JSON object: ${data}`)
    }
    assert.strictEqual(messageOf(read("data: ping\n\n")), "the data of an event is not JSON: ping")
  })

  const beats = [
    "data:\n\n",
    "data: \n\n",
    "data\n\n",
    "data:   \n\n",
    "data: null\n\n",
    "data: {}\n\n",
    ": ping\n\n",
    "retry: 3000\n\n",
    "event: ping\ndata:\n\n",
    "event: ping\n\n",
    "event: heartbeat\ndata: ping\n\n",
    "event: heartbeat\ndata: {\n\n",
    "id:9\nevent:keepalive\ndata:keep-alive\n\n",
    "event: ping\ndata: 7\n\n"
  ]

  it("is not what gateways send to keep a connection alive, wherever it stands", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.constantFrom(...beats), { maxLength: 4 }),
        FastCheck.array(FastCheck.constantFrom(...beats), { maxLength: 4 }),
        FastCheck.array(FastCheck.constantFrom(...beats), { maxLength: 4 }),
        FastCheck.constantFrom("\n", "\r\n", "\r"),
        (before, between, after, lineEnd) => {
          const body = [...before, frame(json("a")), ...between, frame(json("b")), ...after].join("")
          const bytes = encoder.encode(body.replaceAll("\n", lineEnd))
          const seen = readChunks([bytes])
          assert.deepStrictEqual(texts(seen), ["a", "b"])
          assert.deepStrictEqual(seen.outcome, { _tag: "Done" })
        }
      ),
      { numRuns: 200 }
    )
  })

  it("is an event that is too large", () => {
    const message = messageOf(read(frame(json("a")) + frame(json("x".repeat(3000))), { maxEventBytes: 2048 }))
    assert.strictEqual(
      message,
      "an event of the stream is larger than 2 KiB (maxEventBytes); raise that if such events are real"
    )
  })
})

describe("a stream that breaks off", () => {
  const description = ({ outcome }: Read) => {
    assert.strictEqual(outcome?._tag, "Truncated")
    return (outcome as Extract<Outcome, { readonly _tag: "Truncated" }>).description
  }

  it("before its first event", () => {
    for (
      const body of ["", "\n\n", ": ping\n\n: ping\n\n", "event:done\ndata:{}\n\n", "data:[DONE]\n\n", "id:1\nevent:re"]
    ) {
      assert.include(description(read(body)), "before its first event")
    }
    assert.include(description(read("", { type: undefined })), "before its first event")
  })

  it("inside an event", () => {
    const whole = frame(json("b"))
    const found = read(frame(json("a")) + whole.slice(0, -10))
    assert.deepStrictEqual(texts(found), ["a"])
    assert.include(description(found), "in the middle of an event")
  })
})

describe("what is no event stream", () => {
  it("is one event, if it is an answer", () => {
    for (const type of ["application/json", eventStream, undefined, "text/plain"]) {
      for (const body of [JSON.stringify(json("a")), `\ufeff\r\n ${JSON.stringify(json("a"), null, 2)}\n`]) {
        const { events, outcome } = read(body, { type })
        assert.deepStrictEqual(outcome, { _tag: "Done" })
        assert.deepStrictEqual<unknown>(events.map(({ body, event, id, status }) => [event, id, status, body]), [
          [undefined, undefined, 200, json("a")]
        ])
      }
    }
  })

  it("is an error, if it says so", () => {
    assert.strictEqual(refusal(read(JSON.stringify(error), { type: "application/json" })).error.code, error.code)
    assert.strictEqual(refusal(read(JSON.stringify(error))).error.code, error.code)
  })

  it("is shown, if it is neither", () => {
    const shown = (body: string, type: string | undefined) => refusal(read(body, { type })).error.message
    assert.strictEqual(shown("<html>\nBad gateway</html>", "text/html"), "<html> Bad gateway</html>")
    assert.strictEqual(shown("<html>", eventStream), "<html>")
    assert.strictEqual(shown("upstream failed", "text/plain"), "upstream failed")
    assert.strictEqual(shown("internal failure", "text/plain"), "internal failure")
    assert.strictEqual(shown("internal failure", undefined), "internal failure")
    assert.strictEqual(shown("[1]", "application/json"), "[1]")
    assert.isBelow(shown(`error ${"x".repeat(10_000)}`, "text/plain").length, 600)
  })

  it("may be one all the same, under another label", () => {
    for (const type of [undefined, "", "application/json", "text/plain", "TEXT/EVENT-STREAM"]) {
      assert.deepStrictEqual(texts(read(frame(json("a")) + frame(json("b")), { type })), ["a", "b"])
    }
    assert.deepStrictEqual(texts(read(`: ping\n\n${frame(json("a"))}`, { type: undefined })), ["a"])
  })
})

// Recorded exchanges that are no part of this repository.
if (!hasCaptures) console.warn("Skipped: the recorded exchanges are not on this machine.")

const recordings = hasCaptures ?
  readdirSync(captures).filter((name) => name.endsWith("-sse.json")).map((name) => {
    const { response } = JSON.parse(readFileSync(new URL(name, captures), "utf8")) as {
      readonly response: { readonly body: string; readonly headers: Readonly<Record<string, string>> }
    }
    return { name, body: response.body, type: response.headers["content-type"] }
  }) :
  []

describe.runIf(hasCaptures)("recorded streams", () => {
  it("are found", () => assert.isAtLeast(recordings.length, 8))

  for (const { body, name, type } of recordings) {
    const data = Array.from(body.matchAll(/^data:(.*)$/gm), ([, data]): unknown => JSON.parse(data ?? ""))
    const bytes = encoder.encode(body)
    const whole = readChunks([bytes], { type })

    it(`${name}: lose no field`, () => {
      if (name.startsWith("parameter-error")) {
        assert.strictEqual(refusal(whole).status, 400)
        assert.deepInclude(data[0], { code: refusal(whole).error.code, message: refusal(whole).error.message })
      } else {
        assert.deepStrictEqual(whole.outcome, { _tag: "Done" })
        assert.deepStrictEqual(whole.events.map(({ body }) => body), data)
      }
      const numbers = Array.from(body.matchAll(/^id:(.*)$/gm), ([, id]) => id)
      assert.deepStrictEqual(whole.events.map(({ id }) => id), numbers.slice(0, whole.events.length))
    })

    it(`${name}: are the same wherever they are cut once`, () => {
      // Of a long one each event by itself.
      const events = body.split(/(?<=\n\n)/).map((event) => encoder.encode(event))
      for (const piece of bytes.length > 6000 ? events : [bytes]) {
        const texts = JSON.stringify(readChunks([piece], { type }))
        for (let at = 1; at < piece.length; at += isThorough ? 1 : 23) {
          const found = JSON.stringify(readChunks(cut(piece, [at]), { type }))
          assert.isTrue(found === texts, `cut at ${at}`)
        }
      }
      assertSame(readChunks(events, { type }), whole)
      assertSame(readChunks(Array.from(bytes, (byte) => Uint8Array.of(byte)), { type }), whole)
    }, 120_000)

    it.prop(
      `${name}: are the same however they are cut`,
      [FastCheck.array(FastCheck.nat(bytes.length), { maxLength: 40 })],
      ([offsets]) => assertSame(readChunks(cut(bytes, offsets), { type }), whole),
      { fastCheck: { numRuns: 30 } }
    )
  }

  /** The total after each event, made of the wire's JSON: what is said joined, all else as the event has it. */
  const totalsOf = (bodies: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
    const joined: Record<string, string> = {}
    const join = (holder: unknown, key: string, part: unknown) => {
      // An event without it keeps what the others have said.
      const isOver = part === undefined && joined[key] !== undefined && key === "reasoning_content"
      if (typeof holder !== "object" || holder === null || (typeof part !== "string" && !isOver)) return
      Reflect.set(holder, key, joined[key] = (joined[key] ?? "") + (typeof part === "string" ? part : ""))
    }
    return bodies.map((body) => {
      const total: unknown = structuredClone(body)
      const output = Generation.field(total, "output")
      join(output, "text", Generation.field(output, "text"))
      const choices = Generation.field(output, "choices")
      for (const choice of Array.isArray(choices) ? choices : []) {
        const message: unknown = Generation.field(choice, "message")
        const content = Generation.field(message, "content")
        join(message, "reasoning_content", Generation.field(message, "reasoning_content"))
        if (Array.isArray(content)) join(content[0], "text", Generation.field(content[0], "text"))
        else join(message, "content", content)
      }
      return total
    })
  }

  it("merge to the total after each event", () => {
    let merged = 0
    for (const { body, name, type } of recordings) {
      if (!/^(?:single|conversation|multimodal)-generation/.test(name)) continue
      const { events } = readChunks([encoder.encode(body)], { type })
      const wire = events.map((event) => event.body)
      const results = wire.map((json) => Either.getOrThrow(Generation.decode(json)))
      const total = new Total.Total()
      const totals = results.map((result) => {
        total.add(result)
        return total.totalOf(result, 1)
      })
      const expected = totalsOf(wire)
      assert.deepStrictEqual<unknown>(totals.map((total) => total && encode(total)), expected, name)
      assert.deepStrictEqual<unknown>(encode(Generation.merge(results)!), expected.at(-1), name)
      assert.isTrue(isFinish(results.at(-1)!.output.choices[0].finishReason))
      merged++
    }
    assert.isAtLeast(merged, 9)
  })
})
