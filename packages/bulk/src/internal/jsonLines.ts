/**
 * Results as two files of JSON lines.
 *
 * @internal
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ResultsError } from "../BulkError.js"
import type { Done, Failed, Known, Sink } from "../Sink.js"
import { Lines } from "./lines.js"

const Line = Schema.parseJson(Schema.Struct({ key: Schema.String, attempt: Schema.optional(Schema.Int) }))
const readLine = Schema.decodeEither(Line)

interface Entry {
  readonly key: string
  readonly attempt: number
  readonly text: string
}

/** Calls `take` for each whole line of a file, and cuts off what follows the last one. */
const readWhole = (
  path: string,
  take: (entry: Entry) => void
): Effect.Effect<void, ResultsError | PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(path))) return
    const lines = new Lines()
    let bytes = 0
    let number = 0
    const takeLine = (text: string) =>
      Effect.suspend(() => {
        number += 1
        const read = readLine(text)
        if (read._tag === "Left") {
          return new ResultsError({
            where: path,
            description: `line ${number} is no result of a job`,
            cause: read.left
          })
        }
        take({ key: read.right.key, attempt: read.right.attempt ?? 0, text })
        return Effect.void
      })
    yield* Stream.runForEach(fs.stream(path), (chunk) => {
      bytes += chunk.length
      return Effect.forEach(lines.push(chunk), takeLine, { discard: true })
    })
    if (bytes > lines.wholeBytes) yield* fs.truncate(path, FileSystem.Size(lines.wholeBytes))
  })

const utf8 = new TextEncoder()

/** @internal */
export const open = (
  path: string,
  failedPath: string
): Effect.Effect<Sink, ResultsError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const known = new Map<string, Known>()
    yield* readWhole(path, ({ attempt, key }) => known.set(key, { failed: false, attempt }))

    // Of the inputs set aside only those count that have no answer by now, with their last error.
    const aside = new Map<string, Entry>()
    let superseded = 0
    const setAside = (entry: Entry) => {
      const before = aside.get(entry.key)
      if (before !== undefined) superseded += 1
      aside.set(entry.key, entry)
      known.set(entry.key, { failed: true, attempt: entry.attempt })
    }
    yield* readWhole(failedPath, (entry) => {
      if (known.get(entry.key)?.failed === false) superseded += 1
      else setAside(entry)
    })
    // A file of its own first, so that a process that is killed here leaves one or the other.
    const tidy = Effect.suspend(() => {
      if (superseded === 0) return Effect.void
      const text = Array.from(aside.values(), (entry) => `${entry.text}\n`).join("")
      superseded = 0
      return Effect.zipRight(
        fs.writeFileString(`${failedPath}.new`, text),
        fs.rename(`${failedPath}.new`, failedPath)
      )
    })
    yield* tidy

    const file = yield* fs.open(path, { flag: "a" })
    const oneAtATime = yield* Effect.makeSemaphore(1)
    const append = (write: Effect.Effect<void, PlatformError>) =>
      Effect.mapError(oneAtATime.withPermits(1)(write), (cause) => unwritable(path, cause))

    /** Whether a result of this attempt is news; from here on it is known. */
    const isNews = (key: string, attempt: number, failed: boolean) => {
      const before = known.get(key)
      if (before !== undefined && (!before.failed || before.attempt >= attempt)) return false
      known.set(key, { failed, attempt })
      return true
    }
    return {
      known: (keys) => Effect.sync(() => new Map(keys.flatMap((key) => entryOf(known, key)))),
      done: ({ attempt, key, output }: Done) =>
        Effect.suspend(() => {
          if (!isNews(key, attempt, false)) return Effect.succeed(false)
          if (aside.delete(key)) superseded += 1
          return Effect.as(append(file.writeAll(utf8.encode(`${JSON.stringify({ key, output })}\n`))), true)
        }),
      failed: (failed: Failed) =>
        Effect.suspend(() => {
          if (!isNews(failed.key, failed.attempt, true)) return Effect.succeed(false)
          const { attempt, error, input, key, message } = failed
          const text = JSON.stringify({ key, attempt, input, error, message })
          setAside({ key, attempt, text })
          return Effect.as(append(fs.writeFileString(failedPath, `${text}\n`, { flag: "a" })), true)
        }),
      finish: Effect.mapError(tidy, (cause) => unwritable(failedPath, cause))
    } satisfies Sink
  }).pipe(Effect.catchTags({
    BadArgument: (cause) => unreadable(path, cause),
    SystemError: (cause) => unreadable(path, cause)
  }))

const entryOf = (known: ReadonlyMap<string, Known>, key: string): ReadonlyArray<readonly [string, Known]> => {
  const found = known.get(key)
  return found === undefined ? [] : [[key, found]]
}

const unreadable = (where: string, cause: PlatformError) =>
  new ResultsError({ where, description: `results cannot be read or written: ${cause.message}`, cause })

const unwritable = (where: string, cause: PlatformError) =>
  new ResultsError({ where, description: `a result cannot be written: ${cause.message}`, cause })
