// A step of the compiler: marks what a module only computes when it is loaded, so that a bundler may leave it out.
import ts from "typescript"

const isStatic = (node) =>
  ts.canHaveModifiers(node) && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0

const isCall = (node) => ts.isCallExpression(node) || ts.isNewExpression(node)

/** The names of `import * as Name`, whose members bundlers know. */
const namespacesOf = (file) =>
  new Set(
    file.statements.flatMap((statement) => {
      const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
      return bindings !== undefined && ts.isNamespaceImport(bindings) ? [bindings.name.text] : []
    })
  )

/**
 * Writes `#__PURE__` before calls and constructions whose value is bound to a name while the module is loaded: in
 * initializers of variables and static properties, and in `extends`. A call that stands by itself is there for what it
 * does, and what is inside of a function is not run yet: neither is marked.
 *
 * A spread or the property of a value may run a getter for all that a bundler knows, and would keep the mark from
 * having effect. An expression with one becomes the result of a function, which is marked as a whole.
 *
 * @type {import("typescript").TransformerFactory<import("typescript").SourceFile>}
 */
export const annotatePure = (context) => (file) => {
  const { factory } = context
  const namespaces = namespacesOf(file)

  const mark = (node) => ts.addSyntheticLeadingComment(node, ts.SyntaxKind.MultiLineCommentTrivia, "#__PURE__", false)

  /** Whether it, or a part of it that is run with it, is of this kind. */
  const has = (node, kind, parent) =>
    kind(node, parent) ||
    (!ts.isFunctionLike(node) && ts.forEachChild(node, (child) => has(child, kind, node) || undefined) === true)

  const mayRunGetter = (node, parent) =>
    ts.isSpreadAssignment(node) || ts.isSpreadElement(node) || ts.isElementAccessExpression(node) ||
    (ts.isPropertyAccessExpression(node) &&
      !(parent !== undefined && isCall(parent) && parent.expression === node) &&
      !(ts.isIdentifier(node.expression) && namespaces.has(node.expression.text)))

  const resultOf = (node) =>
    factory.createCallExpression(
      factory.createParenthesizedExpression(
        factory.createArrowFunction(
          undefined,
          undefined,
          [],
          undefined,
          factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken),
          ts.isObjectLiteralExpression(node) ? factory.createParenthesizedExpression(node) : node
        )
      ),
      undefined,
      []
    )

  /** `f(x).y(z)` is one computation, whose mark stands before `f`; what is between the brackets has marks of its own. */
  const visitCallee = (node) =>
    ts.visitEachChild(
      node,
      (child) => child === node.expression ? visitCallee(child) : visitPart(child),
      context
    )

  const visitPart = (node) =>
    ts.isFunctionLike(node) || ts.isClassLike(node) ?
      node :
      isCall(node) ?
      mark(visitCallee(node)) :
      ts.visitEachChild(node, visitPart, context)

  const visitValue = (node) =>
    ts.isClassLike(node)
      ? visitClass(node)
      : has(node, mayRunGetter) && !has(node, (part) => ts.isAwaitExpression(part) || ts.isClassLike(part))
      ? mark(resultOf(node))
      : visitPart(node)

  const visitOwner = (node) =>
    ts.visitEachChild(node, (child) => ts.isExpression(child) ? visitValue(child) : child, context)

  const visitClass = (node) =>
    ts.visitEachChild(node, (child) =>
      ts.isHeritageClause(child)
        ? ts.visitEachChild(child, visitOwner, context)
        : ts.isPropertyDeclaration(child) && isStatic(child)
        ? visitInitializer(child)
        : child, context)

  const visitInitializer = (node) =>
    node.initializer === undefined
      ? node
      : ts.visitEachChild(node, (child) => child === node.initializer ? visitValue(child) : child, context)

  const visitStatement = (node) =>
    ts.isVariableStatement(node) ?
      ts.visitEachChild(node, (list) => ts.visitEachChild(list, visitInitializer, context), context) :
      ts.isExportAssignment(node) ?
      visitOwner(node) :
      ts.isClassDeclaration(node) ?
      visitClass(node) :
      node

  return ts.visitEachChild(file, visitStatement, context)
}
