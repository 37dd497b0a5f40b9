import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as DashScope from "../../src/DashScope.js"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as Message from "../../src/Message.js"
import { frame, serving } from "../util/events.js"
import { key } from "../util/mock.js"

interface Step {
  readonly phase: string
  readonly status: string
  readonly content?: string
  readonly found?: object
}

const wire = ({ content = "", found = {}, phase, status }: Step) => ({
  output: {
    message: { phase, role: "assistant", content, extra: { deep_research: found }, status },
    fininshed: false,
    fininshed_reason: "null"
  },
  usage: { input_tokens: 3, output_tokens: 4 },
  request_id: "r-1"
})

const references = [{ index_number: 1, title: "A page", url: "https://a.test", description: "About it.", icon: "" }]

const steps: ReadonlyArray<Step> = [
  { phase: "ResearchPlanning", status: "typing", content: "A " },
  { phase: "ResearchPlanning", status: "typing", content: "plan" },
  { phase: "ResearchPlanning", status: "finished" },
  { phase: "WebResearch", status: "streamingQueries", found: { research: { id: "1", query: "schools" } } },
  { phase: "KeepAlive", status: "typing" },
  { phase: "WebResearch", status: "WebResultFinished", found: { research: { id: "1", learningMap: {} } } },
  { phase: "answer", status: "typing", content: "The " },
  { phase: "KeepAlive", status: "typing" },
  { phase: "answer", status: "typing", content: "report" },
  { phase: "answer", status: "finished", found: { references } }
]

const body = (steps: ReadonlyArray<Step>) => steps.map((step) => frame(wire(step))).join("")

const params: Generation.GenerationParams = { model: "qwen-deep-research", prompt: "AI in schools" }

describe("a research", () => {
  it.effect("streams its report as text, and tells of its phases", () =>
    Effect.gen(function*() {
      const { layer } = serving(body(steps))
      const results = Chunk.toReadonlyArray(yield* Effect.provide(Stream.runCollect(Generation.stream(params)), layer))
      assert.deepStrictEqual(
        results.map((result) => Generation.research(result)?.phase),
        steps.map(({ phase }) => phase)
      )
      assert.deepStrictEqual(
        results.map((result) => Generation.research(result)?.content),
        steps.map(({ content = "" }) => content)
      )
      assert.deepStrictEqual<unknown>(
        results.map((result) => Generation.research(result)?.search),
        steps.map(({ found = {} }) => Generation.field(found, "research"))
      )
      assert.deepStrictEqual(
        results.map((result) => result.output.choices[0].finishReason),
        steps.map(({ phase, status }) => phase === "answer" && status === "finished" ? "stop" : "null")
      )
      const texts = yield* Effect.provide(Stream.runCollect(Generation.streamText(params)), layer)
      assert.deepStrictEqual(Chunk.toReadonlyArray(texts), ["The ", "report"])
    }))

  it.effect("comes to its report with its sources", () =>
    Effect.gen(function*() {
      const { layer } = serving(body(steps))
      const result = yield* Effect.provide(Generation.collect(Generation.stream(params)), layer)
      assert.strictEqual(Generation.text(result), "The report")
      assert.strictEqual(Generation.assistantMessage(result).content, "The report")
      const found = Generation.research(result)
      assert.deepStrictEqual([found?.phase, found?.status, found?.content], ["answer", "finished", "The report"])
      assert.deepStrictEqual(found?.references.map(({ indexNumber, url }) => [indexNumber, url]), [[
        1,
        "https://a.test"
      ]])
      // In the service's own form again.
      assert.deepStrictEqual<unknown>(Schema.encodeSync(Generation.GenerationResult)(result).output, {
        ...wire({ phase: "answer", status: "finished", content: "The report" }).output,
        message: {
          phase: "answer",
          role: "assistant",
          status: "finished",
          content: "The report",
          extra: { deep_research: { research: { id: "1", learningMap: {} }, references } }
        }
      })
    }))

  it.effect("that ends before its report does is truncated, whichever phases had ended", () =>
    Effect.gen(function*() {
      for (let count = 1; count < steps.length; count++) {
        const { layer } = serving(body(steps.slice(0, count)))
        const error = yield* Effect.flip(Effect.provide(Generation.collect(Generation.stream(params)), layer))
        assert.instanceOf(error, DashScopeError.ConnectionError)
        assert.strictEqual(error.reason, "Truncated")
        const partial = Generation.partialResult(error)
        assert.isDefined(partial)
        const [{ content = "" } = {}] = steps.slice(0, count).filter(({ phase }) => phase === "answer")
        assert.strictEqual(Generation.text(partial), count > 8 ? "The report" : content)
      }
    }))

  it("is nothing that other answers have", () => {
    const result = Either.getOrThrow(Generation.decode({ output: { choices: [{ message: { content: "a" } }] } }))
    assert.isUndefined(Generation.research(result))
  })

  it.scopedLive("of the simulator asks back, and answers with a report", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const layer = DashScope.layer({ apiKey: key, endpoint: simulator.url })
      const question = [Message.user("AI in schools")]
      const { asked, report, texts } = yield* Effect.gen(function*() {
        const asked = yield* Generation.collect(Generation.stream({ model: params.model, messages: question }))
        const messages = [...question, Generation.assistantMessage(asked), Message.user("The costs")]
        const report = yield* Generation.collect(Generation.stream({ model: params.model, messages }))
        const texts = yield* Stream.runCollect(Generation.streamText({ model: params.model, messages }))
        return { asked, report, texts: Chunk.join(texts, "") }
      }).pipe(Effect.provide(layer))
      assert.match(Generation.text(asked), /schools.*\?/s)
      assert.match(Generation.text(report), /^# Report/)
      assert.strictEqual(texts, Generation.text(report))
      assert.isAtLeast(Generation.research(report)?.references.length ?? 0, 2)
    }))
})
