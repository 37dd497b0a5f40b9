/**
 * Batches: a file of requests is taken, and its results are there later.
 */
import { resultFile } from "../files/store.js"
import type { BatchSettings, Incoming } from "../server/incoming.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"
import type { Input } from "./input.js"
import { workOff } from "./work.js"

/** @internal */
export type Status =
  | "validating"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "failed"
  | "expired"
  | "cancelling"
  | "cancelled"

/** When it was first seen so, in seconds since the epoch. */
type Times = { [status in Status]?: number }

/** @internal */
export interface Batch {
  readonly number: number
  readonly id: string
  readonly fileId: string
  readonly endpoint: string
  readonly window: string
  readonly metadata: unknown
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly input: Input
  readonly times: Times
  status: Status
  /** How often it was asked for. */
  looks: number
  /** Requests that were answered, or failed. */
  done: number
  failed: number
  /** Milliseconds since the epoch at which it was to be cancelled. */
  cancelled: number | undefined
  outputId: string | null
  errorId: string | null
}

const batches = part(() => new Map<string, Batch>())

/** @internal */
export const findBatch = (state: State, id: string): Batch | undefined => batches(state).get(id)

/**
 * The newest first.
 *
 * @internal
 */
export const listBatches = (state: State): ReadonlyArray<Batch> =>
  [...batches(state).values()].sort((a, b) => b.number - a.number)

/** @internal */
export const addBatch = (
  incoming: Incoming,
  given: Pick<Batch, "fileId" | "endpoint" | "window" | "metadata" | "input">
): Batch => {
  const batch: Batch = {
    ...given,
    number: incoming.state.next("batch-number"),
    id: `batch_${incoming.state.nextId("batch")}`,
    created: incoming.now,
    times: {},
    status: "validating",
    looks: 0,
    done: 0,
    failed: 0,
    cancelled: undefined,
    outputId: null,
    errorId: null
  }
  batches(incoming.state).set(batch.id, batch)
  return batch
}

/** @internal */
export const isOver = ({ status }: Batch): boolean =>
  status === "completed" || status === "failed" || status === "expired" || status === "cancelled"

/** How far a batch is: its state, and the share of its requests that are done. */
interface Stage {
  readonly status: Status
  readonly share: number
}

/** One state further each time that it is asked for, so that a test needs no clock. */
const byLooks = (looks: number): Stage => {
  switch (looks) {
    case 0:
      return { status: "validating", share: 0 }
    case 1:
      return { status: "in_progress", share: 0 }
    case 2:
      return { status: "in_progress", share: 0.5 }
    case 3:
      return { status: "finalizing", share: 1 }
    default:
      return { status: "completed", share: 1 }
  }
}

const byTime = (millis: number, { finalizing = 0, validating = 0, working = 0 }: BatchSettings): Stage => {
  if (millis < validating) {
    return { status: "validating", share: 0 }
  }
  if (millis < validating + working) {
    return { status: "in_progress", share: (millis - validating) / working }
  }
  return { status: millis < validating + working + finalizing ? "finalizing" : "completed", share: 1 }
}

const isTimed = ({ finalizing, validating, working }: BatchSettings): boolean =>
  validating !== undefined || working !== undefined || finalizing !== undefined

const stageOf = (batch: Batch, incoming: Incoming): Stage => {
  const settings = incoming.settings.batches
  const timed = isTimed(settings)
  if (batch.cancelled !== undefined) {
    const gone = timed ? incoming.now - batch.cancelled >= (settings.finalizing ?? 0) : batch.status === "cancelling"
    return { status: gone ? "cancelled" : "cancelling", share: 0 }
  }
  const stage = timed ? byTime(incoming.now - batch.created, settings) : byLooks(Math.max(0, batch.looks - 1))
  if (batch.input.problems.length > 0 && stage.status !== "validating") {
    return { status: "failed", share: 0 }
  }
  const { expireAfter } = settings
  const total = batch.input.lines.length
  const expired = expireAfter !== undefined && expireAfter < total && stage.share * total >= expireAfter
  return expired ? { status: "expired", share: expireAfter / total } : stage
}

const keepResults = (batch: Batch, incoming: Incoming): void => {
  const lines = batch.input.lines.slice(0, batch.done)
  const { errors, output } = workOff(lines, batch.endpoint, batch.id, incoming)
  const keep = (kind: "output" | "error", texts: ReadonlyArray<string>) =>
    texts.length === 0
      ? null
      : resultFile(incoming, `${batch.id}_${kind}.jsonl`, `batch_${kind}`, `${texts.join("\n")}\n`)
  batch.failed = errors.length
  batch.outputId = keep("output", output)
  batch.errorId = keep("error", errors)
}

/**
 * Brings a batch to where it is by now.
 *
 * @internal
 */
export const advance = (batch: Batch, incoming: Incoming): void => {
  if (isOver(batch)) {
    return
  }
  const { share, status } = stageOf(batch, incoming)
  if (batch.cancelled === undefined) {
    batch.done = Math.floor(share * batch.input.lines.length)
  }
  batch.status = status
  batch.times[status] ??= Math.floor(incoming.now / 1000)
  if (isOver(batch) && status !== "failed") {
    keepResults(batch, incoming)
  }
}

/**
 * The batch as somebody who asks for it finds it.
 *
 * @internal
 */
export const look = (batch: Batch, incoming: Incoming): Batch => {
  batch.looks++
  advance(batch, incoming)
  return batch
}

/**
 * Whether a batch could be cancelled.
 *
 * @internal
 */
export const cancelBatch = (batch: Batch, incoming: Incoming): boolean => {
  if (isOver(batch) || batch.cancelled !== undefined || batch.status === "finalizing") {
    return false
  }
  batch.cancelled = incoming.now
  batch.status = "cancelling"
  batch.times.cancelling = Math.floor(incoming.now / 1000)
  return true
}
