/**
 * Streams that read others, and streams that are operations.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Ended } from "./pull.js"

type NonEmpty<A> = readonly [A, ...Array<A>]

/** Reads the chunks of one stream into those of another. @internal */
export interface Reader<in I, out O, in EI, out EO> {
  /** What a chunk comes to. */
  readonly chunk: (chunk: ReadonlyArray<I>) => Array<O>
  /** What is left when the input has ended well. Says how it ends. */
  readonly done: () => Array<O>
  /** What is left when the input has failed. Says how it ends. */
  readonly failed: (error: EI, cause: Cause.Cause<EI>) => Array<O>
  /** How it ends, once that is known; nothing is read after that. */
  readonly ending: Effect.Effect<void, EO> | undefined
  /** Called when the next chunk is about to be waited for. */
  readonly waits?: (() => void) | undefined
}

type Pull<A, E> = Effect.Effect<NonEmpty<A>, Ended<E>>

const pullOf = <I, O, EI, EO>(
  upstream: Effect.Effect<ReadonlyArray<I>, Ended<EI>>,
  reader: Reader<I, O, EI, EO>
): Pull<O, EO> => {
  const handOut = (out: Array<O>): Pull<O, EO> =>
    // An array that is not empty has a first.
    out.length > 0 ? Effect.succeed(out as unknown as NonEmpty<O>) : next
  const read = Effect.matchCauseEffect(upstream, {
    onFailure: (cause): Pull<O, EO> => {
      const failure = cause.reasons.find(Cause.isFailReason)
      // What is no failure of the input holds no error either.
      if (failure === undefined) return Effect.failCause(cause as Cause.Cause<never>)
      return handOut(
        Cause.isDone(failure.error) ? reader.done() : reader.failed(failure.error, cause as Cause.Cause<EI>)
      )
    },
    onSuccess: (chunk) => handOut(reader.chunk(chunk))
  })
  const next: Pull<O, EO> = Effect.suspend(() => {
    const { ending } = reader
    if (ending !== undefined) return Effect.flatMap(ending, () => Cause.done())
    reader.waits?.()
    return read
  })
  return next
}

/** A stream of what a reader makes of another. @internal */
export const through = <I, EI, R, O, EO>(
  self: Stream.Stream<I, EI, R>,
  make: () => Reader<I, O, EI, EO>
): Stream.Stream<O, EO, R> =>
  Stream.transformPull(self, (upstream) => Effect.sync(() => pullOf(upstream, make()))) as Stream.Stream<O, EO, R>

/** A stream that is used while something is held, which is let go as soon as it has ended. @internal */
export const acquireUseRelease = <A, B, E, R>(
  acquire: Effect.Effect<A>,
  use: (a: A) => Stream.Stream<B, E, R>,
  release: (a: A, exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
): Stream.Stream<B, E, R> =>
  // What the stream itself holds is let go before: both are of the same scope, in this order.
  Stream.fromChannel(Channel.fromTransformBracket((upstream, _, scope) =>
    Effect.flatMap(
      Effect.uninterruptible(
        Effect.tap(acquire, (a) => Scope.addFinalizerExit(scope, (exit) => release(a, exit)))
      ),
      (a) => Channel.toTransform(Stream.toChannel(use(a)))(upstream, scope)
    )
  ))
