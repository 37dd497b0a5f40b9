/** What is measured, and how much of it. */
import { characters } from "./answers.js"
import { baseline, ours } from "./clients.js"
import { type Behaviour, show } from "./server/behaviour.js"
import type { Numbers, Task } from "./task.js"

/** How long and how often. Quick is for a first look, full for what is published, tiny for the tests. */
export interface Mode extends Pick<Task, "batchMillis" | "patienceMillis" | "windowMillis"> {
  readonly name: "full" | "quick" | "tiny"
  readonly rounds: number
}

export const modes: Readonly<Record<Mode["name"], Mode>> = {
  full: { name: "full", rounds: 5, batchMillis: 300, patienceMillis: 6000, windowMillis: 1200 },
  quick: { name: "quick", rounds: 2, batchMillis: 150, patienceMillis: 1800, windowMillis: 400 },
  tiny: { name: "tiny", rounds: 1, batchMillis: 10, patienceMillis: 20, windowMillis: 20 }
}

export interface Column {
  readonly key: string
  readonly title: string
}

export const groups = ["Calls", "Streams", "Memory", "Calls while others wait", "Start"] as const

interface Described {
  readonly name: string
  /** The table of the overview that it is in. */
  readonly group: typeof groups[number]
  readonly title: string
  readonly unit: string
  /** The first is compared with raw undici's, unless that makes no sense. */
  readonly columns: readonly [Column, ...ReadonlyArray<Column>]
  readonly isCompared: boolean
  readonly note?: string
  readonly better: "less" | "more"
  /** Values that hardly vary, or are no goal, are taken in fewer rounds; in a quick run, once. */
  readonly maxRounds: number
  readonly quick: boolean
  readonly values: (numbers: Numbers) => Numbers
}

/** A measure that a worker takes while it talks to the server. */
export interface WorkerMeasure extends Described {
  readonly _tag: "Worker"
  readonly needs: "calls" | "bounded" | "stream"
  /** Only these. Default: all that can. */
  readonly clients?: ReadonlyArray<string>
  readonly only: "node" | "all"
  /** What else the process had done when it was measured. */
  readonly history: string
  readonly tls?: boolean
  /** How many times as patient its warm-up is as that of others. Default 1. */
  readonly patience?: number
  readonly task: (mode: Mode) => Omit<Task, "client" | "url" | "ca" | "profile" | keyof Mode> & {
    readonly behaviour: Behaviour
  }
}

/** A measure of a program that only imports, or of none at all. */
export interface StaticMeasure extends Described {
  readonly _tag: "Import" | "Size"
}

export type Measure = WorkerMeasure | StaticMeasure

const number = (numbers: Numbers, key: string): number => numbers[key] ?? Number.NaN

const cpu: Column = { key: "cpu", title: "CPU" }
const wall: Column = { key: "wall", title: "wall" }

const perUnit = (numbers: Numbers): Numbers => ({
  cpu: number(numbers, "cpuMicros") / number(numbers, "units"),
  wall: number(numbers, "wallMicros") / number(numbers, "units")
})

const atOnce: Behaviour = { _tag: "Answer", delayMillis: 0 }

const calls = (name: string, title: string, inFlight: number, quick: boolean): WorkerMeasure => ({
  _tag: "Worker",
  name,
  group: "Calls",
  title,
  unit: "µs per call",
  columns: [cpu, wall],
  better: "less",
  isCompared: true,
  needs: "calls",
  only: "all",
  history: "such calls",
  maxRounds: Infinity,
  quick,
  task: () => ({ kind: "calls", behaviour: atOnce, connections: inFlight, inFlight, events: 0, characters: 0 }),
  values: perUnit
})

const streamTask = (kind: Task["kind"], events: number, intervalMillis: number) => ({
  kind,
  behaviour: { _tag: "Stream", events, intervalMillis },
  connections: 1,
  inFlight: 1,
  events,
  characters: characters(events)
} as const)

const stream = (
  name: string,
  title: string,
  events: number,
  intervalMillis: number,
  quick: boolean
): WorkerMeasure => ({
  _tag: "Worker",
  name,
  group: "Streams",
  title,
  unit: "µs per event",
  columns: [cpu, wall],
  better: "less",
  isCompared: true,
  needs: "stream",
  only: "all",
  history: "such streams",
  maxRounds: Infinity,
  quick,
  task: ({ name }) => streamTask("stream", name === "tiny" ? 200 : events, intervalMillis),
  values: perUnit
})

const delayMillis = 50
const limitInFlight = 256
/** What nobody can exceed who has so many calls in flight that take so long each. */
export const limitPerSecond = limitInFlight / delayMillis * 1000

/** As many as are served at once while others wait. */
export const servedAtOnce = 32

const waiters = (count: number): WorkerMeasure => ({
  ...calls(`waiting-${count}`, `${count.toLocaleString("en")} waiting for ${servedAtOnce} connections`, 0, false),
  group: "Calls while others wait",
  needs: "bounded",
  only: "node",
  clients: [baseline, "undici-dispatch", ours],
  maxRounds: 3,
  task: () => ({
    kind: "calls",
    behaviour: atOnce,
    connections: servedAtOnce,
    inFlight: servedAtOnce + count,
    events: 0,
    characters: 0
  })
})

export const waiterCounts: ReadonlyArray<number> = [10, 100, 1000, 10_000]

const kibibytes = (numbers: Numbers, key: string): number => number(numbers, key) / number(numbers, "units") / 1024

const memory = {
  _tag: "Worker",
  group: "Memory",
  better: "less",
  isCompared: true,
  only: "node",
  history: "500 calls",
  maxRounds: 3
} as const

/** Not what else could be measured with them: those that are compared in the goals. */
const closest = [baseline, "undici-dispatch", ours, "effect-dashscope-traced", "effect-dashscope-deadlines"]

/** The streams of a mixed process. */
const mixedEvents = 200

const callsOf = (kind: Task["kind"], inFlight: number) => ({
  kind,
  behaviour: atOnce,
  connections: inFlight,
  inFlight,
  events: 0,
  characters: 0
} as const)

export const measures: ReadonlyArray<Measure> = [
  { ...calls("sequential", "One call after another", 1, false), maxRounds: 3 },
  calls("in-flight-32", "32 calls in flight", 32, true),
  {
    ...calls("mixed-32", "32 calls in flight, in a process that does more", 32, false),
    only: "node",
    clients: closest.filter((name) => name !== "undici-dispatch"),
    history:
      `such calls, calls with a header of their own, calls with deadlines of their own and streams of ${mixedEvents} ` +
      "events, in turn, of which such calls alone are measured",
    // The compiler has several times as much to do.
    patience: 2,
    task: () => ({
      ...callsOf("mixed", 32),
      behaviour: { _tag: "Either", events: mixedEvents },
      events: mixedEvents,
      characters: characters(mixedEvents)
    })
  },
  {
    ...calls("cold", "The first 1,000 calls of a process, 32 in flight", 32, false),
    only: "node",
    history: "nothing but its imports; the client itself is built with the first call",
    task: () => callsOf("cold", 32)
  },
  {
    ...calls("tls-32", "32 calls in flight, over TLS", 32, false),
    only: "node",
    clients: closest,
    tls: true
  },
  { ...calls("in-flight-256", "256 calls in flight", 256, false), maxRounds: 3 },
  {
    ...calls("limit", `${limitInFlight} in flight, ${delayMillis} ms each`, limitInFlight, false),
    unit: `% of ${limitPerSecond.toLocaleString("en")} calls/s`,
    columns: [{ key: "share", title: "share" }, { key: "cpu", title: "CPU µs per call" }],
    better: "more",
    task: () => ({
      kind: "calls",
      behaviour: { _tag: "Answer", delayMillis },
      connections: limitInFlight,
      inFlight: limitInFlight,
      events: 0,
      characters: 0
    }),
    values: (numbers) => ({
      share: 100 * number(numbers, "units") / number(numbers, "wallMicros") * 1e6 / limitPerSecond,
      cpu: number(numbers, "cpuMicros") / number(numbers, "units")
    })
  },
  stream("stream-2000", "Stream of 2,000 events", 2000, 0, true),
  stream("stream-20000", "Stream of 20,000 events", 20_000, 0, false),
  {
    ...stream("stream-paced", "Stream of one event per millisecond", 500, 1, false),
    maxRounds: 3,
    // A stream of 500 events takes half a second.
    patience: 2,
    note: "Mostly the cost of waking up; compare with undici's."
  },
  {
    ...stream("tls-stream", "Stream of 20,000 events, over TLS", 20_000, 0, false),
    only: "node",
    clients: closest,
    tls: true
  },
  {
    ...stream("first-event", "Time to the first event of a stream", 5, 1, false),
    maxRounds: 3,
    unit: "ms",
    columns: [{ key: "first", title: "time" }, { key: "cpu", title: "CPU µs per event" }],
    task: () => streamTask("first-event", 5, 1),
    values: (numbers) => ({ first: number(numbers, "firstMillis"), ...perUnit(numbers) })
  },
  {
    ...memory,
    name: "heap-in-flight",
    title: "Heap for each of 1,000 calls in flight",
    unit: "KiB",
    columns: [
      { key: "with", title: "with its connection" },
      { key: "over", title: "connection not counted" }
    ],
    note: "Used heap after full collections, before the calls and while the server holds all answers back.",
    needs: "calls",
    quick: true,
    task: ({ name }) => {
      const inFlight = name === "tiny" ? 50 : 1000
      return {
        kind: "heap-in-flight",
        behaviour: { _tag: "Hold" },
        connections: inFlight,
        inFlight,
        events: 0,
        characters: 0
      }
    },
    values: (numbers) => ({
      over: kibibytes(numbers, "overConnections"),
      with: kibibytes(numbers, "withConnections")
    })
  },
  {
    ...memory,
    name: "heap-waiting",
    title: `Heap for each of 10,000 calls that wait for ${servedAtOnce} connections`,
    unit: "KiB",
    columns: [{ key: "heap", title: "heap" }],
    needs: "bounded",
    quick: false,
    task: ({ name }) => ({
      kind: "heap-waiting",
      behaviour: { _tag: "Hold" },
      connections: servedAtOnce,
      inFlight: servedAtOnce + (name === "tiny" ? 500 : 10_000),
      events: 0,
      characters: 0
    }),
    values: (numbers) => ({ heap: kibibytes(numbers, "waiting") })
  },
  {
    ...memory,
    name: "retained",
    title: "Heap retained after a stream of 20,000 events",
    unit: "KiB",
    columns: [{ key: "heap", title: "heap" }],
    isCompared: false,
    history: "such streams",
    note: "A value around zero, of either sign, is none.",
    needs: "stream",
    quick: false,
    task: ({ name }) => streamTask("retained", name === "tiny" ? 1000 : 20_000, 0),
    values: (numbers) => ({ heap: number(numbers, "retained") / 1024 })
  },
  ...waiterCounts.map(waiters),
  {
    _tag: "Import",
    group: "Start",
    name: "import",
    title: "Import",
    unit: "ms",
    columns: [wall, cpu],
    note:
      "The modules that a program of one call imports, all services among them, in a fresh process; Node's own start is not in it. *What " +
      "effect-dashscope loads* is the modules of other packages that it imports, without it.",
    better: "less",
    isCompared: true,
    maxRounds: Infinity,
    quick: true,
    values: (numbers) => ({ wall: number(numbers, "wallMicros") / 1000, cpu: number(numbers, "cpuMicros") / 1000 })
  },
  {
    ...calls("layer", "Layer built, no call", 0, false),
    group: "Start",
    only: "node",
    clients: [ours],
    history: "nothing but its imports",
    unit: "ms",
    columns: [wall, cpu],
    isCompared: false,
    task: () => callsOf("layer", 1),
    values: (numbers) => ({ wall: number(numbers, "wallMicros") / 1000, cpu: number(numbers, "cpuMicros") / 1000 })
  },
  {
    _tag: "Size",
    group: "Start",
    name: "size",
    title: "Installed size",
    unit: "MB",
    columns: [{ key: "size", title: "size" }, { key: "packages", title: "packages" }],
    note: "The packages that a program installs for it, with all they depend on and all peers they require.",
    better: "less",
    isCompared: true,
    maxRounds: 1,
    quick: true,
    values: (numbers) => ({ size: number(numbers, "bytes") / 1e6, packages: number(numbers, "packages") })
  }
]

/** Those of `--lines`. */
export const lineMeasures: ReadonlyArray<string> = [
  "in-flight-32",
  "mixed-32",
  "cold",
  "stream-20000",
  "stream-paced",
  "heap-in-flight",
  "heap-waiting",
  "waiting-10",
  "waiting-10000",
  "import",
  "layer"
]

/** The path of the base URL that makes the server behave so. */
export const urlOf = (scheme: "http" | "https", port: number, behaviour: Behaviour): string =>
  `${scheme}://127.0.0.1:${port}/${show(behaviour)}`
