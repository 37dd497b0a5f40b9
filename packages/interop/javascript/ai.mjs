// Vercel's AI SDK over our fetch, against the compatible mode: its own provider and Alibaba's.
import { open } from "../pool.mjs"
import {
  baseURL,
  behaving,
  equal,
  finish,
  idle,
  isTrue,
  key,
  rejection,
  reset,
  resting,
  scenario,
  stats
} from "./report.mjs"

const [major] = process.argv.slice(2)
const { compatible, alibaba } = {
  5: { compatible: 1 },
  6: { compatible: 2, alibaba: 1 },
  7: { compatible: 3, alibaba: 2 }
}[major]
const ai = await import(`ai-${major}`)
const { createOpenAICompatible } = await import(`@ai-sdk/openai-compatible-${compatible}`)
globalThis.AI_SDK_LOG_WARNINGS = false

const pool = await open(8)
const qwen = createOpenAICompatible({ name: "qwen", baseURL, apiKey: key, fetch: pool.fetch })
const providers = [["openai-compatible", qwen.chatModel("qwen-plus")]]
if (alibaba !== undefined) {
  const { createAlibaba } = await import(`@ai-sdk/alibaba-${alibaba}`)
  providers.push(["alibaba", createAlibaba({ baseURL, apiKey: key, fetch: pool.fetch })("qwen-plus")])
}

const weather = ai.tool({
  description: "The weather of a city",
  inputSchema: ai.jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] })
})

for (const [name, model] of providers) {
  const base = { model, prompt: "1+1?", maxRetries: 0 }
  const under = (behavior) => ({ ...base, headers: behaving(behavior) })
  /** The text of a stream, or its error. */
  const read = async (options) => {
    let [text, error] = ["", undefined]
    for await (const part of ai.streamText({ onError: () => {}, ...options }).fullStream) {
      if (part.type === "text-delta") text += part.text
      if (part.type === "error") error = part.error
    }
    if (error !== undefined) throw error
    return text
  }

  await scenario(`${name}: answers`, async () => {
    const { text, usage } = await ai.generateText(base)
    equal(`${name}: generateText`, [text, usage.totalTokens > 0], ["1+1 equals 2.", true])
    equal(`${name}: streamText`, await read(base), "1+1 equals 2.")
    const asked = { ...base, prompt: "How is the weather?", tools: { weather } }
    const { toolCalls } = await ai.generateText(asked)
    equal(`${name}: tools`, [toolCalls[0].toolName, typeof toolCalls[0].input.city], ["weather", "string"])
    const calls = await ai.streamText(asked).toolCalls
    equal(`${name}: tools of a stream`, [calls[0].toolName, typeof calls[0].input.city], ["weather", "string"])
  })

  await scenario(`${name}: errors`, async () => {
    for (const [status, isRetryable] of [[400, false], [401, false], [404, false], [429, true], [500, true]]) {
      const error = await rejection(() => ai.generateText(under({ error: { status } })))
      equal(`${name}: status ${status}`, [ai.APICallError.isInstance(error), error.statusCode, error.isRetryable], [
        true,
        status,
        isRetryable
      ])
    }
    const lost = await rejection(() => ai.generateText(under({ fault: { _tag: "ResetBeforeHeaders" } })))
    equal(`${name}: the network's failure may be tried again`, [ai.APICallError.isInstance(lost), lost.isRetryable], [
      true,
      true
    ])
    equal(`${name}: with the pool's error inside`, [lost.cause?._tag, lost.cause?.code], [
      "ConnectionError",
      "ECONNRESET"
    ])
    const cut = await rejection(() => read(under({ fault: { _tag: "ResetAfterBytes", bytes: 300 } })))
    isTrue(`${name}: a stream that breaks off fails`, cut.isNone !== true, cut)
    for (const behavior of [{ fault: { _tag: "CloseBeforeHeaders" } }, { error: { status: 500, retryAfter: 0 } }]) {
      await reset()
      await rejection(() => ai.generateText({ ...under(behavior), maxRetries: 1 }))
      equal(`${name}: a retry of the SDK is one: ${Object.keys(behavior)}`, (await stats()).totalRequests, 2)
    }
  })

  await scenario(`${name}: aborts`, async () => {
    await resting()
    await reset()
    const early = await rejection(() => ai.generateText({ ...base, abortSignal: AbortSignal.abort() }))
    equal(`${name}: before the call`, [early.name, (await stats()).totalRequests], ["AbortError", 0])
    const silent = new AbortController()
    const waiting = rejection(() =>
      ai.generateText({ ...under({ fault: { _tag: "StallBeforeHeaders" } }), abortSignal: silent.signal })
    )
    while ((await stats()).requestsInFlight === 0);
    silent.abort()
    equal(`${name}: while it waits`, (await waiting).name, "AbortError")
    const controller = new AbortController()
    const endless = under({ stream: { events: 100_000, eventInterval: 1 } })
    const stream = ai.streamText({ ...endless, abortSignal: controller.signal, onError: () => {} })
    await rejection(async () => {
      for await (const part of stream.fullStream) if (part.type === "text-delta") controller.abort()
    })
    const seen = await resting()
    equal(`${name}: the server saw both end`, [seen.totalRequests, seen.abortedRequests], [2, 2])
    equal(`${name}: nothing is held`, await pool.stats(), { inFlight: 0, waiting: 0 })
  })

  await scenario(`${name}: many`, async () => {
    await reset()
    const texts = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => i % 2 === 0 ? (await ai.generateText(base)).text : await read(base))
    )
    isTrue(`${name}: 500 at once are answered`, texts.every((text) => text === "1+1 equals 2."), texts)
    const { maxOpenConnections, maxRequestsInFlight, totalRequests } = await stats()
    isTrue(
      `${name}: over 8 connections`,
      maxOpenConnections <= 8 && maxRequestsInFlight <= 8 && totalRequests === 500,
      { maxOpenConnections, maxRequestsInFlight, totalRequests }
    )
  })
}

await scenario("embeddings", async () => {
  const model = (qwen.embeddingModel ?? qwen.textEmbeddingModel)("text-embedding-v4")
  const { embeddings } = await ai.embedMany({ model, values: ["a", "b", "c"], maxRetries: 0 })
  equal("embedMany", embeddings.map(({ length }) => length), [1024, 1024, 1024])
})

await pool.close()
equal("no connection is left", (await idle()).openConnections, 0)
finish()
