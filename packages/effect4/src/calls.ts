/** What changes by the shape of a call, and not by its name alone. */
import ts from "typescript"
import { version } from "./manifest.js"
import { call, type Rule } from "./rule.js"
import type { Source } from "./source.js"

/** The arguments of a call as a list. */
const brackets = (node: ts.CallExpression, { edit, file }: Source) => {
  const first = node.arguments[0]
  const last = node.arguments.at(-1)
  if (first === undefined || last === undefined) return
  const { pos } = node.arguments
  if (file.text.slice(pos, first.getStart()).includes("\n")) {
    edit(pos, pos, "[")
    edit(node.end - 1, node.end - 1, "]")
    return
  }
  edit(first.getStart(), first.getStart(), "[")
  edit(last.end, last.end, "]")
}

/** `Schema.Union(A, B)` is `Schema.Union([A, B])`. */
const listed = (name: string): Rule => call(name, (node, _, source) => brackets(node, source))

/** `Schema.Literal("a", "b")` is `Schema.Literals(["a", "b"])`; of one value it is the same. */
const literal = call("Schema.Literal", (node, name, source) => {
  const spread = node.arguments.some(ts.isSpreadElement)
  if (node.arguments.length < 2 && !spread) return
  source.edit(name.getStart(), name.end, "Literals")
  if (spread && node.arguments.length === 1) {
    const only = node.arguments[0] as ts.SpreadElement
    source.edit(only.getStart(), only.expression.getStart(), "")
  } else brackets(node, source)
})

/** `Schema.Record({ key, value })` is `Schema.Record(key, value)`. */
const record = call("Schema.Record", (node, _, { edit }) => {
  const options = node.arguments[0]
  if (options === undefined || !ts.isObjectLiteralExpression(options) || options.properties.length !== 2) return
  const [key, value] = options.properties
  if (key === undefined || value === undefined || !ts.isPropertyAssignment(key) || !ts.isPropertyAssignment(value)) {
    return
  }
  edit(options.getStart(), key.initializer.getStart(), "")
  edit(key.initializer.end, value.initializer.getStart(), ", ")
  edit(value.initializer.end, options.end, "")
})

/** `Context.Tag("id")<Self, Shape>()` is `Context.Service<Self, Shape>()("id")`. */
const tag: Rule = (node, source) => {
  if (!ts.isCallExpression(node) || !ts.isCallExpression(node.expression)) return
  const inner = node.expression
  if (source.member(inner.expression) !== "Context.Tag") return
  const name = (inner.expression as ts.PropertyAccessExpression).name
  const id = inner.arguments[0]
  if (id === undefined) return
  source.edit(name.getStart(), inner.end, "Service")
  source.edit(node.end, node.end, `(${id.getText()})`)
}

/** `Context.Reference<Self>()("id", options)` is `Context.Reference("id", options)`. */
const referenceClass: Rule = (node, source) => {
  if (!ts.isCallExpression(node) || !ts.isCallExpression(node.expression)) return
  const inner = node.expression
  if (source.member(inner.expression) === "Context.Reference") source.edit(inner.expression.end, inner.end, "")
}

const tagWords: Record<string, string> = { Service: "Shape" }

/** `Context.Tag<Id, Shape>` is `Context.Key<Id, Shape>`, and `Context.Tag.Service<T>` is `Context.Service.Shape<T>`. */
const tagType: Rule = (node, { edit, member }) => {
  if (!ts.isQualifiedName(node) || member(node) !== "Context.Tag") return
  const of = ts.isQualifiedName(node.parent) ? node.parent.right : undefined
  edit(node.right.getStart(), node.right.end, of === undefined ? "Key" : "Service")
  const word = of === undefined ? undefined : tagWords[of.text]
  if (of !== undefined && word !== undefined) edit(of.getStart(), of.end, word)
}

/** `new TaggedClass({ … }, true)` is not checked. */
const unchecked: Rule = (node, { edit }) => {
  if (!ts.isNewExpression(node)) return
  const [props, option] = node.arguments ?? []
  if (
    props !== undefined && ts.isObjectLiteralExpression(props) && option?.kind === ts.SyntaxKind.TrueKeyword &&
    /^[A-Z]\w*$/.test(classOf(node.expression))
  ) {
    edit(option.getStart(), option.end, "{ disableChecks: true }")
  }
}

const classOf = (node: ts.Expression): string => ts.isPropertyAccessExpression(node) ? node.name.text : node.getText()

const eitherWords: Record<string, string> = {
  left: "failure",
  right: "success",
  onLeft: "onFailure",
  onRight: "onSuccess",
  Left: "Failure",
  Right: "Success"
}

/** `either.left`, `{ onLeft }`, `_tag === "Left"`; and `_tag === "ParseError"`. */
const either: Rule = (node, { edit, member }) => {
  if (member(node) !== undefined) return
  if (ts.isPropertyAccessExpression(node) && (node.name.text === "left" || node.name.text === "right")) {
    edit(node.name.getStart(), node.name.end, eitherWords[node.name.text]!)
  } else if (
    (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && ts.isIdentifier(node.name) &&
    (node.name.text === "onLeft" || node.name.text === "onRight")
  ) {
    edit(node.name.getStart(), node.name.end, eitherWords[node.name.text]!)
  } else if (ts.isStringLiteral(node) && (node.text === "Left" || node.text === "Right")) {
    edit(node.getStart() + 1, node.end - 1, eitherWords[node.text]!)
  } else if (ts.isStringLiteral(node) && node.text === "ParseError") {
    edit(node.getStart() + 1, node.end - 1, "SchemaError")
  }
}

/** Whether an argument is what this project calls it, alone or spread into an object, and which part of it that is. */
const preserving = (argument: ts.Expression): ts.Node | undefined => {
  if (ts.isIdentifier(argument)) return argument.text === "preserve" ? argument : undefined
  return ts.isObjectLiteralExpression(argument)
    ? argument.properties.find((property) =>
      ts.isSpreadAssignment(property) && ts.isIdentifier(property.expression) && property.expression.text === "preserve"
    )
    : undefined
}

/**
 * `schema.annotations({ … })` is `schema.annotate({ … })`. That unknown keys are kept is no annotation, but another schema:
 * `schema.annotations({ …, ...preserve })` is `schema.pipe(preserve({ … }))`.
 */
const annotations: Rule = (node, { edit, file }) => {
  if (
    !ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) ||
    node.expression.name.text !== "annotations" || node.arguments.length !== 1
  ) return
  const { name } = node.expression
  const argument = node.arguments[0]!
  const preserve = preserving(argument)
  // Otherwise it is some other function of that name.
  if (preserve === undefined && !ts.isObjectLiteralExpression(argument)) return
  edit(name.getStart(), name.end, preserve === undefined ? "annotate" : "pipe")
  if (preserve === undefined) return
  if (preserve === argument) return edit(argument.end, argument.end, "({})")
  edit(argument.getStart(), argument.getStart(), "preserve(")
  const before = file.text.slice(0, preserve.getStart()).replace(/,\s*$/, "").length
  edit(before, preserve.end, "")
  edit(argument.end, argument.end, ")")
}

/**
 * `Schema.Schema<A, I, R>` is `Schema.Codec<A, I, R, R>`; what a schema encodes to and what it needs are of the codec too.
 * Any schema is `Schema.Top`.
 */
const codec: Rule = (node, { edit, member }) => {
  if (!ts.isTypeReferenceNode(node) || !ts.isQualifiedName(node.typeName)) return
  const { left, right } = node.typeName
  const [first, , third] = node.typeArguments ?? []
  if (member(node.typeName) === "Schema.Schema" && first !== undefined) {
    edit(right.getStart(), right.end, "Codec")
    if (third !== undefined) edit(third.end, third.end, `, ${third.getText()}`)
  }
  if (!ts.isQualifiedName(left) || member(left) !== "Schema.Schema") return
  if (right.text === "Any") edit(left.right.getStart(), right.end, "Top")
  if (right.text === "AnyNoContext") edit(left.right.getStart(), right.end, "Codec<any, any>")
  if (right.text === "Encoded") edit(left.right.getStart(), left.right.end, "Codec")
  if (right.text === "Context" && first !== undefined) {
    const given = first.getText()
    edit(node.getStart(), node.getStart(), "(")
    edit(left.right.getStart(), right.end, "Codec.DecodingServices")
    edit(node.end, node.end, ` | ${left.left.getText()}.Codec.EncodingServices<${given}>)`)
  }
}

/** Spans that are made without `Effect.withSpan` have no stack trace. */
const untraced: Rule = (node, { edit, member }) => {
  if (!ts.isPropertyAssignment(node) || node.name.getText() !== "captureStackTrace") return
  const home = ts.findAncestor(node, ts.isCallExpression)
  const name = home === undefined ? undefined : member(home.expression)
  const { properties } = node.parent
  const next = properties[properties.indexOf(node) + 1]
  if ((name === "Effect.makeSpan" || name === "Effect.useSpan") && next !== undefined) {
    edit(node.getStart(), next.getStart(), "")
  }
}

/** What values have under another name: fibers, clocks, latches and runtimes. */
const properties: Record<string, string> = {
  currentContext: "context",
  currentDefaultServices: "context",
  currentSpan: "cache.span",
  currentTracer: "cache.tracer",
  getFiberRef: "getRef",
  runtimeEffect: "contextEffect",
  unsafeClose: "closeUnsafe",
  unsafeCurrentTimeMillis: "currentTimeMillisUnsafe",
  unsafeCurrentTimeNanos: "currentTimeNanosUnsafe",
  unsafeInterruptAsFork: "interruptUnsafe",
  unsafeOpen: "openUnsafe"
}

/** `fiber.currentSpan` is `fiber.cache.span`. */
const property: Rule = (node, { edit, member }) => {
  const name = ts.isPropertyAccessExpression(node)
    ? (member(node) === undefined ? node.name : undefined)
    : ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node)
    ? node.name
    : undefined
  if (name === undefined || !ts.isIdentifier(name) || !Object.hasOwn(properties, name.text)) return
  edit(name.getStart(), name.end, properties[name.text]!)
}

/** `fiber.id().id` is `fiber.id`. */
const fiberId: Rule = (node, { edit }) => {
  if (
    ts.isPropertyAccessExpression(node) && node.name.text === "id" && ts.isCallExpression(node.expression) &&
    ts.isPropertyAccessExpression(node.expression.expression) && node.expression.expression.name.text === "id"
  ) edit(node.expression.expression.end, node.end, "")
}

/** `globalValue("id", () => FiberRef.unsafeMake(value))` makes a `Context.Reference("id", { defaultValue: () => value })`. */
const reference = call("FiberRef.unsafeMake", (node, name, source) => {
  const home = ts.findAncestor(
    node,
    (above): above is ts.CallExpression => ts.isCallExpression(above) && above.expression.getText() === "globalValue"
  )
  const id = home?.arguments[0]
  const value = node.arguments[0]
  if (id === undefined || value === undefined) return
  const access = name.parent
  source.edit(access.getStart(), access.end, `${source.gain("effect/Context")}.Reference`)
  source.drop(access)
  source.edit(value.getStart(), value.getStart(), `${id.getText()}, { defaultValue: () => `)
  source.edit(value.end, value.end, " }")
})

/** `Deferred.unsafeMake(FiberId.none)` takes nothing. */
const deferred = call("Deferred.unsafeMake", (node, _, { drop, edit }) => {
  const id = node.arguments[0]
  if (id === undefined) return
  edit(id.getStart(), id.end, "")
  drop(id)
})

/** `fiber.unsafePoll()`, which answers `null` while the fiber runs, where that of Effect 4 answers `undefined`. */
const poll: Rule = (node, { edit }) => {
  if (
    !ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) ||
    node.expression.name.text !== "unsafePoll"
  ) return
  edit(node.getStart(), node.getStart(), "(")
  edit(node.expression.name.getStart(), node.end, "pollUnsafe() ?? null)")
}

/** `Config.Config.Wrap` is `Config.Wrap`. */
const wrap: Rule = (node, { edit, member }) => {
  if (ts.isQualifiedName(node) && ts.isQualifiedName(node.left) && member(node.left) === "Config.Config") {
    edit(node.left.left.end, node.left.end, "")
  }
}

/** `Effect.yieldNow()` is `Effect.yieldNow`. */
const yieldNow = call("Effect.yieldNow", (node, name, { edit }) => {
  if (node.arguments.length === 0) edit(name.end, node.end, "")
})

/** Fields of a tool, which Effect 4 takes as a Schema. */
const toolFields = new Set(["parameters", "args"])

/** `Tool.make(name, { parameters: { a: A } })` is `Tool.make(name, { parameters: Schema.Struct({ a: A }) })`. */
const tool = (name: string): Rule =>
  call(name, (node, _, source) => {
    const options = node.arguments.at(-1)
    if (options === undefined || !ts.isObjectLiteralExpression(options)) return
    for (const property of options.properties) {
      if (!ts.isPropertyAssignment(property)) continue
      const { initializer, name } = property
      if (name.getText() === "toolkitName") source.edit(name.getStart(), name.end, "customName")
      if (!toolFields.has(name.getText()) || !ts.isObjectLiteralExpression(initializer)) continue
      source.edit(initializer.getStart(), initializer.getStart(), `${source.gain("effect/Schema")}.Struct(`)
      source.edit(initializer.end, initializer.end, ")")
    }
  })

const typesOfEffects: Record<string, string> = { Context: "Services", Error: "Error", Success: "Success" }

/** `Effect.Effect.Success<T>` is `Effect.Success<T>`, and so is that of a stream. */
const effectTypes: Rule = (node, { edit, member }) => {
  if (!ts.isQualifiedName(node) || !["Effect.Effect", "Stream.Stream"].includes(member(node.left) ?? "")) return
  const name = typesOfEffects[node.right.text]
  if (name !== undefined && ts.isQualifiedName(node.left)) edit(node.left.right.getStart(), node.end, name)
}

/** A span that is made by hand: `{ _tag: "Span", context }` is `{ _tag: "Span", annotations: context }`. */
const span: Rule = (node, { edit }) => {
  if (!ts.isShorthandPropertyAssignment(node) || node.name.text !== "context") return
  const isSpan = node.parent.properties.some((property) =>
    ts.isPropertyAssignment(property) && property.name.getText() === "_tag" &&
    property.initializer.getText() === "\"Span\""
  )
  if (isSpan) edit(node.getStart(), node.getStart(), "annotations: ")
}

/** `Effect.gen(this, function*() {})` is `Effect.gen({ self: this }, function*() {})`. */
const gen = call("Effect.gen", (node, _, { edit }) => {
  const [self] = node.arguments
  if (node.arguments.length !== 2 || self?.kind !== ts.SyntaxKind.ThisKeyword) return
  edit(self.getStart(), self.getStart(), "{ self: ")
  edit(self.end, self.end, " }")
})

/** `Cause.isEmpty(cause)` is `cause.reasons.length === 0`. */
const isEmpty = call("Cause.isEmpty", (node, _, { drop, edit }) => {
  const cause = node.arguments[0]
  if (cause === undefined) return
  edit(node.getStart(), cause.getStart(), "")
  edit(cause.end, node.end, ".reasons.length === 0")
  drop(node.expression)
})

/** What a logger is told, `logLevel.label`, is the name itself. */
const label: Rule = (node, { edit }) => {
  if (
    ts.isPropertyAccessExpression(node) && node.name.text === "label" && node.expression.getText() === "logLevel"
  ) edit(node.expression.end, node.end, "")
}

/** `ConfigProvider.orElse(one, () => other)` is `ConfigProvider.orElse(one, other)`. */
const lazyProvider = call("ConfigProvider.orElse", (node, _, { edit }) => {
  const other = node.arguments.at(-1)
  if (other !== undefined && ts.isArrowFunction(other) && !ts.isBlock(other.body)) {
    edit(other.getStart(), other.body.getStart(), "")
  }
})

/** Standard input is a readable like any other. */
const stdin: Rule = (node, { edit, member }) => {
  if (!ts.isPropertyAccessExpression(node) || member(node) !== "NodeStream.stdin") return
  edit(node.name.getStart(), node.end, "fromReadable({ evaluate: () => process.stdin, closeOnDone: false })")
}

const typesOfLayers: ReadonlyMap<string, string> = new Map([
  ["Context", "Services"],
  ["Error", "Error"],
  ["Success", "Success"]
])

/** `Layer.Layer.Success<T>` is `Layer.Success<T>`. */
const layerTypes: Rule = (node, { edit, member }) => {
  if (!ts.isQualifiedName(node) || member(node.left) !== "Layer.Layer") return
  const name = typesOfLayers.get(node.right.text)
  if (name !== undefined && ts.isQualifiedName(node.left)) edit(node.left.right.getStart(), node.end, name)
}

/** The version of a package, which it says of itself. */
const ownVersion: Rule = (node, { edit }) => {
  if (!ts.isVariableDeclaration(node) || node.name.getText() !== "version") return
  const { initializer } = node
  if (initializer === undefined || !ts.isStringLiteral(initializer)) return
  edit(initializer.getStart() + 1, initializer.end - 1, version(initializer.text))
}

export const calls: ReadonlyArray<Rule> = [
  listed("Schema.Union"),
  listed("Schema.Tuple"),
  literal,
  record,
  tag,
  tagType,
  referenceClass,
  unchecked,
  untraced,
  either,
  annotations,
  codec,
  deferred,
  effectTypes,
  fiberId,
  gen,
  isEmpty,
  label,
  layerTypes,
  lazyProvider,
  ownVersion,
  poll,
  property,
  reference,
  span,
  stdin,
  tool("Tool.make"),
  tool("Tool.providerDefined"),
  wrap,
  yieldNow
]
