/**
 * Traces, metrics and logs of calls and streams, good ones and bad ones, sent by OTLP and printed as they arrived.
 *
 * Nothing of this library has to be switched on for it: its spans, metrics and logs are Effect's, and
 * `@effect/opentelemetry` exports those. The receiver is this program's own, on loopback.
 *
 * `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npm run example -- observability` sends them to a collector of yours
 * instead, such as Jaeger or Grafana's.
 */
// By its path: the package's main entry loads OpenTelemetry's own packages, which this module does without.
import * as Otlp from "@effect/opentelemetry/Otlp"
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Logger, Option, Schema, Stream } from "effect"
import { ConnectionConfig, DashScope, Generation, Telemetry, Tool } from "effect-dashscope"
import type { Simulator } from "effect-dashscope-simulator"
import * as Receiver from "./internal/otlp/receiver.js"
import * as Report from "./internal/otlp/report.js"
import * as Service from "./internal/service.js"

// A small pool, so that calls wait for one another.
const connection = ConnectionConfig.make({
  connectionPoolSize: 2,
  maximumPendingRequests: 2,
  leakDetectionThreshold: "250 millis"
})

const ask = (prompt: string) => ({ model: "qwen-plus", prompt })

const GetWeather = Tool.make("get_weather", {
  description: "The weather of a city, now",
  parameters: Schema.Struct({ city: Schema.String })
})

type Work = Effect.Effect<unknown, { readonly _tag: string }, Generation.Generation>

/** What happens in a program, good and bad. */
const work: Readonly<Record<string, Work>> = {
  // The only one whose question and answer are recorded.
  "a call": Generation.call({ ...ask("Who are you?"), temperature: 0.2 }).pipe(Telemetry.withContent({ limit: 200 })),
  "a throttled call": Generation.call(ask("Am I too fast?")),
  "a stream": Stream.runDrain(Generation.stream({ ...ask("Tell me a story."), seed: 1 })),
  "a stream that breaks off": Stream.runDrain(Generation.stream(ask("Tell me half a story."))),
  "a call that takes too long": Generation.call(ask("What is the answer to everything?"), { timeout: "150 millis" }),
  "a stream that nobody waits for": Stream.runDrain(Generation.stream(ask("Tell me a long story."))).pipe(
    Effect.timeoutOption("150 millis")
  ),
  "a stream that takes its time": Stream.runDrain(Generation.stream(ask("Tell me a slow story."))),
  "a run with a tool": Generation.runTools(ask("How is the weather in Hangzhou?"), [
    Tool.handler(GetWeather, ({ city }) => Effect.succeed(`${city}: cloudy`))
  ]),
  // Two are sent, two wait, and there is no place for the fifth.
  "more calls than the pool takes": Effect.all(
    ["a", "b", "c", "d", "e"].map((letter) =>
      Effect.either(Generation.call(ask(`What comes after ${letter}?`), { retry: false }))
    ),
    { concurrency: "unbounded" }
  )
}

/** Each in a span of the program's own: what the library tells lies within. */
const program = Effect.forEach(Object.entries(work), ([name, effect]) =>
  effect.pipe(
    Effect.catchAll((error) => Effect.logWarning(`${error._tag}, so there is no answer`)),
    Effect.withSpan(name)
  ), { discard: true })

/** Exports to a collector. Its HTTP client is one of its own, so that exports take no place in the pool. */
const exporting = (baseUrl: string) =>
  Otlp.layerJson({
    baseUrl,
    resource: { serviceName: "observability" },
    metricsExportInterval: "50 millis",
    // In the place of the logger that NodeRuntime.runMain sets: what is logged goes there, and not to the terminal.
    replaceLogger: Logger.prettyLoggerDefault
  }).pipe(Layer.provide(FetchHttpClient.layer))

// The pool is closed first, and then the last is exported: with the connections that were closed.
const observed = (baseUrl: string) =>
  program.pipe(
    Effect.provide(DashScope.layer({ connection, retry: { baseDelay: "100 millis" } })),
    Effect.provide(exporting(baseUrl))
  )

const print = (title: string, lines: ReadonlyArray<string>) => Console.log([`${title}:`, ...lines, ""].join("\n"))

const main = Effect.gen(function*() {
  const collector = yield* Config.option(Config.string("OTEL_EXPORTER_OTLP_ENDPOINT"))
  if (Option.isSome(collector)) {
    yield* observed(collector.value)
    return yield* Console.log(`Sent to ${collector.value}`)
  }
  const { received, url } = yield* Receiver.make
  yield* observed(url)
  yield* print(`Traces, ${received.spans.length} spans`, Report.tree(received.spans))
  yield* print("Metrics", Report.table(received.metrics))
  yield* print("Logs", Report.entries(received.logs))
  if (received.refused.length > 0) yield* print("Could not be read", received.refused)
}).pipe(Effect.scoped)

/** A simulator that goes by what it is asked. */
const behaviorOf = (): Simulator.Options["behaviorOf"] => {
  let refused = false
  return ({ body }) => {
    if (body.includes("too fast") && !refused) {
      refused = true
      return { error: { status: 429 } }
    }
    if (body.includes("half a story")) return { stream: { eventInterval: 15, resetAfterEvents: 3 } }
    if (body.includes("everything")) return { latency: 10_000 }
    if (body.includes("long story")) return { stream: { events: 1000, eventInterval: 20 } }
    if (body.includes("slow story")) return { stream: { events: 6, eventInterval: 70 } }
    return { latency: 40, stream: { eventInterval: 15 } }
  }
}

main.pipe(
  Effect.provide(Service.simulated({ behaviorOf: behaviorOf() })),
  NodeRuntime.runMain
)
