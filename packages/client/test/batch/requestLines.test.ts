import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import type { BatchRequest } from "../../src/BatchState.js"
import { limits, RequestLines } from "../../src/internal/batch/requestLines.js"
import { codePoint } from "../util/codePoints.js"

const chat = (customId: string, prompt = "你好", model = "qwen-plus"): BatchRequest => ({
  customId,
  generation: { model, prompt }
})

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const fill = (lines: RequestLines, ...requests: ReadonlyArray<BatchRequest>) => {
  for (const request of requests) Either.getOrThrow(lines.add(request))
  return lines
}

const refused = (lines: RequestLines, request: BatchRequest) => {
  const before = [lines.requests, lines.bytes]
  const { description, field } = Either.getOrThrow(Either.flip(lines.add(request)))
  assert.deepStrictEqual([lines.requests, lines.bytes], before)
  return { field, description }
}

describe("the file of a batch", () => {
  it("has a line for each request, and counts", () => {
    const lines = new RequestLines()
    const line = text(Either.getOrThrow(lines.add(chat("a\n\"1"))))
    assert.strictEqual(
      line,
      "{\"custom_id\":\"a\\n\\\"1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\"," +
        "\"body\":{\"model\":\"qwen-plus\",\"messages\":[{\"role\":\"user\",\"content\":\"你好\"}]}}\n"
    )
    assert.deepInclude(lines, {
      requests: 1,
      bytes: new TextEncoder().encode(line).length,
      endpoint: "/v1/chat/completions",
      model: "qwen-plus"
    })
  })

  it("names the id of a request that is wrong", () => {
    const lines = fill(new RequestLines(), chat("first"))
    assert.deepStrictEqual(
      refused(lines, { customId: "q-2", conversation: { model: "qwen-plus", messages: [], size: "1*1" } }),
      { field: "requests[1].conversation.size", description: "custom_id \"q-2\": pictures are not made in batches" }
    )
    assert.include(refused(lines, chat("first")).description, "custom_id \"first\": requests[0] has the same")
    assert.strictEqual(refused(lines, chat("")).field, "requests[1].customId")
    assert.strictEqual(refused(lines, chat("b", "x", "qwen-max")).field, "requests[1].generation.model")
    const embedding: BatchRequest = { customId: "c", embedding: { model: "text-embedding-v4", texts: ["a"] } }
    assert.include(refused(lines, embedding).description, "one endpoint")
    assert.strictEqual(refused(lines, null as never).field, "requests[1]")
    assert.strictEqual(refused(lines, { customId: "d" } as never).field, "requests[1]")
    const cyclic: Record<string, unknown> = {}
    cyclic["self"] = cyclic
    assert.include(
      refused(lines, { customId: "e", generation: { model: "qwen-plus", prompt: "a", extra: cyclic } }).description,
      "JSON"
    )
    // What was refused is not there.
    fill(lines, chat("c"), chat("e"))
  })

  it("keeps the limits of the service, to the byte", () => {
    const line = fill(new RequestLines(), chat("a", "x")).bytes
    const exactly = (size: number) => chat("a", "x".repeat(size - line + 1))
    const ofLine = { ...limits, bytesOfLine: line + 10 }
    assert.isTrue(Either.isRight(new RequestLines(ofLine).add(exactly(line + 10))))
    assert.isTrue(Either.isLeft(new RequestLines(ofLine).add(exactly(line + 11))))
    // Two characters that are three bytes each.
    assert.isTrue(Either.isLeft(new RequestLines(ofLine).add(chat("a", "你好" + "x".repeat(6)))))
    const two = { ...limits, requests: 2 }
    assert.include(
      refused(fill(new RequestLines(two), chat("a"), chat("b")), chat("c")).description,
      "at most 2 requests"
    )
    const bytes = { ...limits, bytes: 2 * line }
    const full = fill(new RequestLines(bytes), chat("a", "x"), chat("b", "x"))
    assert.strictEqual(full.bytes, bytes.bytes)
    assert.include(refused(full, chat("c", "x")).description, `at most ${bytes.bytes} bytes`)
  })

  it("asks the test model at its own endpoint, and less of it", () => {
    const lines = new RequestLines()
    for (let i = 0; i < 100; i++) fill(lines, chat(String(i), "x", "batch-test-model"))
    assert.strictEqual(lines.endpoint, "/v1/chat/ds-test")
    assert.include(refused(lines, chat("more", "x", "batch-test-model")).description, "at most 100 requests")
  })

  it("is nothing to send without a request", () => {
    assert.strictEqual(new RequestLines().end()?.field, "requests")
    assert.isUndefined(fill(new RequestLines(), chat("a")).end())
  })

  it("is JSON in lines for texts of any kind", () => {
    const texts = FastCheck.array(FastCheck.string({ unit: codePoint, minLength: 1 }), { minLength: 1, maxLength: 5 })
    FastCheck.assert(
      FastCheck.property(texts, (texts) => {
        const lines = new RequestLines()
        const file = texts.map((prompt, i) => text(Either.getOrThrow(lines.add(chat(`${i} ${prompt}`, prompt))))).join(
          ""
        )
        assert.strictEqual(new TextEncoder().encode(file).length, lines.bytes)
        const read = file.trimEnd().split("\n").map((line) =>
          JSON.parse(line) as {
            readonly custom_id: string
            readonly body: { readonly messages: ReadonlyArray<unknown> }
          }
        )
        assert.deepStrictEqual(
          read.map(({ body, custom_id }) => [custom_id, body.messages]),
          texts.map((content, i) => [`${i} ${content}`, [{ role: "user", content }]])
        )
      }),
      { numRuns: casesOf(500) }
    )
  })
})
