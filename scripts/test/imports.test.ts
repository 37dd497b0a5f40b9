import { assert, describe, it } from "@effect/vitest"
import { cruise, type IConfiguration, type ICruiseResult } from "dependency-cruiser"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const repository = fileURLToPath(new URL("../../", import.meta.url))

const { default: config } = await import(join(repository, ".dependency-cruiser.mjs")) as { default: IConfiguration }
const { forbidden = [], options: { tsConfig: _, ...options } = {} } = config

/** A file of the tree, what it imports, and the rules that forbid it. */
interface Case {
  readonly from: string
  /** Another file of the tree, or a module by its name. */
  readonly to: string
  /** Imports only a type. */
  readonly type?: boolean
  readonly rules: ReadonlyArray<string>
}

const tsConfig = ts.readConfigFile(join(repository, "tsconfig.json"), ts.sys.readFile.bind(ts.sys))

const pool = "packages/pool/src"
const client = "packages/client/src"
const simulator = "packages/simulator/src"
const ai = "packages/ai/src"
const redis = "packages/redis/src"
const bulk = "packages/bulk/src"

const cases: ReadonlyArray<Case> = [
  // Up, in the pool.
  { from: `${pool}/internal/time/a.ts`, to: `${pool}/ConnectionConfig.ts`, rules: ["pool-floor-ground"] },
  { from: `${pool}/internal/config/a.ts`, to: `${pool}/internal/sockets/ok.ts`, rules: ["pool-floor-ground"] },
  { from: `${pool}/Deadline.ts`, to: `${pool}/internal/books/ok.ts`, rules: ["pool-floor-data"] },
  { from: `${pool}/internal/books/a.ts`, to: `${pool}/internal/sockets/ok.ts`, rules: ["pool-floor-books"] },
  { from: `${pool}/internal/sockets/a.ts`, to: `${pool}/internal/observe/ok.ts`, rules: ["pool-floor-sockets"] },
  { from: `${pool}/internal/observe/a.ts`, to: `${pool}/internal/exchange/ok.ts`, rules: ["pool-floor-observe"] },
  { from: `${pool}/internal/exchange/a.ts`, to: `${pool}/internal/http/ok.ts`, rules: ["pool-floor-exchange"] },
  {
    from: `${pool}/internal/exchange/b.ts`,
    to: `${pool}/ConnectionPool.ts`,
    type: true,
    rules: ["pool-floor-exchange"]
  },
  { from: `${pool}/internal/websocket/a.ts`, to: `${pool}/internal/http/ok.ts`, rules: ["pool-floor-websocket"] },
  { from: `${pool}/internal/http/a.ts`, to: `${pool}/HttpClient.ts`, rules: ["pool-floor-http"] },
  { from: `${pool}/internal/fetch/a.ts`, to: `${pool}/ConnectionPool.ts`, rules: ["pool-floor-fetch"] },
  { from: `${pool}/Shell.ts`, to: `${pool}/index.ts`, rules: ["no-barrels", "pool-floor-shell"] },
  // Up, in the client.
  { from: `${client}/internal/core/a.ts`, to: `${client}/Message.ts`, rules: ["client-floor-core"] },
  { from: `${client}/internal/rateLimit/a.ts`, to: `${client}/Message.ts`, rules: ["client-floor-buckets"] },
  { from: `${client}/internal/limiter/a.ts`, to: `${client}/internal/protocol/ok.ts`, rules: ["client-floor-limiter"] },
  { from: `${client}/RateLimit.ts`, to: `${client}/internal/protocol/ok.ts`, rules: ["client-floor-rateLimit"] },
  { from: `${client}/Message.ts`, to: `${client}/internal/protocol/ok.ts`, rules: ["client-floor-data"] },
  { from: `${client}/Tool.ts`, to: `${client}/DashScopeClient.ts`, type: true, rules: ["client-floor-data"] },
  { from: `${client}/internal/protocol/a.ts`, to: `${client}/internal/chat/ok.ts`, rules: ["client-floor-protocol"] },
  { from: `${client}/internal/effect/a.ts`, to: `${client}/internal/core/ok.ts`, rules: ["client-floor-effect"] },
  { from: `${client}/DashScopeClient.ts`, to: `${client}/internal/operation/ok.ts`, rules: ["client-floor-client"] },
  {
    from: `${client}/internal/upload/a.ts`,
    to: `${client}/internal/operation/ok.ts`,
    rules: ["client-floor-uploadRoom"]
  },
  { from: `${client}/Upload.ts`, to: `${client}/internal/chat/ok.ts`, rules: ["client-floor-upload"] },
  { from: `${client}/internal/operation/a.ts`, to: `${client}/internal/chat/ok.ts`, rules: ["client-floor-operation"] },
  {
    from: `${client}/internal/chat/a.ts`,
    to: `${client}/internal/generation/ok.ts`,
    rules: ["client-floor-chat", "client-service-rooms-apart"]
  },
  {
    from: `${client}/internal/speech/a.ts`,
    to: `${client}/internal/generation/ok.ts`,
    rules: ["client-floor-speech", "client-service-rooms-apart"]
  },
  {
    from: `${client}/internal/generation/a.ts`,
    to: `${client}/Generation.ts`,
    type: true,
    rules: ["client-floor-serviceRoom", "client-internal-takes-data"]
  },
  { from: `${client}/Generation.ts`, to: `${client}/DashScope.ts`, rules: ["client-floor-service"] },
  { from: `${client}/neutral/c.ts`, to: `${client}/DashScope.ts`, rules: ["client-floor-neutral"] },
  { from: `${client}/Testing.ts`, to: `${client}/DashScope.ts`, rules: ["client-floor-testing"] },
  { from: `${client}/promise/a.ts`, to: `${client}/DashScope.ts`, rules: ["client-floor-promise"] },
  { from: `${client}/promise/types.ts`, to: "effect/Duration", type: true, rules: ["promise-types-plain"] },
  // Round, and across.
  {
    from: `${client}/internal/chat/b.ts`,
    to: `${client}/DashScopeClient.ts`,
    type: true,
    rules: ["client-internal-takes-data"]
  },
  { from: `${client}/NewService.ts`, to: `${client}/Generation.ts`, type: true, rules: ["client-services-apart"] },
  {
    from: `${client}/internal/newService/a.ts`,
    to: `${client}/internal/generation/ok.ts`,
    rules: ["client-service-rooms-apart"]
  },
  // Up, in the provider.
  { from: `${ai}/internal/a.ts`, to: `${ai}/DashScopeTool.ts`, type: true, rules: ["ai-floor-internal"] },
  { from: `${ai}/DashScopeTool.ts`, to: `${ai}/index.ts`, rules: ["ai-floor-modules", "no-barrels"] },
  // Up, in the shared store.
  { from: `${redis}/internal/a.ts`, to: `${redis}/RedisClient.ts`, type: true, rules: ["redis-floor-internal"] },
  { from: `${redis}/RedisClient.ts`, to: `${redis}/index.ts`, rules: ["no-barrels", "redis-floor-modules"] },
  // Up, in bulk jobs.
  { from: `${bulk}/Progress.ts`, to: `${bulk}/Results.ts`, type: true, rules: ["bulk-floor-data"] },
  { from: `${bulk}/Bulk.ts`, to: `${bulk}/index.ts`, rules: ["bulk-floor-modules", "no-barrels"] },
  // Packages.
  { from: `${pool}/internal/http/b.ts`, to: `${client}/Message.ts`, type: true, rules: ["pool-alone"] },
  { from: `${pool}/internal/http/c.ts`, to: `${simulator}/Simulator.ts`, rules: ["pool-alone"] },
  { from: `${client}/Endpoint.ts`, to: `${simulator}/Simulator.ts`, rules: ["client-on-pool"] },
  { from: `${simulator}/internal/server/a.ts`, to: `${client}/Message.ts`, rules: ["simulator-alone"] },
  { from: `${client}/Retry.ts`, to: `${pool}/internal/time/ok.ts`, rules: ["internal-stays-inside"] },
  { from: "packages/examples/src/a.ts", to: `${client}/internal/core/ok.ts`, rules: ["internal-stays-inside"] },
  { from: `${client}/Tokenization.ts`, to: `${ai}/DashScopeTokenizer.ts`, rules: ["client-on-pool"] },
  { from: `${ai}/internal/b.ts`, to: `${pool}/ConnectionError.ts`, rules: ["ai-on-client"] },
  { from: `${ai}/internal/c.ts`, to: `${client}/internal/core/ok.ts`, rules: ["internal-stays-inside"] },
  { from: `${redis}/internal/b.ts`, to: `${pool}/ConnectionError.ts`, rules: ["redis-on-client"] },
  { from: `${bulk}/internal/a.ts`, to: `${pool}/ConnectionError.ts`, rules: ["bulk-on-client"] },
  // Node.
  { from: `${bulk}/internal/b.ts`, to: `${client}/DashScope.ts`, rules: ["bulk-without-node"] },
  { from: `${redis}/internal/c.ts`, to: "node:crypto", rules: ["redis-without-node-builtins"] },
  { from: `${redis}/internal/d.ts`, to: "ioredis", rules: ["redis-without-node"] },
  { from: `${redis}/internal/e.ts`, to: `${client}/DashScope.ts`, rules: ["redis-without-node"] },
  { from: `${ai}/internal/d.ts`, to: "node:crypto", rules: ["ai-without-node-builtins"] },
  { from: `${ai}/internal/e.ts`, to: `${client}/DashScope.ts`, rules: ["ai-without-node"] },
  { from: `${ai}/internal/f.ts`, to: "@effect/platform-node/NodeStream", rules: ["ai-without-node", "not-found"] },
  { from: `${client}/Telemetry.ts`, to: "@effect/platform-node/NodeStream", rules: ["client-without-node"] },
  { from: `${client}/ToolRun.ts`, to: `${pool}/HttpClient.ts`, type: true, rules: ["client-without-node"] },
  { from: `${client}/internal/protocol/b.ts`, to: "node:crypto", rules: ["client-without-node-builtins"] },
  { from: `${client}/internal/protocol/c.ts`, to: "stream", type: true, rules: ["client-without-node-builtins"] },
  { from: `${client}/neutral/a.ts`, to: `${client}/neutral/ok.ts`, rules: [] },
  { from: `${client}/neutral/b.ts`, to: "node:net", rules: ["client-without-node-builtins"] },
  // Barrels.
  { from: `${pool}/internal/http/d.ts`, to: "effect", rules: ["no-barrels"] },
  { from: `${client}/internal/protocol/d.ts`, to: "@effect/platform", type: true, rules: ["no-barrels"] },
  { from: `${simulator}/internal/server/b.ts`, to: "effect", rules: ["no-barrels"] },
  { from: `${client}/CallOptions.ts`, to: `${pool}/index.ts`, rules: ["no-barrels"] },
  {
    from: `${client}/TextReRank.ts`,
    to: `${client}/neutral/index.ts`,
    rules: ["client-floor-service", "no-barrels"]
  },
  // The runtime.
  { from: `${pool}/internal/books/b.ts`, to: "effect/Effect", rules: ["without-runtime"] },
  { from: `${pool}/internal/sockets/b.ts`, to: "effect/Scope", rules: ["without-runtime"] },
  { from: `${pool}/internal/exchange/c.ts`, to: "effect/Stream", rules: ["without-runtime"] },
  { from: `${pool}/internal/websocket/b.ts`, to: "effect/Effect", rules: ["without-runtime"] },
  { from: `${client}/internal/core/b.ts`, to: "effect/Layer", rules: ["without-runtime"] },
  { from: `${client}/internal/protocol/sse.ts`, to: "effect/Effect", rules: ["without-runtime"] },
  { from: `${client}/internal/chat/total.ts`, to: "effect/FiberRef", rules: ["without-runtime"] },
  { from: `${ai}/internal/prompt.ts`, to: "effect/Effect", rules: ["without-runtime"] },
  // Circles, of types too (reported where they begin), and what leads nowhere.
  { from: `${simulator}/internal/core/a.ts`, to: `${simulator}/internal/core/b.ts`, rules: ["no-circles"] },
  { from: `${simulator}/internal/core/b.ts`, to: `${simulator}/internal/core/a.ts`, type: true, rules: [] },
  { from: `${simulator}/internal/core/c.ts`, to: "./absent.js", rules: ["not-found"] },

  // And what is allowed.
  { from: `${pool}/ConnectionConfig.ts`, to: `${pool}/internal/config/ok.ts`, rules: [] },
  { from: `${pool}/internal/exchange/d.ts`, to: `${pool}/internal/sockets/ok.ts`, rules: [] },
  { from: `${pool}/internal/exchange/e.ts`, to: "effect/Fiber", type: true, rules: [] },
  { from: `${pool}/internal/exchange/f.ts`, to: "effect/Chunk", rules: [] },
  { from: `${pool}/internal/sockets/c.ts`, to: "node:net", rules: [] },
  { from: `${pool}/ConnectionPool.ts`, to: `${pool}/internal/http/ok.ts`, rules: [] },
  { from: `${pool}/HttpClient.ts`, to: `${pool}/ConnectionPool.ts`, rules: [] },
  { from: `${client}/Envelope.ts`, to: `${pool}/ConnectionError.ts`, rules: [] },
  { from: `${client}/internal/chat/toolLoop.ts`, to: "effect/Effect", rules: [] },
  { from: `${client}/internal/chat/c.ts`, to: `${client}/StructuredOutput.ts`, rules: [] },
  { from: `${client}/Conversation.ts`, to: `${client}/internal/chat/ok.ts`, rules: [] },
  { from: `${client}/TextEmbedding.ts`, to: `${client}/DashScopeClient.ts`, rules: [] },
  { from: `${client}/DashScope.ts`, to: "@effect/platform-node/NodeFileSystem", rules: [] },
  { from: `${client}/ConnectionPool.ts`, to: `${pool}/ConnectionPool.ts`, rules: [] },
  { from: `${client}/index.ts`, to: `${client}/Conversation.ts`, rules: [] },
  { from: `${ai}/internal/object.ts`, to: "effect/Effect", rules: [] },
  { from: `${ai}/DashScopeEmbeddingModel.ts`, to: `${client}/TextEmbedding.ts`, rules: [] },
  { from: `${redis}/RedisClient.ts`, to: `${client}/Endpoint.ts`, rules: [] },
  { from: `${simulator}/internal/server/c.ts`, to: "node:http", rules: [] },
  { from: "packages/examples/src/b.ts", to: "effect", rules: [] },
  { from: "packages/examples/src/c.ts", to: `${client}/index.ts`, rules: [] }
]

const isFile = (name: string) => name.startsWith("packages/")

/** How the file names what it imports. */
const specifier = ({ from, to }: Case): string =>
  isFile(to) ? relative(dirname(from), to).replace(/^(?![.])/, "./").replace(/ts$/, "js") : to

const title = (each: Case) => `${each.from} -> ${specifier(each).replace("node:", "")}`

/** Writes the files of the cases. */
const plant = (tree: string) => {
  const sources = new Map<string, string>()
  for (const { to } of cases) if (isFile(to)) sources.set(to, "export const here = 1\n")
  cases.forEach((each, index) => {
    const { from, type } = each
    const line = `import ${type ? "type " : ""}* as M${index} from "${specifier(each)}"\n`
    const use = type ? `export type T${index} = typeof M${index}\n` : `export const used${index} = M${index}\n`
    sources.set(from, `${line}${sources.get(from) ?? "export const here = 1\n"}${use}`)
  })
  for (const [path, source] of sources) {
    mkdirSync(join(tree, dirname(path)), { recursive: true })
    writeFileSync(join(tree, path), source)
  }
  for (const name of ["pool", "client", "simulator", "ai", "redis", "bulk", "examples"]) {
    symlinkSync(join(repository, "packages", name, "node_modules"), join(tree, "packages", name, "node_modules"))
  }
}

/** The rules that the linter says each import breaks. */
const broken = async (): Promise<Record<string, ReadonlyArray<string>>> => {
  const tree = mkdtempSync(join(tmpdir(), "imports-"))
  try {
    plant(tree)
    const { output } = await cruise(
      ["packages"],
      { ...options, baseDir: tree, validate: true, ruleSet: { forbidden } },
      undefined,
      { tsConfig: ts.parseJsonConfigFileContent(tsConfig.config, ts.sys, repository) }
    )
    assert.isObject(output)
    const found: Record<string, Array<string>> = {}
    for (const { from, rule, unresolvedTo } of (output as ICruiseResult).summary.violations) {
      found[`${from} -> ${unresolvedTo}`] = [...(found[`${from} -> ${unresolvedTo}`] ?? []), rule.name].sort()
    }
    return found
  } finally {
    rmSync(tree, { recursive: true })
  }
}

describe("the rules of imports", () => {
  it("forbid what they should, and nothing else", async () => {
    const expected = cases.filter(({ rules }) => rules.length > 0).map((each) => [title(each), each.rules] as const)
    assert.deepStrictEqual(await broken(), Object.fromEntries(expected))
  })

  it("are each broken by a case", () => {
    const tried = new Set(cases.flatMap(({ rules }) => rules))
    assert.deepStrictEqual(forbidden.map(({ name }) => name).filter((name) => !tried.has(name!)), [])
  })
})
