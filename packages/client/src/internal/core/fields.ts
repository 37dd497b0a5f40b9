import * as Schema from "effect/Schema"

/** @internal Unknown fields of an answer are kept, at their place, under their wire names. */
export const preserve = { parseOptions: { onExcessProperty: "preserve" } } as const

/** @internal Any field of an answer may be missing, and any may be null. */
export const nullish = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

/** @internal The same for a field that has another name on the wire. */
export const nullishFrom = <A, I, Key extends string>(key: Key, schema: Schema.Schema<A, I>) =>
  nullish(schema).pipe(Schema.fromKey(key))

/** @internal What nearly every answer has at its top. */
export const requestId = nullishFrom("request_id", Schema.String)
