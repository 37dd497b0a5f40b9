import * as Certificates from "effect-dashscope-simulator/Certificates"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { BenchmarkFailed, messageOf } from "./failure.js"
import { onCore, type Pinning } from "./machine.js"
import type { Command } from "./server/main.js"

const Snapshot = Schema.Struct({
  cpuMicros: Schema.Number,
  wallMicros: Schema.Number,
  requests: Schema.Number,
  requestBytes: Schema.Number,
  connections: Schema.Number,
  open: Schema.Number,
  peak: Schema.Number,
  held: Schema.Number
})

export type Snapshot = typeof Snapshot.Type

const Listening = Schema.Struct({ port: Schema.Number, tlsPort: Schema.Number })

export interface Server {
  readonly port: number
  readonly tlsPort: number
  /** Whom a client of `tlsPort` has to trust, as PEM. */
  readonly ca: string
  readonly ask: (command: Command) => Effect.Effect<Snapshot, BenchmarkFailed>
}

const failed = (what: string) => new BenchmarkFailed({ message: `the server ${what}` })

const patience = Duration.seconds(30)

/** The next message. One question is asked at a time, so it is the answer to it. */
const nextMessage = <A, I>(child: ChildProcess, schema: Schema.Schema<A, I>): Effect.Effect<A, BenchmarkFailed> =>
  Effect.async<unknown, BenchmarkFailed>((resume) => {
    const onMessage = (message: unknown) => {
      child.off("exit", onExit)
      resume(Effect.succeed(message))
    }
    const onExit = () => {
      child.off("message", onMessage)
      resume(Effect.fail(failed("ended")))
    }
    child.once("message", onMessage)
    child.once("exit", onExit)
    return Effect.sync(() => {
      child.off("message", onMessage)
      child.off("exit", onExit)
    })
  }).pipe(
    Effect.flatMap(Schema.decodeUnknown(schema)),
    Effect.catchTag("ParseError", (error) => Effect.fail(failed(`says ${error.message}`))),
    Effect.timeoutFail({ duration: patience, onTimeout: () => failed("does not answer") })
  )

export const startServer = (
  file: string,
  pinning: Pinning
): Effect.Effect<Server, BenchmarkFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const [command, args] = onCore(pinning, "server", process.execPath, [file])
    const { ca, server } = yield* Certificates.make
    const { cert, key } = yield* server
    const child = yield* Effect.acquireRelease(
      Effect.try({
        try: () =>
          spawn(command, args, {
            env: { ...process.env, BENCH_CERT: cert, BENCH_KEY: key },
            stdio: ["ignore", "inherit", "inherit", "ipc"]
          }),
        catch: (cause) => failed(`cannot be started: ${messageOf(cause)}`)
      }),
      (child) => Effect.sync(() => child.kill())
    )
    const { port, tlsPort } = yield* nextMessage(child, Listening)
    const ask = (command: Command) =>
      Effect.suspend(() => {
        child.send(command)
        return nextMessage(child, Snapshot)
      })
    return { port, tlsPort, ca, ask }
  })
