import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Pull from "../effect/pull.js"

/**
 * What waits for its reader, and may be taken back until that has it. Who offers waits while it is full, once somebody reads;
 * before that the oldest are dropped.
 *
 * @internal
 */
export class Outbox<A, E> {
  private items: Array<A> = []
  private size = 0
  private isRead = false
  private end: Cause.Cause<E> | "done" | undefined = undefined
  private readonly hasItems = Effect.unsafeMakeLatch(false)
  private readonly hasRoom = Effect.unsafeMakeLatch(true)
  readonly stream: Stream.Stream<A, E>

  constructor(private readonly capacity: number, private readonly sizeOf: (item: A) => number) {
    this.stream = Stream.suspend(() => {
      this.isRead = true
      return Stream.ensuring(Pull.toStream(this.take), this.goes)
    })
  }

  offer(item: A): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.end !== undefined) return Effect.void
      if (this.size >= this.capacity) {
        if (this.isRead) {
          this.hasRoom.unsafeClose()
          return Effect.zipRight(this.hasRoom.await, this.offer(item))
        }
        while (this.size >= this.capacity) this.size -= this.measure(this.items.shift())
      }
      this.items.push(item)
      this.size += this.sizeOf(item)
      this.hasItems.unsafeOpen()
      return Effect.void
    })
  }

  /** Takes back all that nobody has taken, and tells how much it was. */
  drop(): Effect.Effect<number> {
    return Effect.sync(() => {
      const { size } = this
      this.clear()
      return size
    })
  }

  /** Nothing follows. What was offered before is taken first. */
  close(end: Cause.Cause<E> | "done"): Effect.Effect<void> {
    return Effect.sync(() => {
      this.end ??= end
      this.hasItems.unsafeOpen()
      this.hasRoom.unsafeOpen()
    })
  }

  /** The reader has gone: who offers waits no more. */
  private get goes(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.isRead = false
      this.hasRoom.unsafeOpen()
    })
  }

  private clear(): void {
    this.items = []
    this.size = 0
    this.hasRoom.unsafeOpen()
  }

  private measure(item: A | undefined): number {
    return item === undefined ? this.size : this.sizeOf(item)
  }

  private get take(): Pull.Pull<A, E> {
    return Effect.suspend(() => {
      const { end, items } = this
      if (items.length > 0) {
        this.clear()
        return Effect.succeed(Chunk.unsafeFromArray(items))
      }
      if (end === "done") return Pull.end
      if (end !== undefined) return Pull.failCause(end)
      this.hasItems.unsafeClose()
      return Effect.zipRight(this.hasItems.await, this.take)
    })
  }
}
