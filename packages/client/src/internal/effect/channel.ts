/**
 * Streams that read others, and streams that are operations. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"

/** Reads the chunks of one stream into those of another. @internal */
export interface Reader<in I, out O, in EI, out EO> {
  /** What a chunk comes to. */
  readonly chunk: (chunk: Chunk.Chunk<I>) => Array<O>
  /** What is left when the input has ended well. Says how it ends. */
  readonly done: () => Array<O>
  /** What is left when the input has failed. Says how it ends. */
  readonly failed: (error: EI, cause: Cause.Cause<EI>) => Array<O>
  /** How it ends, once that is known; nothing is read after that. */
  readonly ending: Effect.Effect<void, EO> | undefined
  /** Called when the next chunk is about to be waited for. */
  readonly waits?: (() => void) | undefined
}

const channelOf = <I, O, EI, EO>(
  reader: Reader<I, O, EI, EO>
): Channel.Channel<Chunk.Chunk<O>, Chunk.Chunk<I>, EO, EI> => {
  const next = () => {
    reader.waits?.()
    return read
  }
  const handOut = (out: Array<O>): Channel.Channel<Chunk.Chunk<O>, Chunk.Chunk<I>, EO, EI> => {
    const { ending } = reader
    if (ending === undefined) {
      return out.length === 0 ? next() : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(out)), next)
    }
    const end = Channel.fromEffect(ending)
    return out.length === 0 ? end : Channel.zipRight(Channel.write(Chunk.unsafeFromArray(out)), end)
  }
  const read: Channel.Channel<Chunk.Chunk<O>, Chunk.Chunk<I>, EO, EI> = Channel.readWithCause({
    onInput: (chunk: Chunk.Chunk<I>) => handOut(reader.chunk(chunk)),
    onFailure: (cause: Cause.Cause<EI>) => {
      const error = Cause.failureOption(cause)
      // What is no failure of the input holds no error either.
      return error._tag === "None"
        ? Channel.failCause(cause as Cause.Cause<never>)
        : handOut(reader.failed(error.value, cause))
    },
    onDone: () => handOut(reader.done())
  })
  return read
}

/** A stream of what a reader makes of another. @internal */
export const through = <I, EI, R, O, EO>(
  self: Stream.Stream<I, EI, R>,
  make: () => Reader<I, O, EI, EO>
): Stream.Stream<O, EO, R> => Stream.pipeThroughChannel(self, Channel.suspend(() => channelOf(make())))

/** A stream that is used while something is held, which is let go as soon as it has ended. @internal */
export const acquireUseRelease = <A, B, E, R>(
  acquire: Effect.Effect<A>,
  use: (a: A) => Stream.Stream<B, E, R>,
  release: (a: A, exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
): Stream.Stream<B, E, R> =>
  Stream.fromChannel(Channel.acquireUseRelease(acquire, (a) => Stream.toChannel(use(a)), release))
