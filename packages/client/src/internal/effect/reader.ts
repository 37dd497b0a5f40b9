import type * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import type * as Effect from "effect/Effect"

/** Reads the chunks of one pull into those of another. @internal */
export interface Reader<in I, out O, in EI, out EO> {
  /** What a chunk comes to. */
  readonly chunk: (chunk: Chunk.Chunk<I>) => Array<O>
  /** What is left when the input has ended well. Says how it ends. */
  readonly done: () => Array<O>
  /** What is left when the input has failed. Says how it ends. */
  readonly failed: (error: EI, cause: Cause.Cause<EI>) => Array<O>
  /** How it ends, once that is known; nothing is read after that. */
  readonly ending: Effect.Effect<void, EO> | undefined
  /** Called when the next chunk is about to be waited for. It may say that this is the end. */
  readonly waits?: (() => void) | undefined
}
