import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Partials } from "../operation/partial.js"

/** What results are put together in. @internal */
export interface Total<A, T> {
  readonly add: (result: A) => void
  readonly get: () => T
}

/** Results as one; where they break off, what there was is kept beside the error. @internal */
export const collect = <A, T extends { readonly sentences: ReadonlyArray<unknown> }, E, R>(
  results: Stream.Stream<A, E, R>,
  make: () => Total<A, T>,
  partials: Partials<T>
): Effect.Effect<T, E, R> =>
  Effect.suspend(() => {
    const total = make()
    return Stream.runForEach(results, (result) => Effect.sync(() => total.add(result))).pipe(
      Effect.mapError((error) => {
        const partial = total.get()
        return partials.attach(error, partial.sentences.length === 0 ? undefined : partial)
      }),
      Effect.map(() => total.get())
    )
  })
