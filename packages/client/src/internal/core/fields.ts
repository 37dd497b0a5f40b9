import * as Schema from "effect/Schema"
import { orElse, preserve } from "./lenient.js"

export { orElse, preserve }

const orNull = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(orElse(Schema.NullOr(schema), null))

/** Most fields are texts and numbers. A Schema does not change, and to make one is most of what an import costs. */
const known = new WeakMap<object, unknown>()

/**
 * Any field of an answer may be missing, and any may be null. One that is not what it should be reads as null: what
 * stands beside an answer must not cost the answer.
 *
 * @internal
 */
export const nullish = <A, I>(schema: Schema.Schema<A, I>): ReturnType<typeof orNull<A, I>> => {
  const made = known.get(schema) ?? orNull(schema)
  known.set(schema, made)
  return made as ReturnType<typeof orNull<A, I>> // of this very schema
}

/** @internal The same for what the answer itself consists of, which may be missing or null and nothing odd. */
export const nullishContent = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

/** @internal A list whose elements read as empty where they are not what they should be, so that the others stay. */
export const listOf = <A extends object, I>(schema: Schema.Schema<A, I>, empty: A) =>
  Schema.Array(orElse(schema, empty))

/** @internal The same for a field that has another name on the wire. */
export const nullishFrom = <A, I, Key extends string>(key: Key, schema: Schema.Schema<A, I>) =>
  nullish(schema).pipe(Schema.fromKey(key))

/** @internal What nearly every answer has at its top. */
export const requestId = nullishFrom("request_id", Schema.String)
