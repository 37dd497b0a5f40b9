import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Bulk, BulkEngine } from "effect-dashscope-bulk"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder for as long as the scope is open. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bulk-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The lines of a file of JSON lines. */
export const linesOf = (path: string): ReadonlyArray<unknown> =>
  readFileSync(path, "utf8").split("\n").slice(0, -1).map((line): unknown => JSON.parse(line))

/** Runs something beside a job's hands and an engine of its own, as a process of its own would. */
export const within = <I, A, E, B, E2, R2>(
  filename: string,
  job: Bulk.Job<I, A, E, never>,
  effect: Effect.Effect<B, E2, R2>
) =>
  Effect.provide(
    effect,
    Layer.merge(
      Bulk.layer(job).pipe(
        Layer.provideMerge(BulkEngine.layerEmbedded({ filename, shutdownTimeout: "1 second" }))
      ),
      NodeContext.layer
    )
  )
