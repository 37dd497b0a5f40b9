/**
 * What a Schema's syntax tree says to who compiles it: the few kinds of values that the wire consists of. Whatever else a Schema
 * can be has no shape here, and goes through the Schema itself.
 *
 * @internal
 */
import type * as Option from "effect/Option"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { Renaming } from "../effect/Schema.js"
import { openAst } from "./open.js"
import type { Direction, Property, Shape } from "./shapes.js"

const struct = (signatures: ReadonlyArray<AST.PropertySignature>, names: Readonly<Record<string, string>>) => {
  const properties: Array<Property> = []
  for (const { name, type } of signatures) {
    if (typeof name !== "string") return undefined
    const wire = Object.hasOwn(names, name) ? names[name] : undefined
    properties.push({ wire: wire ?? name, ours: name, type, isOptional: type.context?.isOptional === true })
  }
  return { _tag: "Struct", properties } as const
}

/** That unknown keys are kept is no matter: they always are. */
const isOpen = ({ indexSignatures }: AST.Objects): boolean =>
  indexSignatures.every(({ parameter, type }) => parameter === AST.string && type === AST.unknown)

/** The last step of decoding, and what it is made of. */
const linkOf = ({ encoding }: AST.AST): AST.Link | undefined => encoding?.length === 1 ? encoding[0] : undefined

/** @internal */
export const shapeOf = (ast: AST.AST): Shape | undefined => {
  if (ast.checks !== undefined) return undefined
  const link = linkOf(ast)
  if (link !== undefined && hasFallback(ast)) return shapeOf(link.to)
  const renaming = link?.transformation
  if (ast.encoding !== undefined && !(renaming instanceof Renaming)) return undefined
  switch (ast._tag) {
    case "String":
    case "Number":
    case "Boolean":
    case "Undefined":
    case "Unknown":
      return { _tag: ast._tag }
    case "Literal":
      return { _tag: "Literal", literal: ast.literal }
    case "Union":
      return ast.options?.mode === "oneOf" ? undefined : { _tag: "Union", members: ast.types }
    case "Arrays": {
      const [rest] = ast.rest
      return ast.elements.length === 0 && ast.rest.length === 1 && rest !== undefined
        ? { _tag: "Array", item: rest }
        : undefined
    }
    case "Objects":
      return ast.propertySignatures.length > 0 && isOpen(ast)
        ? struct(ast.propertySignatures, renaming instanceof Renaming ? renaming.names : {})
        : undefined
    default:
      return undefined
  }
}

/** Whether what does not fit reads as something all the same. @internal */
export const hasFallback = (ast: AST.AST): boolean => linkOf(ast)?.transformation._tag === "Middleware"

const open = (ast: AST.AST) => Schema.make<Schema.Codec<unknown, unknown>>(openAst(ast))

/** What the Schema itself makes of a value. Unknown keys are kept. @internal */
export const parser = (ast: AST.AST, direction: Direction): (u: unknown) => Option.Option<unknown> =>
  direction === "decode" ? Schema.decodeUnknownOption(open(ast)) : Schema.encodeUnknownOption(open(ast))

/** The same with the reasons why a value does not fit. @internal */
export const explaining = {
  decode: <A, I>({ ast }: Schema.Codec<A, I>): (u: unknown) => Result.Result<A, Schema.SchemaError> =>
    Schema.decodeUnknownResult(Schema.make<Schema.Codec<A, I>>(openAst(ast)), { reportInput: true }),
  encode: <A, I>({ ast }: Schema.Codec<A, I>): (u: unknown) => Result.Result<I, Schema.SchemaError> =>
    Schema.encodeUnknownResult(Schema.make<Schema.Codec<A, I>>(openAst(ast)), { reportInput: true })
}
