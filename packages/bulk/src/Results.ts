/**
 * Where the results of a job go. They also tell which inputs have theirs, so that a run skips those without asking the engine.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ResultsError } from "./BulkError.js"
import * as jsonLines from "./internal/jsonLines.js"
import * as table from "./internal/table.js"
import type { Sink } from "./Sink.js"

/**
 * Results of your own are one of these.
 *
 * @since 0.1.0
 * @category models
 */
export interface Results<R> {
  readonly open: (job: { readonly name: string }) => Effect.Effect<Sink, ResultsError, R | Scope.Scope>
}

/**
 * A file of JSON lines, `{"key": …, "output": …}`, in the order in which the answers came. Inputs that were set aside go into a file
 * of their own, `{"key": …, "attempt": …, "input": …, "error": …, "message": …}`.
 *
 * Half a line that a killed process left is cut off, and its result written again. The keys of all results are held in memory. One
 * run at a time writes to a file.
 *
 * @since 0.1.0
 * @category constructors
 */
export const jsonl = (path: string, options?: {
  /** Default: `answers.failed.jsonl` beside `answers.jsonl`. */
  readonly failedPath?: string | undefined
}): Results<FileSystem.FileSystem> => ({
  open: () => jsonLines.open(path, options?.failedPath ?? `${path.replace(/\.jsonl$/, "")}.failed.jsonl`)
})

/**
 * A table, created where there is none: `job`, `input_key` (both are its primary key), `failed` (0 or 1), `attempt`, and as JSON
 * `output`, `input` and `error` (the latter two where it failed), and `message`. SQLite, Postgres or MySQL.
 *
 * Not in the same transaction as the engine's own record: what is lost in between is written again by the next run.
 *
 * @since 0.1.0
 * @category constructors
 */
export const sql = (name: string): Results<SqlClient.SqlClient> => ({ open: (job) => table.open(name, job.name) })
