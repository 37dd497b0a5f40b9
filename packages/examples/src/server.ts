/**
 * A web server that streams answers, gives up those whose readers have gone, and ends properly on SIGTERM.
 *
 * The server is what a program of yours would have. A visitor comes with it, who reads one answer, goes away in the
 * middle of another, and sends SIGTERM while a third is being written: that one is still written to its end.
 */
import {
  FetchHttpClient,
  HttpBody,
  HttpClient,
  HttpLayerRouter,
  HttpServer,
  HttpServerRequest,
  HttpServerResponse
} from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Fiber, Layer, Schedule, Schema, Stream } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import { createServer } from "node:http"
import * as Service from "./internal/service.js"

const Question = Schema.Struct({ prompt: Schema.NonEmptyString })

/** A visitor who goes away interrupts the handler, and with it the call: its connection is free at once. */
const route = HttpLayerRouter.add(
  "POST",
  "/ask",
  Effect.gen(function*() {
    const { prompt } = yield* HttpServerRequest.schemaBodyJson(Question)
    const pieces = Generation.streamText({ model: "qwen-plus", prompt }).pipe(
      Stream.tapError((error) => Console.error(error.message)),
      Stream.encodeText,
      Stream.provideContext(yield* Effect.context<Generation.Generation>())
    )
    return HttpServerResponse.stream(pieces, { contentType: "text/plain; charset=utf-8" })
  }).pipe(
    Effect.catchTag("ParseError", ({ message }) => Effect.succeed(HttpServerResponse.text(message, { status: 400 })))
  )
)

const server = HttpLayerRouter.serve(route, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  // Beneath the server, so that it is closed after it: a server ends when its last answer is written.
  Layer.provideMerge(DashScope.layer({
    connection: ConnectionConfig.make({
      connectionPoolSize: 16,
      maximumPendingRequests: 100, // one more is refused at once, and does not wait in vain
      acquireTimeout: "10 seconds"
    }),
    timeout: "2 minutes"
  }))
)

const until = (inFlight: number) =>
  Effect.repeat(ConnectionPool.stats, {
    until: (stats) => stats.inFlight === inFlight,
    schedule: Schedule.spaced("5 millis")
  })

const visit = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const ask = (prompt: string) =>
    HttpServer.addressFormattedWith((address) =>
      Effect.flatMap(HttpBody.json({ prompt }), (body) => client.post(`${address}/ask`, { body }))
    ).pipe(
      Effect.map(({ stream }) => Stream.decodeText(stream)),
      Stream.unwrapScoped
    )

  const answer = yield* Stream.mkString(ask("你是谁？"))
  yield* Console.log(`Read to its end:      ${answer.length} characters`)

  yield* Stream.runDrain(Stream.take(ask("Tell me a long story."), 3))
  yield* until(0)
  yield* Console.log("Left half read:       its call was given up")

  const last = yield* Effect.fork(Stream.mkString(ask("Tell me another one.")))
  yield* until(1)
  yield* Effect.sync(() => process.kill(process.pid, "SIGTERM"))
  return `Begun before SIGTERM: ${(yield* Fiber.join(last)).length} characters, to its end`
}).pipe(Effect.provide(FetchHttpClient.layer))

// Without a visitor this is `Layer.launch(server)`, which lasts until SIGTERM or SIGINT interrupts it.
const serve = (visited: Deferred.Deferred<string, unknown>) =>
  Effect.forkDaemon(Effect.intoDeferred(visit, visited)).pipe(
    Effect.zipRight(Deferred.await(visited)),
    Effect.zipRight(Effect.never),
    Effect.provide(server)
  )

Effect.acquireUseRelease(
  Deferred.make<string, unknown>(),
  serve,
  (visited) => Effect.flatMap(Effect.orDie(Deferred.await(visited)), Console.log)
).pipe(
  Effect.provide(Service.layer({ behavior: { stream: { events: 30, eventInterval: 20 } } })),
  NodeRuntime.runMain
)
