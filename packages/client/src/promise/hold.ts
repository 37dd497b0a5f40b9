/**
 * What lives as long as a scope, for programs that close it themselves.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { iterable, promise } from "./run.js"

/** What is open, and how programs without Effect use it. @internal */
export interface Held<A> {
  readonly value: A
  /** Runs an effect of what is open, until the signal is aborted. */
  readonly run: <B>(effect: Effect.Effect<B, unknown>) => Promise<B>
  /**
   * What comes of it. One loop goes on where the one before it was left, since what is open is read once: leaving a loop loses
   * nothing, and closes nothing.
   */
  readonly elements: <B>(stream: Stream.Stream<B, unknown>) => AsyncIterable<B>
  readonly close: () => Promise<void>
}

const done = { done: true, value: undefined } as const

/** Opens something, until it is closed or the signal is aborted. @internal */
export const hold = async <A, R>(
  runtime: Runtime.Runtime<R>,
  open: Effect.Effect<A, unknown, R | Scope.Scope>,
  signal: AbortSignal | undefined
): Promise<Held<A>> => {
  const scope = Effect.runSync(Scope.make())
  const reading: Array<AsyncIterator<unknown>> = []
  let ending: Promise<void> | undefined
  const end = (exit: Exit.Exit<void>): Promise<void> => ending ??= promise(runtime, Scope.close(scope, exit))
  // Whoever reads or sends is told by the signal itself, and before: their listeners come after this one.
  const abort = () => queueMicrotask(() => void end(Exit.interrupt(FiberId.none)))
  const close = async () => {
    signal?.removeEventListener("abort", abort)
    // Who reads has left when that what is read ends.
    await Promise.all([...reading.map((iterator) => iterator.return?.()), end(Exit.void)])
  }
  try {
    const value = await promise(runtime, Scope.extend(open, scope), signal)
    // The abort may have come after the last step of the opening.
    signal?.throwIfAborted()
    signal?.addEventListener("abort", abort, { once: true })
    return {
      value,
      run: (effect) => promise(runtime, effect, signal),
      elements: (stream) => {
        const iterator = iterable(runtime, stream, signal)[Symbol.asyncIterator]()
        reading.push(iterator)
        return {
          [Symbol.asyncIterator]: () => ({ next: () => iterator.next(), return: () => Promise.resolve(done) })
        }
      },
      close
    }
  } catch (error) {
    await end(Exit.interrupt(FiberId.none))
    throw error
  }
}
