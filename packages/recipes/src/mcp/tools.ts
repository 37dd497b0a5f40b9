/** The tools of an MCP server, for a model: listed by the server, called where the model asks for them. */
import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Data, Effect, Schema } from "effect"
import { Tool } from "effect-dashscope"

export class McpError extends Data.TaggedError("McpError")<{ readonly method: string; readonly message: string }> {}

const Answer = <A, I>(result: Schema.Schema<A, I>) =>
  Schema.Struct({
    result: Schema.optional(result),
    error: Schema.optional(Schema.Struct({ message: Schema.String }))
  })

const Listed = Schema.Struct({
  tools: Schema.Array(Schema.Struct({
    name: Schema.String,
    description: Schema.optional(Schema.String),
    inputSchema: Schema.Record({ key: Schema.String, value: Schema.Unknown })
  }))
})

const Called = Schema.Struct({
  content: Schema.Array(Schema.Struct({ type: Schema.String, text: Schema.optional(Schema.String) })),
  isError: Schema.optional(Schema.Boolean)
})

/** What the server offers, as tools of ours. They go over the `HttpClient` of the environment: over the pool, where that is it. */
export const fromServer = Effect.fn("mcp")(function*(url: string) {
  const http = yield* HttpClient.HttpClient
  let id = 0
  let session: string | undefined

  const post = (message: { readonly method: string; readonly params?: unknown; readonly id?: number }) =>
    HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeaders({
        accept: "application/json, text/event-stream",
        ...(session === undefined ? undefined : { "mcp-session-id": session })
      }),
      HttpClientRequest.bodyUnsafeJson({ jsonrpc: "2.0", ...message }),
      http.execute,
      Effect.flatMap(HttpClientResponse.filterStatusOk)
    )

  const ask = <A, I>(method: string, params: unknown, schema: Schema.Schema<A, I>): Effect.Effect<A, McpError> =>
    post({ id: ++id, method, params }).pipe(
      Effect.tap(({ headers }) => {
        session ??= headers["mcp-session-id"]
      }),
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer(schema))),
      Effect.mapError(({ message }) => new McpError({ method, message })),
      Effect.flatMap(({ error, result }) =>
        result === undefined
          ? Effect.fail(new McpError({ method, message: error?.message ?? "an answer without a result" }))
          : Effect.succeed(result)
      )
    )

  yield* ask("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "effect-dashscope-recipes", version: "1.0.0" }
  }, Schema.Unknown)
  const { tools } = yield* ask("tools/list", {}, Listed)

  return tools.map(({ description, inputSchema, name }) =>
    Tool.handler(
      // The server checks the arguments; the model is told what the server told.
      Tool.make(name, {
        description,
        parameters: Schema.Record({ key: Schema.String, value: Schema.Unknown }).annotations({
          jsonSchema: inputSchema
        })
      }),
      (input) =>
        Effect.map(
          ask("tools/call", { name, arguments: input }, Called),
          ({ content }) => content.map(({ text }) => text ?? "").join("\n")
        )
    )
  )
})
