/** What a stream asks for the next pieces: for Effect 4. */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as EffectPull from "effect/Pull"
import * as Stream from "effect/Stream"

/** @internal */
export type Pull<A, E> = EffectPull.Pull<NonEmptyReadonlyArray<A>, E>

/** Who calls this says that there is at least one. */
const nonEmpty = <A>(pieces: ReadonlyArray<A>): NonEmptyReadonlyArray<A> =>
  pieces as unknown as NonEmptyReadonlyArray<A>

/** These come next; there is at least one. @internal */
export const next = <A>(pieces: ReadonlyArray<A>): Pull<A, never> => Effect.succeed(nonEmpty(pieces))

/** There are none left. @internal */
export const end: Pull<never, never> = Cause.done()

/** @internal */
export const fail = <E>(error: E): Pull<never, E> => Effect.fail(error)

/** Of an effect that gives what comes next, and never comes to an end. @internal */
export const endless = <A, E>(take: Effect.Effect<ReadonlyArray<A>, E>): Pull<A, E> => Effect.map(take, nonEmpty)

/** All that is pulled, and what is released when nobody pulls any more. @internal */
export const stream = <A, E>(pull: Pull<A, E>, release: Effect.Effect<void>): Stream.Stream<A, E> =>
  Stream.ensuring(Stream.fromPull(Effect.succeed(pull)), release) as Stream.Stream<A, E>
