/** What a stream asks for the next pieces: Effect's major versions do not say the same way that there are none left. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** @internal */
export type Pull<A, E> = Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>

/** These come next; there is at least one. @internal */
export const next = <A>(pieces: ReadonlyArray<A>): Pull<A, never> => Effect.succeed(Chunk.unsafeFromArray(pieces))

/** There are none left. @internal */
export const end: Pull<never, never> = Effect.fail(Option.none())

/** @internal */
export const fail = <E>(error: E): Pull<never, E> => Effect.fail(Option.some(error))

/** Of an effect that gives what comes next, and never comes to an end. @internal */
export const endless = <A, E>(take: Effect.Effect<ReadonlyArray<A>, E>): Pull<A, E> =>
  Effect.mapBoth(take, { onFailure: Option.some, onSuccess: Chunk.unsafeFromArray })

/** All that is pulled, and what is released when nobody pulls any more. @internal */
export const stream = <A, E>(pull: Pull<A, E>, release: Effect.Effect<void>): Stream.Stream<A, E> =>
  Stream.fromPull(Effect.as(Effect.addFinalizer(() => release), pull))
