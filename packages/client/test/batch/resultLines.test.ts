import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { casesOf } from "../../../../scripts/thorough.js"
import * as BatchState from "../../src/BatchState.js"
import { isGenerationResult, text } from "../../src/GenerationResult.js"
import { LineReader } from "../../src/internal/batch/lineReader.js"
import * as ResultLines from "../../src/internal/batch/resultLines.js"
import * as Codec from "../../src/internal/core/codec.js"
import { exchanges } from "../util/captures.js"

const encode = (text: string) => new TextEncoder().encode(text)

/** The lines of bytes that are cut at these places. */
const cut = (bytes: Uint8Array, places: ReadonlyArray<number>, most?: number) => {
  const reader = new LineReader(most)
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const lines = [0, ...sorted].flatMap((start, i) => [...reader.push(bytes.slice(start, sorted[i] ?? bytes.length))])
  return [...lines, ...reader.end()]
}

describe("lines of bytes", () => {
  it("are the same wherever the bytes are cut", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""))),
        FastCheck.array(FastCheck.nat()),
        FastCheck.boolean(),
        (lines, places, isEnded) => {
          const whole = lines.join("\n") + (isEnded ? "\n" : "")
          const expected = whole.split("\n")
          if (expected.at(-1) === "") expected.pop()
          assert.deepStrictEqual(cut(encode(whole), places), expected)
        }
      ),
      { numRuns: casesOf(2000) }
    )
  })

  it("are not held where they are too long, and the next one is there", () => {
    const bytes = encode(`${"x".repeat(50)}\nshort\n${"y".repeat(11)}`)
    for (const places of [[], [3, 20, 49, 50, 51], [55]]) {
      assert.deepStrictEqual(cut(bytes, places, 10), [undefined, "short", undefined])
    }
  })

  it("do not change with the piece that they came in", () => {
    const reader = new LineReader()
    const piece = encode("abc")
    reader.push(piece)
    piece.fill(0)
    assert.deepStrictEqual(reader.push(encode("d\n")), ["abcd"])
  })
})

const place = { file: "output", line: 3 } as const

const readChat = (line: unknown) =>
  ResultLines.read(typeof line === "string" ? line : JSON.stringify(line), place, ResultLines.generation)

const chat = {
  created: 1,
  usage: {
    completion_tokens: 49,
    prompt_tokens: 26,
    total_tokens: 75,
    completion_tokens_details: { reasoning_tokens: 3 },
    prompt_tokens_details: { cached_tokens: 1 }
  },
  model: "qwen-flash",
  id: "chatcmpl-1",
  choices: [{
    finish_reason: "stop",
    index: 0,
    message: { role: "assistant", content: "你好", reasoning_content: "hm" }
  }],
  object: "chat.completion"
}

const line = { id: "r", custom_id: "1", response: { status_code: 200, request_id: "r", body: chat }, error: null }

const failureOf = (value: unknown) => {
  const result = readChat(value)
  assert.isDefined(result)
  const error = Either.getOrThrow(Either.flip(result.answer))
  return { customId: result.customId, error }
}

describe("a line of results", () => {
  it("is an answer in the form of a call", () => {
    const result = readChat(line)
    assert.isDefined(result)
    const answer = Either.getOrThrow(result.answer)
    assert.isTrue(isGenerationResult(answer))
    assert.deepStrictEqual<unknown>({ ...result, answer: { ...answer } }, {
      customId: "1",
      ...place,
      answer: {
        output: {
          choices: [{
            finishReason: "stop",
            index: 0,
            message: { role: "assistant", content: "你好", reasoningContent: "hm" }
          }],
          modelName: "qwen-flash"
        },
        usage: {
          inputTokens: 26,
          outputTokens: 49,
          totalTokens: 75,
          outputTokensDetails: { reasoningTokens: 3 },
          promptTokensDetails: { cachedTokens: 1 }
        },
        requestId: "r",
        created: 1,
        id: "chatcmpl-1",
        object: "chat.completion"
      }
    })
  })

  it("is an embedding in the form of a call", () => {
    const body = {
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5] }],
      model: "text-embedding-v4",
      usage: { prompt_tokens: 2, total_tokens: 2 },
      id: "e"
    }
    const read = ResultLines.read(
      JSON.stringify({ ...line, response: { ...line.response, body } }),
      place,
      ResultLines.embedding
    )
    assert.isDefined(read)
    assert.deepStrictEqual<unknown>({ ...Either.getOrThrow(read.answer) }, {
      output: { embeddings: [{ object: "embedding", textIndex: 0, embedding: [0.5] }] },
      usage: { inputTokens: 2, totalTokens: 2 },
      object: "list",
      model: "text-embedding-v4",
      id: "e",
      requestId: "r"
    })
  })

  it("is a typed error, in every form that one may come", () => {
    const body = {
      error: { message: "bad", type: "invalid_request_error", param: null, code: "data_inspection_failed" }
    }
    const native = { code: "Throttling.RateQuota", message: "slow", request_id: "n" }
    const cases = [
      [
        { ...line, response: { status_code: 400, request_id: "r", body } },
        400,
        "data_inspection_failed",
        "ContentFiltered"
      ],
      [
        { ...line, response: { status_code: "400", request_id: "r", body } },
        400,
        "data_inspection_failed",
        "ContentFiltered"
      ],
      [
        { ...line, response: { status_code: 200, request_id: "r", body } },
        400,
        "data_inspection_failed",
        "ContentFiltered"
      ],
      [
        { ...line, response: { status_code: 429, request_id: "r", body: native } },
        429,
        "Throttling.RateQuota",
        "RateLimited"
      ],
      [{ ...line, response: null, error: { code: "500", message: "bad" } }, 500, "500", "Server"],
      [{ ...line, response: null, error: { code: "batch_expired", message: "late" } }, 500, "batch_expired", "Server"],
      [{ ...line, response: { status_code: 503, body: "<html>" } }, 503, "", "Server"],
      [{ ...line, response: null, error: "out of luck" }, 500, "", "Server"]
    ] as const
    for (const [value, statusCode, code, reason] of cases) {
      const { customId, error } = failureOf(value)
      assert.strictEqual(customId, "1", JSON.stringify(value))
      assert.deepInclude<object>({ ...error }, { statusCode, code, reason }, JSON.stringify(value))
    }
    assert.strictEqual(failureOf(cases[0][0]).error.requestId, "r")
  })

  it("that is torn or odd is an error of its own, with the id where that can be read", () => {
    const whole = JSON.stringify(line)
    const odd: ReadonlyArray<readonly [line: unknown, customId: string]> = [
      [whole.slice(0, 60), "1"],
      [whole.slice(0, 20), ""],
      [whole.slice(30), ""],
      ["7", ""],
      ["[]", ""],
      ["{\"custom_id\":\"a\\\"b\",", "a\"b"],
      [{ custom_id: 7 }, ""],
      [{ custom_id: "x" }, "x"],
      [{ custom_id: "x", response: { body: [] } }, "x"],
      [{ custom_id: "x", response: { status_code: 200, body: { choices: 7 } } }, "x"],
      [{ custom_id: "x", response: { status_code: 200, body: {} } }, "x"],
      ["[".repeat(100_000), ""]
    ]
    for (const [value, customId] of odd) {
      const found = failureOf(value)
      assert.strictEqual(found.customId, customId, JSON.stringify(value).slice(0, 200))
      assert.strictEqual(found.error.reason, "UnexpectedResponse", JSON.stringify(value).slice(0, 200))
      assert.isFalse(found.error.isRetryable)
    }
    assert.isUndefined(readChat(" "))
    assert.isDefined(ResultLines.read(undefined, place, ResultLines.generation))
    assert.strictEqual(readChat(`\ufeff${whole}`)?.customId, "1")
  })

  it("never fails otherwise, whatever stands there", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(FastCheck.json(), FastCheck.string(), FastCheck.jsonValue()), (value) => {
        const result = readChat(value)
        if (result !== undefined) assert.isTrue(Either.isEither(result.answer))
      }),
      { numRuns: casesOf(2000) }
    )
  })
})

const captured = (name: string) => exchanges.find((exchange) => exchange.name === name)?.response.body

describe("recorded batches", () => {
  it.runIf(captured("get-file-content-compatible-nosse"))("have results that are read", () => {
    const reader = new LineReader()
    const lines = reader.push(encode(captured("get-file-content-compatible-nosse") ?? ""))
    const results = lines.map((line, i) =>
      ResultLines.read(line, { file: "output", line: i + 1 }, ResultLines.generation)
    )
    assert.deepStrictEqual(results.map((result) => result?.customId), ["1", "2"])
    for (const result of results) {
      assert.isDefined(result)
      const answer = Either.getOrThrow(result.answer)
      assert.isNotEmpty(text(answer))
      assert.isNumber(answer.usage?.outputTokens)
      assert.match(answer.requestId ?? "", /^[0-9a-f-]{36}$/)
    }
  })

  for (const name of ["create-batch-compatible-nosse", "get-completed-batch-compatible-nosse"]) {
    it.runIf(captured(name))(`${name} is read and saved with nothing lost`, () => {
      const baseUrl = "https://dashscope.aliyuncs.com/api/v1"
      const json = { ...JSON.parse(captured(name) ?? "") as object, baseUrl }
      const batch = Either.getOrThrow(Codec.decoder(BatchState.Batch)(json))
      assert.deepStrictEqual<unknown>(Schema.encodeSync(BatchState.Batch)(batch), json)
      const { metadata: _, ...fields } = batch
      assert.deepStrictEqual(Object.keys(fields).filter((field) => field.includes("_")), [])
      assert.strictEqual(BatchState.isEnded(batch), name.startsWith("get"))
    })
  }
})
