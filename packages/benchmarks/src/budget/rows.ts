/** The rows of the budget, and how each is measured. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { characters } from "../answers.js"
import { type Build, build } from "../build.js"
import { ours, subjects } from "../clients.js"
import type { BenchmarkFailed, WorkerFailed } from "../failure.js"
import * as Machine from "../machine.js"
import { urlOf } from "../measures.js"
import type { Behaviour } from "../server/behaviour.js"
import { type Server, startServer } from "../serverProcess.js"
import type { Numbers, Task } from "../task.js"
import { runWorker } from "../workerProcess.js"
import type { Measured } from "./budget.js"

/**
 * Code that is never optimised allocates the same each time; otherwise it depends on when the compiler comes to it. The
 * young generation is large enough that nothing is collected while bytes are counted. Only here: what is timed runs as V8 has it.
 */
const flags = ["--no-warnings", "--expose-gc", "--no-opt", "--min-semi-space-size=128", "--max-semi-space-size=128"]

const inFlight = 32
const held = 500
const events = 5000

interface Counted {
  readonly name: string
  readonly client: string
  readonly kind: Task["kind"]
  readonly behaviour: Behaviour
  readonly inFlight: number
  readonly events: number
  readonly rows: (numbers: Numbers) => Numbers
}

const per = (numbers: Numbers, key: string): number => (numbers[key] ?? Number.NaN) / (numbers["units"] ?? Number.NaN)

const perUnit = (numbers: Numbers): Numbers => ({
  "bytes allocated": per(numbers, "bytes"),
  "timers": per(numbers, "timers"),
  "promises": per(numbers, "promises"),
  "ticks": per(numbers, "ticks")
})

const calls = (name: string, client: string): Counted => ({
  name,
  client,
  kind: "counts",
  behaviour: { _tag: "Answer", delayMillis: 0 },
  inFlight,
  events: 0,
  rows: perUnit
})

const heldCalls = (name: string, client: string): Counted => ({
  name,
  client,
  kind: "heap-in-flight",
  behaviour: { _tag: "Hold" },
  inFlight: held,
  events: 0,
  rows: (numbers) => ({ "bytes retained": per(numbers, "withConnections") })
})

const answersKept = (name: string, client: string): Counted => ({
  ...heldCalls(name, client),
  kind: "answers-kept",
  // What does not depend on how many they are is a small part then.
  inFlight: 4 * held,
  // In steps: what a collection leaves of its pages varies.
  rows: (numbers) => ({ "bytes kept by minor collections": Math.ceil(per(numbers, "kept") / 250) * 250 })
})

const counted: ReadonlyArray<Counted> = [
  calls("a call", ours),
  calls("a call with all deadlines", "effect-dashscope-deadlines"),
  calls("a call within a span", "effect-dashscope-traced"),
  {
    ...calls("an event of a stream", ours),
    behaviour: { _tag: "Stream", events, intervalMillis: 0 },
    inFlight: 1,
    events
  },
  heldCalls("a call in flight", ours),
  heldCalls("a call in flight with all deadlines", "effect-dashscope-deadlines"),
  answersKept("an answer that was waited for", ours)
]

const taskOf = ({ behaviour, client, events, inFlight, kind }: Counted, server: Server): Task => ({
  client,
  kind,
  url: urlOf("http", server.port, behaviour),
  connections: inFlight,
  inFlight,
  events,
  characters: characters(events),
  batchMillis: 0,
  patienceMillis: 0,
  windowMillis: 0
})

type Failed = BenchmarkFailed | WorkerFailed

const modules = (
  built: Build,
  setting: Parameters<typeof runWorker>[1]
): Effect.Effect<ReadonlyArray<readonly [string, number]>, Failed> => {
  const imports = subjects.find(({ name }) => name === ours)?.imports ?? []
  const program = { command: process.execPath, args: ["--no-warnings", built.modulesLoaded, ...imports] }
  return Effect.map(runWorker(program, setting), ({ numbers }) => [
    ["import: modules of ours", numbers["ours"] ?? Number.NaN],
    ["import: modules of others", numbers["others"] ?? Number.NaN]
  ])
}

/** Measures all rows, in processes of their own. */
export const measureAll: Effect.Effect<Measured, Failed, Scope.Scope> = Effect.gen(function*() {
  const built = yield* build(false)
  const pinning: Machine.Pinning = { _tag: "Unpinned", why: "nothing is timed" }
  const server = yield* startServer(built.server, pinning)
  const setting = { server, pinning, cores: (yield* Machine.machine).cores }
  const measured = new Map<string, number>()
  for (const one of counted) {
    const args = [...flags, built.worker, JSON.stringify(taskOf(one, server))]
    const { numbers } = yield* runWorker({ command: process.execPath, args }, setting)
    for (const [row, value] of Object.entries(one.rows(numbers))) measured.set(`${one.name}: ${row}`, value)
  }
  for (const [row, value] of yield* modules(built, setting)) measured.set(row, value)
  return measured
})
