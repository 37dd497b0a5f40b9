/** Commands of other languages' tools, run to their end. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ChildProcess, spawn } from "node:child_process"
import type { Ended } from "./checks.js"

export interface Options {
  readonly cwd?: string | undefined
  /** The whole environment. Default: this process's own. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly timeout: Duration.DurationInput
}

const isMissing = (error: Error): boolean => "code" in error && error.code === "ENOENT"

const isWindows = process.platform === "win32"

/** Ends a command with all that it has started. */
const kill = (child: ChildProcess): void => {
  if (isWindows || child.pid === undefined) {
    child.kill()
    return
  }
  try {
    process.kill(-child.pid, "SIGTERM")
  } catch {
    // It has ended just now.
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Runs a command with nothing to read. A command that is not there ends like one that fails. */
export const run = (command: string, args: ReadonlyArray<string>, options: Options): Effect.Effect<Ended> => {
  // Kept outside, so that what was written before a timeout is not lost.
  const texts = { stdout: "", stderr: "" }
  return Effect.async<Ended>((resume) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, which is killed as one.
      detached: !isWindows
    })
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text
      })
    }
    child.once("error", (error) => {
      const stderr = isMissing(error)
        ? `there is no ${command} on this machine`
        : `${texts.stderr}\n${error.message}`
      resume(Effect.succeed({ ...texts, stderr, exitCode: 127 }))
    })
    child.once("close", (exitCode, signal) => {
      const stderr = signal === null ? texts.stderr : `${texts.stderr}\nended by ${signal}`
      resume(Effect.succeed({ ...texts, stderr, exitCode: exitCode ?? 128 }))
    })
    return Effect.async<void>((done) => {
      if (hasEnded(child)) return done(Effect.void)
      child.once("exit", () => done(Effect.void))
      kill(child)
    })
  }).pipe(
    Effect.timeoutOption(options.timeout),
    Effect.map(Option.getOrElse(() => ({ ...texts, exitCode: undefined })))
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
