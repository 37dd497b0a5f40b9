// The client of Anthropic over our fetch, against the simulator's messages in that form.
import Anthropic from "@anthropic-ai/sdk"
import { open } from "../pool.mjs"
import {
  baseURL,
  behaving,
  equal,
  finish,
  idle,
  isTrue,
  key,
  leaveAfterFirst,
  rejection,
  reset,
  resting,
  scenario,
  stats
} from "./report.mjs"

const pool = await open(8)
const client = new Anthropic({
  apiKey: key,
  baseURL: baseURL.replace("/compatible-mode/v1", "/apps/anthropic"),
  fetch: pool.fetch,
  maxRetries: 0
})
const asked = { model: "qwen-plus", max_tokens: 1024, messages: [{ role: "user", content: "1+1?" }] }
const ask = (more, options) => client.messages.create({ ...asked, ...more }, options)
const under = (behavior, more) => ask(more, { headers: behaving(behavior) })
const weather = [{ role: "user", content: "How is the weather?" }]
const tools = [{ name: "weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }]
const thinking = { type: "enabled", budget_tokens: 1024 }

await scenario("answers", async () => {
  const message = await ask()
  equal("a message", message.content, [{ type: "text", text: "1+1 equals 2." }])
  isTrue("with its usage", message.usage.input_tokens > 0 && message.usage.output_tokens > 0, message.usage)
  const thought = await ask({ thinking })
  equal("thinking and text", thought.content.map(({ type }) => type), ["thinking", "text"])
  const called = await ask({ tools, messages: weather })
  const use = called.content.at(-1)
  equal("tools are used", [called.stop_reason, use.type, use.name], ["tool_use", "tool_use", "weather"])
  const results = [{ type: "tool_result", tool_use_id: use.id, content: "sunny" }]
  const messages = [...weather, { role: "assistant", content: called.content }, { role: "user", content: results }]
  const answer = await ask({ tools, messages })
  isTrue("it goes on from their results", answer.content[0].text.includes("sunny"), answer)
})

await scenario("streams", async () => {
  let text = ""
  for await (const event of await ask({ stream: true })) text += event.delta?.text ?? ""
  equal("a stream is read", text, "1+1 equals 2.")
  const thought = await client.messages.stream({ ...asked, thinking }).finalMessage()
  equal("thinking is put together", thought.content.map(({ type }) => type), ["thinking", "text"])
  isTrue("of what it says", thought.content[0].thinking !== "" && thought.usage.output_tokens > 0, thought)
  const whole = await ask({ tools, messages: weather })
  const called = await client.messages.stream({ ...asked, tools, messages: weather }).finalMessage()
  equal(
    "a call in fragments is put together",
    [called.stop_reason, called.content.at(-1).input],
    ["tool_use", whole.content.at(-1).input]
  )
})

await scenario("errors", async () => {
  const cases = [
    [400, "BadRequestError"],
    [401, "AuthenticationError"],
    [403, "PermissionDeniedError"],
    [404, "NotFoundError"],
    [429, "RateLimitError"],
    [500, "InternalServerError"]
  ]
  for (const [status, name] of cases) {
    const error = await rejection(() => under({ error: { status } }))
    isTrue(`status ${status} is a ${name}`, error instanceof Anthropic[name] && error.status === status, error)
  }
  const wrong = await rejection(() => ask({ temperature: 9 }))
  equal("an error's envelope is read", [wrong.error.type, wrong.error.error.type], ["error", "invalid_request_error"])
  const broken = await rejection(async () => {
    for await (const _ of await under({ stream: { errorAfterEvents: 1 } }, { stream: true }));
  })
  isTrue("so is one in a stream", broken instanceof Anthropic.APIError, broken)
  const lost = await rejection(() => under({ fault: { _tag: "ResetBeforeHeaders" } }))
  isTrue("the network's failure is an APIConnectionError", lost instanceof Anthropic.APIConnectionError, lost)
  equal("with the pool's error inside", [lost.cause?.cause?._tag, lost.cause?.cause?.code], [
    "ConnectionError",
    "ECONNRESET"
  ])
  await reset()
  await rejection(() => ask({}, { headers: behaving({ fault: { _tag: "CloseBeforeHeaders" } }), maxRetries: 2 }))
  equal("two retries of the client are two", (await stats()).totalRequests, 3)
})

await scenario("aborts", async () => {
  await resting()
  await reset()
  const silent = new AbortController()
  const waiting = rejection(() =>
    ask({}, { signal: silent.signal, headers: behaving({ fault: { _tag: "StallBeforeHeaders" } }) })
  )
  while ((await stats()).requestsInFlight === 0);
  silent.abort()
  isTrue("while it waits", (await waiting) instanceof Anthropic.APIUserAbortError, await waiting)
  const endless = { stream: { events: 100_000, eventInterval: 1 } }
  const stream = await under(endless, { stream: true })
  await leaveAfterFirst(stream, stream.controller)
  for await (const _ of await under(endless, { stream: true })) break
  const seen = await resting()
  equal("the server saw three connections end", [seen.totalRequests, seen.abortedRequests], [3, 3])
  equal("nothing is held", await pool.stats(), { inFlight: 0, waiting: 0 })
})

await scenario("many", async () => {
  await reset()
  const texts = await Promise.all(
    Array.from({ length: 500 }, async () => (await under({ latency: 2 })).content[0].text)
  )
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
finish()
