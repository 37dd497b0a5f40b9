/** A model that uses the tools of an MCP server. */
import { HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { DashScope, Generation } from "effect-dashscope"
import { createServer } from "node:http"
import { service } from "../internal/service.js"
import { StockServer } from "./server.js"
import { fromServer } from "./tools.js"

const program = HttpServer.addressFormattedWith((address) =>
  Effect.gen(function*() {
    const tools = yield* fromServer(`${address}/mcp`)
    const { result } = yield* Generation.runTools(
      { model: "qwen-plus", prompt: "How many umbrellas are there?" },
      tools
    )
    yield* Console.log(Generation.text(result))
  })
)

program.pipe(
  Effect.provide(
    Layer.provideMerge(StockServer, NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
  ),
  Effect.provide(DashScope.layer()),
  Effect.provide(service),
  NodeRuntime.runMain
)
