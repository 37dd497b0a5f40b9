/**
 * Asynchronous tasks, as the server saw them.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface SubmittedTask {
  readonly id: string
  /** Of the submission. */
  readonly requestId: string
  readonly model: string
  /** Of the submission, such as `/api/v1/services/aigc/text2image/image-synthesis`. */
  readonly path: string
  /** The `input` of the submission. */
  readonly input: unknown
  /** As it is now; `UNKNOWN` where its time is over. */
  readonly status: string
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly submittedAt: number
}

/**
 * What the server counted of tasks since the start or the last reset.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskStats {
  /** Requests with `X-DashScope-Async: enable` that arrived as a whole, whatever became of them. */
  readonly submissions: number
  /** Tasks that were made. */
  readonly made: number
  /** Questions about a task. */
  readonly queries: number
  /** The most questions in any span of a second, by the simulator's clock. */
  readonly maxQueriesInSecond: number
  readonly lists: number
  readonly cancels: number
  /** Questions, lists and cancellations that were too many in a second, and answered 429. */
  readonly throttled: number
}
