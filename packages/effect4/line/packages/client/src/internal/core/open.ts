/**
 * Structs that keep the keys that they do not name, which is no option of Effect 4's parser: such a struct has a signature for
 * all other keys.
 *
 * @internal
 */
import * as AST from "effect/SchemaAST"

const others = [new AST.IndexSignature(AST.string, AST.unknown)]

const opened = new WeakMap<AST.AST, AST.AST>()

const body = (ast: AST.AST, annotations: AST.AST["annotations"], encoding: AST.AST["encoding"]): AST.AST => {
  const { checks, context } = ast
  switch (ast._tag) {
    case "Objects":
      return new AST.Objects(
        ast.propertySignatures.map(({ name, type }) => new AST.PropertySignature(name, openAst(type))),
        ast.indexSignatures.length > 0 ? ast.indexSignatures : others,
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks
      )
    case "Arrays":
      return new AST.Arrays(
        ast.isMutable,
        ast.elements.map(openAst),
        ast.rest.map(openAst),
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks
      )
    case "Union":
      return new AST.Union(
        ast.types.map(openAst),
        ast.options,
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks
      )
    case "Declaration":
      return encoding === ast.encoding ? ast : new AST.Declaration(
        ast.typeParameters,
        ast.run,
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks,
        ast.encodingRun
      )
    // What else there is has no parts, and is not made of parts either but by a step that does not lead to structs.
    default:
      return ast
  }
}

const steps = (encoding: AST.AST["encoding"]): AST.AST["encoding"] => {
  if (encoding === undefined) return undefined
  const [first, ...rest] = encoding
  const step = ({ to, transformation }: AST.Link) => new AST.Link(openAst(to), transformation)
  return [step(first), ...rest.map(step)]
}

/** The same where every struct in it keeps the keys that it does not name. @internal */
export const openAst = (ast: AST.AST): AST.AST => {
  const known = opened.get(ast)
  if (known !== undefined) return known
  const made = body(ast, ast.annotations, steps(ast.encoding))
  opened.set(ast, made)
  opened.set(made, made)
  return made
}
