/**
 * Keeps files at the service: uploads two, one of them from the disk, lists them, reads one back, and deletes both.
 *
 * `npm run example -- files package.json` uploads a file of yours.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, Files } from "effect-dashscope"
import { openAsBlob } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import * as Service from "./internal/service.js"

const path = process.argv[2] ?? fileURLToPath(import.meta.url)

/** A file that is there until the scope closes. */
const file = (source: Files.Source) =>
  Effect.acquireRelease(
    Files.create({ file: source, purpose: "file-extract" }),
    ({ filename, id }) =>
      Files.removeCompatible(id).pipe(
        Effect.zipRight(Console.log(`Deleted:  ${filename}`)),
        Effect.catchAll((error) => Console.error(`${filename} is still there: ${error.message}`))
      )
  )

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:   ${name}`)

  const notes = yield* file({ name: "notes.txt", content: "The cat is on the mat." })
  // It is read from the disk while it is sent.
  const content = yield* Effect.promise(() => openAsBlob(path))
  const own = yield* file({ name: basename(path), content })
  for (const { bytes, filename, status } of [notes, own]) {
    yield* Console.log(`Uploaded: ${filename}, ${bytes} bytes, ${status}`)
  }

  const { data } = yield* Files.listCompatible({ purpose: "file-extract", limit: 10 })
  yield* Console.log(`Listed:   ${(data ?? []).map(({ filename }) => filename).join(", ")}`)
  const text = yield* Files.content(notes.id).pipe(Stream.decodeText(), Stream.mkString)
  yield* Console.log(`Content:  ${text}`)
}))

program.pipe(
  Effect.catchAll((error) =>
    Effect.zipRight(
      Console.error(`${error._tag}: ${error.message}`),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)
