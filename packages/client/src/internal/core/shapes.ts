/**
 * The few kinds of values that the wire consists of, as `shapeOf` reads them of a Schema.
 *
 * @internal
 */
import type * as AST from "effect/SchemaAST"

/** @internal */
export type Direction = "decode" | "encode"

/** @internal */
export interface Property {
  readonly wire: string
  readonly ours: string
  readonly type: AST.AST
  readonly isOptional: boolean
}

/** @internal */
export type Shape =
  | { readonly _tag: "String" | "Number" | "Boolean" | "Undefined" | "Unknown" }
  | { readonly _tag: "Literal"; readonly literal: unknown }
  | { readonly _tag: "Union"; readonly members: ReadonlyArray<AST.AST> }
  | { readonly _tag: "Array"; readonly item: AST.AST }
  | { readonly _tag: "Struct"; readonly properties: ReadonlyArray<Property> }
