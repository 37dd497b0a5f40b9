/** Where Effect 4 keeps the modules of Effect 3. */

const moved: Record<string, string> = {
  "effect/Either": "effect/Result",
  "effect/FastCheck": "fast-check",
  "effect/TestClock": "effect/testing/TestClock",
  "effect/ConfigError": "effect/Config",
  "effect/ParseResult": "effect/SchemaIssue",
  "@effect/platform/FileSystem": "effect/FileSystem",
  "@effect/platform/Path": "effect/Path",
  "@effect/platform/Error": "effect/PlatformError",
  "@effect/platform/Socket": "effect/socket/Socket",
  "@effect/platform": "effect/http",
  "@effect/ai": "effect/ai"
}

/** The specifier in Effect 4, or `undefined` where it is the same. */
const specifier = (v3: string): string | undefined => {
  const known = moved[v3]
  if (known !== undefined) return known
  if (v3.startsWith("@effect/platform/")) return `effect/http/${v3.slice("@effect/platform/".length)}`
  if (v3.startsWith("@effect/ai/")) return `effect/ai/${v3.slice("@effect/ai/".length)}`
  return undefined
}

export const modules = {
  specifier,
  /** Modules of which ours have the signatures of Effect 3 (`line/effect`). */
  counterparts: {
    "@effect/vitest": "Vitest",
    "effect/Chunk": "Chunk",
    "effect/Encoding": "Encoding",
    "effect/ExecutionStrategy": "ExecutionStrategy",
    "effect/FiberId": "FiberId",
    "effect/GlobalValue": "GlobalValue",
    "effect/JSONSchema": "JSONSchema",
    "effect/Mailbox": "Mailbox"
  } as Readonly<Record<string, string>>,
  /** Modules that export other modules by name. */
  barrels: new Set(["effect", "@effect/platform", "@effect/platform-node", "@effect/ai", "@effect/opentelemetry"])
}
