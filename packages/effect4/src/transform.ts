/**
 * Turns a file of the Effect 3 line into one of the Effect 4 line: what only differs in names, or in the shape of a call.
 * What really differs is a module of the same name and signatures in each line: it is taken from `line/`, not made here.
 *
 * Works on the syntax tree alone. An edit replaces as few characters as it can, so that edits of an inner call and of the call
 * around it do not meet.
 */
import { basename, dirname } from "node:path/posix"
import ts from "typescript"
import { calls } from "./calls.js"
import { transformComments } from "./comments.js"
import { members } from "./members.js"
import { modules } from "./modules.js"
import type { Edit, Source } from "./source.js"
import * as users from "./users.js"

/**
 * Where the counterparts of v3's functions that v4 lacks lie, from the file that wants them. Code of a user has none: it is
 * written by the rules of `users.ts`, and keeps the names of Effect 3 where those know none.
 */
export type Counterparts = ((name: string) => string) | undefined

interface Namespace {
  readonly local: string
  readonly specifier: string
  readonly declaration: ts.ImportDeclaration
  /** Uses that are left when all edits are made. */
  uses: number
}

/** Of imports, as a linter wants them. */
const byName = (a: string, b: string) => a.replace(/^type /, "").localeCompare(b.replace(/^type /, ""), "en")

/** Names in one line or one in each, as they were. */
const listOf = (names: ReadonlyArray<string>, given: string): string =>
  given.includes("\n") ? `{\n  ${names.join(",\n  ")}\n}` : `{ ${names.join(", ")} }`

/** A module that a barrel exports, as a file imports it. */
interface Exported {
  readonly name: string
  readonly specifier: string
  readonly isType: boolean
  /** Uses that are left when all edits are made, unless it was never used. */
  uses: number
  isReplaced: boolean
}

/** The name by which the tables know a module: `Effect` for `effect/Effect`, `HttpClient` for `@effect/platform/HttpClient`. */
const shortName = (specifier: string) => specifier.slice(specifier.lastIndexOf("/") + 1)

export const transform = (text: string, fileName: string, counterparts: Counterparts): string => {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true)
  const edits: Array<Edit> = []
  const edit = (start: number, end: number, replacement: string) => {
    edits.push({ start, end, text: replacement })
  }

  const namespaces = new Map<string, Namespace>()
  /** The name of the module, and the specifier of it alone, by what the file calls it. */
  const barrels = new Map<string, Exported>()
  /** What the file calls modules that have another name. */
  const renamed = new Map<string, string>()
  const isUsers = counterparts === undefined
  const rename = (local: string) => {
    const own = isUsers ? users.modules[local] : undefined
    const name = own !== undefined && new RegExp(`\\b${own}\\b`).test(text) ? undefined : own ?? modules.renamed[local]
    if (name !== undefined) renamed.set(local, name)
  }
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const specifier = statement.moduleSpecifier.text
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined) continue
    if (ts.isNamespaceImport(bindings) && /^(?:effect|@effect)\//.test(specifier)) {
      const local = bindings.name.text
      namespaces.set(local, { local, specifier, declaration: statement, uses: 0 })
      rename(local)
    } else if (ts.isNamedImports(bindings) && modules.barrels.has(specifier)) {
      for (const element of bindings.elements) {
        const name = (element.propertyName ?? element.name).text
        const isType = element.isTypeOnly || statement.importClause?.isTypeOnly === true
        barrels.set(element.name.text, {
          name,
          specifier: `${specifier}/${name}`,
          isType,
          uses: 0,
          isReplaced: false
        })
        if (element.propertyName === undefined) rename(name)
      }
    }
  }

  const member = (node: ts.Node): string | undefined => {
    const [left, right] = ts.isPropertyAccessExpression(node)
      ? [node.expression, node.name]
      : ts.isQualifiedName(node)
      ? [node.left, node.right]
      : []
    if (left === undefined || right === undefined || !ts.isIdentifier(left)) return undefined
    const namespace = namespaces.get(left.text)
    const module = namespace === undefined ? barrels.get(left.text)?.name : shortName(namespace.specifier)
    return module === undefined ? undefined : `${module}.${right.text}`
  }

  const replacementOf = (module: string): string | undefined => {
    const counterpart = modules.counterparts[module]
    return counterpart === undefined || counterparts === undefined
      ? modules.specifier(module)
      : counterparts(counterpart)
  }

  /** Namespaces that the file gains, by specifier. */
  const gained = new Map<string, string>()
  const gain = (specifier: string, isType = false): string => {
    const known = gained.get(specifier)
    if (known !== undefined) return known
    for (const namespace of namespaces.values()) {
      const fits = isType || namespace.declaration.importClause?.isTypeOnly !== true
      if (fits && (modules.specifier(namespace.specifier) ?? namespace.specifier) === specifier) {
        namespace.uses += 1
        return renamed.get(namespace.local) ?? namespace.local
      }
    }
    for (const [local, barrel] of barrels) {
      const fits = isType || !barrel.isType
      if (fits && (replacementOf(barrel.specifier) ?? barrel.specifier) === specifier) {
        barrel.uses += 1
        return renamed.get(local) ?? local
      }
    }
    const base = shortName(specifier).replace(/\.js$/, "")
    const isTaken = (name: string) =>
      new RegExp(`\\b${name}\\b`).test(text) || [...gained.values()].some((other) => other === name)
    let local = base
    while (isTaken(local)) local += "4"
    gained.set(specifier, local)
    return local
  }

  /** A use of what the file calls so is gone. */
  const replaced = (local: string): void => {
    const namespace = namespaces.get(local)
    if (namespace !== undefined) namespace.uses -= 1
    const barrel = barrels.get(local)
    if (barrel !== undefined) {
      barrel.uses -= 1
      barrel.isReplaced = true
    }
  }

  const drop = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) replaced(node.text)
    ts.forEachChild(node, drop)
  }

  const source: Source = { file, member, edit, gain, drop }

  const fromBarrels: Array<ts.ImportDeclaration> = []
  const emptied: Array<ts.ImportDeclaration> = []
  /** `import { Effect, TestClock } from "effect"`: what the module does not export in Effect 4 is imported by itself. */
  const split = (node: ts.ImportDeclaration, barrel: string): void => {
    const bindings = node.importClause?.namedBindings
    if (bindings === undefined || !ts.isNamedImports(bindings)) return
    const home = modules.specifier(barrel) ?? barrel
    const kept: Array<string> = []
    const own: Array<string> = []
    let isSmaller = false
    for (const element of bindings.elements) {
      const { isReplaced, uses } = barrels.get(element.name.text)!
      if (isReplaced && uses <= 0) {
        isSmaller = true
        continue
      }
      const module = `${barrel}/${(element.propertyName ?? element.name).text}`
      const specifier = replacementOf(module)
      const type = element.isTypeOnly || node.importClause?.isTypeOnly === true ? "type " : ""
      const name = renamed.get(element.getText()) ?? element.getText()
      const isExported = specifier === undefined ||
        (dirname(specifier) === home && (barrel !== "effect" || basename(specifier) === name))
      if (isExported) kept.push(name)
      else own.push(`import ${type}* as ${element.name.text} from "${specifier}"\n`)
    }
    const isSame = !isSmaller && own.length === 0 &&
      !bindings.elements.some((element) => renamed.has(element.getText()))
    if (isSame) return
    if (own.length > 0) edit(node.getStart(), node.getStart(), own.join(""))
    if (kept.length > 0) edit(bindings.getStart(), bindings.end, listOf(kept.sort(byName), bindings.getText()))
    else emptied.push(node)
  }

  const rules = isUsers ? [...calls, ...users.rules] : calls
  const targetOf = (name: string) => (isUsers ? users.names[name] : undefined) ?? members[name]

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const specifier = node.moduleSpecifier
      if (specifier !== undefined && ts.isStringLiteral(specifier)) {
        const replaced = replacementOf(specifier.text)
        if (ts.isImportDeclaration(node) && modules.barrels.has(specifier.text)) fromBarrels.push(node)
        if (replaced !== undefined) edit(specifier.getStart() + 1, specifier.end - 1, replaced)
      }
      const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined
      const name = bindings !== undefined && ts.isNamespaceImport(bindings) ? bindings.name : undefined
      const other = renamed.get(name?.text ?? "")
      if (name !== undefined && other !== undefined) edit(name.getStart(), name.end, other)
      return
    }
    if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) {
      const replaced = modules.specifier(node.name.text)
      if (replaced !== undefined) edit(node.name.getStart() + 1, node.name.end - 1, replaced)
    }
    if (ts.isIdentifier(node) && (namespaces.has(node.text) || barrels.has(node.text))) {
      const parent = node.parent
      const own = (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isQualifiedName(parent) && parent.right === node)
      const used = namespaces.get(node.text) ?? barrels.get(node.text)
      if (!own && used !== undefined) used.uses += 1
    }
    for (const rule of rules) rule(node, source)
    const name = member(node)
    const target = name === undefined ? undefined : targetOf(name)
    if (ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node)) {
      const right = ts.isPropertyAccessExpression(node) ? node.name : node.right
      const left = ts.isPropertyAccessExpression(node) ? node.expression : node.left
      if (typeof target !== "object" || (counterparts === undefined && !("module" in target))) {
        const other = renamed.get(left.getText())
        if (other !== undefined) edit(left.getStart(), left.end, other)
        if (typeof target === "string") edit(right.getStart(), right.end, target)
      } else {
        replaced(left.getText())
        const specifier = "module" in target ? target.module : counterparts!(target.counterpart)
        const local = gain(specifier, ts.isQualifiedName(node))
        edit(node.getStart(), node.end, `${local}.${target.name ?? right.text}`)
      }
    }
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(file, visit)
  for (const node of fromBarrels) split(node, (node.moduleSpecifier as ts.StringLiteral).text)

  const first = file.statements.find(ts.isImportDeclaration)
  const added = [...gained].map(([specifier, local]) => `import * as ${local} from "${specifier}"\n`).join("")
  if (added !== "") edit(first?.getStart() ?? 0, first?.getStart() ?? 0, added)
  const unused = [...namespaces.values()].filter(({ uses }) => uses <= 0)
  const removed = [...unused.map(({ declaration }) => declaration), ...emptied]

  const code = apply(
    text,
    [
      ...edits.filter(({ end, start }) =>
        start === end || !removed.some((node) => start >= node.getStart() && end <= node.end)
      ),
      ...removed.map((node) => ({ start: node.getStart(), end: lineEnd(text, node.end), text: "" }))
    ]
  )
  return transformComments(code, (example) => transform(example, "example.ts", undefined))
}

const lineEnd = (text: string, end: number) => text[end] === "\n" ? end + 1 : end

const apply = (text: string, edits: ReadonlyArray<Edit>): string => {
  const sorted = edits.map((edit, index) => ({ ...edit, index })).sort((a, b) =>
    a.start - b.start || a.end - b.end || a.index - b.index
  )
  let result = ""
  let position = 0
  for (const { end, start, text: replacement } of sorted) {
    if (start < position) throw new Error(`two edits meet at ${start}: ${text.slice(start, start + 60)}`)
    result += text.slice(position, start) + replacement
    position = end
  }
  return result + text.slice(position)
}
