/**
 * What streams are pulled by. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue, constVoid } from "effect/Function"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Reader } from "./reader.js"

export type { Reader }

/** How a stream ends: with an error, or because nothing follows. @internal */
export type Ended<E> = Option.Option<E>

/** Gives the elements that come next, one at least. @internal */
export type Pull<A, E = never, R = never> = Effect.Effect<Chunk.Chunk<A>, Ended<E>, R>

/** Makes what is pulled, for as long as the scope. @internal */
export type Opening<A, E = never> = Effect.Effect<Pull<A, E>, E, Scope.Scope>

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

/** What streams were made of by {@link stream}. */
const openings = new WeakMap<object, Effect.Effect<unknown, unknown, unknown>>()

/**
 * The stream of what is pulled. What transforms a pull is a function of its chunk; what transforms a `Stream` is a channel, and
 * each takes a dozen steps of Effect's for a chunk, which mostly holds a single event.
 *
 * @internal
 */
export const stream = <A, E>(open: Opening<A, E>): Stream.Stream<A, E> => {
  // Streams within a scope are channels of channels, which each chunk would have to pass.
  const made = Stream.fromChannel(Channel.acquireUseRelease(
    Scope.make(),
    (scope) => Channel.flatMap(Channel.fromEffect(Scope.extend(open, scope)), emit),
    Scope.close
  ))
  openings.set(made, open)
  return made
}

const emit = <A, E>(pull: Pull<A, E>): Channel.Channel<Chunk.Chunk<A>, unknown, E, unknown, void> => {
  const chunk = Effect.catchAll(pull, Option.match({ onNone: () => Effect.succeed(undefined), onSome: Effect.fail }))
  const next: Channel.Channel<Chunk.Chunk<A>, unknown, E, unknown, void> = Channel.flatMap(
    Channel.fromEffect(chunk),
    (chunk) => chunk === undefined ? Channel.void : Channel.flatMap(Channel.write(chunk), () => next)
  )
  return next
}

/** What the stream was made of; of another, the pull that it can be, within what is around it now. @internal */
export const opening = <A, E>(self: Stream.Stream<A, E>): Opening<A, E> => {
  // Set by `stream` alone, for streams of this type.
  const known = openings.get(self) as Opening<A, E> | undefined
  return known ??
    Effect.contextWithEffect((around: Context.Context<Scope.Scope>) =>
      Effect.map(Stream.toPull(self), (pull) => Effect.provide(pull, around))
    )
}

/** As `Stream.unwrap`, which is a channel of channels. @internal */
export const unwrap = <A, E, R, E2, R2>(
  effect: Effect.Effect<Stream.Stream<A, E, R>, E2, R2>
): Stream.Stream<A, E | E2, R | R2> => Stream.fromChannel(Channel.unwrap(Effect.map(effect, Stream.toChannel)))

/** What a reader makes of what is pulled. @internal */
export const read = <I, O, EI, EO, R>(
  pull: Pull<I, EI, R>,
  reader: Reader<I, O, EI, EO>
): Pull<O, EO, R> => {
  const handOut = (out: Array<O>): Pull<O, EO, R> =>
    out.length === 0 ? next : Effect.succeed(Chunk.unsafeFromArray(out))

  const some = Effect.matchCauseEffect(pull, {
    onFailure: (cause) => {
      const ended = Cause.failureOption(cause)
      // What is no failure of the input holds no error either.
      if (Option.isNone(ended)) return Effect.failCause(cause as Cause.Cause<never>)
      if (Option.isNone(ended.value)) return handOut(reader.done())
      const { value } = ended.value
      return handOut(reader.failed(value, Cause.map(cause, Option.getOrElse(() => value))))
    },
    onSuccess: (chunk) => handOut(reader.chunk(chunk))
  })

  const next = Effect.suspend((): Pull<O, EO, R> => {
    if (reader.ending === undefined) reader.waits?.()
    return reader.ending === undefined
      ? some
      : Effect.matchCauseEffect(reader.ending, { onFailure: failCause, onSuccess: () => end })
  })
  return next
}

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
