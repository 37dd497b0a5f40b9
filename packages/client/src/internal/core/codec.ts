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
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { isRecord } from "./record.js"

const failed: unique symbol = Symbol("failed")

type Parser = (u: unknown) => unknown

type Direction = "decode" | "encode"

interface Field {
  readonly name: string
  readonly parse: Parser
  readonly isRequired: boolean
  /** For a field found under the name that it has on the other side: the name that goes first. */
  readonly unless: string | undefined
}

const preserve = { onExcessProperty: "preserve" } as const

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

const struct = (
  signatures: ReadonlyArray<AST.PropertySignature>,
  renamed: ReadonlyMap<string, string>,
  direction: Direction
): Parser | undefined => {
  const fields = new Map<string, Field>()
  const aliases: Array<readonly [string, Field]> = []
  for (const signature of signatures) {
    if (typeof signature.name !== "string") return undefined
    const wire = signature.name
    const ours = renamed.get(wire) ?? wire
    const [from, name] = direction === "decode" ? [wire, ours] : [ours, wire]
    const field: Field = {
      name,
      parse: compile(signature.type, direction),
      isRequired: !signature.isOptional,
      unless: undefined
    }
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
  const parse = onFirstUse(() => {
    const schema = Schema.make<unknown, unknown, never>(ast)
    return direction === "decode" ?
      ParseResult.decodeUnknownOption(schema, preserve) :
      ParseResult.encodeUnknownOption(schema, preserve)
  })
  return (input) => Option.getOrElse(parse()(input), () => failed)
}

const fast = (ast: AST.AST, direction: Direction): Parser | undefined => {
  switch (ast._tag) {
    case "StringKeyword":
      return (u) => typeof u === "string" ? u : failed
    case "NumberKeyword":
      return (u) => typeof u === "number" ? u : failed
    case "BooleanKeyword":
      return (u) => typeof u === "boolean" ? u : failed
    case "UndefinedKeyword":
      return (u) => u === undefined ? u : failed
    case "UnknownKeyword":
      return identity
    case "Literal":
      return (u) => u === ast.literal ? u : failed
    case "Union":
      return union(ast.types.map((type) => compile(type, direction)))
    case "TupleType": {
      const [rest] = ast.rest
      return ast.elements.length === 0 && ast.rest.length === 1 && rest !== undefined ?
        array(compile(rest.type, direction)) :
        undefined
    }
    case "TypeLiteral":
      return ast.indexSignatures.length === 0 && ast.propertySignatures.length > 0 ?
        struct(ast.propertySignatures, new Map(), direction) :
        undefined
    case "Transformation": {
      const { from, transformation } = ast
      if (
        transformation._tag !== "TypeLiteralTransformation" || from._tag !== "TypeLiteral" ||
        from.indexSignatures.length > 0
      ) {
        return undefined
      }
      const renamed = new Map<string, string>()
      for (const property of transformation.propertySignatureTransformations) {
        const isRename = property.decode === identity && property.encode === identity
        if (!isRename || typeof property.from !== "string" || typeof property.to !== "string") return undefined
        renamed.set(property.from, property.to)
      }
      return struct(from.propertySignatures, renamed, direction)
    }
    default:
      return undefined
  }
}

const compile = (ast: AST.AST, direction: Direction): Parser => {
  const parse = fast(ast, direction) ?? slow(ast, direction)
  if (direction === "encode" || Option.isNone(AST.getDecodingFallbackAnnotation(ast))) return parse
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
  const explain = onFirstUse(() => Schema.decodeUnknownEither(schema, preserve))
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
  const explain = onFirstUse(() => Schema.encodeUnknownEither(schema, preserve))
  return (input) => {
    const value = parse()(input)
    return value === failed ? explain()(input) : Either.right(value as I)
  }
}
