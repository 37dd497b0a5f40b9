import * as NodeStream from "@effect/platform-node/NodeStream"
import type * as Stream from "effect/Stream"
import type { Readable } from "node:stream"

/** The stream of a `Readable`, as a program of this line of Effect makes it. */
export const fromReadable = <A, E>(
  evaluate: () => Readable,
  onError: (cause: unknown) => E
): Stream.Stream<A, E> => NodeStream.fromReadable<E, A>(evaluate, onError)
