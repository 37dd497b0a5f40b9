/**
 * Compressed bytes, as they come. By the runtime's own `DecompressionStream`, which all runtimes have.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Pull from "../effect/pull.js"

const lengthOf = (pieces: Chunk.Chunk<Uint8Array>): number => Chunk.reduce(pieces, 0, (sum, { length }) => sum + length)

/** The first pieces: with two bytes at least, where there are so many. */
const beginning = <E>(
  pull: Pull.Pull<Uint8Array, E>,
  before: Chunk.Chunk<Uint8Array>
): Effect.Effect<Chunk.Chunk<Uint8Array>, E> =>
  Effect.matchEffect(pull, {
    onFailure: (ended) =>
      Pull.match(ended, { onEnd: () => Effect.succeed(before), onError: (error) => Effect.fail(error) }),
    onSuccess: (pieces) => {
      const all = Chunk.appendAll(before, pieces)
      return lengthOf(all) < 2 ? beginning(pull, all) : Effect.succeed(all)
    }
  })

const isCompressed = (pieces: Chunk.Chunk<Uint8Array>): boolean => {
  const [first, second] = Chunk.toReadonlyArray(pieces).flatMap((piece) => Array.from(piece.subarray(0, 2)))
  return first === 0x1f && second === 0x8b
}

/** The bytes that are in a compressed file; those of another file as they are: a host may have undone it already. @internal */
export const gunzip = <E, E2>(
  self: Stream.Stream<Uint8Array, E>,
  damaged: () => E2
): Stream.Stream<Uint8Array, E | E2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const pull = yield* Pull.open(self)
    const first = yield* beginning(pull, Chunk.empty())
    const whole = Stream.concat(Stream.fromChunk(first), Pull.toStream(pull))
    return isCompressed(first) ? decompress(whole, damaged) : whole
  }))

const decompress = <E, E2>(
  self: Stream.Stream<Uint8Array, E>,
  damaged: () => E2
): Stream.Stream<Uint8Array, E | E2> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const { readable, writable } = new DecompressionStream("gzip")
    const writer = writable.getWriter()
    let broken: Cause.Cause<E> | undefined
    const kept = Stream.tapErrorCause(self, (cause) =>
      Effect.sync(() => {
        broken = cause
      }))
    const told = (promise: () => Promise<void>) => Effect.tryPromise({ try: promise, catch: damaged })
    // What the writer is told of damage, its reader is told too. The copy has memory that nobody shares, as the type wants it.
    yield* Stream.runForEach(kept, (piece) => told(() => writer.write(new Uint8Array(piece)))).pipe(
      Effect.zipRight(told(() => writer.close())),
      Effect.onError(() => Effect.ignore(told(() => writer.abort()))),
      Effect.ignore,
      Effect.forkScoped
    )
    return Stream.catchAll(
      Stream.fromReadableStream(() => readable, damaged),
      (error): Stream.Stream<never, E | E2> => broken === undefined ? Stream.fail(error) : Stream.failCause(broken)
    )
  }))
