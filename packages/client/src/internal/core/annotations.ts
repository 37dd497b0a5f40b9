/**
 * What a Schema says of itself, in its own words. Of one that transforms, what the decoded side says, where it says nothing.
 *
 * @internal
 */
import * as Option from "effect/Option"
import * as AST from "effect/SchemaAST"

const annotation = <A>(ast: AST.AST, get: (annotated: AST.Annotated) => Option.Option<A>): A | undefined =>
  Option.getOrUndefined(
    Option.orElse(get(ast), () => AST.isTransformation(ast) ? get(ast.to) : Option.none())
  )

/** Its identifier, or else its title. @internal */
export const nameOf = (ast: AST.AST): string | undefined =>
  annotation(ast, AST.getJSONIdentifier) ?? annotation(ast, AST.getTitleAnnotation)

/** @internal */
export const descriptionOf = (ast: AST.AST): string | undefined => annotation(ast, AST.getDescriptionAnnotation)
