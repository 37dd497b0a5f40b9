/** What a collector does, in small: it takes traces, metrics and logs by OTLP over HTTP, and keeps them. */
import { HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Schema } from "effect"
import { createServer } from "node:http"
import * as Wire from "./wire.js"

export interface Received {
  readonly spans: ReadonlyArray<Wire.Span>
  /** Of each export, the oldest first: each has all metrics there were by then. */
  readonly metrics: ReadonlyArray<ReadonlyArray<Wire.Metric>>
  readonly logs: ReadonlyArray<Wire.LogRecord>
  /** All requests, as they came: the path and the body. */
  readonly requests: ReadonlyArray<readonly [path: string, body: string]>
  /** What could not be read, and why. */
  readonly refused: ReadonlyArray<string>
}

/** Listens on any free port of this machine, for as long as the scope is open. */
export const make = Effect.gen(function*() {
  const spans: Array<Wire.Span> = []
  const metrics: Array<ReadonlyArray<Wire.Metric>> = []
  const logs: Array<Wire.LogRecord> = []
  const requests: Array<readonly [path: string, body: string]> = []
  const refused: Array<string> = []

  const take = <A, I>(schema: Schema.Schema<A, I>, keep: (message: A) => void) => {
    const decode = Schema.decode(Schema.parseJson(schema))
    return Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      const body = yield* request.text
      requests.push([request.url, body])
      keep(yield* decode(body))
      return HttpServerResponse.unsafeJson({})
    }).pipe(
      Effect.catchAll((error) => {
        refused.push(error.message)
        return Effect.succeed(HttpServerResponse.text(error.message, { status: 400 }))
      })
    )
  }

  const routes = new Map([
    [
      "/v1/traces",
      take(Wire.Traces, ({ resourceSpans }) => {
        for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
      })
    ],
    [
      "/v1/metrics",
      take(Wire.Metrics, ({ resourceMetrics }) => {
        metrics.push(resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)))
      })
    ],
    [
      "/v1/logs",
      take(Wire.Logs, ({ resourceLogs }) => {
        for (const { scopeLogs } of resourceLogs) for (const scope of scopeLogs) logs.push(...scope.logRecords)
      })
    ]
  ])
  const missing = Effect.succeed(HttpServerResponse.empty({ status: 404 }))
  const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => routes.get(url) ?? missing)

  const server = yield* NodeHttpServer.make(() => createServer(), { port: 0, host: "127.0.0.1" })
  yield* server.serve(app)
  const received: Received = { spans, metrics, logs, requests, refused }
  return { url: HttpServer.formatAddress(server.address), received }
})
