import { assert, describe, it } from "@effect/vitest"
import type { Behavior as Behaviors } from "effect-dashscope-simulator"
import { Behavior } from "effect-dashscope-simulator"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { gunzipSync } from "node:zlib"
import { generation } from "../../src/internal/generation/service.js"
import type { Answer, Failure } from "../../src/internal/server/answer.js"
import { failure } from "../../src/internal/server/answer.js"
import { errorBody } from "../../src/internal/server/errors.js"
import { GzipWriter } from "../../src/internal/server/gzip.js"
import { plan } from "../../src/internal/server/plan.js"
import type { Step } from "../../src/internal/server/step.js"
import { at, bodyOf, dataOf } from "../helpers.js"

const requestId = "00000000-0000-9000-9000-000000000000"
const parameters = { incremental_output: true }
const good = (streamed: boolean): Answer =>
  generation({ body: bodyOf("1+1 等于？😀", parameters), streamed, requestId })

const steps = (behavior: Behaviors.Behavior, streamed = false, answer = good(streamed), most = 500) => {
  const taken: Array<Step> = []
  for (const step of plan({ answer, behavior, streamed, requestId, headers: () => ({}) })) {
    taken.push(step)
    if (taken.length === most) {
      break
    }
  }
  return taken
}

const bytesOf = (taken: ReadonlyArray<Step>): Buffer =>
  Buffer.concat(
    taken.map((step) =>
      step._tag === "Write" ? step.bytes : step._tag === "Reply" ? Buffer.from(step.body) : Buffer.alloc(0)
    )
  )
const textOf = (taken: ReadonlyArray<Step>): string => bytesOf(taken).toString()
const tags = (taken: ReadonlyArray<Step>): ReadonlyArray<string> => taken.map((step) => step._tag)
const lastTag = (taken: ReadonlyArray<Step>): string | undefined => taken[taken.length - 1]?._tag
const headOf = (taken: ReadonlyArray<Step>) =>
  taken.find((step) => step._tag === "Head" || step._tag === "Reply") ?? assert.fail("No head")

const healthyStream = textOf(steps({}, true))
const healthyData = dataOf(healthyStream)
const stream = (behavior: Behaviors.StreamBehavior) => steps({ stream: behavior }, true)

describe("event streams", () => {
  it("are framed as the service frames them", () => {
    const lines = healthyStream.split("\n")
    assert.deepStrictEqual(lines.slice(0, 3), ["id:1", "event:result", ":HTTP_STATUS/200"])
    assert.match(
      lines[3] ?? "",
      /^data:\{"output":\{"choices":\[\{"message":\{"content":"1","role":"assistant"\},"finish_reason":"null"\}\]\},"usage":/
    )
    assert.strictEqual(lines[4], "")
    assert.strictEqual(lines[5], "id:2")
    assert.isTrue(healthyStream.endsWith("}\n\n"))
    const head = headOf(steps({}, true))
    assert.strictEqual(head.headers["content-type"], "text/event-stream;charset=UTF-8")
    assert.isUndefined(head.headers["content-length"])
    assert.strictEqual(tags(steps({}, true)).filter((tag) => tag === "Write").length, healthyData.length)
  })

  it("carry an error of the request as their only event", () => {
    const refused = failure(400, "InvalidParameter", "no")
    assert.strictEqual(
      textOf(steps({}, true, refused)),
      `id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"no","request_id":"${requestId}"}\n\n`
    )
    assert.strictEqual(headOf(steps({}, true, refused)).status, 200)
    assert.strictEqual(headOf(steps({}, true, failure(404, "ModelNotFound", "no"))).status, 404)
  })

  it("come in other spellings that mean the same", () => {
    const crlf = textOf(stream({ lineEnd: "crlf" }))
    assert.strictEqual(crlf, healthyStream.replaceAll("\n", "\r\n"))
    assert.strictEqual(textOf(stream({ lineEnd: "cr" })), healthyStream.replaceAll("\n", "\r"))
    const spaced = textOf(stream({ spaceAfterColon: true }))
    assert.match(spaced, /^id: 1\nevent: result\n:HTTP_STATUS\/200\ndata: \{/)
    assert.notInclude(textOf(stream({ noEventLine: true })), "event:")
    assert.notInclude(textOf(stream({ noStatusComment: true })), "HTTP_STATUS")
    assert.isTrue(textOf(stream({ byteOrderMark: true })).startsWith("\ufeffid:1"))
    assert.isTrue(textOf(stream({ doneSentinel: true })).endsWith("}\n\ndata:[DONE]\n\n"))
    assert.strictEqual(textOf(stream({ noFinalBlankLine: true })), healthyStream.slice(0, -1))
    assert.isTrue(textOf(stream({ noFinalBlankLine: true, lineEnd: "crlf" })).endsWith("}\r\n"))
    const multi = textOf(stream({ multiLineData: true })).split("\n\n")[0] ?? ""
    assert.deepStrictEqual(JSON.parse(dataOf(multi).join("\n")), JSON.parse(healthyData[0] ?? ""))
    assert.isAbove(dataOf(multi).length, 5)
    const comments = textOf(stream({ commentsBetween: true }))
    assert.strictEqual(comments.match(/^:keep-alive$/gm)?.length, healthyData.length - 1)
    assert.deepStrictEqual(dataOf(comments), healthyData)
  })

  it("break off where they are told to", () => {
    const stalled = stream({ stallAfterEvents: 2 })
    assert.deepStrictEqual(dataOf(textOf(stalled)), healthyData.slice(0, 2))
    assert.strictEqual(lastTag(stalled), "Stall")
    assert.deepStrictEqual(tags(stream({ stallBeforeFirstEvent: true })), ["Head", "Stall"])
    assert.deepStrictEqual(tags(stream({ stallAfterEvents: 0 })), ["Head", "Stall"])
    const atTheEnd = stream({ stallAfterEvents: healthyData.length })
    assert.strictEqual(lastTag(atTheEnd), "Stall")
    assert.deepStrictEqual(dataOf(textOf(atTheEnd)), healthyData)
    assert.strictEqual(lastTag(stream({ resetAfterEvents: 1 })), "Reset")
    const half = stream({ halfFrame: 1 })
    assert.strictEqual(lastTag(half), "End")
    assert.isTrue(healthyStream.startsWith(textOf(half)))
    assert.isFalse(textOf(half).endsWith("\n"))
    const unfinished = stream({ closeWithoutFinish: true })
    assert.deepStrictEqual(dataOf(textOf(unfinished)), healthyData.slice(0, -1))
    assert.strictEqual(lastTag(unfinished), "End")
  })

  it("end with an error event at any position", () => {
    const later = textOf(steps({ error: { status: 429, asEvent: 2 } }, true))
    assert.deepStrictEqual(dataOf(later).slice(0, 2), healthyData.slice(0, 2))
    assert.match(later, /id:3\nevent:error\n:HTTP_STATUS\/429\ndata:\{"code":"Throttling.RateQuota"[^\n]*\n\n$/)
    const plain = textOf(stream({ errorAfterEvents: 0 }))
    assert.match(plain, /^id:1\nevent:error\n:HTTP_STATUS\/500\ndata:\{"code":"InternalError"[^\n]*\n\n$/)
  })

  it("go on after an event that cannot be decoded", () => {
    const data = dataOf(textOf(stream({ undecodableEventAfter: 1 })))
    assert.strictEqual(data.length, healthyData.length + 1)
    assert.throws(() => void JSON.parse(data[1] ?? ""))
    assert.deepStrictEqual(data.filter((_, i) => i !== 1), healthyData)
  })

  it("hold as many and as large events as they are told to", () => {
    const contents = (taken: ReadonlyArray<Step>) =>
      dataOf(textOf(taken)).map((data) => String(at(JSON.parse(data), "output", "choices", 0, "message", "content")))
    const many = contents(stream({ events: 300, eventBytes: 7 }))
    assert.strictEqual(many.length, 301)
    assert.isTrue(many.slice(0, -1).every((content) => content.length === 7))
    const [huge, last] = contents(stream({ hugeEvent: 1_000_000 }))
    assert.strictEqual(huge?.length, 1_000_000)
    assert.strictEqual(last, "")
  })

  it("drip for ever without content", () => {
    const heartbeats = stream({ heartbeatsOnly: 30 })
    assert.strictEqual(heartbeats.length, 500)
    assert.match(textOf(heartbeats), /^(:heartbeat\n\n)+$/)
    const empty = stream({ emptyDeltas: 20 })
    assert.strictEqual(empty.length, 500)
    assert.deepInclude(empty, { _tag: "Wait", millis: 20 })
    for (const data of dataOf(textOf(empty))) {
      assert.strictEqual(at(JSON.parse(data), "output", "choices", 0, "message", "content"), "")
      assert.strictEqual(at(JSON.parse(data), "output", "choices", 0, "finish_reason"), "null")
    }
  })

  it("wait between events", () => {
    const waits = stream({ eventInterval: 9 }).filter((step) => step._tag === "Wait")
    assert.strictEqual(waits.length, healthyData.length - 1)
  })

  it("are plain JSON from an endpoint that does not stream", () => {
    const [only] = stream({ jsonInsteadOfStream: true })
    assert.strictEqual(only?._tag, "Reply")
    assert.deepStrictEqual(JSON.parse(textOf(stream({ jsonInsteadOfStream: true }))), JSON.parse(textOf(steps({}))))
  })

  it.prop("are cut into pieces of any size", [FastCheck.integer({ min: 1, max: 3000 })], ([size]) => {
    const cut = steps({ stream: { chunking: size } }, true, good(true), Infinity)
    assert.strictEqual(textOf(cut), healthyStream)
    const sizes = cut.flatMap((step) => step._tag === "Write" ? [step.bytes.length] : [])
    assert.isTrue(sizes.slice(0, -1).every((length) => length === size))
    assert.isAtMost(sizes[sizes.length - 1] ?? 0, size)
  })

  it.prop("can be read as they come when compressed", [
    FastCheck.array(FastCheck.uint8Array({ maxLength: 300 }), { maxLength: 8 })
  ], ([pieces]) => {
    const writer = new GzipWriter()
    const packed = Buffer.concat([...pieces.map((piece) => writer.write(piece)), writer.end()])
    assert.deepStrictEqual(gunzipSync(packed), Buffer.concat(pieces))
  })

  it("are compressed as one gzip member", () => {
    const zipped = steps({ gzip: true }, true)
    assert.strictEqual(headOf(zipped).headers["content-encoding"], "gzip")
    assert.strictEqual(gunzipSync(bytesOf(zipped)).toString(), healthyStream)
  })
})

describe("answers in one piece", () => {
  const text = textOf(steps({}))
  const fault = (fault: Behaviors.Fault, streamed = false) => steps({ fault }, streamed)

  it("are one step where nothing is to be done", () => {
    assert.deepStrictEqual(tags(steps({})), ["Reply"])
    assert.deepStrictEqual(tags(steps({ keepAliveHint: 5 })), ["Reply"])
    assert.strictEqual(headOf(steps({ keepAliveHint: 5 })).headers["keep-alive"], "timeout=5")
  })

  it("fail at each point", () => {
    assert.deepStrictEqual(tags(fault({ _tag: "CloseBeforeHeaders" })), ["Close"])
    assert.deepStrictEqual(tags(fault({ _tag: "ResetBeforeHeaders" })), ["Reset"])
    assert.deepStrictEqual(tags(fault({ _tag: "StallBeforeHeaders" })), ["Stall"])
    assert.deepStrictEqual(tags(fault({ _tag: "NeverReadRequest" })), ["Stall"])
    assert.deepStrictEqual(tags(fault({ _tag: "ResetAfterHeaders" })), ["Head", "Reset"])
    assert.deepStrictEqual(tags(fault({ _tag: "StallAfterHeaders" })), ["Head", "Stall"])
    assert.deepStrictEqual(tags(fault({ _tag: "Informational" })), ["Informational", "Head", "Write", "End"])
    assert.strictEqual(headOf(fault({ _tag: "ConnectionClose" })).headers.connection, "close")
    for (const streamed of [false, true]) {
      const all = streamed ? healthyStream : text
      const reset = fault({ _tag: "ResetAfterBytes", bytes: 30 }, streamed)
      assert.strictEqual(textOf(reset), all.slice(0, 30))
      assert.strictEqual(lastTag(reset), "Reset")
      const stall = fault({ _tag: "StallAfterBytes", bytes: 200 }, streamed)
      assert.strictEqual(bytesOf(stall).length, 200)
      assert.strictEqual(lastTag(stall), "Stall")
      const half = fault({ _tag: "HalfBody" }, streamed)
      assert.deepStrictEqual(bytesOf(half), Buffer.from(all).subarray(0, Buffer.byteLength(all) >> 1))
      assert.strictEqual(lastTag(half), "Close")
      const open = fault({ _tag: "OpenEndedBody" }, streamed)
      assert.strictEqual(textOf(open), all)
      assert.strictEqual(lastTag(open), "Stall")
      assert.isUndefined(headOf(open).headers["content-length"])
    }
    assert.strictEqual(headOf(fault({ _tag: "HalfBody" })).headers["content-length"], String(Buffer.byteLength(text)))
    assert.strictEqual(lastTag(steps({ fault: { _tag: "HalfBody" }, stream: { emptyDeltas: 1 } }, true)), "Close")
  })

  it("wait before the head and before the body", () => {
    assert.deepStrictEqual(steps({ latency: 5, bodyLatency: 7 }).filter((step) => step._tag !== "Write"), [
      { _tag: "Wait", millis: 5 },
      headOf(steps({ latency: 5 })),
      { _tag: "Wait", millis: 7 },
      { _tag: "End" }
    ])
    const early = steps({ latency: 5, fault: { _tag: "Informational" } })
    assert.deepStrictEqual(tags(early).slice(0, 3), ["Informational", "Wait", "Head"])
  })

  it("are padded to a length and stay valid", () => {
    const padded = textOf(steps({ padAnswerTo: 5000 }))
    assert.strictEqual(Buffer.byteLength(padded), 5000)
    assert.deepStrictEqual(at(JSON.parse(padded), "usage"), at(JSON.parse(text), "usage"))
    assert.strictEqual(textOf(steps({ padAnswerTo: 5 })), text)
  })

  it("are compressed", () => {
    const zipped = steps({ gzip: true })
    assert.strictEqual(gunzipSync(bytesOf(zipped)).toString(), text)
    assert.strictEqual(headOf(zipped).headers["content-length"], String(bytesOf(zipped).length))
  })
})

describe("errors", () => {
  const error: Failure = failure(429, "Throttling", "slow")

  it("come in each shape", () => {
    const text = (shape: Behaviors.ErrorShape) => errorBody(shape, error, requestId).text
    const json = (shape: Behaviors.ErrorShape): unknown => JSON.parse(text(shape))
    const native = { code: "Throttling", message: "slow", request_id: requestId }
    assert.deepStrictEqual(json("native"), native)
    assert.deepStrictEqual(json("nested"), { requestId, error: { code: "Throttling", message: "slow" } })
    assert.deepStrictEqual(json("openai"), {
      error: { message: "slow", type: "rate_limit_error", param: null, code: "Throttling" }
    })
    assert.deepStrictEqual(json("numeric"), { code: 429, msg: "slow", request_id: requestId })
    assert.deepStrictEqual(dataOf(text("sse")), [JSON.stringify(native)])
    assert.match(text("html"), /^<html>[^]*slow/)
    assert.strictEqual(text("empty"), "")
  })

  it.prop("are padded to any length", [
    FastCheck.constantFrom(...Behavior.ErrorShape.literals),
    FastCheck.integer({ min: 500, max: 100_000 })
  ], ([shape, padTo]) => {
    assert.strictEqual(Buffer.byteLength(errorBody(shape, error, requestId, padTo).text), padTo)
  })

  it("have the usual code of their status, and headers as asked", () => {
    const reply = steps({ error: { status: 429, retryAfter: 3 } })
    assert.strictEqual(headOf(reply).status, 429)
    assert.strictEqual(headOf(reply).headers["retry-after"], "3")
    assert.strictEqual(at(JSON.parse(textOf(reply)), "code"), "Throttling.RateQuota")
    assert.strictEqual(at(JSON.parse(textOf(steps({ error: {} }))), "code"), "InternalError")
    assert.isUndefined(headOf(steps({ error: { contentType: "" } })).headers["content-type"])
    // An error of the behaviour comes before the stream unless it says where in the stream it is to come.
    assert.strictEqual(headOf(steps({ error: { status: 503 } }, true)).status, 503)
    assert.strictEqual(headOf(steps({ error: { status: 503, asEvent: 0 } }, true)).status, 200)
  })

  it("never end where they are told so", () => {
    const drip = steps({ error: { endless: "drip", padTo: 1000 } })
    assert.strictEqual(drip.length, 500)
    assert.isAbove(bytesOf(drip).length, 100_000)
    const open = steps({ error: { endless: "open", padTo: 1000 } })
    assert.deepStrictEqual(tags(open), ["Head", "Write", "Stall"])
    assert.isUndefined(headOf(open).headers["content-length"])
  })
})

describe("the header of a request", () => {
  it.prop("carries any behaviour", [
    FastCheck.record({
      latency: FastCheck.nat(1000),
      error: FastCheck.record({
        message: FastCheck.string({ unit: "binary" }),
        shape: FastCheck.constant("html" as const)
      })
    }, { requiredKeys: [] })
  ], ([behavior]) => {
    const header = Behavior.toHeaders(behavior)[Behavior.headerName]
    assert.match(header, /^[\x20-\x7e]*$/)
    assert.deepStrictEqual(Either.getOrThrow(Behavior.fromJson(header)), behavior)
  })

  it("refuses what it does not know", () => {
    const refused = Behavior.fromJson("{\"latencie\":5}")
    assert.match(Either.isLeft(refused) ? refused.left.message : "", /latencie/)
    assert.isTrue(Either.isLeft(Behavior.fromJson("{\"latency\":-5}")))
    assert.isTrue(Either.isLeft(Behavior.fromJson("latency")))
  })
})
