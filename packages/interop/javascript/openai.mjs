// The client of OpenAI over our fetch, against the compatible mode.
import OpenAI from "openai"
import { open } from "../pool.mjs"
import {
  baseURL,
  behaving,
  equal,
  finish,
  idle,
  isTrue,
  key,
  lastRequest,
  leaveAfterFirst,
  rejection,
  reset,
  resting,
  scenario,
  stats
} from "./report.mjs"

const pool = await open(8)
const client = new OpenAI({ apiKey: key, baseURL, fetch: pool.fetch, maxRetries: 0 })
const asked = { model: "qwen-plus", messages: [{ role: "user", content: "1+1?" }] }
const ask = (more, options) => client.chat.completions.create({ ...asked, ...more }, options)
const under = (behavior, more) => ask(more, { headers: behaving(behavior) })
const weather = [{ role: "user", content: "How is the weather?" }]
const tools = [{
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }
}]

await scenario("answers", async () => {
  const answer = await ask()
  equal("a call is answered", answer.choices[0].message.content, "1+1 equals 2.")
  isTrue(
    "with its usage",
    answer.usage.total_tokens === answer.usage.prompt_tokens + answer.usage.completion_tokens,
    answer
  )
  equal("its headers are those that are asked", (await lastRequest()).headers["content-type"], "application/json")
  const called = await ask({ tools, messages: weather })
  equal("tools are called", called.choices[0].message.tool_calls[0].function.name, "weather")
  const json = await ask({
    response_format: { type: "json_object" },
    messages: [{ role: "user", content: "JSON, please" }]
  })
  equal("JSON is JSON", typeof JSON.parse(json.choices[0].message.content), "object")
  const { data } = await client.embeddings.create({
    model: "text-embedding-v4",
    input: ["a", "b"],
    dimensions: 64,
    encoding_format: "float"
  })
  equal("texts are embedded", data.map(({ embedding }) => embedding.length), [64, 64])
  const base64 = await client.embeddings.create({ model: "text-embedding-v4", input: "a", dimensions: 64 })
  equal("in base64 too, which it asks for by itself", base64.data[0].embedding.length, 64)
  const models = []
  for await (const { id } of client.models.list()) models.push(id)
  isTrue("models are listed", models.includes("qwen-plus"), models)
})

await scenario("streams", async () => {
  const stream = await ask({ stream: true, stream_options: { include_usage: true } })
  let [text, usage] = ["", undefined]
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ""
    usage ??= chunk.usage
  }
  equal("a stream is read", [text, usage !== undefined], ["1+1 equals 2.", true])
  let thought = ""
  for await (const chunk of await ask({ stream: true, enable_thinking: true })) {
    thought += chunk.choices[0]?.delta.reasoning_content ?? ""
  }
  isTrue("thinking is read", thought.length > 0)
  const runner = client.chat.completions.stream({ ...asked, tools, messages: weather })
  const [call] = (await runner.finalMessage()).tool_calls
  isTrue(
    "a call in fragments is put together",
    call.function.name === "weather" && JSON.parse(call.function.arguments) !== null,
    call
  )
})

await scenario("responses", async () => {
  const input = { model: "qwen-plus", input: "1+1?" }
  const [weather] = tools.map(({ function: named }) => ({ type: "function", strict: false, ...named }))
  const whole = await client.responses.create(input)
  equal("a response", whole.output_text, "1+1 equals 2.")
  equal("is kept", (await client.responses.retrieve(whole.id)).output_text, whole.output_text)
  let text = ""
  for await (const event of await client.responses.create({ ...input, stream: true })) {
    if (event.type === "response.output_text.delta") text += event.delta
  }
  equal("a stream is read", text, whole.output_text)
  const thought = await client.responses.stream({ ...input, reasoning: { effort: "low" } }).finalResponse()
  equal("thinking is put together", thought.output.map(({ type }) => type), ["reasoning", "message"])
  const called = await client.responses.stream({ ...input, input: "The weather?", tools: [weather] }).finalResponse()
  const [call] = called.output
  equal("functions are called", [call.type, call.name], ["function_call", "weather"])
  const output = [{ type: "function_call_output", call_id: call.call_id, output: "sunny" }]
  const next = await client.responses.create({
    ...input,
    input: output,
    tools: [weather],
    previous_response_id: called.id
  })
  isTrue("it goes on from their results", next.output_text.includes("sunny"), next)
  const wrong = await rejection(() => client.responses.create({ ...input, temperature: 9 }))
  isTrue("errors are read", wrong instanceof OpenAI.BadRequestError, wrong)
})

await scenario("errors", async () => {
  const cases = [
    [400, "BadRequestError"],
    [401, "AuthenticationError"],
    [403, "PermissionDeniedError"],
    [404, "NotFoundError"],
    [429, "RateLimitError"],
    [500, "InternalServerError"],
    [503, "InternalServerError"]
  ]
  for (const [status, name] of cases) {
    const error = await rejection(() => under({ error: { status } }))
    isTrue(`status ${status} is a ${name}`, error instanceof OpenAI[name] && error.status === status, error)
  }
  const wrong = await rejection(() => ask({ temperature: 9 }))
  equal("an error's envelope is read", [wrong.code, wrong.type], ["invalid_parameter_error", "invalid_request_error"])
  const broken = await rejection(async () => {
    for await (const _ of await under({ stream: { errorAfterEvents: 1 } }, { stream: true }));
  })
  isTrue("so is one in a stream", broken instanceof OpenAI.APIError, broken)
  const cut = await rejection(async () => {
    for await (const _ of await under({ fault: { _tag: "ResetAfterBytes", bytes: 300 } }, { stream: true }));
  })
  equal("a stream that breaks off fails", [cut.message, cut.cause?.code], ["terminated", "ECONNRESET"])
  const lost = await rejection(() => under({ fault: { _tag: "ResetBeforeHeaders" } }))
  isTrue("the network's failure is an APIConnectionError", lost instanceof OpenAI.APIConnectionError, lost)
  equal("with the pool's error inside", [lost.cause?.message, lost.cause?.cause?._tag, lost.cause?.cause?.code], [
    "fetch failed",
    "ConnectionError",
    "ECONNRESET"
  ])
})

await scenario("retries", async () => {
  for (const behavior of [{ fault: { _tag: "CloseBeforeHeaders" } }, { error: { status: 500 } }]) {
    await reset()
    await rejection(() => ask({}, { headers: behaving(behavior), maxRetries: 2 }))
    equal(`two retries of the client are two: ${Object.keys(behavior)}`, (await stats()).totalRequests, 3)
  }
})

await scenario("aborts", async () => {
  await resting()
  await reset()
  const early = new AbortController()
  early.abort()
  const before = await rejection(() => ask({}, { signal: early.signal }))
  isTrue("before the call", before instanceof OpenAI.APIUserAbortError, before)
  const silent = new AbortController()
  const waiting = rejection(() =>
    ask({}, { signal: silent.signal, headers: behaving({ fault: { _tag: "StallBeforeHeaders" } }) })
  )
  while ((await stats()).requestsInFlight === 0);
  silent.abort()
  isTrue("while it waits", (await waiting) instanceof OpenAI.APIUserAbortError, await waiting)
  // Long enough for the request to reach the server, however busy the machine is.
  const timeout = await rejection(() =>
    ask({}, { timeout: 1000, headers: behaving({ fault: { _tag: "StallBeforeHeaders" } }) })
  )
  isTrue("by its timeout", timeout instanceof OpenAI.APIConnectionTimeoutError, timeout)
  const endless = { stream: { events: 100_000, eventInterval: 1 } }
  const stream = await under(endless, { stream: true })
  await leaveAfterFirst(stream, stream.controller)
  for await (const _ of await under(endless, { stream: true })) break
  const seen = await resting()
  equal("the server saw four connections end", [seen.totalRequests, seen.abortedRequests], [4, 4])
  equal("nothing is held", await pool.stats(), { inFlight: 0, waiting: 0 })
})

await scenario("many", async () => {
  await reset()
  const texts = await Promise.all(Array.from({ length: 500 }, async (_, i) => {
    if (i % 2 === 0) return (await under({ latency: 2 })).choices[0].message.content
    let text = ""
    for await (const chunk of await ask({ stream: true })) text += chunk.choices[0]?.delta.content ?? ""
    return text
  }))
  isTrue("500 at once are answered", texts.every((text) => text === "1+1 equals 2."), texts)
  const { maxOpenConnections, maxRequestsInFlight, totalRequests } = await stats()
  isTrue("over 8 connections", maxOpenConnections === 8 && maxRequestsInFlight <= 8 && totalRequests === 500, {
    maxOpenConnections,
    maxRequestsInFlight,
    totalRequests
  })
})

await pool.close()
equal("no connection is left", (await idle()).openConnections, 0)
const closed = await rejection(() => ask())
equal("a closed fetch says so", closed.cause?.cause?.reason, "Closed")
finish()
