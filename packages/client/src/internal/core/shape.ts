/**
 * What a Schema's syntax tree says to who compiles it: the few kinds of values that the wire consists of. Whatever else a Schema
 * can be has no shape here, and goes through the Schema itself.
 *
 * @internal
 */
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { Direction, Property, Shape } from "./shapes.js"

const preserve = { onExcessProperty: "preserve" } as const

const struct = (
  signatures: ReadonlyArray<AST.PropertySignature>,
  renamed: ReadonlyMap<string, string>
): Shape | undefined => {
  const properties: Array<Property> = []
  for (const { isOptional, name, type } of signatures) {
    if (typeof name !== "string") return undefined
    properties.push({ wire: name, ours: renamed.get(name) ?? name, type, isOptional })
  }
  return { _tag: "Struct", properties }
}

/** A struct whose fields have other names on the wire. */
const renaming = ({ from, transformation }: AST.Transformation): Shape | undefined => {
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
  return struct(from.propertySignatures, renamed)
}

/** @internal */
export const shapeOf = (ast: AST.AST): Shape | undefined => {
  switch (ast._tag) {
    case "StringKeyword":
      return { _tag: "String" }
    case "NumberKeyword":
      return { _tag: "Number" }
    case "BooleanKeyword":
      return { _tag: "Boolean" }
    case "UndefinedKeyword":
      return { _tag: "Undefined" }
    case "UnknownKeyword":
      return { _tag: "Unknown" }
    case "Literal":
      return { _tag: "Literal", literal: ast.literal }
    case "Union":
      return { _tag: "Union", members: ast.types }
    case "TupleType": {
      const [rest] = ast.rest
      return ast.elements.length === 0 && ast.rest.length === 1 && rest !== undefined
        ? { _tag: "Array", item: rest.type }
        : undefined
    }
    case "TypeLiteral":
      return ast.indexSignatures.length === 0 && ast.propertySignatures.length > 0
        ? struct(ast.propertySignatures, new Map())
        : undefined
    case "Transformation":
      return renaming(ast)
    default:
      return undefined
  }
}

/** Whether what does not fit reads as something all the same. @internal */
export const hasFallback = (ast: AST.AST): boolean => Option.isSome(AST.getDecodingFallbackAnnotation(ast))

/** What the Schema itself makes of a value. Unknown keys are kept. @internal */
export const parser = (ast: AST.AST, direction: Direction): (u: unknown) => Option.Option<unknown> => {
  const schema = Schema.make<unknown, unknown, never>(ast)
  return direction === "decode"
    ? ParseResult.decodeUnknownOption(schema, preserve)
    : ParseResult.encodeUnknownOption(schema, preserve)
}

/** The same with the reasons why a value does not fit. @internal */
export const explaining = {
  decode: <A, I>(schema: Schema.Schema<A, I>) => Schema.decodeUnknownEither(schema, preserve),
  encode: <A, I>(schema: Schema.Schema<A, I>) => Schema.encodeUnknownEither(schema, preserve)
}
