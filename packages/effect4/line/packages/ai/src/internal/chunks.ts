/** Streams chunk by chunk, as arrays. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"

/** What becomes of each chunk, which may be nothing. */
export const flatMap = <A, E, R, B>(
  self: Stream.Stream<A, E, R>,
  f: (elements: ReadonlyArray<A>) => ReadonlyArray<B>
): Stream.Stream<B, E, R> =>
  Stream.transformPull(self, (pull) => {
    // A chunk of nothing is no chunk.
    const next: Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E> = Effect.flatMap(pull, (chunk) => {
      const made = f(chunk)
      return Arr.isReadonlyArrayNonEmpty(made) ? Effect.succeed(made) : next
    })
    return Effect.succeed(next)
  })

/** All of them as one chunk. */
export const of = <A>(elements: ReadonlyArray<A>): Stream.Stream<A> => Stream.fromArray(elements)
