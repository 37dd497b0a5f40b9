/** A server of tools by the Model Context Protocol (MCP), over HTTP: any client of MCP can use it. */
import { McpServer, Tool, Toolkit } from "@effect/ai"
import { HttpRouter } from "@effect/platform"
import { Effect, Layer, Schema } from "effect"

const FindStock = Tool.make("find_stock", {
  description: "How many of an article are in stock",
  parameters: { article: Schema.String.annotations({ description: "Its name" }) },
  success: Schema.Struct({ article: Schema.String, count: Schema.Number })
})

const tools = Toolkit.make(FindStock)

const stock: ReadonlyMap<string, number> = new Map([["umbrella", 12], ["teapot", 3]])

const handlers = tools.toLayer({
  find_stock: ({ article }) => {
    const [name = article, count = 0] = [...stock].find(([name]) => article.includes(name)) ?? []
    return Effect.succeed({ article: name, count })
  }
})

/** Needs an `HttpServer`; serves `/mcp`. */
export const StockServer = HttpRouter.Default.serve().pipe(
  Layer.provideMerge(McpServer.toolkit(tools)),
  Layer.provide(handlers),
  Layer.provide(McpServer.layerHttp({ name: "stock", version: "1.0.0", path: "/mcp" }))
)
