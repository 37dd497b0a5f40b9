import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { fromKey } from "../effect/Schema.js"
import { openAst } from "./open.js"

/** @internal Unknown fields of an answer are kept, at their place, under their wire names. */
export const preserve =
  (annotations: Schema.Annotations.Bottom<unknown, readonly []>) => <S extends Schema.Top>(schema: S): S =>
    schema.rebuild(openAst(schema.ast)).annotate(annotations) as S

/** @internal Reads as this value where it is not what it should be. */
export const orElse = <S extends Schema.Constraint>(schema: S, value: S["Type"]) =>
  Schema.catchDecoding<S>(() => Effect.succeed(Option.some(value)))(schema)

/**
 * Any field of an answer may be missing, and any may be null. One that is not what it should be reads as null: what
 * stands beside an answer must not cost the answer.
 *
 * @internal
 */
export const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(orElse(Schema.NullOr(schema), null))

/** @internal The same for what the answer itself consists of, which may be missing or null and nothing odd. */
export const nullishContent = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

/** @internal A list whose elements read as empty where they are not what they should be, so that the others stay. */
export const listOf = <S extends Schema.Constraint>(schema: S, empty: S["Type"]) => Schema.Array(orElse(schema, empty))

/** @internal The same for a field that has another name on the wire. */
export const nullishFrom = <const Key extends string, S extends Schema.Constraint>(key: Key, schema: S) =>
  fromKey(key)(nullish(schema))

/** @internal What nearly every answer has at its top. */
export const requestId = nullishFrom("request_id", Schema.String)
