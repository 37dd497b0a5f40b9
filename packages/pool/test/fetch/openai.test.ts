/** The client of OpenAI over our fetch. `npm run interop` tries more of it, and the other SDKs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import OpenAI from "openai"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Fetch from "../../src/Fetch.js"
import { assertAllBack, makePool } from "../util/support.js"

const start = Effect.gen(function*() {
  const simulator = yield* Simulator.make({ apiKeys: ["sk-test"] })
  const { pool, stats } = yield* makePool({ connectionPoolSize: 8, resendOnStaleConnection: false })
  const fetch = yield* Fetch.makeWith(pool)
  const baseURL = `${simulator.origin}/compatible-mode/v1`
  const client = new OpenAI({ apiKey: "sk-test", baseURL, fetch, maxRetries: 0 })
  const { chat: { completions } } = client
  const asked = { model: "qwen-plus", messages: [{ role: "user" as const, content: "1+1?" }] }
  const call = (behavior?: Behavior.Behavior, options?: OpenAI.RequestOptions) =>
    completions.create(asked, { headers: behavior && Behavior.toHeaders(behavior), ...options })
  const stream = (behavior?: Behavior.Behavior) =>
    completions.create({ ...asked, stream: true }, { headers: behavior && Behavior.toHeaders(behavior) })
  return { call, client, simulator, stats, stream }
})

type Chunks = AsyncIterable<OpenAI.ChatCompletionChunk>

const textOf = async (chunks: Chunks) => {
  let text = ""
  for await (const { choices } of chunks) text += choices[0]?.delta.content ?? ""
  return text
}

const rejection = (run: () => Promise<unknown>) =>
  Effect.flip(Effect.tryPromise({ try: run, catch: (error) => error as Error & { readonly cause?: Error } }))

describe("the client of OpenAI over fetch", () => {
  it.scopedLive("calls and streams over the pool's connections, however many at once", () =>
    Effect.gen(function*() {
      const { call, simulator, stats, stream } = yield* start
      const count = casesOf(500, 0.1)
      const one = async (_: unknown, i: number) =>
        i % 2 === 0 ? (await call()).choices[0]?.message.content : textOf(await stream())
      const texts = yield* Effect.promise(() => Promise.all(Array.from({ length: count }, one)))
      assert.deepStrictEqual([...new Set(texts)], ["1+1 equals 2."])
      const { abortedRequests, totalConnections, totalRequests } = yield* simulator.stats
      assert.deepStrictEqual([abortedRequests, totalConnections, totalRequests], [0, 8, count])
      assertAllBack(yield* stats)
    }))

  it.scopedLive("asks for responses, whole and streamed, with tools and in turns, and for embeddings as it does by itself", () =>
    Effect.gen(function*() {
      const { client: { embeddings, responses }, stats } = yield* start
      const asked = { model: "qwen-plus", input: "1+1?" }
      const weather: OpenAI.Responses.FunctionTool = {
        type: "function",
        name: "weather",
        parameters: { type: "object", properties: { city: { type: "string" } } },
        strict: false
      }
      yield* Effect.promise(async () => {
        const whole = await responses.create({ ...asked, reasoning: { effort: "low" } })
        assert.strictEqual(whole.output_text, "1+1 equals 2.")
        let text = ""
        for await (const event of await responses.create({ ...asked, stream: true })) {
          if (event.type === "response.output_text.delta") text += event.delta
        }
        assert.strictEqual(text, whole.output_text)
        // It puts all events together, and fails where they do not fit.
        const final = await responses.stream({ ...asked, input: "The weather?", tools: [weather] }).finalResponse()
        const [call] = final.output
        if (call?.type !== "function_call") return assert.fail("no call")
        assert.strictEqual(call.name, "weather")
        const output = { type: "function_call_output" as const, call_id: call.call_id, output: "sunny" }
        const { id, output_text } = await responses.create({
          ...asked,
          input: [output],
          tools: [weather],
          previous_response_id: final.id
        })
        assert.include(output_text, "sunny")
        assert.strictEqual((await responses.retrieve(id)).output_text, output_text)
        const broken = responses.create(
          { ...asked, stream: true },
          { headers: Behavior.toHeaders({ stream: { errorAfterEvents: 3 } }) }
        )
        const types: Array<string> = []
        for await (const { type } of await broken) types.push(type)
        assert.strictEqual(types.at(-1), "error")
        // Without a word on their encoding it asks for base64.
        const { data: [first] } = await embeddings.create({ model: "text-embedding-v4", input: "a", dimensions: 64 })
        assert.strictEqual(first?.embedding.length, 64)
        assert.isTrue(first?.embedding.every((value) => Math.abs(value) <= 1))
      })
      assertAllBack(yield* stats)
    }))

  it.scopedLive("reads errors, and tries again as often as it says", () =>
    Effect.gen(function*() {
      const { call, simulator } = yield* start
      const limited = yield* rejection(() => call({ error: { status: 429 } }))
      assert.instanceOf(limited, OpenAI.RateLimitError)
      const lost = yield* rejection(() => call({ fault: { _tag: "ResetBeforeHeaders" } }))
      assert.instanceOf(lost, OpenAI.APIConnectionError)
      assert.deepInclude({ ...lost.cause?.cause as object }, { _tag: "ConnectionError", reason: "Reset" })
      yield* simulator.resetStats
      yield* rejection(() => call({ error: { status: 500, retryAfter: 0 } }, { maxRetries: 2 }))
      assert.strictEqual((yield* simulator.stats).totalRequests, 3)
    }))

  it.scopedLive("leaves a stream and aborts a call: their connections end, and their permits are back", () =>
    Effect.gen(function*() {
      const { call, simulator, stats, stream } = yield* start
      yield* Effect.promise(async () => {
        for await (const _ of (await stream({ stream: { events: 10_000, eventInterval: 1 } })) as Chunks) break
      })
      const controller = new AbortController()
      const { signal } = controller
      const waiting = call({ fault: { _tag: "StallBeforeHeaders" } }, { signal })
      yield* simulator.waitFor(({ requestsInFlight, totalRequests }) => totalRequests === 2 && requestsInFlight === 1)
      controller.abort()
      assert.instanceOf(yield* rejection(() => waiting), OpenAI.APIUserAbortError)
      assertAllBack(yield* stats)
      yield* simulator.waitFor(({ abortedRequests }) => abortedRequests === 2)
    }))
})
