import { SingleBar } from "cli-progress"
import { Effect } from "effect"

/**
 * A progress bar on standard error for as long as the scope is open. Where that is no terminal, a line every half
 * second instead.
 */
export const progressBar = (total: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const bar = new SingleBar({
          format: "[{bar}] {value}/{total}  {note}",
          barsize: 30,
          noTTYOutput: true,
          notTTYSchedule: 500
        })
        bar.start(total, 0, { note: "" })
        return bar
      }),
      (bar) => Effect.sync(() => bar.stop())
    ),
    (bar) => ({
      increment: Effect.sync(() => bar.increment()),
      set: (value: number) => Effect.sync(() => bar.update(value)),
      /** What stands beside the bar. */
      note: (text: string) => Effect.sync(() => bar.update({ note: text }))
    })
  )
