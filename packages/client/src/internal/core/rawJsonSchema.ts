import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"

/** A JSON Schema that refers to schemas by name. @internal */
export interface RawJsonSchema {
  readonly root: Record<string, unknown>
  readonly definitions: Readonly<Record<string, unknown>>
}

/** The JSON Schema of what a Schema decodes. Throws where there is none. @internal */
export const ofSchema = (schema: Schema.Schema.Any): RawJsonSchema => {
  const { $defs: definitions = {}, ...root } = JSONSchema.make(schema)
  return { root, definitions }
}
