/** Streams chunk by chunk, as arrays. */
import * as Chunk from "effect/Chunk"
import * as Stream from "effect/Stream"

/** What becomes of each chunk, which may be nothing. */
export const flatMap = <A, E, R, B>(
  self: Stream.Stream<A, E, R>,
  f: (elements: ReadonlyArray<A>) => ReadonlyArray<B>
): Stream.Stream<B, E, R> => Stream.mapChunks(self, (chunk) => Chunk.unsafeFromArray(f(Chunk.toReadonlyArray(chunk))))

/** All of them as one chunk. */
export const of = <A>(elements: ReadonlyArray<A>): Stream.Stream<A> => Stream.fromChunk(Chunk.unsafeFromArray(elements))
