/** What the harness asks of a worker, as JSON in its only argument. Workers in other languages read it too. */
export interface Task {
  readonly client: string
  readonly kind:
    | "calls"
    | "mixed"
    | "cold"
    | "stream"
    | "first-event"
    | "heap-in-flight"
    | "heap-waiting"
    | "answers-kept"
    | "retained"
    | "layer"
    | "counts"
  readonly url: string
  /** Whom to trust, as PEM, where the URL is one of https. */
  readonly ca?: string | undefined
  /** How many connections the client may open, if it can be told. */
  readonly connections: number
  /** Calls in flight, waiting ones included. */
  readonly inFlight: number
  /** Of a stream. */
  readonly events: number
  /** How many characters all events of a stream have together. */
  readonly characters: number
  /** How long one look at the cost takes while the client warms up. */
  readonly batchMillis: number
  /** How long to wait until the cost no longer falls. */
  readonly patienceMillis: number
  /** How long to measure, about. */
  readonly windowMillis: number
  /** A file for a CPU profile of the measured time. */
  readonly profile?: string | undefined
}

/**
 * Lines of a worker that start with this are for the harness: `begin`, `end`, `hold`, `held <n>`, `release` (each
 * answered with a line, when it is done) and `result <json>`. Other lines that it prints are ignored.
 */
export const linePrefix = "@bench "

/** What a worker measured: numbers by name. */
export type Numbers = Readonly<Record<string, number>>
