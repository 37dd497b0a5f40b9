/** What a rule is. */
import ts from "typescript"
import type { Source } from "./source.js"

export type Rule = (node: ts.Node, source: Source) => void

/** Calls of a member of Effect, by its name. */
export const call =
  (name: string, rewrite: (node: ts.CallExpression, name: ts.Node, source: Source) => void): Rule => (node, source) => {
    if (ts.isCallExpression(node) && source.member(node.expression) === name) {
      rewrite(node, (node.expression as ts.PropertyAccessExpression).name, source)
    }
  }
