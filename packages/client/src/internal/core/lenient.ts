/**
 * Schemas that take more than they name. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"

/** @internal Unknown fields of an answer are kept, at their place, under their wire names. */
export const preserve = { parseOptions: { onExcessProperty: "preserve" } } as const

/** @internal Reads as this value where it is not what it should be. */
export const orElse = <A, I>(schema: Schema.Schema<A, I>, value: A): Schema.Schema<A, I> =>
  schema.annotations({ decodingFallback: () => Either.right(value) })
