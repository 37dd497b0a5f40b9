/**
 * Asks one question, with the connection settings of the documentation's Java sample.
 *
 * Prints the question, the answer, what it cost, and the numbers of the connection pool. Run it with
 * `npm start`, or `npm run example -- quickstart`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation, Message } from "effect-dashscope"
import * as Service from "./internal/service.js"

const connection = ConnectionConfig.make({
  connectTimeout: "10 seconds", // default: 120 seconds
  readTimeout: "300 seconds",
  writeTimeout: "60 seconds",
  connectionIdleTimeout: "300 seconds",
  connectionPoolSize: 256, // default: 32
  maximumAsyncRequests: 256, // default: as many as connectionPoolSize
  maximumAsyncRequestsPerHost: 256 // default: as many as maximumAsyncRequests
})

const question = "你是谁？"

const callWithMessage = Generation.call({
  model: "qwen-plus",
  messages: [Message.system("You are a helpful assistant."), Message.user(question)],
  resultFormat: "message"
})

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:   ${name}`)
  yield* Console.log(`Question: ${question}`)

  const result = yield* callWithMessage

  yield* Console.log(`Answer:   ${Generation.text(result)}`)
  const { usage } = result
  yield* Console.log(
    `Usage:    ${usage?.inputTokens} tokens in, ${usage?.outputTokens} out, ${usage?.totalTokens} in all`
  )
  yield* Console.log(`Request:  ${result.requestId}`)
  const stats = yield* ConnectionPool.stats
  yield* Console.log(`Pool:     ${stats.toString()}`)
})

const report = (error: { readonly message: string }) =>
  Effect.zipRight(
    Console.error(`An error occurred while calling the generation service: ${error.message}`),
    Effect.sync(() => {
      process.exitCode = 1
    })
  )

program.pipe(
  Effect.catchTags({
    NoApiKey: report,
    InputRequired: report,
    // What the Java SDK throws as one ApiException.
    ApiError: report,
    RequestTimeout: report,
    ConnectionError: report,
    PoolExhausted: report
  }),
  Effect.provide(DashScope.layer({ connection })),
  Effect.provide(Service.layer()),
  // A setting of the environment that cannot be used.
  Effect.catchAll(report),
  NodeRuntime.runMain
)
