/** Where Effect 4 keeps the modules of Effect 3. */

const moved: Record<string, string> = {
  "effect/Either": "effect/Result",
  "effect/FastCheck": "fast-check",
  "effect/Mailbox": "effect/Queue",
  "effect/TestClock": "effect/testing/TestClock",
  "effect/ConfigError": "effect/Config",
  "effect/ParseResult": "effect/SchemaIssue",
  "@effect/platform/FileSystem": "effect/FileSystem",
  "@effect/platform/HttpLayerRouter": "effect/http/HttpRouter",
  "@effect/platform/Path": "effect/Path",
  "@effect/platform/Error": "effect/PlatformError",
  "@effect/platform/Socket": "effect/socket/Socket",
  "@effect/platform/Terminal": "effect/Terminal",
  "@effect/platform-node/NodeContext": "@effect/platform-node/NodeServices",
  "@effect/opentelemetry/Otlp": "effect/observability/Otlp",
  "@effect/platform": "effect/http",
  "@effect/ai": "effect/ai"
}

const named: readonly [three: string, four: string] = [
  "this-is-for-Effect-3--for-Effect-4-install-its-tag-latest",
  "this-is-for-Effect-4--for-Effect-3-install-its-tag-effect3"
]

/** The path of a file of ours in the line, or in an import: that of one whose name is what a program reads under another Effect. */
const path = (v3: string): string => v3.replace(...named)

/** The specifier in Effect 4, or `undefined` where it is the same. */
const specifier = (v3: string): string | undefined => {
  const known = moved[v3]
  if (known !== undefined) return known
  if (v3.startsWith("@effect/platform/")) return `effect/http/${v3.slice("@effect/platform/".length)}`
  if (v3.includes(named[0])) return path(v3)
  if (v3.startsWith("@effect/ai/")) return `effect/ai/${v3.slice("@effect/ai/".length)}`
  return undefined
}

export const modules = {
  path,
  specifier,
  /** Modules that have another name; the file that imports one calls it by that. */
  renamed: { HttpLayerRouter: "HttpRouter", NodeContext: "NodeServices" } as Readonly<Record<string, string>>,
  /** Modules of which ours have the signatures of Effect 3 (`line/effect`). */
  counterparts: {
    "@effect/vitest": "Vitest",
    "effect/Chunk": "Chunk",
    "effect/Encoding": "Encoding",
    "effect/ExecutionStrategy": "ExecutionStrategy",
    "effect/FiberId": "FiberId",
    "effect/GlobalValue": "GlobalValue",
    "effect/JSONSchema": "JSONSchema",
    "effect/Mailbox": "Mailbox",
    "effect/TestContext": "TestContext"
  } as Readonly<Record<string, string>>,
  /** Modules that export other modules by name. */
  barrels: new Set(["effect", "@effect/platform", "@effect/platform-node", "@effect/ai", "@effect/opentelemetry"])
}
