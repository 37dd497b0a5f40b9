/** Effect 3's Mailbox, as what both lines use of it, over a Queue of Effect 4. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

type Items<A, E> = Queue.Queue<A, E | Cause.Done>

class QueueMailbox<in out A, in out E = never> {
  constructor(readonly queue: Items<A, E>) {}

  unsafeOffer(message: A): boolean {
    return Queue.offerUnsafe(this.queue, message)
  }

  unsafeDone(exit: Exit.Exit<void, E>): boolean {
    return Exit.isSuccess(exit) ? Queue.endUnsafe(this.queue) : Queue.failCauseUnsafe(this.queue, exit.cause)
  }

  offer(message: A): Effect.Effect<boolean> {
    return Queue.offer<A, E | Cause.Done>(this.queue, message)
  }

  /** What was not taken. */
  offerAll(messages: Iterable<A>): Effect.Effect<ReadonlyArray<A>> {
    return Queue.offerAll<A, E | Cause.Done>(this.queue, messages)
  }

  failCause(cause: Cause.Cause<E>): Effect.Effect<boolean> {
    return Queue.failCause<A, E | Cause.Done>(this.queue, cause)
  }

  get end(): Effect.Effect<boolean> {
    return Queue.end(this.queue)
  }

  get clear(): Effect.Effect<ReadonlyArray<A>, Pull.ExcludeDone<E>> {
    return Queue.clear(this.queue) as Effect.Effect<ReadonlyArray<A>, Pull.ExcludeDone<E>>
  }

  /** All that has come, at least one, and whether nothing follows: then it may be none. */
  get takeAll(): Effect.Effect<readonly [messages: ReadonlyArray<A>, done: boolean], Pull.ExcludeDone<E>> {
    const { queue } = this
    const taken = Effect.map(
      Queue.takeAll(queue),
      (messages): readonly [ReadonlyArray<A>, boolean] => [messages, queue.state._tag === "Done"]
    )
    return Pull.catchDone(taken, () => Effect.succeed([[], true] as const)) as Effect.Effect<
      readonly [ReadonlyArray<A>, boolean],
      Pull.ExcludeDone<E>
    >
  }
}

export type Mailbox<A, E = never> = QueueMailbox<A, E>

export const make = <A, E = never>(
  options?: {
    readonly capacity?: number | undefined
    readonly strategy?: "suspend" | "dropping" | "sliding" | undefined
  }
): Effect.Effect<Mailbox<A, E>> =>
  Effect.map(Queue.make<A, E | Cause.Done>(options), (queue) => new QueueMailbox(queue))

export const toStream = <A, E>({ queue }: Mailbox<A, E>): Stream.Stream<A, Pull.ExcludeDone<E>> =>
  Stream.fromQueue(queue) as Stream.Stream<A, Pull.ExcludeDone<E>>
