import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/compatible-mode/v1/responses"

const asked = (input: unknown, more: object = {}): Ask => ({ path, body: { model: "qwen-plus", input, ...more } })

const weather = {
  type: "function",
  name: "weather",
  description: "Of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: true
}

interface Typed {
  readonly type: string
  readonly [name: string]: unknown
}

const eventsOf = (origin: string, what: Ask) =>
  Effect.map(ask(origin, what), ({ text }) => dataOf(text).map((data) => JSON.parse(data) as Typed))

const typesOf = (events: ReadonlyArray<Typed>): ReadonlyArray<string> =>
  events.map(({ type }) => type.replace("response.", "")).filter((type, i, all) => type !== all[i - 1])

const itemsOf = (response: unknown) => at(response, "output") as ReadonlyArray<Typed>

describe("responses in the form of OpenAI", () => {
  it.scopedLive("answer in one piece, with the fields of a recorded one", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const response = yield* answered(origin, asked("1+1?", { enable_thinking: true, instructions: "Be brief." }))
      assert.containsAllKeys(response as object, [
        ..."id created_at error incomplete_details instructions metadata model object output parallel_tool_calls".split(
          " "
        ),
        ..."temperature tool_choice tools top_p background max_output_tokens previous_response_id status text usage"
          .split(" ")
      ])
      assert.deepStrictEqual(itemsOf(response).map(({ type }) => type), ["reasoning", "message"])
      assert.isNotEmpty(at(response, "output", 0, "summary", 0, "text"))
      assert.strictEqual(at(response, "output", 1, "content", 0, "text"), "1+1 equals 2.")
      assert.strictEqual(at(response, "status"), "completed")
      const usage = at(response, "usage")
      assert.strictEqual(
        at(usage, "total_tokens"),
        Number(at(usage, "input_tokens")) + Number(at(usage, "output_tokens"))
      )
      assert.isAbove(Number(at(usage, "output_tokens_details", "reasoning_tokens")), 0)
      assert.strictEqual(at(usage, "x_details", 0, "x_billing_type"), "response_api")
      const cut = yield* answered(
        origin,
        asked("Tell me everything about the sea, at length", { max_output_tokens: 16 })
      )
      assert.deepStrictEqual(
        [at(cut, "status"), at(cut, "incomplete_details", "reason")],
        ["incomplete", "max_output_tokens"]
      )
    }))

  it.scopedLive("stream named events, numbered from 0, that come to the same", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers, text } = yield* ask(origin, asked("1+1?", { stream: true, enable_thinking: true }))
      assert.match(String(headers.get("content-type")), /^text\/event-stream/)
      assert.match(text, /^id:1\nevent:response\.created\n:HTTP_STATUS\/200\ndata:\{/)
      assert.notInclude(text, "[DONE]")
      const events = dataOf(text).map((data) => JSON.parse(data) as Typed)
      assert.deepStrictEqual(events.map((event) => at(event, "sequence_number")), [...events.keys()])
      assert.deepStrictEqual(typesOf(events), [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed"
      ])
      const deltas = events.filter(({ type }) => type === "response.output_text.delta").map((event) =>
        at(event, "delta")
      )
      assert.strictEqual(deltas.join(""), "1+1 equals 2.")
      const last = at(events.at(-1), "response")
      assert.strictEqual(new Set(itemsOf(last).map(({ id }) => id)).size, 2)
      assert.deepStrictEqual<ReadonlyArray<unknown>>(
        itemsOf(last),
        events.filter(({ type }) => type === "response.output_item.done").map((event) => at(event, "item"))
      )
    }))

  it.scopedLive("call functions and search the web, and go on from their results", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const called = yield* answered(origin, asked("How is the weather in Hangzhou?", { tools: [weather] }))
      const [call] = itemsOf(called)
      assert.deepInclude(call, { type: "function_call", name: "weather", status: "completed" })
      const callId = at(call, "call_id")
      const output = { type: "function_call_output", call_id: callId, output: "sunny, 20 degrees" }
      // By the list of items, or by the id of the response before.
      const listed = yield* answered(
        origin,
        asked([{ role: "user", content: "How is the weather in Hangzhou?" }, call, output], { tools: [weather] })
      )
      const continued = yield* answered(
        origin,
        asked([output], { tools: [weather], previous_response_id: at(called, "id") })
      )
      for (const answer of [listed, continued]) {
        assert.include(String(at(answer, "output", 0, "content", 0, "text")), "sunny")
      }
      const streamed = yield* eventsOf(
        origin,
        asked("How is the weather in Hangzhou?", { tools: [weather], tool_choice: "required", stream: true })
      )
      const parts = streamed.filter(({ type }) => type === "response.function_call_arguments.delta")
      assert.isAbove(parts.length, 1)
      assert.strictEqual(
        parts.map((event) => at(event, "delta")).join(""),
        at(streamed.at(-1), "response", "output", 0, "arguments")
      )
      const searched = asked("What is new?", { tools: [{ type: "web_search" }] })
      assert.deepStrictEqual(
        itemsOf(yield* answered(origin, searched)).map(({ type }) => type),
        ["web_search_call", "message"]
      )
      const found = yield* eventsOf(origin, { ...searched, body: { ...searched.body as object, stream: true } })
      assert.include(typesOf(found), "web_search_call.completed")
      const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] }
      const object = yield* answered(
        origin,
        asked("1+1?", { text: { format: { type: "json_schema", name: "sum", schema } } })
      )
      assert.deepStrictEqual(JSON.parse(String(at(object, "output", 0, "content", 0, "text"))), { n: 2 })
    }))

  it.scopedLive("are kept, unless they are not to be", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const response = yield* answered(origin, asked("1+1?"))
      const one = `${path}/${String(at(response, "id"))}`
      assert.deepStrictEqual(yield* answered(origin, { method: "GET", path: one }), response)
      assert.strictEqual(at(yield* answered(origin, { method: "DELETE", path: one }), "deleted"), true)
      assert.include(yield* refused(origin, { method: "GET", path: one }), "404 response_not_found")
      const unkept = yield* answered(origin, asked("1+1?", { store: false }))
      assert.include(
        yield* refused(origin, asked("And then?", { previous_response_id: at(unkept, "id") })),
        "404 response_not_found"
      )
      const older = yield* answered(origin, { ...asked("1+1?"), path: `/api/v2/apps/protocols${path}` })
      assert.strictEqual(at(older, "object"), "response")
    }))

  it.scopedLive("fail in the shape of OpenAI, also in a stream", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ apiKeys: ["key"] })
      assert.include(yield* refused(origin, asked("x", { temperature: 3 })), "400 invalid_parameter_error: Temperature")
      assert.include(
        yield* refused(origin, asked("x", { stream: true, temperature: 3 })),
        "400 invalid_parameter_error"
      )
      assert.include(yield* refused(origin, asked([])), "400 invalid_parameter_error")
      assert.include(yield* refused(origin, asked("x", { tools: [{ type: "mcp" }] })), "mcp")
      assert.include(yield* refused(origin, asked("x", { max_output_tokens: 8 })), "max_output_tokens")
      assert.include(yield* refused(origin, asked("x", { model: "unknown-1" })), "404 model_not_found")
      assert.include(
        yield* refused(origin, { ...asked("x"), headers: { authorization: "Bearer x" } }),
        "401 invalid_api_key"
      )
      const broken = yield* eventsOf(origin, {
        ...asked("x", { stream: true }),
        behavior: { stream: { errorAfterEvents: 1 } }
      })
      assert.deepInclude(broken[1], { type: "error", code: "InternalError", sequence_number: 1 })
    }))
})
