/**
 * What stands beside an answer, whatever it is, costs nobody the answer; and a stream that breaks off, wherever it does,
 * fails with what had come, or is whole.
 */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
// Thousands of checks: those of chai take a hundred times as long.
import * as assert from "node:assert"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import type { ServerEvent } from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import { fold } from "../../src/internal/chat/total.js"
import { isRecord } from "../../src/internal/core/record.js"
import * as Envelope from "../../src/internal/protocol/envelope.js"
import { EventReader } from "../../src/internal/protocol/eventReader.js"
import { bytes, frame, says, serving } from "../util/events.js"
import { awkwardJson, fill, holes } from "../util/fuzz.js"

const params = { model: "qwen-plus", prompt: "你好" }

// ---------------------------------------------------------------------------------------------------------------------
// Beside the answer
// ---------------------------------------------------------------------------------------------------------------------

const said = "hello 👩‍👩‍👧"

const usage = {
  input_tokens: 21,
  output_tokens: 8,
  total_tokens: 29,
  image_tokens: 1,
  input_tokens_details: { text_tokens: 20, image_tokens: 1 },
  output_tokens_details: { reasoning_tokens: 3, text_tokens: 5 },
  prompt_tokens_details: {
    cached_tokens: 16,
    cache_type: "ephemeral",
    cache_creation: { ephemeral_5m_input_tokens: 2 }
  },
  plugins: { search: { count: 1, strategy: "turbo" }, code_interpreter: { count: 1 } }
}

const besides = {
  search_info: {
    search_results: [{ index: 1, title: "A page", url: "https://example.com/", site_name: "Example", icon: "" }],
    extra_tool_info: [{}]
  },
  model_name: "qwen-plus",
  tool_info: [{ type: "code_interpreter", code_interpreter: { code: "1 + 1" } }],
  fininshed: false,
  fininshed_reason: "null"
}

const call = { index: 0, id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }

/** Answers with everything that may stand in one. */
const answers: ReadonlyArray<object> = [
  {
    output: {
      choices: [{
        index: 0,
        finish_reason: "stop",
        message: {
          role: "assistant",
          content: said,
          reasoning_content: "They greet me.",
          tool_calls: [call],
          extra: 1
        },
        logprobs: {
          content: [{ token: "Good", bytes: [71], logprob: -0.25, top_logprobs: [{ token: "Hi", logprob: -3 }] }]
        }
      }],
      ...besides
    },
    usage,
    request_id: "r-1",
    code: "",
    message: ""
  },
  {
    output: {
      choices: [
        { index: 0, finish_reason: "stop", message: { role: "assistant", content: said } },
        { index: 1, finish_reason: "length", message: { role: "assistant", content: "another" } }
      ]
    }
  },
  {
    output: { text: said, finish_reason: "stop", choices: null, ...besides },
    usage,
    request_id: "r-1",
    status_code: 200
  }
]

const contentOf = (json: unknown): unknown => {
  const output = isRecord(json) ? json["output"] : undefined
  if (!isRecord(output)) return undefined
  const { choices } = output
  if (!Array.isArray(choices) || choices.length === 0) return output["text"]
  const [choice] = choices as ReadonlyArray<unknown>
  const message = isRecord(choice) ? choice["message"] : undefined
  return isRecord(message) ? message["content"] : undefined
}

/** Another number would be another choice. */
const indexOf = (json: unknown): number | undefined => {
  const output = isRecord(json) ? json["output"] : undefined
  const choices = isRecord(output) ? output["choices"] : undefined
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
  return isRecord(choice) && Number.isInteger(choice["index"]) ? Number(choice["index"]) : undefined
}

/** The places where something may stand that is not the answer. */
const places = answers.flatMap(holes)

/** Whether the text says the same where it should, called and streamed. */
const check = (text: string) => {
  if (contentOf(JSON.parse(text)) !== said) return
  const reading = Envelope.read(text, [])
  assert.strictEqual(reading._tag, "Answer", text)
  const called = Generation.decode(reading._tag === "Answer" ? reading.body : undefined)
  assert.ok(Either.isRight(called), text)
  assert.strictEqual(Generation.text(Either.getOrThrow(called)), said, text)
  const reader = new EventReader({ status: 200, headers: {} as ServerEvent["headers"] }, { secrets: [] })
  const index = indexOf(JSON.parse(text))
  const more = says("!", "stop", index === undefined ? {} : { index })
  const events = [...reader.feed([bytes(frame(text) + more)]), ...reader.end()]
  assert.strictEqual(reader.outcome?._tag, "Done", text)
  const total = fold(events.map(({ body }) => Either.getOrThrow(Generation.decode(body))))
  const texts = total.output.choices.map(({ message }) => message.content)
  assert.ok([total.output.text, ...texts].join("\n").includes(said), text)
}

describe("what stands beside an answer", () => {
  it("may be awkward, at any place", () => {
    assert.ok(places.length > 150)
    for (const [i, place] of places.entries()) {
      for (const [j, json] of awkwardJson.entries()) {
        if (isThorough || (i + j) % 20 === 0) check(fill(place, json))
      }
    }
  })

  it.prop(
    "may be any JSON, at any place",
    [FastCheck.constantFrom(...places), FastCheck.json({ maxDepth: 3 })],
    ([place, json]) => check(fill(place, json)),
    { fastCheck: { numRuns: casesOf(1500) } }
  )
})

// ---------------------------------------------------------------------------------------------------------------------
// Broken off
// ---------------------------------------------------------------------------------------------------------------------

const piece = (args: string, more: object = {}) =>
  says("", "null", { message: { tool_calls: [{ index: 0, ...more, function: { arguments: args } }] } })

const stream = says("", "null", { message: { reasoning_content: "嗯" } }) + says("你好") + ": ping\n\n" +
  says("，世界 👩‍👩‍👧") +
  piece("", { id: "call_1" }) + piece("{\"place\":") + piece("\"杭州\"}") + says("", "tool_calls") +
  frame({ output: { choices: [] }, usage: { input_tokens: 1, output_tokens: 9 } })

const whole = "你好，世界 👩‍👩‍👧{\"place\":\"杭州\"}"

const spoken = (result: Generation.GenerationResult): string =>
  Generation.text(result) + Generation.toolCalls(result).map((call) => call.function.arguments).join("")

describe("a stream that breaks off", () => {
  const encoded = bytes(stream)
  const total = encoded.length
  const ending = stream.indexOf("finish_reason\":\"tool_calls")
  const complete = bytes(stream.slice(0, stream.indexOf("\n", ending))).length
  let sent = encoded
  const { layer } = serving(() => Stream.make(sent))
  const step = isThorough ? 1 : 41

  it.effect("anywhere is an error with what had come, or whole", () =>
    Effect.gen(function*() {
      for (let at = 0; at <= total; at += step) {
        sent = encoded.subarray(0, at)
        const ended = yield* Effect.either(Generation.collect(Generation.stream(params)))
        if (Either.isRight(ended)) {
          assert.strictEqual(spoken(ended.right), whole, `cut at ${at}`)
          assert.ok(at >= complete)
        } else {
          const error = ended.left
          assert.ok(error._tag === "ConnectionError" && error.reason === "Truncated", `cut at ${at}: ${error.message}`)
          const partial = Generation.partialResult(error)
          assert.ok(whole.startsWith(partial === undefined ? "" : spoken(partial)), `cut at ${at}`)
          assert.ok(at < total)
        }
      }
    }).pipe(Effect.provide(layer)))
})
