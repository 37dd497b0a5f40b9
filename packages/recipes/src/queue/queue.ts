/**
 * Prompts from a queue, answered side by side: as many at once as the pool has connections, no more held in memory than the queue
 * has room for, and each with its own result.
 */
import { Duration, Effect, Queue, Stream } from "effect"
import { type DashScopeError, Generation } from "effect-dashscope"

export interface Job {
  readonly id: string
  readonly prompt: string
}

export type Done =
  | { readonly _tag: "Answered"; readonly job: Job; readonly text: string }
  | { readonly _tag: "Failed"; readonly job: Job; readonly error: DashScopeError.DashScopeError }

/** A failed prompt is a result too: the others go on. An interruption is none, and ends all. */
const answer = (job: Job): Effect.Effect<Done, never, Generation.Generation> =>
  Generation.call({ model: "qwen-plus", prompt: job.prompt }, { timeout: Duration.minutes(2) }).pipe(
    Effect.match({
      onFailure: (error): Done => ({ _tag: "Failed", job, error }),
      onSuccess: (result): Done => ({ _tag: "Answered", job, text: Generation.text(result) })
    })
  )

/** Ends once the queue is shut down and what had been taken from it is answered. Results come as they are ready. */
export const answers = (
  jobs: Queue.Dequeue<Job>,
  concurrency: number
): Stream.Stream<Done, never, Generation.Generation> =>
  // No more is taken than is worked on: the rest stays in the queue, where others may take it.
  Stream.fromQueue(jobs, { maxChunkSize: 1 }).pipe(
    Stream.mapEffect(answer, { concurrency, unordered: true })
  )

/** A queue with room for so many; who offers one more waits. */
export const makeQueue = (room: number): Effect.Effect<Queue.Queue<Job>> => Queue.bounded<Job>(room)
