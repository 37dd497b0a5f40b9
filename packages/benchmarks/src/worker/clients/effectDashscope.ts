import * as ConnectionConfig from "effect-dashscope/ConnectionConfig"
import * as DashScope from "effect-dashscope/DashScope"
import type { CallOptions } from "effect-dashscope/DashScopeClient"
import * as Generation from "effect-dashscope/Generation"
import * as Message from "effect-dashscope/Message"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { apiKey, model, question, system } from "../../answers.js"
import { inFibers, type Start } from "../client.js"

const params = { model, messages: [Message.system(system), Message.user(question)] }

const deadlines = { timeout: "10 minutes", firstContentTimeout: "2 minutes", contentTimeout: "1 minute" } as const

/** Permits, all deadlines of connections and of the wait for one, Schema, retries and metrics are always on. */
const startWith = (options: { readonly traced: boolean; readonly deadlines: boolean }): Start => (settings) => {
  const { ca, connections, url } = settings
  const runtime = ManagedRuntime.make(DashScope.layer({
    apiKey,
    endpoint: `${url}/api/v1`,
    connection: ConnectionConfig.make({
      connectionPoolSize: connections,
      acquireTimeout: "1 minute",
      ...(ca === undefined ? undefined : { tls: { ca } })
    }),
    ...(options.deadlines ? deadlines : undefined)
  }))
  // Inside a span all spans of the library are made. Effect's own tracer keeps none of them.
  const run = options.traced
    ? <A, E>(effect: Effect.Effect<A, E, Generation.Generation>) => Effect.withSpan(effect, "benchmark")
    : identity
  const events = Generation.stream(params)
  const callsWith = (callOptions?: CallOptions) => {
    const calls = inFibers(Effect.map(Generation.call(params, callOptions), Generation.text))
    return (count: number, inFlight: number) => runtime.runPromise(run(calls(count, inFlight)))
  }
  return Promise.resolve({
    build: () => runtime.runPromise(Effect.void),
    calls: callsWith(),
    particular: [callsWith({ headers: { "x-tenant": "42" } }), callsWith(deadlines)],
    stream: (onPiece) =>
      runtime.runPromise(
        run(Stream.runForEach(events, (result) => Effect.sync(() => onPiece(Generation.text(result)))))
      )
  })
}

export const start = startWith({ traced: false, deadlines: false })

export const startTraced = startWith({ traced: true, deadlines: false })

export const startWithDeadlines = startWith({ traced: false, deadlines: true })
