/**
 * What streams are pulled by.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { bracket } from "./bracket.js"
import type { Reader } from "./reader.js"

export type { Reader }

type NonEmpty<A> = readonly [A, ...Array<A>]

/** How a stream ends: with an error, or because nothing follows. @internal */
export type Ended<E> = E | Cause.Done<void>

/** Gives the elements that come next, one at least. @internal */
export type Pull<A, E = never, R = never> = Effect.Effect<ReadonlyArray<A>, Ended<E>, R>

/** Makes what is pulled, for as long as the scope. @internal */
export type Opening<A, E = never> = Effect.Effect<Pull<A, E>, E, Scope.Scope>

/** The same with what a socket gives. @internal */
export type Take<A, E = never, R = never> = Pull<A, E, R>

/** @internal */
export const ended: <E>(error: E) => Ended<E> = identity

/** @internal */
export const fail: <E>(error: E) => Effect.Effect<never, Ended<E>> = Effect.fail

/** @internal */
export const failCause: <E>(cause: Cause.Cause<E>) => Effect.Effect<never, Ended<E>> = Effect.failCause

/** Nothing follows. @internal */
export const end: Effect.Effect<never, Ended<never>> = Cause.done()

/** @internal */
export const isEnd = <E>(ended: Ended<E>): ended is Cause.Done<void> => Cause.isDone(ended)

/** @internal */
export const match = <E, A, B>(
  ended: Ended<E>,
  { onEnd, onError }: { readonly onEnd: () => A; readonly onError: (error: E) => B }
): A | B => isEnd(ended) ? onEnd() : onError(ended)

/** Pulls a stream for as long as the scope: by one fiber, so nothing keeps two from pulling at once. @internal */
export const open = <A, E, R>(self: Stream.Stream<A, E, R>): Effect.Effect<Pull<A, E, R>, never, R | Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => Channel.toPullScoped(Stream.toChannel(self), scope))

/** The elements of a pull, one at least. */
const some = <A, E, R>(pull: Pull<A, E, R>): Effect.Effect<NonEmpty<A>, Ended<E>, R> => {
  const next: Effect.Effect<NonEmpty<A>, Ended<E>, R> = Effect.flatMap(
    pull,
    // An array that is not empty has a first.
    (chunk) => chunk.length > 0 ? Effect.succeed(chunk as NonEmpty<A>) : next
  )
  return next
}

/** Chunks without elements are left out. @internal */
export const toStream = <A, E, R>(pull: Pull<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.fromPull(Effect.succeed(some(pull))) as Stream.Stream<A, E, R>

/** What streams were made of by {@link stream}. */
const openings = new WeakMap<object, Effect.Effect<unknown, unknown, unknown>>()

/** The stream of what is pulled: it opens when it is pulled first, and closes as soon as it has ended. @internal */
export const stream = <A, E>(open: Opening<A, E>): Stream.Stream<A, E> => {
  const made = Stream.fromChannel(bracket((_, scope) =>
    Effect.sync(() => {
      let opened: Effect.Effect<NonEmpty<A>, Ended<E>> | undefined
      const first = Effect.flatMap(Scope.provide(open, scope), (pull) => opened = some(pull))
      return Effect.suspend((): Effect.Effect<NonEmpty<A>, Ended<E>> => opened ?? first)
    })
  )) as Stream.Stream<A, E>
  openings.set(made, open)
  return made
}

/** What the stream was made of; of another, the pull that it can be, within what is around it now. @internal */
export const opening = <A, E>(self: Stream.Stream<A, E>): Opening<A, E> => {
  // Set by `stream` alone, for streams of this type.
  const known = openings.get(self) as Opening<A, E> | undefined
  return known ?? Effect.contextWith((around: Context.Context<Scope.Scope>) =>
    Effect.map(open(self), (pull) => Effect.provideContext(pull, around))
  )
}

/** @internal */
export const unwrap = <A, E, R, E2, R2>(
  effect: Effect.Effect<Stream.Stream<A, E, R>, E2, R2>
): Stream.Stream<A, E | E2, R | R2> => Stream.unwrap(effect) as Stream.Stream<A, E | E2, R | R2>

/** What a reader makes of what is pulled. @internal */
export const read = <I, O, EI, EO>(pull: Pull<I, EI>, reader: Reader<I, O, EI, EO>): Pull<O, EO> => {
  const handOut = (out: Array<O>): Pull<O, EO> => out.length > 0 ? Effect.succeed(out) : next
  const some = Effect.matchCauseEffect(pull, {
    onFailure: (cause): Pull<O, EO> => {
      const failure = cause.reasons.find(Cause.isFailReason)
      // What is no failure of the input holds no error either.
      if (failure === undefined) return Effect.failCause(cause as Cause.Cause<never>)
      return handOut(isEnd(failure.error) ? reader.done() : reader.failed(failure.error, cause as Cause.Cause<EI>))
    },
    onSuccess: (chunk) => handOut(reader.chunk(chunk))
  })
  const next: Pull<O, EO> = Effect.suspend(() => {
    if (reader.ending === undefined) reader.waits?.()
    return reader.ending === undefined ? some : Effect.flatMap(reader.ending, () => end)
  })
  return next
}

/** @internal */
export const takeToStream: <A, E, R>(take: Take<A, E, R>) => Stream.Stream<A, E, R> = toStream

/** A stream that is pulled otherwise. @internal */
export const transform = <A, E, R, B, E2>(
  self: Stream.Stream<A, E, R>,
  f: (pull: Pull<A, E, R>) => Pull<B, E2, R>
): Stream.Stream<B, E2, R> =>
  Stream.transformPull(self, (pull) => Effect.succeed(some(f(pull)))) as Stream.Stream<B, E2, R>

/** @internal */
export const runForEachChunk: <A, E, R, E2>(
  self: Stream.Stream<A, E, R>,
  f: (chunk: ReadonlyArray<A>) => Effect.Effect<void, E2>
) => Effect.Effect<void, E | E2, R> = Stream.runForEachArray
