/**
 * What a Schema says of itself, in its own words.
 *
 * @internal
 */
import * as AST from "effect/SchemaAST"

const annotation = (ast: AST.AST, key: string): string | undefined => {
  const value = AST.resolve(ast)?.[key] ?? ast.annotations?.[key]
  return typeof value === "string" ? value : undefined
}

/** Its identifier, or else its title. @internal */
export const nameOf = (ast: AST.AST): string | undefined => annotation(ast, "identifier") ?? annotation(ast, "title")

/** @internal */
export const descriptionOf = (ast: AST.AST): string | undefined => annotation(ast, "description")
