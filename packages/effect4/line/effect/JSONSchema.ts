/** What Effect 3's JSONSchema has and Effect 4's does not, with the signatures of Effect 3. */
import type * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"

/** Of draft 2020-12, where that of Effect 3 is of draft 07. */
export const make = (schema: Schema.Constraint): JsonSchema.JsonSchema & { readonly $defs?: JsonSchema.Definitions } => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
}
