import { SingleBar } from "cli-progress"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Progress {
  /** What is about to be measured. */
  readonly begin: (what: string) => Effect.Effect<void>
  readonly done: Effect.Effect<void>
}

const minutes = (millis: number): string =>
  millis < 90_000 ? `${Math.ceil(millis / 1000)} s` : `${Math.round(millis / 60_000)} min`

/** How often a line is written where there is no terminal. */
const linePause = 5000

/**
 * A bar on standard error, drawn once a second, or a line now and then where that is no terminal.
 */
export const progress = (total: number): Effect.Effect<Progress, never, Scope.Scope> =>
  Effect.gen(function*() {
    const started = performance.now()
    let count = 0
    const left = () => count === 0 ? "" : `, ${minutes((performance.now() - started) / count * (total - count))} left`

    if (!process.stderr.isTTY) {
      let lastLine = -Infinity
      return {
        begin: (what) =>
          Effect.sync(() => {
            if (performance.now() - lastLine < linePause) return
            lastLine = performance.now()
            console.error(`${count}/${total}${left()}: ${what}`)
          }),
        done: Effect.sync(() => {
          count++
        })
      }
    }

    const bar = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const bar = new SingleBar({
          format: "[{bar}] {value}/{total}{left}  {what}",
          barsize: 30,
          hideCursor: true,
          fps: 1,
          linewrap: false,
          clearOnComplete: true,
          stopOnComplete: false
        })
        bar.start(total, 0, { left: "", what: "" })
        return bar
      }),
      (bar) => Effect.sync(() => bar.stop())
    )
    return {
      begin: (what) => Effect.sync(() => bar.update(count, { left: left(), what })),
      done: Effect.sync(() => {
        count++
        bar.update(count, { left: left() })
      })
    }
  })
