/** Commands of other languages' tools, run to their end. */
import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Ended } from "./checks.js"

export interface Options {
  readonly cwd?: string | undefined
  /** The whole environment. Default: this process's own. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly timeout: Duration.DurationInput
}

const isMissing = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** Runs a command with nothing to read. A command that is not there ends like one that fails. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: Options
): Effect.Effect<Ended, never, CommandExecutor.CommandExecutor> => {
  let made = Command.make(command, ...args).pipe(Command.stdin(Stream.empty))
  if (options.cwd !== undefined) made = Command.workingDirectory(made, options.cwd)
  if (options.env !== undefined) made = Command.env(made, options.env, { extendEnv: false })
  // Kept outside, so that what was written before a timeout is not lost.
  const texts = { stdout: "", stderr: "" }
  const collect = <E>(stream: Stream.Stream<Uint8Array, E>, name: keyof typeof texts) =>
    stream.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) =>
        Effect.sync(() => {
          texts[name] += text
        })
      )
    )
  return Effect.gen(function*() {
    const process = yield* Command.start(made)
    const [exitCode] = yield* Effect.all(
      [process.exitCode, collect(process.stdout, "stdout"), collect(process.stderr, "stderr")],
      { concurrency: "unbounded" }
    )
    return { ...texts, exitCode: Number(exitCode) }
  }).pipe(
    Effect.scoped,
    Effect.timeoutOption(options.timeout),
    Effect.map(Option.getOrElse(() => ({ ...texts, exitCode: undefined }))),
    Effect.catchAll((error) =>
      Effect.succeed({
        ...texts,
        stderr: isMissing(error) ? `there is no ${command} on this machine` : `${texts.stderr}\n${error.message}`,
        exitCode: 127
      })
    )
  )
}

const colors = /\x1b\[[\d;]*m/g

/** What a failed command says for itself, in a line. */
export const complaint = (ended: Ended, timeout: Duration.DurationInput): string => {
  if (ended.exitCode === undefined) {
    return `stopped after ${Duration.format(Duration.decode(timeout))}`
  }
  const lines = `${ended.stdout}\n${ended.stderr}`.replaceAll(colors, "").split("\n").map((line) => line.trim()).filter(
    (line) => line !== ""
  )
  // Tools end with hints; what went wrong is in the first line that says so.
  const line = lines.find((line) => /error/i.test(line)) ?? lines[lines.length - 1] ?? `exit code ${ended.exitCode}`
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}
