/** The native forms of a user's code, where the packages' own has counterparts with the signatures of Effect 3. */
import ts from "typescript"
import type { Target } from "./members.js"
import { call, type Rule } from "./rule.js"
import type { Source } from "./source.js"

/** Modules that the file calls by their new name, unless it has something else of that name. */
export const modules: Readonly<Record<string, string>> = { Either: "Result", Mailbox: "Queue" }

/** Members that have another name. */
export const names: Readonly<Record<string, Target>> = {
  "Mailbox.toStream": { module: "effect/Stream", name: "fromQueue" },
  "Schema.BigInt": "BigIntFromString",
  "Schema.decode": "decodeEffect",
  "Schema.decodeEither": "decodeResult",
  "Schema.decodeUnknown": "decodeUnknownEffect",
  "Schema.decodeUnknownEither": "decodeUnknownResult",
  "Schema.encode": "encodeEffect",
  "Schema.encodeEither": "encodeResult",
  "Schema.encodeUnknown": "encodeUnknownEffect",
  "Schema.encodeUnknownEither": "encodeUnknownResult",
  "Stream.unwrapScoped": "unwrap"
}

const checks: Readonly<Record<string, string>> = {
  "Schema.between": "isBetween",
  "Schema.filter": "makeFilter",
  "Schema.greaterThan": "isGreaterThan",
  "Schema.greaterThanOrEqualTo": "isGreaterThanOrEqualTo",
  "Schema.lessThan": "isLessThan",
  "Schema.lessThanOrEqualTo": "isLessThanOrEqualTo",
  "Schema.maxLength": "isMaxLength",
  "Schema.minLength": "isMinLength",
  "Schema.multipleOf": "isMultipleOf",
  "Schema.pattern": "isPattern"
}

const isCheck = (node: ts.Node, { member }: Source): node is ts.CallExpression =>
  ts.isCallExpression(node) && Object.hasOwn(checks, member(node.expression) ?? "")

/** The arguments of `value.pipe(…)` that this is one of. */
const piped = (node: ts.Node): ts.CallExpression | undefined => {
  const { parent } = node
  if (!ts.isCallExpression(parent) || parent.expression === node) return undefined
  const { expression } = parent
  return ts.isPropertyAccessExpression(expression) && expression.name.text === "pipe" ? parent : undefined
}

/** `schema.pipe(Schema.between(0, 24))` is `schema.check(Schema.isBetween({ minimum: 0, maximum: 24 }))`. */
const check: Rule = (node, source) => {
  if (!isCheck(node, source)) return
  const { edit, member } = source
  const access = node.expression as ts.PropertyAccessExpression
  edit(access.name.getStart(), access.name.end, checks[member(access)!]!)
  const [minimum, maximum] = node.arguments
  if (member(access) === "Schema.between" && minimum !== undefined && maximum !== undefined) {
    edit(minimum.getStart(), minimum.getStart(), "{ minimum: ")
    edit(minimum.end, maximum.getStart(), ", maximum: ")
    edit(maximum.end, maximum.end, " }")
  }
  const pipe = piped(node)
  if (pipe?.arguments.every((argument) => isCheck(argument, source)) === true) {
    const { name } = pipe.expression as ts.PropertyAccessExpression
    if (pipe.arguments[0] === node) edit(name.getStart(), name.end, "check")
  } else {
    edit(node.getStart(), node.getStart(), `${access.expression.getText()}.check(`)
    edit(node.end, node.end, ")")
  }
}

/** `Stream.runFold(0, f)` is `Stream.runFold(() => 0, f)`. */
const runFold = call("Stream.runFold", (node, _, { edit }) => {
  const initial = node.arguments.at(-2)
  if (initial === undefined) return
  const isObject = ts.isObjectLiteralExpression(initial)
  edit(initial.getStart(), initial.getStart(), isObject ? "() => (" : "() => ")
  if (isObject) edit(initial.end, initial.end, ")")
})

/** `filterMap(f)`, where `f` gives an Option, is `filterMap(Filter.fromPredicateOption(f))`. */
const filterMap = (name: string): Rule =>
  call(name, (node, _, { edit, gain }) => {
    const f = node.arguments.at(-1)
    if (f === undefined) return
    edit(f.getStart(), f.getStart(), `${gain("effect/Filter")}.fromPredicateOption(`)
    edit(f.end, f.end, ")")
  })

/** `Logger.replace(Logger.defaultLogger, logger)` keeps the logger that writes to spans. */
const replace = call("Logger.replace", (node, name, { edit, member }) => {
  const [one, other] = node.arguments
  if (one === undefined || other === undefined || member(one) !== "Logger.defaultLogger") return
  edit(name.getStart(), name.end, "layer")
  edit(one.getStart(), other.getStart(), "[")
  edit(other.end, other.end, `, ${(one as ts.PropertyAccessExpression).expression.getText()}.tracerLogger]`)
})

/** `Otlp.layer({ replaceLogger: logger })` is `Otlp.layer({ loggerMergeWithExisting: false })`. */
const replaceLogger: Rule = (node, { drop, edit, member }) => {
  if (!ts.isPropertyAssignment(node) || node.name.getText() !== "replaceLogger") return
  const home = ts.findAncestor(node, ts.isCallExpression)
  if (home === undefined || member(home.expression)?.startsWith("Otlp.") !== true) return
  edit(node.getStart(), node.end, "loggerMergeWithExisting: false")
  drop(node.initializer)
}

/** `Effect.withConfigProvider(provider)` is `Effect.provideService(ConfigProvider.ConfigProvider, provider)`. */
const withConfigProvider = call("Effect.withConfigProvider", (node, name, { edit, gain }) => {
  const provider = node.arguments.at(-1)
  if (provider === undefined) return
  edit(name.getStart(), name.end, "provideService")
  edit(provider.getStart(), provider.getStart(), `${gain("effect/ConfigProvider")}.ConfigProvider, `)
})

/** `Effect.orDieWith(f)` is `Effect.mapError(f), Effect.orDie` in a pipe, and `Effect.orDie(Effect.mapError(effect, f))` elsewhere. */
const orDieWith = call("Effect.orDieWith", (node, name, { edit }) => {
  const effect = (node.expression as ts.PropertyAccessExpression).expression.getText()
  edit(name.getStart(), name.end, "mapError")
  if (node.arguments.length === 1 && piped(node) !== undefined) edit(node.end, node.end, `, ${effect}.orDie`)
  if (node.arguments.length !== 2) return
  edit(node.getStart(), node.getStart(), `${effect}.orDie(`)
  edit(node.end, node.end, ")")
})

/** `Effect.timeoutFail({ duration, onTimeout: f })` is `Effect.timeoutOrElse({ duration, orElse: () => Effect.fail(f()) })`. */
const timeoutFail = call("Effect.timeoutFail", (node, name, { edit }) => {
  const options = node.arguments.at(-1)
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return
  const effect = (node.expression as ts.PropertyAccessExpression).expression.getText()
  for (const property of options.properties) {
    if (!ts.isPropertyAssignment(property) || property.name.getText() !== "onTimeout") continue
    edit(name.getStart(), name.end, "timeoutOrElse")
    edit(property.name.getStart(), property.name.end, "orElse")
    edit(property.initializer.getStart(), property.initializer.getStart(), `() => ${effect}.failSync(`)
    edit(property.initializer.end, property.initializer.end, ")")
  }
})

export const rules: ReadonlyArray<Rule> = [
  check,
  filterMap("Array.filterMap"),
  filterMap("Stream.filterMap"),
  orDieWith,
  replace,
  replaceLogger,
  runFold,
  timeoutFail,
  withConfigProvider
]
