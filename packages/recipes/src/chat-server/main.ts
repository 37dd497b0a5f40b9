/** A chat server with a page, on port 3000 or `PORT`. */
import { HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import { ConnectionConfig, DashScope } from "effect-dashscope"
import { createServer } from "node:http"
import { service } from "../internal/service.js"
import { ChatServer } from "./server.js"

const connection = ConnectionConfig.make({
  connectionPoolSize: 64,
  maximumPendingRequests: 200, // one more is told to come back
  acquireTimeout: "10 seconds"
})

const Http = Layer.unwrapEffect(
  Effect.map(
    Config.withDefault(Config.port("PORT"), 3000),
    (port) => NodeHttpServer.layer(() => createServer(), { port })
  )
)

Layer.launch(ChatServer.pipe(
  HttpServer.withLogAddress,
  Layer.provide(Http),
  Layer.provide(DashScope.layer({ connection, timeout: "2 minutes", contentTimeout: "30 seconds" })),
  Layer.provide(service)
)).pipe(NodeRuntime.runMain)
