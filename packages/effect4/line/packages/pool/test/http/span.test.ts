import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { assert, describe, it } from "../util/effect/Vitest.js"
import { httpServer } from "../util/httpServer.js"
import { showsHeaders } from "../util/platform.js"
import { makePool } from "../util/support.js"

/** Notes the first end of each span, as the tracers of Effect and OpenTelemetry do. */
const recording = (spans: Array<Tracer.NativeSpan>) =>
  Layer.succeed(
    Tracer.Tracer,
    Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
  )

const outcomeOf = ({ attributes, name, status }: Tracer.NativeSpan) => ({
  name,
  failed: status._tag === "Ended" && Exit.isFailure(status.exit),
  attributes: [...attributes].filter(([key]) => !/header\.(?:date|connection|keep-alive|user-agent)$/.test(key)).sort()
})

const server = httpServer((request, response) => {
  response.writeHead(request.url?.startsWith("/gone") === true ? 404 : 200, { "x-answer": "yes" }).end("answer")
})

describe("the span of a request", () => {
  for (const path of ["/here?api_key=secret&a=1", "/gone"]) {
    for (const [shown, layer] of [["no headers", Layer.empty], ["headers", showsHeaders]] as const) {
      it.scopedLive(`is that of the platform's own client, with ${shown}: ${path}`, () =>
        Effect.gen(function*() {
          const url = (yield* server) + path
          const { client } = yield* makePool()
          const [own, stock]: [Array<Tracer.NativeSpan>, Array<Tracer.NativeSpan>] = [[], []]
          const options = { headers: { authorization: "Bearer sk-sentinel", "x-own": "1" } }
          yield* client.get(url, options).pipe(Effect.provide(Layer.merge(layer, recording(own))))
          yield* HttpClient.get(url, options).pipe(
            Effect.provide(FetchHttpClient.layer),
            Effect.provide(Layer.merge(layer, recording(stock)))
          )
          assert.deepStrictEqual(own.map(outcomeOf), stock.map(outcomeOf))
          assert.strictEqual(own.length, 1)
          assert.notInclude(JSON.stringify(own.map(outcomeOf)), "sentinel")
        }))
    }
  }
})
