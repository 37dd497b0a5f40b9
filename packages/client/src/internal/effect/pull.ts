/**
 * What streams are pulled by. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { constTrue, constVoid } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** How a stream ends: with an error, or because nothing follows. @internal */
export type Ended<E> = Option.Option<E>

/** Gives the elements that come next, one at least. @internal */
export type Pull<A, E = never, R = never> = Effect.Effect<Chunk.Chunk<A>, Ended<E>, R>

/** The same with what a socket gives. @internal */
export type Take<A, E = never, R = never> = Effect.Effect<ReadonlyArray<A>, Ended<E>, R>

/** @internal */
export const ended: <E>(error: E) => Ended<E> = Option.some

/** @internal */
export const fail = <E>(error: E): Effect.Effect<never, Ended<E>> => Effect.fail(Option.some(error))

/** @internal */
export const failCause = <E>(cause: Cause.Cause<E>): Effect.Effect<never, Ended<E>> =>
  Effect.mapError(Effect.failCause(cause), Option.some)

/** Nothing follows. @internal */
export const end: Effect.Effect<never, Ended<never>> = Effect.fail(Option.none())

/** @internal */
export const isEnd = <E>(ended: Ended<E>): boolean => Option.isNone(ended)

/** @internal */
export const match = <E, A, B>(
  ended: Ended<E>,
  { onEnd, onError }: { readonly onEnd: () => A; readonly onError: (error: E) => B }
): A | B => Option.match(ended, { onNone: onEnd, onSome: onError })

/** Pulls a stream for as long as the scope. @internal */
export const open: <A, E, R>(self: Stream.Stream<A, E, R>) => Effect.Effect<Pull<A, E, R>, never, R | Scope.Scope> =
  Stream.toPull

/** Chunks without elements are left out. @internal */
export const toStream: <A, E, R>(pull: Pull<A, E, R>) => Stream.Stream<A, E, R> = Stream.repeatEffectChunkOption

/** @internal */
export const takeToStream = <A, E, R>(take: Take<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.repeatEffectChunkOption(Effect.map(take, Chunk.unsafeFromArray))

/** A stream that is pulled otherwise. @internal */
export const transform = <A, E, R, B, E2>(
  self: Stream.Stream<A, E, R>,
  f: (pull: Pull<A, E, R>) => Pull<B, E2, R>
): Stream.Stream<B, E2, R> =>
  Stream.unwrapScoped(Effect.map(Stream.toPull(self), (pull) => Stream.repeatEffectChunkOption(f(pull))))

/**
 * As `Stream.runForEachChunk`, which costs half as much again for each chunk. What `f` fails with is no Option.
 *
 * @internal
 */
export const runForEachChunk = <A, E, R, E2>(
  self: Stream.Stream<A, E, R>,
  f: (chunk: Chunk.Chunk<A>) => Effect.Effect<void, E2>
): Effect.Effect<void, E | E2, R> =>
  Effect.scoped(Effect.flatMap(Stream.toPull(self), (pull) => {
    const next = Effect.flatMap(pull, f)
    return Effect.whileLoop({ while: constTrue, body: () => next, step: constVoid })
  })).pipe(
    Effect.catchAll((end): Effect.Effect<void, E | E2> =>
      !Option.isOption(end) ? Effect.fail(end) : Option.isSome(end) ? Effect.fail(end.value) : Effect.void
    )
  )
