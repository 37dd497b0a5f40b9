import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered } from "../services.js"

const path = "/apps/anthropic/v1/messages"

const asked = (content: unknown, more: object = {}): Ask => ({
  path,
  body: { model: "qwen-plus", max_tokens: 1024, messages: [{ role: "user", content }], ...more }
})

const weather = {
  name: "weather",
  description: "Of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
}

const typesOf = (events: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  events.map((event) => at(event, "type")).filter((type, i, all) => type !== all[i - 1])

const joined = (texts: ReadonlyArray<unknown>): string =>
  texts.map((text) => typeof text === "string" ? text : "").join("")

const eventsOf = (text: string) => dataOf(text).map((data) => JSON.parse(data) as unknown)

describe("messages in the form of Anthropic", () => {
  it.scopedLive("answer in one piece, with thinking", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const thinking = { type: "enabled", budget_tokens: 1024 }
      const message = yield* answered(
        origin,
        asked("1+1?", { thinking, system: [{ type: "text", text: "Be brief." }] })
      )
      assert.deepInclude(message, { type: "message", role: "assistant", stop_reason: "end_turn", stop_sequence: null })
      const [thought, said] = at(message, "content") as ReadonlyArray<object>
      assert.deepInclude(thought, { type: "thinking" })
      assert.deepStrictEqual(said, { type: "text", text: "1+1 equals 2." })
      assert.isAbove(Number(at(message, "usage", "input_tokens")), 0)
      assert.isAbove(Number(at(message, "usage", "output_tokens")), 0)
      const seen = yield* answered(origin, {
        path,
        body: {
          model: "qwen-vl-max",
          max_tokens: 100,
          messages: [{
            role: "user",
            content: [
              { type: "image", source: { type: "url", url: "https://example.com/cat.png" } },
              { type: "text", text: "what?" }
            ]
          }]
        }
      })
      assert.match(String(at(seen, "content", 0, "text")), /cat\.png/)
      const cut = yield* answered(origin, asked("Tell me everything about the sea, at length", { max_tokens: 3 }))
      assert.strictEqual(at(cut, "stop_reason"), "max_tokens")
    }))

  it.scopedLive("stream blocks one after another", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { text } = yield* ask(origin, asked("1+1?", { stream: true, thinking: { type: "enabled" } }))
      assert.match(text, /^event:message_start\ndata:\{/)
      assert.notInclude(text, "[DONE]")
      const events = eventsOf(text)
      assert.deepStrictEqual(typesOf(events), [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop"
      ])
      assert.strictEqual(joined(events.map((event) => at(event, "delta", "text"))), "1+1 equals 2.")
      assert.strictEqual(at(events.at(-2), "delta", "stop_reason"), "end_turn")
      assert.isAbove(Number(at(events[0], "message", "usage", "input_tokens")), 0)
      assert.isAbove(Number(at(events.at(-2), "usage", "output_tokens")), 0)
    }))

  it.scopedLive("use tools, and go on from their results", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const question = "How is the weather in Hangzhou?"
      const called = yield* answered(origin, asked(question, { tools: [weather] }))
      assert.strictEqual(at(called, "stop_reason"), "tool_use")
      const use = (at(called, "content") as ReadonlyArray<object>).at(-1)
      assert.deepInclude(use, { type: "tool_use", name: "weather" })
      assert.isObject(at(use, "input"))
      const answer = yield* answered(origin, {
        path,
        body: {
          model: "qwen-plus",
          max_tokens: 100,
          tools: [weather],
          messages: [
            { role: "user", content: question },
            { role: "assistant", content: at(called, "content") },
            { role: "user", content: [{ type: "tool_result", tool_use_id: at(use, "id"), content: "sunny" }] }
          ]
        }
      })
      assert.include(String(at(answer, "content", 0, "text")), "sunny")
      const forced = { tools: [weather], tool_choice: { type: "tool", name: "weather" }, stream: true }
      const events = eventsOf((yield* ask(origin, asked(question, forced))).text)
      const json = joined(events.map((event) => at(event, "delta", "partial_json")))
      assert.deepStrictEqual(JSON.parse(json), at(use, "input"))
    }))

  it.scopedLive("take either header for the key, and fail in the shape of Anthropic, also in a stream", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ apiKeys: ["key"] })
      const own = { ...asked("1+1?"), headers: { authorization: "", "x-api-key": "key" } }
      assert.strictEqual(at(yield* answered(origin, own), "type"), "message")
      const failed = (what: Ask) =>
        Effect.map(ask(origin, what), ({ json, status }) => [status, at(json, "type"), at(json, "error", "type")])
      assert.deepStrictEqual(
        yield* Effect.all([
          failed({ ...own, headers: { authorization: "", "x-api-key": "other" } }),
          failed(asked("x", { max_tokens: undefined })),
          failed(asked("x", { temperature: 3, stream: true })),
          failed(asked([{ type: "audio" }])),
          failed(asked("x", { model: "unknown-1" })),
          failed({ ...asked("x"), behavior: { error: { status: 429 } } }),
          failed({ ...asked("x"), behavior: { error: { status: 500 } } })
        ]),
        [
          [401, "error", "authentication_error"],
          [400, "error", "invalid_request_error"],
          [400, "error", "invalid_request_error"],
          [400, "error", "invalid_request_error"],
          [404, "error", "not_found_error"],
          [429, "error", "rate_limit_error"],
          [500, "error", "api_error"]
        ]
      )
      const broken = yield* ask(origin, {
        ...asked("x", { stream: true }),
        behavior: { stream: { errorAfterEvents: 1 } }
      })
      assert.match(broken.text, /event:error\ndata:\{"type":"error"/)
    }))
})
