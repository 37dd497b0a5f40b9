/**
 * The client of OpenAI over the connection pool, which it is given as a `fetch`: its calls wait in the pool's queue.
 *
 * It retries as it is told, and the pool adds nothing to that: attempts do not multiply.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Redacted } from "effect"
import { ConnectionConfig, ConnectionPool, Fetch } from "effect-dashscope"
import OpenAI from "openai"
import * as Service from "./internal/service.js"

const baseUrl = Config.string("DASHSCOPE_HTTP_BASE_URL").pipe(
  Config.withDefault("https://dashscope.aliyuncs.com/api/v1"),
  Config.map((url) => url.replace("/api/v1", "/compatible-mode/v1"))
)

const program = Effect.gen(function*() {
  const { name, simulator } = yield* Service.Service
  yield* Console.log(`Asking:   ${name}`)

  const client = new OpenAI({
    apiKey: Redacted.value(yield* Config.redacted("DASHSCOPE_API_KEY")),
    baseURL: yield* baseUrl,
    fetch: yield* Fetch.make
  })
  const ask = (content: string) => ({ model: "qwen-plus", messages: [{ role: "user" as const, content }] })

  // Interrupting the Effect aborts the call: its permit and its socket are free at once.
  const answer = yield* Effect.tryPromise((signal) => client.chat.completions.create(ask("你是谁？"), { signal }))
  yield* Console.log(`Answer:   ${answer.choices[0]?.message.content}`)

  const questions = Array.from({ length: 40 }, (_, i) => `${i}+${i}?`)
  const read = (question: string) =>
    Effect.tryPromise(async (signal) => {
      const chunks = await client.chat.completions.create({ ...ask(question), stream: true }, { signal })
      let text = ""
      for await (const { choices } of chunks) text += choices[0]?.delta.content ?? ""
      return text
    })
  const texts = yield* Effect.forEach(questions, read, { concurrency: "unbounded" })
  yield* Console.log(`Streams:  ${texts.filter((text) => text !== "").length} at once`)
  yield* Console.log(`Pool:     ${(yield* ConnectionPool.stats).toString()}`)
  if (simulator !== undefined) {
    const { maxOpenConnections, totalRequests } = yield* simulator.stats
    yield* Console.log(`Server:   ${totalRequests} requests over ${maxOpenConnections} connections`)
  }
})

program.pipe(
  Effect.scoped,
  Effect.provide(ConnectionPool.layer(ConnectionConfig.make({ connectionPoolSize: 4 }))),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)
