import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/compatible-mode/v1/chat/completions"
const chat = (content: unknown, more: object = {}) => ({
  path,
  body: { model: "qwen-plus", messages: [{ role: "user", content }], ...more }
})
const eventsOf = (text: string) =>
  dataOf(text).map((data) => data.trim()).filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as unknown)

describe("chat completions in the form of OpenAI", () => {
  it.scopedLive("answer in one piece", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, chat("1+1?"))
      assert.sameMembers(
        Object.keys(answer as object),
        ["choices", "object", "usage", "created", "system_fingerprint", "model", "id"]
      )
      assert.deepStrictEqual(at(answer, "choices", 0, "message"), { role: "assistant", content: "1+1 equals 2." })
      assert.strictEqual(at(answer, "choices", 0, "finish_reason"), "stop")
      assert.strictEqual(
        at(answer, "usage", "total_tokens"),
        Number(at(answer, "usage", "prompt_tokens")) + Number(at(answer, "usage", "completion_tokens"))
      )
      const seen = yield* answered(
        origin,
        chat(
          [{ type: "image_url", image_url: { url: "https://example.com/cat.png" } }, { type: "text", text: "what?" }],
          { model: "qwen-vl-max" }
        )
      )
      assert.match(String(at(seen, "choices", 0, "message", "content")), /cat\.png/)
    }))

  it.scopedLive("stream data lines alone, with usage where asked, and [DONE] last", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers, text } = yield* ask(
        origin,
        chat("1+1?", { stream: true, stream_options: { include_usage: true } })
      )
      assert.match(String(headers.get("content-type")), /^text\/event-stream/)
      assert.isTrue(text.startsWith("data: {"))
      assert.isTrue(text.endsWith("\n\ndata: [DONE]\n\n"))
      const events = eventsOf(text)
      assert.deepStrictEqual(at(events[0], "choices", 0, "delta"), { content: "", role: "assistant" })
      const content = events.map((event) => at(event, "choices", 0, "delta", "content") as string | undefined ?? "")
        .join("")
      assert.strictEqual(content, "1+1 equals 2.")
      const reasons = events.map((event) => at(event, "choices", 0, "finish_reason"))
      assert.deepStrictEqual(reasons.filter((reason) => typeof reason === "string"), ["stop"])
      const last = events[events.length - 1]
      assert.deepStrictEqual(at(last, "choices"), [])
      assert.isAbove(Number(at(last, "usage", "total_tokens")), 0)
      const without = eventsOf((yield* ask(origin, chat("1+1?", { stream: true }))).text)
      assert.isTrue(without.every((event) => at(event, "usage") === null))
    }))

  it.scopedLive("think and call tools", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const thinking = eventsOf(
        (yield* ask(origin, chat("hello", { stream: true, enable_thinking: true }))).text
      )
      assert.isTrue(
        thinking.some((event) =>
          (at(event, "choices", 0, "delta", "reasoning_content") as string | undefined ?? "") !== ""
        )
      )
      const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }]
      const called = yield* answered(origin, chat("the weather?", { tools }))
      assert.strictEqual(at(called, "choices", 0, "finish_reason"), "tool_calls")
      assert.strictEqual(at(called, "choices", 0, "message", "tool_calls", 0, "function", "name"), "weather")
      const required = yield* answered(origin, chat("1+1?", { tools, tool_choice: "required" }))
      assert.strictEqual(at(required, "choices", 0, "finish_reason"), "tool_calls")
    }))

  it.scopedLive("fail in the shape and with the codes of OpenAI, also in a stream", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ apiKeys: ["key"] })
      assert.include(yield* refused(origin, chat("x", { temperature: 3 })), "400 invalid_parameter_error: Temperature")
      assert.include(yield* refused(origin, chat("x", { stream: true, temperature: 3 })), "400 invalid_parameter_error")
      assert.include(yield* refused(origin, chat("x", { model: "unknown-1" })), "404 model_not_found")
      assert.include(yield* refused(origin, chat("x", { model: "text-embedding-v4" })), "404 model_not_supported")
      assert.include(
        yield* refused(origin, { ...chat("x"), headers: { authorization: "Bearer x" } }),
        "401 invalid_api_key"
      )
      assert.include(
        yield* refused(origin, { ...chat("x"), behavior: { error: { status: 429 } } }),
        "429 limit_requests"
      )
      const broken = yield* ask(origin, {
        ...chat("x", { stream: true }),
        behavior: { stream: { errorAfterEvents: 1 } }
      })
      assert.strictEqual(at(eventsOf(broken.text)[1], "error", "type"), "server_error")
    }))
})

describe("embeddings, reranking and models in the form of OpenAI", () => {
  it.scopedLive("answer as their native services do", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const embeddings = (body: object) => ({
        path: "/compatible-mode/v1/embeddings",
        body: { model: "text-embedding-v4", ...body }
      })
      const answer = yield* answered(
        origin,
        embeddings({ input: ["a", "b"], dimensions: 64, encoding_format: "float" })
      )
      assert.strictEqual((at(answer, "data", 1, "embedding") as ReadonlyArray<number>).length, 64)
      assert.deepInclude(at(answer, "data", 1) as object, { index: 1, object: "embedding" })
      const many = Array.from({ length: 11 }, () => "x")
      assert.include(yield* refused(origin, embeddings({ input: many })), "batch size is invalid")
      assert.include(yield* refused(origin, embeddings({ input: "a", encoding_format: "hex" })), "encoding_format")
      const floats = at(yield* answered(origin, embeddings({ input: "a" })), "data", 0, "embedding")
      const packed = yield* answered(origin, embeddings({ input: "a", encoding_format: "base64" }))
      const bytes = Uint8Array.from(Buffer.from(String(at(packed, "data", 0, "embedding")), "base64"))
      assert.deepStrictEqual(
        new Float32Array(bytes.buffer),
        Float32Array.from(floats as ReadonlyArray<number>)
      )
      const ranked = yield* answered(origin, {
        path: "/compatible-api/v1/reranks",
        body: { model: "qwen3-rerank", query: "red fox", documents: ["stocks", "a red fox"], top_n: 1 }
      })
      assert.strictEqual(at(ranked, "results", 0, "index"), 1)
      assert.isUndefined(at(ranked, "results", 1))
      const models = yield* answered(origin, { method: "GET", path: "/compatible-mode/v1/models" })
      assert.include((at(models, "data") as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id), "qwen-plus")
    }))
})
