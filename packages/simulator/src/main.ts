#!/usr/bin/env node
/**
 * The simulator as a command. See `--help`.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { fromJson } from "./Behavior.js"
import * as Simulator from "./Simulator.js"

const help = `dashscope-simulator: a DashScope service on 127.0.0.1

  --port <n>             the port to listen on; default any free one
  --hosts <n>            how many ports to listen on; default 1
  --tls                  HTTPS, with a certificate of its own authority
  --ca-out <file>        where to write that authority's certificate
  --api-key <key>        lets in this key only; may be repeated; default any
  --model <name>         knows this model only; may be repeated; default any
  --latency <ms>         waits before it answers
  --event-interval <ms>  waits between the events of a stream, and of a WebSocket
  --tasks <ms>/<ms>      how long a task is PENDING, and then RUNNING; default a state with each question
  --rate-limit <n>/<ms>  answers 429 beyond n requests in any span of ms milliseconds
  --behavior <json>      any behaviour, as in the header x-simulator-behavior
  --seed <n>             of everything random; default 1
  --help

Point a client at the URL it prints, for instance with DASHSCOPE_HTTP_BASE_URL.`

const options = {
  port: { type: "string" },
  hosts: { type: "string" },
  tls: { type: "boolean" },
  "ca-out": { type: "string" },
  "api-key": { type: "string", multiple: true },
  model: { type: "string", multiple: true },
  latency: { type: "string" },
  "event-interval": { type: "string" },
  "rate-limit": { type: "string" },
  tasks: { type: "string" },
  behavior: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean" }
} as const

/** What is wrong with the command line. */
class Usage {
  readonly _tag = "Usage"
  constructor(readonly message: string) {}
}

const number = (name: string, value: string | undefined): Effect.Effect<number | undefined, Usage> =>
  value === undefined
    ? Effect.succeed(undefined)
    : /^\d+$/.test(value)
    ? Effect.succeed(Number(value))
    : Effect.fail(new Usage(`--${name} takes a number, not ${JSON.stringify(value)}.`))

const rateLimit = (value: string | undefined): Effect.Effect<Simulator.RateLimit | undefined, Usage> => {
  const parts = value === undefined ? undefined : /^(\d+)\/(\d+)$/.exec(value)
  return value === undefined
    ? Effect.succeed(undefined)
    : parts === undefined || parts === null
    ? Effect.fail(new Usage(`--rate-limit takes <requests>/<milliseconds>, such as 100/1000, not ${value}.`))
    : Effect.succeed({ requests: Number(parts[1]), perMillis: Number(parts[2]) })
}

const tasks = (value: string | undefined): Effect.Effect<Simulator.TaskOptions | undefined, Usage> => {
  const parts = value === undefined ? undefined : /^(\d+)\/(\d+)$/.exec(value)
  return value === undefined
    ? Effect.succeed(undefined)
    : parts === undefined || parts === null
    ? Effect.fail(new Usage(`--tasks takes <milliseconds>/<milliseconds>, such as 1000/10000, not ${value}.`))
    : Effect.succeed({ pending: Number(parts[1]), running: Number(parts[2]) })
}

const program = Effect.gen(function*() {
  const { values } = yield* Effect.try({
    try: () => parseArgs({ options }),
    catch: (cause) => new Usage(cause instanceof Error ? cause.message : String(cause))
  })
  if (values.help === true) {
    return yield* Console.log(help)
  }
  const given = yield* Either.match(fromJson(values.behavior ?? "{}"), {
    onLeft: (error) => Effect.fail(new Usage(`--behavior is wrong: ${error.message}`)),
    onRight: Effect.succeed
  })
  const latency = yield* number("latency", values.latency)
  const eventInterval = yield* number("event-interval", values["event-interval"])
  const simulator = yield* Simulator.make({
    port: yield* number("port", values.port),
    hosts: yield* number("hosts", values.hosts),
    tls: values.tls,
    apiKeys: values["api-key"],
    models: values.model,
    rateLimit: yield* rateLimit(values["rate-limit"]),
    tasks: yield* tasks(values.tasks),
    seed: yield* number("seed", values.seed),
    record: 0,
    behavior: {
      ...given,
      ...(latency === undefined ? {} : { latency }),
      ...(eventInterval === undefined ? {} : {
        stream: { ...given.stream, eventInterval },
        socket: { ...given.socket, eventInterval }
      })
    }
  }).pipe(Effect.mapError(({ cause }) => new Usage(`Cannot listen: ${String(cause)}`)))
  const file = values["ca-out"]
  const { ca } = simulator
  if (file !== undefined && ca !== undefined) {
    yield* Effect.tryPromise({
      try: () => writeFile(file, ca),
      catch: (cause) => new Usage(`Cannot write ${file}: ${String(cause)}`)
    })
  }
  yield* Effect.forEach(simulator.urls, (url) => Console.log(url), { discard: true })
  return yield* Effect.never
})

program.pipe(
  Effect.scoped,
  Effect.catchAll((usage) =>
    Console.error(`${usage.message}\nTry --help.`).pipe(Effect.zipRight(Effect.sync(() => {
      process.exitCode = 2
    })))
  ),
  // A signal is how it is ended, and no failure.
  NodeRuntime.runMain({
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause) ? 0 : 1)
  })
)
