// The client of Anthropic over our fetch, against a small server of its messages here.
import Anthropic from "@anthropic-ai/sdk"
import { once } from "node:events"
import { createServer } from "node:http"
import { open } from "../pool.mjs"
import { equal, finish, isTrue, rejection, scenario } from "./report.mjs"

const usage = { input_tokens: 3, output_tokens: 2 }
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage
}
const events = [
  { type: "message_start", message },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ...["你", "好"].map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
  { type: "message_stop" }
]
const counted = { open: 0, most: 0, requests: 0, aborted: 0 }
const server = createServer((request, response) => {
  counted.requests++
  response.on("close", () => counted.aborted += response.writableFinished ? 0 : 1)
  const chunks = []
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const { messages: [{ content }], stream } = JSON.parse(Buffer.concat(chunks).toString())
    const status = Number(/^status (\d+)/.exec(content)?.[1] ?? 200)
    if (content === "reset") return request.socket.resetAndDestroy()
    if (content === "silent") return
    if (status !== 200) {
      response.writeHead(status, { "content-type": "application/json", "request-id": "req_1" })
      return response.end(JSON.stringify({ type: "error", error: { type: "some_error", message: "refused" } }))
    }
    if (stream !== true) {
      response.setHeader("content-type", "application/json")
      return response.end(
        JSON.stringify({ ...message, content: [{ type: "text", text: "你好" }], stop_reason: "end_turn" })
      )
    }
    response.setHeader("content-type", "text/event-stream")
    for (const event of content === "endless" ? events.slice(0, 4) : events) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    if (content !== "endless") response.end()
  })
}).on("connection", (socket) => {
  counted.most = Math.max(counted.most, ++counted.open)
  socket.on("error", () => {}).on("close", () => counted.open--)
})
await once(server.listen(0, "127.0.0.1"), "listening")
const until = async (isSo) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

const pool = await open(8)
const client = new Anthropic({
  apiKey: "k",
  baseURL: `http://127.0.0.1:${server.address().port}`,
  fetch: pool.fetch,
  maxRetries: 0
})
const ask = (content, more, options) =>
  client.messages.create({ model: "m", max_tokens: 9, messages: [{ role: "user", content }], ...more }, options)

await scenario("answers", async () => {
  equal("a message", (await ask("hello")).content[0].text, "你好")
  let text = ""
  for await (const event of await ask("hello", { stream: true })) text += event.delta?.text ?? ""
  equal("a stream", text, "你好")
  const final = await client.messages.stream({
    model: "m",
    max_tokens: 9,
    messages: [{ role: "user", content: "hello" }]
  }).finalMessage()
  equal("a stream as a whole", final.content[0].text, "你好")
})

await scenario("errors", async () => {
  const cases = [[400, "BadRequestError"], [401, "AuthenticationError"], [404, "NotFoundError"], [
    429,
    "RateLimitError"
  ], [500, "InternalServerError"]]
  for (const [status, name] of cases) {
    const error = await rejection(() => ask(`status ${status}`))
    isTrue(`status ${status} is a ${name}`, error instanceof Anthropic[name] && error.status === status, error)
  }
  const lost = await rejection(() => ask("reset"))
  isTrue("the network's failure is an APIConnectionError", lost instanceof Anthropic.APIConnectionError, lost)
  equal("with the pool's error inside", [lost.cause?.cause?._tag, lost.cause?.cause?.code], [
    "ConnectionError",
    "ECONNRESET"
  ])
  counted.requests = 0
  await rejection(() => ask("reset", {}, { maxRetries: 2 }))
  equal("two retries of the client are two", counted.requests, 3)
})

await scenario("aborts", async () => {
  Object.assign(counted, { requests: 0, aborted: 0 })
  const silent = new AbortController()
  const waiting = rejection(() => ask("silent", {}, { signal: silent.signal }))
  await until(() => counted.requests === 1)
  silent.abort()
  isTrue("while it waits", (await waiting) instanceof Anthropic.APIUserAbortError, await waiting)
  const stream = await ask("endless", { stream: true })
  for await (const _ of stream) stream.controller.abort()
  for await (const _ of await ask("endless", { stream: true })) break
  await until(() => counted.aborted === 3)
  equal("nothing is held", await pool.stats(), { inFlight: 0, waiting: 0 })
})

await scenario("many", async () => {
  Object.assign(counted, { most: counted.open, requests: 0 })
  const texts = await Promise.all(Array.from({ length: 500 }, async () => (await ask("hello")).content[0].text))
  isTrue("500 at once are answered", texts.every((text) => text === "你好"), texts)
  equal("over 8 connections", [counted.most, counted.requests], [8, 500])
})

await pool.close()
await until(() => counted.open === 0)
server.close()
finish()
