import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { joined } from "./audio.js"
import * as Wav from "./wav.js"

/** What was written. @internal */
export interface Saved {
  /** Of samples. */
  readonly bytes: number
  readonly format: Wav.Format
}

/** A file that is opened when there is something to write. */
class Writer {
  private file: FileSystem.File | undefined = undefined
  bytes = 0

  constructor(
    private readonly fileSystem: FileSystem.FileSystem,
    private readonly path: string,
    readonly samples: Wav.Samples
  ) {}

  write(samples: Uint8Array): Effect.Effect<void, PlatformError, Scope.Scope> {
    if (samples.length === 0) return Effect.void
    this.bytes += samples.length
    return Effect.flatMap(this.opened(), (file) => file.writeAll(samples))
  }

  /** Says in the head how much there is. */
  finish(): Effect.Effect<void, PlatformError, Scope.Scope> {
    return Effect.flatMap(this.write(this.samples.end()), () => {
      const { file } = this
      return file === undefined
        ? Effect.void
        : Effect.zipRight(file.seek(0n, "start"), file.writeAll(Wav.head(this.bytes, this.samples.format)))
    })
  }

  private opened(): Effect.Effect<FileSystem.File, PlatformError, Scope.Scope> {
    return this.file !== undefined
      ? Effect.succeed(this.file)
      : Effect.tap(this.fileSystem.open(this.path, { flag: "w" }), (file) => {
        this.file = file
        return file.writeAll(Wav.head(0, this.samples.format))
      })
  }
}

/**
 * Pieces of audio as a WAV file, written as they come. A stream that fails leaves a file of what had come.
 *
 * @internal
 */
export const save = <E, R>(
  pieces: Stream.Stream<Uint8Array, E, R>,
  path: string,
  format: Wav.Format
): Effect.Effect<Saved, E | PlatformError, R | FileSystem.FileSystem> =>
  Effect.scoped(Effect.gen(function*() {
    const writer = new Writer(yield* FileSystem.FileSystem, path, new Wav.Samples(format))
    yield* Stream.runForEach(pieces, (piece) => writer.write(writer.samples.of(piece))).pipe(
      Effect.onError(() => Effect.ignore(writer.finish()))
    )
    yield* writer.finish()
    return { bytes: writer.bytes, format: writer.samples.format }
  }))

/** The same in memory. @internal */
export const whole = <E, R>(
  pieces: Stream.Stream<Uint8Array, E, R>,
  format: Wav.Format
): Effect.Effect<Uint8Array, E, R> =>
  Effect.suspend(() => {
    const samples = new Wav.Samples(format)
    return Effect.map(Stream.runCollect(Stream.map(pieces, (piece) => samples.of(piece))), (found) => {
      const all = joined([...found, samples.end()])
      return all.length === 0 ? all : joined([Wav.head(all.length, samples.format), all])
    })
  })
