/** For tests of services whose calls are tasks. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { DashScopeError } from "../../src/DashScopeError.js"
import type { DownloadError } from "../../src/DownloadState.js"
import type { SubmissionLost, TaskError } from "../../src/TaskState.js"

/** What a submission answers. */
export const submitted = { output: { task_status: "PENDING", task_id: "t-1" }, request_id: "r-1" }

export const idOf = ({ id }: { readonly id: string }): string => id

/** Of tasks that go on with each question. */
export const quick = Schedule.spaced("1 millis")

/** A lost answer as what happened to it, which the contract is about. */
export const plain = <A, R>(
  self: Effect.Effect<A, DashScopeError | SubmissionLost, R>
): Effect.Effect<A, DashScopeError, R> => Effect.catchTag(self, "SubmissionLost", ({ cause }) => Effect.fail(cause))

/** Of what must not get so far. */
export const never = <A, R>(
  self: Effect.Effect<A, DashScopeError | TaskError | DownloadError, R>
): Effect.Effect<A, DashScopeError, R> =>
  Effect.catchAll(self, (error) => {
    switch (error._tag) {
      case "FileChanged":
      case "FileTooLarge":
      case "SubmissionLost":
      case "TaskCanceled":
      case "TaskUnknown":
      case "TaskWaitTimeout":
        return Effect.die(error)
      default:
        return Effect.fail(error)
    }
  })
