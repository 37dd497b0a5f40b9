import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { readdirSync, readFileSync } from "node:fs"
import { vi } from "vitest"
import { casesOf, isTried } from "../../../../scripts/thorough.js"
import { defaultMaxEventBytes, isDone, SseDecoder, type SseItem } from "../../src/internal/protocol/sse.js"
import { captures, hasCaptures } from "../util/captures.js"
import { codePoint } from "../util/codePoints.js"
import { assertSame } from "../util/same.js"

const encoder = new TextEncoder()

type Decoded = { readonly items: ReadonlyArray<SseItem>; readonly comments: number }

const decode = (chunks: Iterable<Uint8Array>, maxEventBytes?: number): Decoded => {
  const decoder = new SseDecoder({ maxEventBytes })
  const items: Array<SseItem> = []
  for (const chunk of chunks) items.push(...decoder.feed(chunk))
  items.push(...decoder.end())
  return { items, comments: decoder.comments }
}

/**
 * Cuts at the given offsets. Every chunk is a copy which is wiped after use: the decoder may not hold on to it. Node's own
 * chunks and others take turns, since there is a decoder of text for each.
 */
function* cut(bytes: Uint8Array, offsets: Iterable<number>): Generator<Uint8Array> {
  let from = 0
  for (const to of [...offsets].sort((a, b) => a - b).concat(bytes.length)) {
    const chunk = bytes.slice(from, to)
    yield to % 2 === 0 ? chunk : Buffer.from(chunk.buffer)
    chunk.fill(0x21)
    from = to
  }
}

const cutEvery = (bytes: Uint8Array, size: number) =>
  cut(bytes, Array.from({ length: Math.max(0, Math.ceil(bytes.length / size) - 1) }, (_, i) => (i + 1) * size))

const event = (
  data: string,
  fields: { readonly id?: string; readonly event?: string; readonly status?: number } = {}
): SseItem => ({ _tag: "SseEvent", id: fields.id, event: fields.event, status: fields.status, data })

const frames = "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"a\":1}\n\n" +
  "id:2\nevent:error\n:HTTP_STATUS/429\ndata:{\"code\":\"Throttling\"}\n\n"

const framesDecoded = [
  event("{\"a\":1}", { id: "1", event: "result", status: 200 }),
  event("{\"code\":\"Throttling\"}", { id: "2", event: "error", status: 429 })
]

type Shape = readonly [name: string, text: string, items: ReadonlyArray<SseItem>, comments?: number]

const shapes: ReadonlyArray<Shape> = [
  ["nothing", "", []],
  ["DashScope's own frames", frames, framesDecoded],
  ["CRLF line ends", frames.replaceAll("\n", "\r\n"), framesDecoded],
  ["CR line ends", frames.replaceAll("\n", "\r"), framesDecoded],
  ["mixed line ends", "data:a\r\n\ndata:b\n\r\ndata:c\r\rdata:d\n\n", [event("a"), event("b"), event("c"), event("d")]],
  ["LF CR is two line ends", "data:a\n\rdata:b\n\r", [event("a"), event("b")]],
  ["one space after the colon is dropped", "id: 1\nevent: result\ndata: a\n\n", [
    event("a", { id: "1", event: "result" })
  ]],
  ["only one space is dropped", "data:  a \n\n", [event(" a ")]],
  ["a tab is not a space", "data:\ta\n\n", [event("\ta")]],
  ["lines of data are joined", "data:a\ndata: b\ndata\ndata:c\n\n", [event("a\nb\n\nc")]],
  ["data split by other lines", "data:a\nid:7\n: x\ndata:b\n\n", [event("a\nb", { id: "7" })], 1],
  ["a field without a colon is empty", "data\ndata:a\n\n", [event("\na")]],
  ["empty data, the heartbeat of gateways, is no event", "data:\n\ndata: \n\ndata\n\n", []],
  ["empty data of an error", "event:error\ndata:\n\n", [event("", { event: "error" })]],
  ["empty event and id", "event\nid:\ndata:a\n\n", [event("a", { id: "" })]],
  ["the last of several wins", "id:1\nid:2\nevent:a\nevent:b\ndata:c\n\n", [event("c", { id: "2", event: "b" })]],
  ["an event that is emptied again", "event:a\nevent:\ndata:b\n\n", [event("b")]],
  ["colons in the value", "data:a:b: c\n\n", [event("a:b: c")]],
  ["unknown fields", "foo:1\ndataset:1\ndat:1\nDATA:1\nretry:3000\nevent-type:x\ndata:a\nidx\n\n", [event("a")]],
  ["a space before the colon is another field", "data :a\n\n", []],
  ["no event line", "id:1\ndata:a\n\n", [event("a", { id: "1" })]],
  ["frames without data are no events", "id:1\nevent:result\n:HTTP_STATUS/200\n\ndata:a\n\n", [event("a")]],
  ["errors without data are events", "id:1\nevent:error\n:HTTP_STATUS/500\n\nevent:errors\n\ndata:a\n\nevent:error", [
    event("", { id: "1", event: "error", status: 500 }),
    event("a"),
    event("", { event: "error" })
  ]],
  ["no blank line at the end", "id:1\ndata:a\n", [event("a", { id: "1" })]],
  ["no line end at the end", "event:x\ndata:a\n\ndata:b", [event("a", { event: "x" }), event("b")]],
  ["no data at the end", "data:a\n\nid:9\nevent:x", [event("a")]],
  ["blank lines before, between and after", "\n\n\ndata:a\n\n\n\ndata:b\n\n\n", [event("a"), event("b")]],
  ["heartbeats", ": ping\n\n:\n\n: pong\n: pong\n\n", [], 4],
  ["comments among an event's lines", ":a\ndata:1\n:b\n\n", [event("1")], 2],
  ["a status with a space", ": HTTP_STATUS/500\ndata:a\n\n", [event("a", { status: 500 })]],
  ["a status after the data", "data:a\n:HTTP_STATUS/400\n\n", [event("a", { status: 400 })]],
  ["a status of its own event only", ":HTTP_STATUS/400\n\ndata:a\n\n", [event("a")]],
  ["comments that are no status", ":HTTP_STATUS/\n:HTTP_STATUS/20x\n:HTTP_STATUS/2000\n:http 200\ndata:a\n\n", [
    event("a")
  ], 4],
  ["a byte order mark at the start", "\ufeffdata:a\n\n", [event("a")]],
  ["a byte order mark before a comment", "\ufeff:x\ndata:a\n\n", [event("a")], 1],
  ["a byte order mark alone on its line", "\ufeff\ndata:a\n\n", [event("a")]],
  ["a byte order mark later on is text", "\n\ufeffdata:a\ndata:\ufeffb\n\n", [event("\ufeffb")]],
  ["two byte order marks", "\ufeff\ufeffdata:a\ndata:b\n\n", [event("b")]],
  ["ids long and not ASCII", "id:0123456789abcdefg\ndata:1\n\nid:0123456789abcdef\ndata:2\n\nid:三\ndata:3\n\n", [
    event("1", { id: "0123456789abcdefg" }),
    event("2", { id: "0123456789abcdef" }),
    event("3", { id: "三" })
  ]],
  ["Chinese and emoji", "event:结果\ndata:你好，世界👩‍👩‍👧🇨🇳\n\n", [event("你好，世界👩‍👩‍👧🇨🇳", { event: "结果" })]],
  [
    "types that come and go",
    "event:a\ndata:1\n\nevent:ab\ndata:2\n\ndata:3\n\nevent:é\ndata:4\n\nevent:a\ndata:5\n\n",
    [
      event("1", { event: "a" }),
      event("2", { event: "ab" }),
      event("3"),
      event("4", { event: "é" }),
      event("5", { event: "a" })
    ]
  ],
  ["the sentinel of other protocols", "data: {}\n\ndata: [DONE]\n\n", [event("{}"), event("[DONE]")]],
  ["line separators of Unicode are text", "data:a\u2028b\u0085c\n\n", [event("a\u2028b\u0085c")]],
  ["NUL and other control characters are text", "data:a\u0000\u000bb\n\n", [event("a\u0000\u000bb")]]
]

describe("sse", () => {
  for (const [name, text, items, comments] of shapes) {
    it(name, () => assert.deepStrictEqual(decode([encoder.encode(text)]), { items, comments: comments ?? 0 }))
  }

  it("gives the same whatever one or two cuts are made", () => {
    for (const [name, text] of shapes) {
      const bytes = encoder.encode(text)
      const whole = decode([bytes])
      for (let first = 0; first <= bytes.length; first++) {
        // Includes the single cut, as a second one at the end makes an empty chunk.
        for (let second = first; second <= bytes.length; second++) {
          if (second < bytes.length && !isTried(first + second, 7)) continue
          assertSame(decode(cut(bytes, [first, second])), whole, `${name}, cut at ${first} and ${second}`)
        }
      }
      assertSame(decode(cutEvery(bytes, 1)), whole, `${name}, byte by byte`)
    }
  })

  it("hands out an event with the chunk that completes it", () => {
    const decoder = new SseDecoder()
    const feed = (text: string) => decoder.feed(encoder.encode(text))
    assert.deepStrictEqual(feed("data:a"), [])
    assert.deepStrictEqual(feed("\n"), [])
    assert.deepStrictEqual(feed("\nda"), [event("a")])
    assert.deepStrictEqual(feed("ta:b\r\n\r"), [event("b")])
    assert.deepStrictEqual(feed("\ndata:c\r\r\ndata:d\n\ndata:e"), [event("c"), event("d")])
    assert.deepStrictEqual(decoder.end(), [event("e")])
    assert.deepStrictEqual(decoder.end(), [])
  })

  it("tells heartbeats from silence and from events", () => {
    const decoder = new SseDecoder()
    const feed = (text: string) => [decoder.feed(encoder.encode(text)).length, decoder.comments]
    assert.deepStrictEqual(feed(": pi"), [0, 0])
    assert.deepStrictEqual(feed("ng\n\n"), [0, 1])
    assert.deepStrictEqual(feed(":HTTP_STATUS/200\ndata:a\n\n"), [1, 1])
    assert.deepStrictEqual(feed(": ping\n\n: ping\n\n"), [0, 3])
  })

  it("knows the sentinel", () => {
    const sentinels = decode([encoder.encode("data: [DONE]\n\ndata:[DONE]\n\ndata: {}\n\n")]).items
    assert.deepStrictEqual(sentinels.map((item) => item._tag === "SseEvent" && isDone(item)), [true, true, false])
  })

  it("replaces what is not UTF-8", () => {
    const bytes = Uint8Array.of(...encoder.encode("data:a"), 0xff, 0xe4, 0xbd, 0x0a, 0x0a)
    const expected = { items: [event("a\ufffd\ufffd")], comments: 0 }
    for (let at = 0; at <= bytes.length; at++) assertSame(decode(cut(bytes, [at])), expected)
    // The type before it is compared with bytes, not with what they would mean in Latin-1.
    const types = Uint8Array.of(...encoder.encode("event:é\ndata:a\n\nevent:"), 0xe9, ...encoder.encode("\ndata:a\n\n"))
    assert.deepStrictEqual(decode([types]).items, [event("a", { event: "é" }), event("a", { event: "\ufffd" })])
  })

  describe("the cap", () => {
    const overflow = (maxEventBytes: number): SseItem => ({ _tag: "SseOverflow", maxEventBytes })

    const caps: ReadonlyArray<readonly [name: string, text: string, max: number, items: ReadonlyArray<SseItem>]> = [
      ["an event as large as the cap", "data:12345\n\ndata:67890\n\n", 10, [event("12345"), event("67890")]],
      ["an event one byte larger", "data:12345\n\ndata:678901\n\n", 10, [event("12345"), overflow(10)]],
      ["the sum of an event's lines", "id:1\ndata:a\n\nid:1\ndata:ab\n\n", 10, [event("a", { id: "1" }), overflow(10)]],
      ["lines without content", "data\ndata\ndata\n\n", 10, [overflow(10)]],
      ["unknown fields", "x:12345678\ny:1\ndata:a\n\n", 10, [overflow(10)]],
      ["a line without end", "data:123456789", 10, [overflow(10)]],
      ["a comment line", ":1234567890\n\ndata:a\n\n", 10, [overflow(10)]],
      ["comments do not add up", ":123\n:123\n:123\n:123\ndata:a\n\n", 10, [event("a")]],
      ["frames without data do not add up", "id:1\n\nid:2\n\nid:3\n\ndata:a\n\n", 10, [event("a")]],
      ["line ends do not count", "data:123\r\n\r\n", 8, [event("123")]],
      ["bytes count, not characters", "data:你好\n\ndata:你好a\n\n", 11, [event("你好"), overflow(11)]],
      ["an error that is too large comes no second time", "event:error\ndata:1234567\n\n", 14, [overflow(14)]],
      ["nothing follows it", "data:1234567\n\ndata:a\n\n", 10, [overflow(10)]]
    ]
    for (const [name, text, max, items] of caps) {
      it(name, () => {
        const bytes = encoder.encode(text)
        for (let at = 0; at <= bytes.length; at++) {
          assertSame(decode(cut(bytes, [at]), max).items, items, `cut at ${at}`)
        }
        assertSame(decode(cutEvery(bytes, 1), max).items, items)
      })
    }

    it("is noticed before the event has ended, and what follows is ignored", () => {
      const decoder = new SseDecoder({ maxEventBytes: 10 })
      assert.deepStrictEqual(decoder.feed(encoder.encode("data:12")), [])
      assert.deepStrictEqual(decoder.feed(encoder.encode("3456")), [overflow(10)])
      assert.deepStrictEqual(decoder.feed(encoder.encode("\n\ndata:a\n\n")), [])
      assert.deepStrictEqual(decoder.end(), [])
    })

    it("is 16 MiB unless set", () => {
      const bytes = new Uint8Array(defaultMaxEventBytes + 1).fill(0x61)
      bytes.set(encoder.encode("data:"))
      const whole = decode([bytes.subarray(1), encoder.encode("\n\n")])
      assert.deepStrictEqual(whole.items, [])
      assert.deepStrictEqual(decode([bytes]).items, [overflow(16 * 1024 * 1024)])
      const fits = decode([bytes.subarray(0, defaultMaxEventBytes), encoder.encode("\n\n")]).items
      assert.deepStrictEqual(fits.map((item) => item._tag === "SseEvent" && item.data.length), [
        defaultMaxEventBytes - 5
      ])
    })
  })

  describe("properties", () => {
    // What the decoder should do, written without any thought of chunks or speed.
    const reference = (bytes: Uint8Array): Decoded => {
      const items: Array<SseItem> = []
      let comments = 0
      let id: string | undefined, type: string | undefined, status: number | undefined
      let data: Array<string> = []
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replace(/^\ufeff/, "")
      for (const line of [...text.split(/\r\n|\n|\r/), ""]) {
        const comment = /^:(?: ?HTTP_STATUS\/([0-9]{3})$)?/.exec(line)
        const [, name, value] = /^([^:]*):? ?([^]*)$/.exec(line) ?? []
        if (line === "") {
          if (data.join("\n") !== "" || type === "error") {
            items.push({ _tag: "SseEvent", id, event: type, status, data: data.join("\n") })
          }
          id = type = status = undefined
          data = []
        } else if (comment !== null) {
          if (comment[1] === undefined) comments++
          else status = Number(comment[1])
        } else if (name === "data") data.push(value ?? "")
        else if (name === "event") type = value === "" ? undefined : value
        else if (name === "id") id = value
      }
      return { items, comments }
    }

    const lineEnd = FastCheck.constantFrom("\n", "\n", "\r\n", "\r")
    const value = FastCheck.oneof(
      FastCheck.constantFrom("", "a", " b", "error", "[DONE]", "{\"x\":1}", "结果", "👩‍👩‍👧", "\ufeff"),
      FastCheck.string({ unit: codePoint }).map((text) => text.replace(/[\r\n]/g, ""))
    )
    const line = FastCheck.oneof(
      { weight: 4, arbitrary: FastCheck.constant("") },
      {
        weight: 6,
        arbitrary: FastCheck.tuple(
          FastCheck.constantFrom("data", "data", "event", "id", "retry", "dat", "datas", "", "HTTP_STATUS"),
          FastCheck.constantFrom(":", ": ", ""),
          value
        ).map((parts) => parts.join(""))
      },
      {
        weight: 2,
        arbitrary: FastCheck.constantFrom(":HTTP_STATUS/200", ":HTTP_STATUS/429", ":HTTP_STATUS/x", ": ping")
      },
      { weight: 1, arbitrary: value }
    )
    const text = FastCheck.tuple(
      FastCheck.constantFrom("", "", "\ufeff"),
      FastCheck.array(FastCheck.tuple(line, lineEnd).map((parts) => parts.join("")), { maxLength: 30 }),
      FastCheck.constantFrom("", "data:x", ":y", "\r")
    ).map(([start, lines, end]) => encoder.encode(start + lines.join("") + end))
    // Also bytes that are no UTF-8 at all, with many line ends and colons among them.
    const noise = FastCheck.array(
      FastCheck.oneof(FastCheck.constantFrom(0x0a, 0x0d, 0x3a, 0x20, 0x64, 0xef, 0xbb, 0xbf), FastCheck.nat(255)),
      { maxLength: 60 }
    ).map((bytes) => Uint8Array.from(bytes))
    const stream = FastCheck.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: noise })
    const cuts = FastCheck.array(FastCheck.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
    const offsets = (bytes: Uint8Array, fractions: ReadonlyArray<number>) =>
      fractions.map((fraction) => Math.floor(fraction * bytes.length))

    it.prop("any stream, cut anywhere, decodes as the reference says", [stream, cuts], ([bytes, fractions]) => {
      const expected = reference(bytes)
      assertSame(decode(cut(bytes, offsets(bytes, fractions))), expected)
      assertSame(decode(cutEvery(bytes, 1)), expected)
    }, { fastCheck: { numRuns: casesOf(1000, 0.3) } })

    it.prop(
      "any stream, cut anywhere, meets the cap at the same event",
      [stream, cuts, FastCheck.integer({ min: 1, max: 40 })],
      ([bytes, fractions, max]) => {
        const whole = decode([bytes], max)
        assertSame(decode(cut(bytes, offsets(bytes, fractions)), max), whole)
        assertSame(decode(cutEvery(bytes, 1), max), whole)
        const events = whole.items.filter((item) => item._tag === "SseEvent")
        assertSame(events, reference(bytes).items.slice(0, events.length))
      },
      { fastCheck: { numRuns: casesOf(1000, 0.3) } }
    )
  })

  // Counts work instead of timing it: reads of the chunk, bytes copied and bytes decoded. Reads of the decoder's own
  // buffer cannot be seen from here; a benchmark has to.
  describe("work is linear", () => {
    const work = (bytes: Uint8Array, chunkSize: number) => {
      let reads = 0
      const set = vi.spyOn(Uint8Array.prototype, "set")
      const text = vi.spyOn(TextDecoder.prototype, "decode")
      try {
        const decoder = new SseDecoder()
        let events = 0
        for (let from = 0; from < bytes.length; from += chunkSize) {
          const chunk = bytes.subarray(from, from + chunkSize)
          events += decoder.feed(
            new Proxy(chunk, {
              get: (target, key) => {
                if (typeof key === "string" && /^[0-9]/.test(key)) reads++
                const found: unknown = Reflect.get(target, key, target)
                if (key === "indexOf") {
                  return (byte: number, from: number) => {
                    const at = target.indexOf(byte, from)
                    reads += (at === -1 ? target.length - 1 : at) - from + 1
                    return at
                  }
                }
                return typeof found === "function" ? found.bind(target) as unknown : found
              }
            })
          ).length
        }
        return {
          events,
          reads,
          copied: set.mock.calls.reduce((sum, [from]) => sum + from.length, 0),
          decoded: text.mock.calls.reduce((sum, [input]) => sum + (input?.byteLength ?? 0), 0)
        }
      } finally {
        set.mockRestore()
        text.mockRestore()
      }
    }

    const total = casesOf(200_000, 0.1)
    const streams: ReadonlyArray<readonly [name: string, bytes: Uint8Array, events: number]> = [
      ["one large event", encoder.encode(`data:${"x".repeat(total)}\n\n`), 1],
      ["many small events", encoder.encode("id:1\nevent:result\ndata:0123456789\n\n".repeat(total / 40)), total / 40],
      ["an event of many lines", encoder.encode("data:0123456789\n".repeat(total / 20) + "\n"), 1],
      ["the other line ends", encoder.encode("id:1\revent:result\rdata:0123456789\r\r".repeat(total / 40)), total / 40],
      ["both", encoder.encode("id:1\nevent:result\r\ndata:0123456789\r\n\r".repeat(total / 40)), total / 40]
    ]
    for (const [name, bytes, events] of streams) {
      it(name, () => {
        for (const chunkSize of [1, 7, 250, 4096, 65536, bytes.length]) {
          const done = work(bytes, chunkSize)
          const label = `chunks of ${chunkSize}`
          assert.strictEqual(done.events, events, label)
          // Two reads per byte to find both line ends, and a few at the start of each line to tell its field.
          assert.isAtLeast(done.reads, bytes.length, label)
          assert.isAtMost(done.reads, 3.5 * bytes.length, label)
          // Into the buffer, and again each time it doubles.
          assert.isAtMost(done.copied, 3 * bytes.length, label)
          assert.isAtMost(done.decoded, bytes.length, label)
        }
      })
    }
  })
})

// Recordings of the service itself, where they are at hand.
if (!hasCaptures) console.warn("sse.test.ts: no recordings of the service here; the tests that read them are skipped")

describe.runIf(hasCaptures)("sse, recordings", () => {
  const names = hasCaptures ? readdirSync(captures).filter((name) => name.endsWith("-sse.json")) : []

  it("are there", () => assert.isAbove(names.length, 0))

  for (const name of names) {
    it(name, () => {
      const recording = JSON.parse(readFileSync(new URL(name, captures), "utf8")) as { response: { body: string } }
      const { body } = recording.response
      const bytes = encoder.encode(body)
      const whole = decode([bytes])
      const lines = body.split("\n")
      const starting = (prefix: string) =>
        lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))
      const events = whole.items.filter((item) => item._tag === "SseEvent")
      assert.isAbove(events.length, 0)
      assert.deepStrictEqual(events.map((item) => item.data), starting("data:"))
      assert.deepStrictEqual(events.map((item) => item.id), starting("id:"))
      assert.deepStrictEqual(events.map((item) => item.event), starting("event:"))
      assert.deepStrictEqual(events.map((item) => item.status), starting(":HTTP_STATUS/").map(Number))
      for (const item of events) assert.isObject(JSON.parse(item.data))
      for (const size of [1, 2, 3, 7, 64, 1024]) assertSame(decode(cutEvery(bytes, size)), whole)
      // Every single cut of the short ones; of the long ones as many as there is time for.
      const step = Math.ceil(bytes.length / casesOf(6000, 0.05))
      for (let at = 1; at < bytes.length; at += step) {
        assertSame(decode(cut(bytes, [at])), whole, `cut at ${at}`)
      }
    })
  }
})
