/**
 * Decoders and encoders compiled from a Schema, for what every call and every event of a stream passes through.
 *
 * They accept and give what the Schema itself does with `onExcessProperty: "preserve"`, so the Schema stays the one
 * description of the wire. They exist because a Schema that renames keys takes about twenty times longer.
 *
 * @internal
 */
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { isRecord } from "./record.js"
import * as Shape from "./shape.js"
import type { Direction, Property } from "./shapes.js"

const failed: unique symbol = Symbol("failed")

type Parser = (u: unknown) => unknown

interface Field {
  readonly name: string
  readonly parse: Parser
  readonly isRequired: boolean
  /** For a field found under the name that it has on the other side: the name that goes first. */
  readonly unless: string | undefined
}

const set = (target: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    // An assignment would change the prototype.
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}

const object = (fields: ReadonlyMap<string, Field>): Parser => {
  let required = 0
  for (const field of fields.values()) {
    if (field.isRequired && field.unless === undefined) required++
  }
  return (input) => {
    if (!isRecord(input)) return failed
    const out: Record<string, unknown> = {}
    let found = 0
    for (const key of Object.keys(input)) {
      const field = fields.get(key)
      if (field === undefined) {
        set(out, key, input[key])
      } else if (field.unless === undefined || !Object.hasOwn(input, field.unless)) {
        const value = field.parse(input[key])
        if (value === failed) return failed
        out[field.name] = value
        if (field.isRequired) found++
      }
    }
    return found === required ? out : failed
  }
}

const struct = (properties: ReadonlyArray<Property>, direction: Direction): Parser => {
  const fields = new Map<string, Field>()
  const aliases: Array<readonly [string, Field]> = []
  for (const { isOptional, ours, type, wire } of properties) {
    const [from, name] = direction === "decode" ? [wire, ours] : [ours, wire]
    const field: Field = { name, parse: compile(type, direction), isRequired: !isOptional, unless: undefined }
    fields.set(from, field)
    if (name !== from) aliases.push([name, { ...field, unless: from }])
  }
  // A key that has the name of the other side already: Schema takes it for the field, unless that is there too.
  for (const [name, field] of aliases) {
    if (!fields.has(name)) fields.set(name, field)
  }
  return object(fields)
}

const array = (item: Parser): Parser => (input) => {
  if (!Array.isArray(input)) return failed
  const out: Array<unknown> = new Array<unknown>(input.length)
  for (let i = 0; i < input.length; i++) {
    const value = item(input[i])
    if (value === failed) return failed
    out[i] = value
  }
  return out
}

const union = (members: ReadonlyArray<Parser>): Parser => (input) => {
  for (const member of members) {
    const value = member(input)
    if (value !== failed) return value
  }
  return failed
}

/**
 * Most programs use a few of all codecs, and nearly none ever needs the reasons why something does not fit: what is
 * compiled is compiled when it is used first.
 */
const onFirstUse = <A>(make: () => A): () => A => {
  let made: A | undefined
  return () => made ??= make()
}

/** What has no compiled form goes through the Schema. */
const slow = (ast: AST.AST, direction: Direction): Parser => {
  const parse = onFirstUse(() => Shape.parser(ast, direction))
  return (input) => Option.getOrElse(parse()(input), () => failed)
}

const fast = (ast: AST.AST, direction: Direction): Parser | undefined => {
  const shape = Shape.shapeOf(ast)
  switch (shape?._tag) {
    case undefined:
      return undefined
    case "String":
      return (u) => typeof u === "string" ? u : failed
    case "Number":
      return (u) => typeof u === "number" ? u : failed
    case "Boolean":
      return (u) => typeof u === "boolean" ? u : failed
    case "Undefined":
      return (u) => u === undefined ? u : failed
    case "Unknown":
      return identity
    case "Literal": {
      const { literal } = shape
      return (u) => u === literal ? u : failed
    }
    case "Union":
      return union(shape.members.map((member) => compile(member, direction)))
    case "Array":
      return array(compile(shape.item, direction))
    case "Struct":
      return struct(shape.properties, direction)
  }
}

const compile = (ast: AST.AST, direction: Direction): Parser => {
  const parse = fast(ast, direction) ?? slow(ast, direction)
  if (direction === "encode" || !Shape.hasFallback(ast)) return parse
  // What does not fit is rare, and what it reads as is for the Schema to say.
  const fallback = slow(ast, direction)
  return (input) => {
    const value = parse(input)
    return value === failed ? fallback(input) : value
  }
}

/**
 * Unknown keys are kept, under their names. On failure the Schema is asked for the reasons.
 *
 * @internal
 */
export const decoder = <A, I>(
  schema: Schema.Schema<A, I>
): (input: unknown) => Either.Either<A, ParseResult.ParseError> => {
  const parse = onFirstUse(() => compile(schema.ast, "decode"))
  const explain = onFirstUse(() => Shape.explaining.decode(schema))
  return (input) => {
    const value = parse()(input)
    // The AST that was compiled describes exactly A.
    return value === failed ? explain()(input) : Either.right(value as A)
  }
}

/** @internal The inverse of {@link decoder}. */
export const encoder = <A, I>(
  schema: Schema.Schema<A, I>
): (input: A) => Either.Either<I, ParseResult.ParseError> => {
  const parse = onFirstUse(() => compile(schema.ast, "encode"))
  const explain = onFirstUse(() => Shape.explaining.encode(schema))
  return (input) => {
    const value = parse()(input)
    return value === failed ? explain()(input) : Either.right(value as I)
  }
}
