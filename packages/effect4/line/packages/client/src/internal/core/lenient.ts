/**
 * Schemas that take more than they name.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { openAst } from "./open.js"

/** @internal Unknown fields of an answer are kept, at their place, under their wire names. */
export const preserve =
  (annotations: Schema.Annotations.Bottom<unknown, readonly []>) => <S extends Schema.Top>(schema: S): S =>
    schema.rebuild(openAst(schema.ast)).annotate(annotations) as S

/** @internal Reads as this value where it is not what it should be. */
export const orElse = <A, I>(schema: Schema.Codec<A, I>, value: A): Schema.Codec<A, I> =>
  Schema.catchDecoding<Schema.Codec<A, I>>(() => Effect.succeed(Option.some(value)))(schema)
