import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import { env, key } from "./mock.js"

const encoder = new TextEncoder()

export const bytes = (text: string): Uint8Array => encoder.encode(text)

/** An event as the service frames it. */
export const frame = (data: unknown, event = "result", status = 200): string =>
  `id:1\nevent:${event}\n:HTTP_STATUS/${status}\ndata:${typeof data === "string" ? data : JSON.stringify(data)}\n\n`

/** An event of a generation. */
export const says = (
  content: string,
  reason: string | null = "null",
  more: { readonly index?: number; readonly message?: object; readonly usage?: object } = {}
): string =>
  frame({
    output: {
      choices: [{
        message: { content, role: "assistant", ...more.message },
        ...(more.index === undefined ? undefined : { index: more.index }),
        finish_reason: reason
      }]
    },
    usage: more.usage ?? { input_tokens: 1 },
    request_id: "r-1"
  })

export const stop = says("", "stop")

/** What a server sends, and when: bytes, or texts, after the wait before them. */
export const timed = (
  ...steps: ReadonlyArray<string | readonly [wait: Duration.DurationInput, text: string]>
): Stream.Stream<Uint8Array> =>
  Stream.mapEffect(
    Stream.fromIterable(steps),
    (step) =>
      typeof step === "string" ? Effect.succeed(bytes(step)) : Effect.delay(Effect.sync(() => bytes(step[1])), step[0])
  )

export type Body = string | Stream.Stream<Uint8Array, HttpClientError.HttpClientError>

export type Answer = Body | {
  readonly body: Body
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

type Answers = (
  request: HttpClientRequest.HttpClientRequest
) => Answer | Effect.Effect<Answer, HttpClientError.HttpClientError>

/** A response whose body is a Stream of this program, on its clock. */
const response = (request: HttpClientRequest.HttpClientRequest, answer: Answer) => {
  const { body, headers, status = 200 } = typeof answer === "string" || Stream.StreamTypeId in answer ?
    { body: answer } :
    answer
  const web = new Response(typeof body === "string" ? body : "", {
    status,
    headers: { "content-type": "text/event-stream;charset=UTF-8", ...headers }
  })
  const made = HttpClientResponse.fromWeb(request, web)
  return typeof body === "string" ? made : Object.defineProperty(made, "stream", { value: body })
}

/** Generation and DashScopeClient over a network that answers as told. */
export const serving = (
  answers: Answers | Answer,
  options: Omit<DashScopeClient.Options, "apiKey"> = {}
) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request) => {
    requests.push(request)
    const answer = typeof answers === "function" ? answers(request) : answers
    return Effect.map(
      Effect.isEffect(answer) ? answer : Effect.succeed(answer),
      (answer) => response(request, answer)
    )
  })
  const layer = Generation.layer.pipe(
    Layer.provideMerge(DashScopeClient.layer({ apiKey: key, retry: false, ...options })),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
    Layer.provide(env({}))
  )
  return { requests, layer }
}
