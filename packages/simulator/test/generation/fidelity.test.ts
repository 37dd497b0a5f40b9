/** What the service refuses and sends beside the usual. */
import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "../../src/internal/core/json.js"
import { kindOf } from "../../src/internal/core/models.js"
import { generation } from "../../src/internal/generation/service.js"
import { chunksOf, refusalOf, wholeOf } from "../answers.js"
import { at, bodyOf } from "../helpers.js"

const requestId = "00000000-0000-9000-9000-000000000000"
const ask = (body: JsonObject, streamed = false) => generation({ body, streamed, requestId })
const said = (...messages: ReadonlyArray<object>) =>
  ask({ model: "qwen-plus", input: { messages }, parameters: { result_format: "message" } })
const invalid = "400 InvalidParameter"

describe("wrong types", () => {
  it.each<object>([
    { incremental_output: "true" },
    { enable_thinking: 1 },
    { enable_search: "yes" },
    { logprobs: "true" },
    { parallel_tool_calls: "true" },
    { enable_code_interpreter: {} },
    { result_format: 1 },
    { stop: 5 },
    { stop: ["a", 1] },
    { stop: [[1], "a"] },
    { tools: {} },
    { tools: ["search"] },
    { tools: [{ type: "function", function: { name: "f", parameters: "none" } }] },
    { tool_choice: 1 },
    { response_format: "json_object" },
    { search_options: [] },
    { translation_options: "English" },
    { max_tokens: "5" },
    { temperature: "warm" }
  ])("of parameters are refused: %j", (parameters) => {
    assert.strictEqual(refusalOf(ask(bodyOf("ducks", parameters))), invalid)
  })

  it.each<object>([
    { messages: "hello" },
    { messages: { role: "user", content: "x" } },
    { messages: ["hello"] },
    { messages: [{ role: "user", content: 5 }] },
    { messages: [{ role: "user", content: ["x"] }] },
    { messages: [{ role: "user", content: [{ type: "video" }] }] },
    { messages: [{ role: "user", content: [{ type: "doc_url", doc_url: ["file.docx"] }] }] },
    { messages: [{ role: "user" }] },
    { messages: [{ role: "user", content: null }] },
    { messages: [{ role: "assistant", content: "", tool_calls: "call" }, { role: "user", content: "x" }] },
    { prompt: ["x"] },
    { prompt: "x", history: "y" }
  ])("of input are refused: %j", (input) => {
    assert.strictEqual(refusalOf(ask({ model: "qwen-plus", input })), invalid)
  })

  it("are not what null and the recorded forms are", () => {
    for (const stop of ["x", ["x"], [1, 2], [[37763, 367]], null, []]) {
      assert.isDefined(wholeOf(ask(bodyOf("ducks", { stop, temperature: null, tools: null }))))
    }
  })
})

describe("tool messages", () => {
  const call = (id: string) => ({ id, type: "function", index: 0, function: { name: "f", arguments: "{}" } })
  const asked = { role: "assistant", content: "", tool_calls: [call("a"), call("b")] }
  const user = { role: "user", content: "x" }
  const result = (tool_call_id: string) => ({ role: "tool", content: "1", tool_call_id })

  it("have to answer every call", () => {
    assert.isDefined(wholeOf(said(user, asked, result("b"), result("a"))))
    assert.strictEqual(refusalOf(said(user, asked, result("a"))), invalid)
    assert.strictEqual(refusalOf(said(user, asked, result("a"), user)), invalid)
    assert.strictEqual(refusalOf(said(user, asked, user)), invalid)
    assert.strictEqual(refusalOf(said(user, result("a"))), invalid)
  })

  it("may answer by their order, where they name no call", () => {
    assert.isDefined(wholeOf(said(user, asked, { role: "tool", content: "1" }, { role: "tool", content: "2" })))
  })
})

describe("thinking", () => {
  it("needs no result_format, on any model", () => {
    const body = { model: "qwen-plus", input: { prompt: "1+1?" }, parameters: { enable_thinking: true } }
    assert.isDefined(at(wholeOf(ask(body)), "output", "choices", 0, "message", "reasoning_content"))
    const streamed = { ...body, parameters: { enable_thinking: true, incremental_output: true } }
    assert.isDefined(
      at(chunksOf(ask(streamed, true))[0]?.value, "output", "choices", 0, "message", "reasoning_content")
    )
  })

  it("is refused in one piece by open-source models, and by models that cannot", () => {
    const body = (model: string, parameters: object) => ({ ...bodyOf("x", parameters), model })
    assert.strictEqual(refusalOf(ask(body("qwen3-32b", {}))), invalid)
    assert.strictEqual(refusalOf(ask(body("qwen3-30b-a3b", { enable_thinking: true }))), invalid)
    assert.isDefined(wholeOf(ask(body("qwen3-32b", { enable_thinking: false }))))
    assert.strictEqual(
      refusalOf(ask(body("qwen2.5-72b-instruct", { enable_thinking: true }))),
      "400 InvalidParameter.NotSupportEnableThinking"
    )
  })
})

describe("models", () => {
  it.each([
    "qwen3.5-plus",
    "qwen3.6-plus",
    "qwen3.7-plus-2026-05-01",
    "qwen3.8-max",
    "qwen3.8-flash",
    "qwen-vl-max",
    "qwen3-vl-plus",
    "qwen2.5-vl-72b-instruct",
    "qvq-max",
    "qwen3-omni-flash",
    "qwen-audio-turbo",
    "qwen3-asr-flash",
    "qwen3-tts-flash",
    "qwen-tts",
    "qwen-vl-ocr-latest",
    "qwen-image",
    "wan2.6-t2i"
  ])(
    "of the multimodal path are refused here: %s",
    (model) => {
      assert.strictEqual(kindOf(model), "multimodal")
      const given = ask({ ...bodyOf("x"), model })
      assert.strictEqual(refusalOf(given), invalid)
      assert.strictEqual(at(given, "message"), "url error, please check url!")
    }
  )

  it.each([
    "qwen-plus",
    "qwen-max",
    "qwen-turbo",
    "qwen3-max",
    "qwen3-32b",
    "qwq-plus",
    "qwen-plus-latest",
    "qwen-long",
    "qwen-doc-turbo",
    "qwen3-coder-plus",
    "qwen-mt-plus",
    "deepseek-v3"
  ])("of text live here: %s", (model) => {
    assert.strictEqual(kindOf(model), "text")
  })

  it("that nobody knows live on both paths", () => {
    assert.isUndefined(kindOf("my-model"))
  })
})

describe("documents", () => {
  it("are read in the recorded form, and in the SDK's", () => {
    const url = "https://example.com/a%20b.docx"
    const ofDocument = (part: object) =>
      at(
        wholeOf(ask({
          model: "qwen-doc-turbo",
          input: { messages: [{ role: "user", content: [{ type: "text", text: "what is it?" }, part] }] },
          parameters: { result_format: "message" }
        })),
        "output",
        "choices",
        0,
        "message",
        "content"
      )
    const recorded = ofDocument({ type: "doc_url", doc_url: [url], file_parsing_strategy: "auto" })
    assert.match(String(recorded), /a%20b\.docx/)
    assert.strictEqual(
      ofDocument({ type: "doc_url", doc_url: { url: [url], file_parsing_strategy: "auto" } }),
      recorded
    )
  })
})

describe("the code interpreter", () => {
  it("shows its code once it has thought", () => {
    const parameters = { enable_code_interpreter: true, enable_thinking: true, incremental_output: true }
    const events = chunksOf(ask(bodyOf("123的21次方是多少？", parameters), true)).map(({ value }) => value)
    const shown = events.map((event) => at(event, "output", "tool_info", 0, "code_interpreter", "code"))
    const first = shown.findIndex((code) => code === "123**21")
    assert.isAbove(first, 0)
    assert.isTrue(shown.slice(first).every((code) => code === "123**21"))
    assert.strictEqual(at(events[first - 1], "usage", "plugins"), undefined)
    assert.strictEqual(at(events[first], "usage", "plugins", "code_interpreter", "count"), 1)
    const text = events.map((event) => String(at(event, "output", "choices", 0, "message", "content"))).join("")
    assert.include(text, String(123n ** 21n))
  })
})

describe("qwen-deep-research", () => {
  const researched = (messages: ReadonlyArray<object>, parameters: object = {}) =>
    ask({
      model: "qwen-deep-research",
      input: { messages },
      parameters: { incremental_output: true, ...parameters }
    }, true)
  const question = { role: "user", content: "人工智能在教育中的应用" }
  const dialogue = [question, { role: "assistant", content: "哪一方面？" }, { role: "user", content: "个性化学习" }]
  const messagesOf = (given: ReturnType<typeof ask>) =>
    chunksOf(given).map(({ value }) => at(value, "output", "message"))

  it("asks back first", () => {
    const phases = new Set(messagesOf(researched([question])).map((message) => at(message, "phase")))
    assert.deepStrictEqual([...phases], ["answer"])
  })

  it("plans, searches and reports, with its sources", () => {
    const messages = messagesOf(researched(dialogue))
    const steps = messages.map((message) => `${String(at(message, "phase"))} ${String(at(message, "status"))}`)
    assert.deepStrictEqual(steps.filter((step, i) => step !== steps[i - 1]), [
      "ResearchPlanning typing",
      "ResearchPlanning finished",
      "WebResearch streamingQueries",
      "WebResearch streamingWebResult",
      "WebResearch WebResultFinished",
      "KeepAlive typing",
      "WebResearch streamingQueries",
      "WebResearch streamingWebResult",
      "WebResearch WebResultFinished",
      "KeepAlive typing",
      "WebResearch finished",
      "answer typing",
      "answer finished"
    ])
    const last = messages[messages.length - 1]
    assert.strictEqual(at(last, "extra", "deep_research", "references", 3, "index_number"), 4)
    const report = messages.filter((message) => at(message, "phase") === "answer")
      .map((message) => String(at(message, "content"))).join("")
    assert.match(report, /^# 研究报告\n\n关于“人工智能在教育中的应用；个性化学习”/)
  })

  it("is shorter where a summary is asked for, and streams only", () => {
    const summary = messagesOf(researched(dialogue, { output_format: "model_summary_report" }))
    assert.isBelow(summary.length, messagesOf(researched(dialogue)).length)
    assert.strictEqual(refusalOf(researched(dialogue, { output_format: "pdf" })), invalid)
    assert.strictEqual(
      refusalOf(ask({ model: "qwen-deep-research", input: { messages: dialogue }, parameters: {} })),
      invalid
    )
  })
})
