/** The terminal as a resource: taken over with its scope, and given back as it was found, also after a failure. */
import type { Terminal } from "@effect/platform"
import { NodeTerminal } from "@effect/platform-node"
import { Effect, Function, Mailbox, Stream } from "effect"
import type { Scope } from "effect"
import { writeSync } from "node:fs"
import type { Size } from "./draw.js"

const csi = "\u001b["

// The second screen; no cursor; no wrapping, so that a line that a terminal takes for wider than it is meant does no harm.
const enter = `${csi}?1049h${csi}?25l${csi}?7l`
const leave = `${csi}?7h${csi}?25h${csi}?1049l`

// Terminals that know it show all between the two at once; the others ignore it.
const begin = `${csi}?2026h`
const end = `${csi}?2026l`

/** What to write so that these lines are on the screen: only those that have changed since the last time. */
export class Painter {
  private shown: ReadonlyArray<string> = []
  private size: Size = { columns: 0, rows: 0 }

  /** Empty where nothing has changed. */
  frame(lines: ReadonlyArray<string>, size: Size): string {
    const isOther = size.columns !== this.size.columns || size.rows !== this.size.rows
    const before = isOther ? [] : this.shown
    const changed = lines.flatMap((line, i) => line === before[i] ? [] : [`${csi}${i + 1};1H${line}`])
    this.shown = lines
    this.size = size
    if (changed.length === 0 && !isOther) return ""
    return `${begin}${isOther ? `${csi}2J` : ""}${changed.join("")}${end}`
  }

  /** Others may have changed what is on the screen. */
  forget(): void {
    this.size = { columns: 0, rows: 0 }
  }
}

export interface Screen {
  readonly size: Effect.Effect<Size>
  readonly draw: (lines: ReadonlyArray<string>, size: Size) => Effect.Effect<void>
  /** Succeeds when somebody wants to leave: with q or Ctrl-C. */
  readonly quit: Effect.Effect<void>
  /** Succeeds when the size has changed. */
  readonly resized: Effect.Effect<void>
}

const takenOver = Effect.acquireRelease(
  Effect.sync(() => {
    // For an end that runs no finalizers: an exception nobody caught.
    const onExit = () => writeSync(process.stdout.fd, leave)
    process.once("exit", onExit)
    // A terminal that is gone cannot be written to, and an error without a listener would be such an end. It is left
    // there for the last words.
    process.stdout.on("error", Function.constVoid)
    process.stdout.write(enter)
    return onExit
  }),
  (onExit) =>
    Effect.sync(() => {
      process.off("exit", onExit)
      process.stdout.write(leave)
    })
)

const isQuit = ({ key }: Terminal.UserInput): boolean => key.name === "q" || (key.ctrl && key.name === "c")

/** The whole terminal for as long as the scope is open. */
export const make: Effect.Effect<Screen, never, Scope.Scope> = Effect.gen(function*() {
  // Raw mode, in which Ctrl-C is a key, and its end with the scope; the keys end with the one that quits.
  const terminal = yield* NodeTerminal.make(isQuit)
  yield* takenOver
  const painter = new Painter()
  const keys = yield* terminal.readInput
  return {
    size: Effect.zipWith(terminal.columns, terminal.rows, (columns, rows) => ({
      columns: columns || 80,
      rows: rows || 24
    })),
    // Waits until it is written, so that a slow terminal gets fewer frames, and not old ones.
    draw: (lines, size) =>
      Effect.suspend(() => {
        const frame = painter.frame(lines, size)
        return frame === "" ? Effect.void : Effect.ignore(terminal.display(frame))
      }),
    quit: Stream.runDrain(Mailbox.toStream(keys)),
    resized: Effect.async((resume) => {
      const onResize = () => {
        painter.forget()
        resume(Effect.void)
      }
      process.stdout.once("resize", onResize)
      return Effect.sync(() => process.stdout.off("resize", onResize))
    })
  }
})

const hungUp = Effect.async<true>((resume) => {
  const onHangUp = () => resume(Effect.succeed(true))
  process.once("SIGHUP", onHangUp)
  return Effect.sync(() => process.off("SIGHUP", onHangUp))
})

/** Gives everything back when the terminal is closed, and only then dies of that. */
export const endingAtHangUp = <E, R>(effect: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
  Effect.flatMap(
    Effect.raceFirst(effect, hungUp),
    (gone) => Effect.sync(() => gone === true && process.kill(process.pid, "SIGHUP"))
  )
