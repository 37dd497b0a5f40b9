import * as Sse from "@effect/experimental/Sse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import { flow } from "effect/Function"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { apiKey, nativeRequest, paths } from "../../answers.js"
import { inFibers, type Start } from "../client.js"

const Answer = Schema.Struct({
  output: Schema.Struct({
    choices: Schema.NonEmptyArray(Schema.Struct({
      finish_reason: Schema.optional(Schema.NullOr(Schema.String)),
      message: Schema.Struct({ role: Schema.String, content: Schema.String })
    }))
  }),
  usage: Schema.optional(Schema.Struct({
    input_tokens: Schema.Number,
    output_tokens: Schema.Number,
    total_tokens: Schema.Number
  })),
  request_id: Schema.String
})

const decodeEvent = Schema.decode(Schema.parseJson(Answer))

const textOf = (answer: typeof Answer.Type): string => answer.output.choices[0].message.content

export const start: Start = async ({ connections, url }) => {
  const dispatcher = Layer.scoped(
    NodeHttpClient.Dispatcher,
    Effect.acquireRelease(
      Effect.sync(() => new Undici.Agent({ connections })),
      (agent) => Effect.promise(() => agent.destroy())
    )
  )
  const runtime = ManagedRuntime.make(NodeHttpClient.layerUndiciWithoutDispatcher.pipe(Layer.provide(dispatcher)))
  const client = (await runtime.runPromise(HttpClient.HttpClient)).pipe(
    HttpClient.mapRequest(flow(
      HttpClientRequest.prependUrl(`${url}/api/v1`),
      HttpClientRequest.bearerToken(apiKey)
    )),
    HttpClient.filterStatusOk
  )

  const call = HttpClientRequest.post(paths.native).pipe(
    HttpClientRequest.acceptJson,
    HttpClientRequest.bodyJson(nativeRequest(false)),
    Effect.flatMap(client.execute),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer)),
    Effect.map(textOf)
  )
  const calls = inFibers(call)

  const events = HttpClientRequest.post(paths.native).pipe(
    HttpClientRequest.accept("text/event-stream"),
    HttpClientRequest.setHeader("x-dashscope-sse", "enable"),
    HttpClientRequest.bodyJson(nativeRequest(true)),
    Effect.flatMap(client.execute),
    HttpClientResponse.stream,
    Stream.decodeText(),
    Stream.pipeThroughChannel(Sse.makeChannel()),
    Stream.mapEffect((event) => decodeEvent(event.data)),
    Stream.map(textOf)
  )

  return {
    calls: (count, inFlight) => runtime.runPromise(calls(count, inFlight)),
    stream: (onPiece) => runtime.runPromise(Stream.runForEach(events, (text) => Effect.sync(() => onPiece(text))))
  }
}
