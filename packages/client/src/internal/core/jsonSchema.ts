/**
 * JSON Schemas for the service, made from Effect's Schemas: those of `effect/JSONSchema`, with what a model has no use
 * for taken away.
 *
 * - `$ref`s are replaced by what they refer to. A schema that contains itself cannot be, and keeps its `$defs`.
 * - `$schema`, `$id`, `$comment` and the titles (`"nonEmptyString"`, `"between(1, 10)"`) are left out: each is paid for
 *   in tokens with every request. Descriptions stay. The names of an enum's members stay too, as they say what a bare
 *   number means.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { ofSchema } from "./rawJsonSchema.js"
import { isRecord } from "./record.js"

/** @internal */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Keywords by what they hold: a schema or a list of schemas, and schemas by name. All others hold plain values. */
const schemas = new Set([
  "items",
  "prefixItems",
  "additionalItems",
  "additionalProperties",
  "propertyNames",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "contentSchema"
])
const schemasByName = new Set(["properties", "patternProperties"])

const clutter = new Set(["$schema", "$id", "$comment", "$defs", "title"])

const annotations = new Set(["description", "default", "examples"])

const refPrefix = "#/$defs/"

const refName = (schema: Record<string, unknown>): string | undefined => {
  const ref = schema["$ref"]
  return typeof ref === "string" && ref.startsWith(refPrefix) ?
    ref.slice(refPrefix.length).replaceAll("~1", "/").replaceAll("~0", "~") :
    undefined
}

const emptyStruct = { type: "object", properties: {}, additionalProperties: false }

type Definitions = Readonly<Record<string, unknown>>

/** The names that a schema refers to, not those that these refer to. */
const references = (u: unknown, into: Set<string>): Set<string> => {
  if (Array.isArray(u)) {
    for (const item of u) references(item, into)
  } else if (isRecord(u)) {
    const name = refName(u)
    if (name !== undefined) into.add(name)
    for (const [key, value] of Object.entries(u)) {
      if (schemas.has(key)) references(value, into)
      else if (schemasByName.has(key) && isRecord(value)) references(Object.values(value), into)
    }
  }
  return into
}

/** The definitions that contain themselves, be it by way of others. */
const recursive = (definitions: Definitions): ReadonlySet<string> => {
  const direct = new Map(
    Object.entries(definitions).map(([name, schema]) => [name, references(schema, new Set())] as const)
  )
  const out = new Set<string>()
  for (const name of direct.keys()) {
    const seen = new Set<string>()
    const waiting = [...direct.get(name) ?? []]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(...direct.get(next) ?? [])
    }
    if (seen.has(name)) out.add(name)
  }
  return out
}

/** A lone `allOf` is how `effect/JSONSchema` adds annotations to a reference; once that is resolved they can be one. */
const flatten = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { allOf, ...rest } = schema
  const only: unknown = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined
  if (!isRecord(only) || "$ref" in only) return schema
  const conflict = Object.keys(only).some((key) => key in rest && !annotations.has(key))
  return conflict ? schema : { ...only, ...rest }
}

const clean = (root: Record<string, unknown>, definitions: Definitions): Record<string, unknown> => {
  const loops = recursive(definitions)
  const kept: Record<string, unknown> = {}

  const keep = (name: string): void => {
    if (name in kept) return
    kept[name] = undefined
    kept[name] = definition(name)
  }

  const definition = (name: string): Record<string, unknown> => {
    const schema = definitions[name]
    return isRecord(schema) ? object(schema, false) : {}
  }

  const byName = (map: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, any(schema)]))

  const any = (u: unknown, keepsTitles = false): unknown =>
    Array.isArray(u) ? u.map((item) => any(item, keepsTitles)) : isRecord(u) ? object(u, keepsTitles) : u

  const object = (schema: Record<string, unknown>, keepsTitle: boolean): Record<string, unknown> => {
    const name = refName(schema)
    if (name !== undefined && name in definitions) {
      const { $ref, ...beside } = schema
      if (loops.has(name)) keep(name)
      const meant = loops.has(name) ? { $ref } : definition(name)
      // Conditions on top of a Schema that has a name stand beside its reference, where JSON Schema would ignore them.
      return Object.keys(beside).length === 0 ? meant : flatten({ allOf: [meant], ...object(beside, false) })
    }
    if (schema["$id"] === "/schemas/%7B%7D") {
      const { description } = schema
      return description === undefined ? emptyStruct : { ...emptyStruct, description }
    }
    const isEnum = schema["$comment"] === "/schemas/enums"
    const out: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) {
      if (clutter.has(key) && !(key === "title" && keepsTitle)) continue
      if (key === "required" && Array.isArray(value) && value.length === 0) continue
      out[key] = schemas.has(key) ?
        any(value, isEnum) :
        schemasByName.has(key) && isRecord(value)
        ? byName(value)
        : value
    }
    return "allOf" in out ? flatten(out) : out
  }

  const rootName = refName(root)
  // The root itself must say that it is an object, so there it is written out even if it contains itself.
  const out = rootName !== undefined && rootName in definitions ? definition(rootName) : object(root, false)
  return Object.keys(kept).length === 0 ? out : { ...out, $defs: kept }
}

const problem = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.split("\n").join(", ")
}

const generate = (schema: Schema.Schema.Any): Either.Either<JsonSchema, string> =>
  Either.try({
    try: () => {
      const { definitions, root } = ofSchema(schema)
      return clean(root, definitions)
    },
    catch: problem
  })

const known = new WeakMap<AST.AST, Either.Either<JsonSchema, string>>()

/**
 * The JSON Schema of what a Schema decodes, or why there is none. Made once for each Schema.
 *
 * @internal
 */
export const make = (schema: Schema.Schema.Any): Either.Either<JsonSchema, string> => {
  let made = known.get(schema.ast)
  if (made === undefined) {
    made = generate(schema)
    known.set(schema.ast, made)
  }
  return made
}

/**
 * The same where only an object will do.
 *
 * @internal
 */
export const makeObject = (schema: Schema.Schema.Any): Either.Either<JsonSchema, string> =>
  Either.flatMap(make(schema), (made) =>
    // A union of objects has no type of its own.
    made["type"] === "object" || (made["type"] === undefined && ("anyOf" in made || "oneOf" in made)) ?
      Either.right(made) :
      Either.left(`describes ${typeof made["type"] === "string" ? `a JSON ${made["type"]}` : "any value"}, no object`))
