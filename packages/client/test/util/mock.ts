import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import * as Upload from "../../src/Upload.js"

export type Handler = (
  request: HttpClientRequest.HttpClientRequest
) => Response | Effect.Effect<Response, HttpClientError.HttpClientError>

/** An HttpClient that answers as told and remembers what it was asked. */
export const mockHttp = (handler: Handler) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request) => {
    requests.push(request)
    const answer = handler(request)
    return Effect.map(
      answer instanceof Response ? Effect.succeed(answer) : answer,
      (response) => HttpClientResponse.fromWeb(request, response)
    )
  })
  return { requests, client, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

/** Uploads of a test that makes none. */
export const noUploads = Layer.mock(Upload.Upload, {
  resolve: (media) => media._tag === "MediaUrl" ? Effect.succeed(media.url) : Effect.dieMessage("an upload")
})

export const env = (variables: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

export const key = "sk-0123456789abcdef0123456789abcdef"

/** Generation and DashScopeClient over a mock, with a key of the layer and an empty environment. */
export const services = (handler: Handler, options: DashScopeClient.Options = { apiKey: key }) => {
  const http = mockHttp(handler)
  const layer = Generation.layer.pipe(
    Layer.provideMerge(DashScopeClient.layer({ retry: false, ...options })),
    Layer.provide(http.layer),
    Layer.provide(env({}))
  )
  return { ...http, layer }
}

export const jsonResponse = (body: unknown, init: { status?: number; headers?: Record<string, string> } = {}) =>
  new Response(JSON.stringify(body), {
    status: init.status ?? 200,
    headers: { "content-type": "application/json", ...init.headers }
  })

export const answer = {
  output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: "Good morning!" } }] },
  usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
  request_id: "8d2f3c1e-0000-4000-8000-000000000001"
}

/** The body of a request, as the server would read it. */
export const bodyText = (request: HttpClientRequest.HttpClientRequest | undefined): string =>
  request?.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : `no bytes: ${request?.body._tag}`

/** The headers of a request, as a plain record. */
export const headersOf = (request: HttpClientRequest.HttpClientRequest): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers))
