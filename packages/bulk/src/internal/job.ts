/** @internal */
import type * as Effect from "effect/Effect"
import type { Kept } from "./outcome.js"

/** What `Bulk` offers as its `Job`. */
export interface Job<I, A, E, R> {
  readonly name: string
  readonly key: (input: I) => string
  readonly run: (input: I) => Effect.Effect<A, E, R>
  readonly stopWhen: (error: E) => boolean
  readonly tokens: ((output: A) => number) | undefined
  /** Inputs, outputs and errors as the engine keeps them. */
  readonly kept: Kept<I, A, E>
}
