import { DashScope } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** A client of a simulator, and the simulator: of one connection where it is not said otherwise. */
export const live = (
  { connections = 1, ...options }: Simulator.Options & { readonly connections?: number } = {}
) =>
  Layer.unwrapEffect(
    Effect.map(Simulator.Simulator, ({ url }) =>
      DashScope.layer({
        endpoint: url,
        apiKey: "sk-planted",
        retry: false,
        connection: { connectionPoolSize: connections }
      }))
  ).pipe(Layer.provideMerge(Simulator.layer(options)))

/** What the simulator was sent. */
export const sent = Effect.gen(function*() {
  const requests = yield* (yield* Simulator.Simulator).requests
  return requests.map(({ body, headers, path }) => ({ path, headers, body: JSON.parse(body) as Body }))
})

/** Of a request, as far as tests look at it. */
export interface Body {
  readonly model: string
  readonly parameters: Readonly<Record<string, unknown>> & { readonly response_format?: { readonly type: string } }
  readonly input: {
    readonly messages: ReadonlyArray<{
      readonly role: string
      readonly tool_call_id?: string
      readonly tool_calls?: ReadonlyArray<{ readonly id: string }>
    }>
  }
}
