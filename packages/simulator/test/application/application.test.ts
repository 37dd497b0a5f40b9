import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const pathOf = (id: string) => `/api/v1/apps/${id}/completion`
const to = (id: string, input: object, parameters: object = {}): Ask => ({
  path: pathOf(id),
  body: { input, parameters, debug: {} }
})
const outputOf = (answer: unknown, name: string): unknown => at(answer, "output", name)
const eventsOf = (origin: string, what: Ask) =>
  Effect.map(
    ask(origin, { ...what, stream: true }),
    ({ text }) => dataOf(text).map((data) => JSON.parse(data) as unknown)
  )

describe("applications", () => {
  it.scopedLive("answer, and remember their sessions", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const first = yield* answered(origin, to("app-1", { prompt: "My name is Li." }))
      assert.deepStrictEqual(outputOf(first, "finish_reason"), "stop")
      const session_id = outputOf(first, "session_id")
      assert.match(String(session_id), /^[0-9a-f]{32}$/)
      assert.strictEqual(at(first, "usage", "models", 0, "model_id"), "qwen-plus")
      const second = yield* answered(origin, to("app-1", { prompt: "What did I say?", session_id }))
      assert.strictEqual(outputOf(second, "session_id"), session_id)
      assert.include(String(outputOf(second, "text")), "Before that you said: \"My name is Li.\"")
      const other = yield* answered(origin, to("app-1", { prompt: "What did I say?" }))
      assert.notStrictEqual(outputOf(other, "session_id"), session_id)
      assert.notInclude(String(outputOf(other, "text")), "Li")
      const own = yield* answered(
        origin,
        to("app-1", { messages: [{ role: "user", content: "1+1?" }] }, { model_id: "qwen-max" })
      )
      assert.strictEqual(outputOf(own, "text"), "1+1 equals 2.")
      assert.strictEqual(at(own, "usage", "models", 0, "model_id"), "qwen-max")
    }))

  it.scopedLive("look into knowledge bases, and tell their thoughts", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const parameters = { rag_options: { pipeline_ids: ["p1", "p2"] }, has_thoughts: true, enable_thinking: true }
      const answer = yield* answered(
        origin,
        to("app-1", { prompt: "ducks", doc_reference_type: "indexed" }, parameters)
      )
      const references = outputOf(answer, "doc_references") as ReadonlyArray<{ readonly index_id: string }>
      assert.deepStrictEqual(references.map(({ index_id }) => index_id), ["1", "2"])
      assert.match(String(outputOf(answer, "text")), /<ref>\[1\]<\/ref><ref>\[2\]<\/ref>$/)
      const thoughts = outputOf(answer, "thoughts") as ReadonlyArray<{ readonly action_type: string }>
      assert.deepStrictEqual(thoughts.map(({ action_type }) => action_type), ["reasoning", "agentRag"])
      const plain = yield* answered(origin, to("app-1", { prompt: "ducks" }))
      assert.isUndefined(outputOf(plain, "doc_references"))
      assert.isUndefined(outputOf(plain, "thoughts"))
    }))

  it.scopedLive("stream increments or totals, with the references last", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const input = { prompt: "tell me about ducks" }
      const rag_options = { pipeline_ids: ["p1"] }
      const whole = outputOf(yield* answered(origin, to("app-1", input)), "text")
      const increments = yield* eventsOf(origin, to("app-1", input, { incremental_output: true, rag_options }))
      assert.strictEqual(increments.map((event) => String(outputOf(event, "text"))).join(""), whole)
      assert.deepStrictEqual(
        increments.map((event) => outputOf(event, "doc_references") !== undefined),
        [...Array.from({ length: increments.length - 1 }, () => false), true]
      )
      assert.strictEqual(outputOf(increments[0], "finish_reason"), "null")
      assert.strictEqual(at(increments[0], "usage", "models", 0, "output_tokens"), 1)
      const totals = yield* eventsOf(origin, to("app-1", input))
      assert.strictEqual(outputOf(totals[totals.length - 1], "text"), whole)
      assert.strictEqual(new Set(totals.map((event) => outputOf(event, "session_id"))).size, 1)
    }))

  it.scopedLive("run workflows with their variables", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const input = { prompt: "请你跟我这样说", biz_params: { sourceCode: "code and more" } }
      const answer = yield* answered(origin, to("flow-1", input))
      assert.strictEqual(outputOf(answer, "text"), "code and more")
      assert.deepStrictEqual(at(answer, "usage"), {})
      const messages = yield* eventsOf(origin, to("flow-1", input, { flow_stream_mode: "message_format" }))
      const contents = messages.map((event) => String(at(event, "output", "workflow_message", "message", "content")))
      assert.strictEqual(contents.join(""), "code and more")
      assert.deepStrictEqual(
        messages.map((event) => at(event, "output", "workflow_message", "node_msg_seq_id")),
        messages.map((_, i) => i)
      )
      const last = messages[messages.length - 1]
      assert.deepInclude(at(last, "output", "workflow_message") as object, {
        node_status: "success",
        node_type: "End",
        node_is_completed: "true"
      })
      assert.strictEqual(outputOf(last, "finish_reason"), "stop")
      const plus = yield* eventsOf(origin, to("flow-1", input, { flow_stream_mode: "message_format_plus" }))
      assert.deepStrictEqual(
        [...new Set(plus.map((event) => at(event, "output", "workflow_message", "node_type")))],
        ["LLM", "End"]
      )
      const thoughts = yield* eventsOf(origin, to("flow-1", input, { incremental_output: true }))
      assert.strictEqual(
        thoughts.map((event) => (outputOf(event, "text") ?? "") as string).join(""),
        "code and more"
      )
      assert.strictEqual((outputOf(thoughts[2], "thoughts") as ReadonlyArray<unknown>).length, 3)
      const agent = yield* eventsOf(
        origin,
        to("flow-1", input, { flow_stream_mode: "agent_format", incremental_output: true })
      )
      assert.strictEqual(agent.map((event) => String(outputOf(event, "text"))).join(""), "code and more")
    }))

  it.scopedLive("refuse what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (id: string, input: unknown, parameters = {}) =>
        refused(origin, { path: pathOf(id), body: { input, parameters } })
      const prompt = { prompt: "x" }
      assert.include(yield* no("unknown-1", prompt), "400 InvalidParameter: Required parameter(AppId)")
      assert.include(yield* no("denied-1", prompt), "403 App.AccessDenied")
      assert.include(yield* no("unpublished-1", prompt), "400 FlowNotPublished")
      assert.include(yield* no("broken-1", prompt), "500 AppProcessFailed")
      assert.include(yield* no("app", undefined), "Required parameter(input)")
      assert.include(yield* no("app", {}), "Required parameter(prompt)")
      assert.include(yield* no("app", { prompt: 5 }), "Required parameter(prompt)")
      assert.include(yield* no("app", { messages: [] }), "400 InvalidParameter")
      assert.include(yield* no("app", { ...prompt, image_list: "x" }), "image_list")
      assert.include(yield* no("app", { ...prompt, biz_params: "x" }), "biz_params")
      assert.include(yield* no("app", { ...prompt, doc_reference_type: "x" }), "doc_reference_type")
      assert.include(yield* no("app", prompt, { flow_stream_mode: "x" }), "flow_stream_mode")
      const streamed = yield* ask(origin, { ...to("unknown-1", prompt), stream: true })
      assert.match(streamed.text, /^id:1\nevent:error\n:HTTP_STATUS\/400\ndata:.*Required parameter\(AppId\)/)
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const captures = capturesWhere(({ path }) => path.startsWith("/api/v1/apps/"))
      assert.strictEqual(captures.length, 4)
      const known = new Set(captures.flatMap(({ answer, streamed }) => [...fieldsOf(answer, streamed)]))
      for (const { answer, body, name, path, streamed } of captures) {
        const { text } = yield* ask(origin, { path, body, stream: streamed })
        const own = fieldsOf(text, streamed)
        assert.deepStrictEqual([...own].filter((field) => !known.has(field)), [], name)
        // Whether an answer tells thoughts and references is up to its application.
        const { missing } = differences(own, fieldsOf(answer, streamed))
        assert.deepStrictEqual(missing.filter((field) => !/thoughts|doc_references/.test(field)), [], name)
      }
      const all = yield* ask(
        origin,
        to("app", { prompt: "x" }, { enable_thinking: true, has_thoughts: true, rag_options: { pipeline_ids: ["p"] } })
      )
      const shown = fieldsOf(all.text, false)
      assert.deepStrictEqual([...known].filter((field) => !shown.has(field)), [])
    }).pipe(Effect.scoped, Effect.runPromise))
})
