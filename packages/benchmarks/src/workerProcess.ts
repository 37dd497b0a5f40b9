import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { BenchmarkFailed } from "./failure.js"
import { messageOf, WorkerFailed } from "./failure.js"
import { busyMicros, onCore, type Pinning } from "./machine.js"
import type { Server, Snapshot } from "./serverProcess.js"
import { linePrefix, type Numbers } from "./task.js"

export interface Program {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

/** What the harness saw while the worker measured. */
export interface Seen {
  /** Of one core, in percent. */
  readonly serverBusy: number
  /** Connections opened since the process started, warm-up included. */
  readonly connections: number
  /** The most that were open at once. */
  readonly peakConnections: number
  /** Of the whole machine, in percent: neither client nor server nor this program. */
  readonly othersBusy: number
  readonly requestBytes: number
}

export interface Outcome {
  readonly numbers: Numbers
  readonly seen: Seen | undefined
}

const decodeNumbers = Schema.decodeUnknown(
  Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Number }))
)

const patience = Duration.seconds(150)

const failed = (message: string) => new WorkerFailed({ message })

interface Look {
  readonly server: Snapshot
  readonly busyMicros: number
  readonly ownMicros: number
  readonly at: number
}

const ownMicros = () => {
  const { system, user } = process.cpuUsage()
  return system + user
}

const look = (server: Server): Effect.Effect<Look, BenchmarkFailed> =>
  Effect.map(server.ask("snapshot"), (snapshot) => ({
    server: snapshot,
    busyMicros: busyMicros(),
    ownMicros: ownMicros(),
    at: performance.now()
  }))

const compare = (start: Look, begin: Look, end: Look, clientMicros: number, cores: number): Seen => {
  const wallMicros = (end.at - begin.at) * 1000
  const serverMicros = end.server.cpuMicros - begin.server.cpuMicros
  const ours = clientMicros + serverMicros + end.ownMicros - begin.ownMicros
  const requests = end.server.requests - start.server.requests
  return {
    serverBusy: 100 * serverMicros / wallMicros,
    connections: end.server.connections - start.server.connections,
    peakConnections: end.server.peak,
    othersBusy: Math.max(0, 100 * (end.busyMicros - begin.busyMicros - ours) / (wallMicros * cores)),
    requestBytes: requests === 0 ? 0 : (end.server.requestBytes - start.server.requestBytes) / requests
  }
}

/** The connections of the process before are gone. */
const waitForNone = (server: Server): Effect.Effect<void, BenchmarkFailed> =>
  server.ask("snapshot").pipe(
    Effect.repeat({ until: ({ open }) => open === 0, times: 100, schedule: Schedule.spaced("10 millis") }),
    Effect.asVoid
  )

const waitForHeld = (server: Server, count: number): Effect.Effect<void, BenchmarkFailed> =>
  server.ask("snapshot").pipe(
    Effect.delay("5 millis"),
    Effect.repeat({ until: ({ held }) => held >= count }),
    Effect.asVoid
  )

/** Runs a worker to its end, doing what its lines ask for. */
export const runWorker = (
  { args, command, env }: Program,
  options: { readonly server: Server; readonly pinning: Pinning; readonly cores: number }
): Effect.Effect<Outcome, WorkerFailed | BenchmarkFailed> =>
  Effect.gen(function*() {
    const { cores, server } = options
    yield* waitForNone(server)
    yield* server.ask("mark")
    const start = yield* look(server)
    const lines = yield* Queue.unbounded<string | undefined>()
    let complaints = ""
    const child = yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const [pinned, pinnedArgs] = onCore(options.pinning, "client", command, args)
          const child = spawn(pinned, pinnedArgs, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] })
          createInterface({ input: child.stdout }).on("line", (line) => {
            if (line.startsWith(linePrefix)) lines.unsafeOffer(line.slice(linePrefix.length))
          })
          child.stderr.on("data", (text) => {
            complaints = (complaints + String(text)).slice(-2000)
          })
          // Its last lines come before this.
          child.once("close", () => lines.unsafeOffer(undefined))
          child.once("error", (error) => {
            complaints += error.message
            lines.unsafeOffer(undefined)
          })
          // It may be gone when it is answered; its end says so.
          child.stdin.on("error", () => {})
          return child
        },
        catch: (cause) => failed(messageOf(cause))
      }),
      // A client may hold itself open for as long as it likes.
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const reply = Effect.sync(() => {
      child.stdin.write("ok\n")
    })

    let begin: Look | undefined
    let end: Look | undefined
    for (;;) {
      const line = yield* Queue.take(lines)
      if (line === undefined) {
        return yield* Effect.fail(failed(complaints.trim() === "" ? "it gave no result" : complaints.trim()))
      }
      const [command, argument = ""] = line.split(/ (.*)/s)
      switch (command) {
        case "begin":
          begin = yield* look(server)
          break
        case "end":
          end = yield* look(server)
          break
        case "hold":
        case "release":
          yield* server.ask(command)
          break
        case "held":
          yield* waitForHeld(server, Number(argument))
          break
        case "result": {
          const numbers = yield* Effect.mapError(decodeNumbers(argument), (error) => failed(error.message))
          const seen = begin === undefined || end === undefined
            ? undefined
            : compare(start, begin, end, numbers["cpuMicros"] ?? 0, cores)
          return { numbers, seen }
        }
        default:
          return yield* Effect.fail(failed(`it said ${line}`))
      }
      yield* reply
    }
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({ duration: patience, onTimeout: () => failed(`no result in ${Duration.format(patience)}`) }),
    // What was held back for it is nobody's now.
    Effect.ensuring(Effect.ignore(options.server.ask("release")))
  )
