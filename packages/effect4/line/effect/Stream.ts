/** What Effect 3's Stream has and Effect 4's does not, with the signatures of Effect 3. */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual, type LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { bracket } from "./bracket.js"

type NonEmpty<A> = readonly [A, ...Array<A>]

type Ended<E> = E | Cause.Done<void>

/** The chunks of a pull that have elements. */
const some = <A, E, R>(pull: Effect.Effect<ReadonlyArray<A>, E, R>): Effect.Effect<NonEmpty<A>, E, R> => {
  const next: Effect.Effect<NonEmpty<A>, E, R> = Effect.flatMap(
    pull,
    (chunk) => chunk.length > 0 ? Effect.succeed(chunk as NonEmpty<A>) : next
  )
  return next
}

const pulled = <A, E, R>(pull: Effect.Effect<ReadonlyArray<A>, Ended<E>, R>): Stream.Stream<A, E, R> =>
  Stream.fromPull(Effect.succeed(some(pull))) as Stream.Stream<A, E, R>

/** An Effect 3 pull fails with nothing at the end. */
const endOf = <E>(error: Option.Option<E>): Effect.Effect<never, Ended<E>> =>
  Option.isSome(error) ? Effect.fail(error.value) : Cause.done()

export const repeatEffectChunkOption = <A, E, R>(
  effect: Effect.Effect<ReadonlyArray<A>, Option.Option<E>, R>
): Stream.Stream<A, E, R> => pulled(Effect.catch(effect, endOf))

export const repeatEffectOption = <A, E, R>(effect: Effect.Effect<A, Option.Option<E>, R>): Stream.Stream<A, E, R> =>
  repeatEffectChunkOption(Effect.map(effect, (a) => [a]))

/** The scope is closed as soon as the stream has ended, not when all of which it is a part has. */
export const unwrapScoped = <A, E2, R2, E, R>(
  effect: Effect.Effect<Stream.Stream<A, E2, R2>, E, R>
): Stream.Stream<A, E | E2, R2 | Exclude<R, Scope.Scope>> =>
  Stream.fromChannel(bracket((upstream, scope) =>
    Effect.sync(() => {
      let opened: Effect.Effect<NonEmpty<A>, Ended<E2>, R2> | undefined
      const open = Effect.flatMap(
        Effect.flatMap(Scope.provide(effect, scope), (stream) =>
          Channel.toTransform(Stream.toChannel(stream))(upstream, scope)),
        (pull) => opened = pull
      )
      return Effect.suspend((): Effect.Effect<NonEmpty<A>, Ended<E | E2>, R2 | Exclude<R, Scope.Scope>> =>
        opened ?? open
      )
    })
  )) as Stream.Stream<A, E | E2, R2 | Exclude<R, Scope.Scope>>

export const flattenChunks = <A, E, R>(self: Stream.Stream<ReadonlyArray<A>, E, R>): Stream.Stream<A, E, R> =>
  Stream.flatMap(self, Stream.fromArray)

export const mapChunks: {
  <A, B>(f: (chunk: ReadonlyArray<A>) => ReadonlyArray<B>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E, R>
  <A, E, R, B>(
    self: Stream.Stream<A, E, R>,
    f: (chunk: ReadonlyArray<A>) => ReadonlyArray<B>
  ): Stream.Stream<B, E, R>
} = dual(2, <A, E, R, B>(
  self: Stream.Stream<A, E, R>,
  f: (chunk: ReadonlyArray<A>) => ReadonlyArray<B>
): Stream.Stream<B, E, R> =>
  Stream.transformPull(self, (pull) => {
    const next: Pull.Pull<NonEmpty<B>, E, void> = Effect.flatMap(pull, (chunk) => {
      const made = f(chunk)
      return made.length > 0 ? Effect.succeed(made as NonEmpty<B>) : next
    })
    return Effect.succeed(next)
  }))

export const mapChunksEffect: {
  <A, B, E2, R2>(
    f: (chunk: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E2, R2>
  ): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E | E2, R | R2>
  <A, E, R, B, E2, R2>(
    self: Stream.Stream<A, E, R>,
    f: (chunk: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E2, R2>
  ): Stream.Stream<B, E | E2, R | R2>
} = dual(2, <A, E, R, B, E2, R2>(
  self: Stream.Stream<A, E, R>,
  f: (chunk: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E2, R2>
): Stream.Stream<B, E | E2, R | R2> =>
  Stream.transformPull(self, (pull) => Effect.succeed(some(Effect.flatMap(pull, f)))) as never)

export const filterMap: {
  <A, B>(f: (a: A) => Option.Option<B>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E, R>
  <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (a: A) => Option.Option<B>): Stream.Stream<B, E, R>
} = dual(2, <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (a: A) => Option.Option<B>): Stream.Stream<B, E, R> =>
  mapChunks(self, (chunk) => {
    const kept: Array<B> = []
    for (const a of chunk) {
      const option = f(a)
      if (Option.isSome(option)) kept.push(option.value)
    }
    return kept
  }))

export const mapConcat: {
  <A, B>(f: (a: A) => Iterable<B>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E, R>
  <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (a: A) => Iterable<B>): Stream.Stream<B, E, R>
} = dual(2, <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (a: A) => Iterable<B>): Stream.Stream<B, E, R> =>
  mapChunks(self, (chunk) => chunk.flatMap((a) => Array.from(f(a)))))

export const mapConcatEffect: {
  <A, B, E2, R2>(
    f: (a: A) => Effect.Effect<Iterable<B>, E2, R2>
  ): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E | E2, R | R2>
  <A, E, R, B, E2, R2>(
    self: Stream.Stream<A, E, R>,
    f: (a: A) => Effect.Effect<Iterable<B>, E2, R2>
  ): Stream.Stream<B, E | E2, R | R2>
} = dual(2, <A, E, R, B, E2, R2>(
  self: Stream.Stream<A, E, R>,
  f: (a: A) => Effect.Effect<Iterable<B>, E2, R2>
): Stream.Stream<B, E | E2, R | R2> => Stream.flatMap(Stream.mapEffect(self, f), Stream.fromIterable))

export const unfoldEffect = <S, A, E, R>(
  s: S,
  f: (s: S) => Effect.Effect<Option.Option<readonly [A, S]>, E, R>
): Stream.Stream<A, E, R> => Stream.unfold(s, (state: S) => Effect.map(f(state), Option.getOrUndefined))

export const runFold: {
  <S, A>(s: S, f: (s: S, a: A) => S): <E, R>(self: Stream.Stream<A, E, R>) => Effect.Effect<S, E, R>
  <A, E, R, S>(self: Stream.Stream<A, E, R>, s: S, f: (s: S, a: A) => S): Effect.Effect<S, E, R>
} = dual(3, <A, E, R, S>(self: Stream.Stream<A, E, R>, s: S, f: (s: S, a: A) => S): Effect.Effect<S, E, R> =>
  Stream.runFold(self, () => s, f))

export const runFoldEffect: {
  <S, A, E2, R2>(
    s: S,
    f: (s: S, a: A) => Effect.Effect<S, E2, R2>
  ): <E, R>(self: Stream.Stream<A, E, R>) => Effect.Effect<S, E | E2, R | R2>
  <A, E, R, S, E2, R2>(
    self: Stream.Stream<A, E, R>,
    s: S,
    f: (s: S, a: A) => Effect.Effect<S, E2, R2>
  ): Effect.Effect<S, E | E2, R | R2>
} = dual(3, <A, E, R, S, E2, R2>(
  self: Stream.Stream<A, E, R>,
  s: S,
  f: (s: S, a: A) => Effect.Effect<S, E2, R2>
): Effect.Effect<S, E | E2, R | R2> => Stream.runFoldEffect(self, () => s, f))

export const fromReadableStream = <A, E>(
  evaluate: LazyArg<ReadableStream<A>>,
  onError: (error: unknown) => E
): Stream.Stream<A, E> => Stream.fromReadableStream({ evaluate, onError })

/** Each wait for elements may last so long. */
export const timeoutFail = <A, E, R, E2>(
  self: Stream.Stream<A, E, R>,
  onTimeout: LazyArg<E2>,
  duration: Duration.Input
): Stream.Stream<A, E | E2, R> =>
  Stream.transformPull(self, (pull) =>
    Effect.succeed(
      Effect.timeoutOrElse(pull, { duration, orElse: (): Effect.Effect<never, E2> => Effect.failSync(onTimeout) })
    )) as Stream.Stream<A, E | E2, R>
