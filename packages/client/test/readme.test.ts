import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as PathPatch from "effect/ConfigProviderPathPatch"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashSet from "effect/HashSet"
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundleSource } from "../../../scripts/bundle.js"
import { isThorough } from "../../../scripts/thorough.js"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Client from "../src/index.js"

const root = new URL("../../../", import.meta.url)
const pathOf = (relative: string) => fileURLToPath(new URL(relative, root))
const read = (relative: string) => readFileSync(pathOf(relative), "utf8")

const readme = read("README.md")
const pages = [
  "README.md",
  "packages/client/README.md",
  "packages/simulator/README.md",
  "packages/ai/README.md",
  "packages/redis/README.md"
]
  .filter((page) => existsSync(pathOf(page)))
  .map((page) => ({ page, text: read(page) }))

interface Block {
  /** The page and the line, for messages. */
  readonly place: string
  readonly code: string
}

const blocks: ReadonlyArray<Block> = pages.flatMap(({ page, text }) =>
  Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), (match) => ({
    place: `${page}:${text.slice(0, match.index).split("\n").length + 1}`,
    code: match[1] ?? ""
  }))
)

/** Pages whose blocks are one program together. */
const programs: ReadonlyArray<Block> = ["packages/site/docs/from-openai-node.md"].map((page) => ({
  place: page,
  code: Array.from(read(page).matchAll(/^```ts\n([^]*?)^```$/gm), ([, code = ""]) => code).join("\n")
}))

/** What is wrong with the blocks, compiled as modules of a user who has this package and its peers. */
const compile = async (): Promise<ReadonlyArray<string>> => {
  const { default: ts } = await import("typescript")
  const base = ts.getParsedCommandLineOfConfigFile(pathOf("tsconfig.base.json"), {
    noEmit: true,
    // An example may show a value that it does not use.
    noUnusedLocals: false
  }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })
  assert.isDefined(base)
  const { options } = base
  // These packages have what their users have beside the client.
  const packageOf = ({ code }: Block) =>
    ["ai", "redis"].find((name) => code.includes(`"effect-dashscope-${name}"`)) ?? "client"
  const virtual = new Map(
    [...blocks, ...programs].map((
      block,
      i
    ) => [pathOf(`packages/${packageOf(block)}/test/readme-block-${i}.ts`), block])
  )
  const host = ts.createCompilerHost(options)
  const real = ts.createCompilerHost(options)
  host.fileExists = (path) => virtual.has(path) || real.fileExists(path)
  host.readFile = (path) => virtual.get(path)?.code ?? real.readFile(path)
  host.getSourceFile = (path, languageVersionOrOptions, ...rest) => {
    const block = virtual.get(path)
    return block === undefined
      ? real.getSourceFile(path, languageVersionOrOptions, ...rest)
      : ts.createSourceFile(path, block.code, languageVersionOrOptions)
  }
  const program = ts.createProgram([...virtual.keys()], options, host)
  return [...virtual].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) => {
        const line = source === undefined || start === undefined
          ? 0
          : source.getLineAndCharacterOfPosition(start).line
        return `${place} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
      }
    )
  })
}

/** Runs a bundled program as a process of its own, to its end. */
const run = (program: string, url: string) =>
  Effect.async<string, Error>((resume) => {
    const child = execFile(
      process.execPath,
      ["--input-type=module"],
      {
        cwd: pathOf("packages/client"),
        env: {
          PATH: process.env["PATH"],
          DASHSCOPE_API_KEY: "sk-readme",
          DASHSCOPE_HTTP_BASE_URL: url
        },
        timeout: 30_000
      },
      (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
    child.stdin?.end(program)
    return Effect.sync(() => child.kill())
  })

describe("the code in the READMEs", () => {
  // The compiler has to read all of Effect's types for it.
  it.runIf(isThorough)("compiles", { timeout: 180_000 }, async () => {
    assert.isAbove(blocks.length, 10)
    assert.deepStrictEqual(await compile(), [])
  })

  it.scopedLive("runs as it is, where it is the first program", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: ["sk-readme"] })
      for (const page of ["README.md", "packages/client/README.md", "packages/ai/README.md"]) {
        const first = blocks.find(({ place }) => place.startsWith(page))
        assert.isDefined(first)
        const home = page.startsWith("packages/") ? page.replace("README.md", "") : "packages/client/"
        const program = yield* Effect.promise(() => bundleSource(first.code, new URL(home, root)))
        const printed = yield* run(program, simulator.url)
        assert.match(printed, /^我是通义千问/, page)
      }
      assert.strictEqual((yield* simulator.stats).totalRequests, 3)
    }), 60_000)

  it.scopedLive("runs as it is, where a page is one program", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        apiKeys: ["sk-readme"],
        models: ["qwen-plus", "qwen3-vl-plus", "wan2.2-t2i-flash", "qwen3.5-omni-flash-realtime"]
      })
      for (const { code, place } of programs) {
        const program = yield* Effect.promise(() => bundleSource(code, new URL("packages/client/", root)))
        const printed = yield* run(program, simulator.url)
        for (
          const expected of [
            /^我是通义千问.* \d+$/m,
            /^The tools say: Hangzhou: sunny, 22 °C\. 2$/m,
            /^NotFound 404 \S+ \S+ 0$/m,
            /^PENDING\nRUNNING\nSUCCEEDED\n1$/m,
            /^我是通义千问.* 3$/m,
            /^我是通义千问.*\n你说的是：“你好”.*\n0$/m
          ]
        ) {
          assert.match(printed, expected, place)
        }
      }
    }), 60_000)
})

/** A knob's section: its last paragraph has the facts in a fixed form. */
interface Documented {
  readonly least: string
  readonly standard: string
  readonly variables: ReadonlyArray<string>
}

const documented: ReadonlyMap<string, Documented> = new Map(
  Array.from(
    readme.matchAll(
      /^#### `(\w+)`\n\n(?:(?!^#)[^])*?^At least: ([^.]+)\. \*Default: ([^*]+)\.\* Environment: (.+)\.$/gm
    ),
    ([, knob = "", least = "", standard = "", environment = ""]) => [knob, {
      least,
      standard,
      variables: Array.from(environment.matchAll(/`(\w+)`/g), ([, name = ""]) => name)
    }]
  )
)

type Knob = keyof typeof ConnectionConfig.ConnectionConfig.fields

const isKnob = (name: string): name is Knob => Object.hasOwn(ConnectionConfig.ConnectionConfig.fields, name)
const knobs = Object.keys(ConnectionConfig.ConnectionConfig.fields).filter(isKnob)

const spell = (value: ConnectionConfig.ConnectionConfig[Knob]): string =>
  value === undefined ?
    "none" :
    Duration.isDuration(value) ?
    `${Duration.toSeconds(value)} seconds` :
    typeof value === "object" ?
    JSON.stringify(value) :
    String(value)

const isAccepted = (knob: Knob, value: unknown) =>
  Either.isRight(Effect.runSync(Effect.either(ConnectionConfig.decode({ [knob]: value }))))

describe("README on the knobs", () => {
  it("has a section on each, and on no other", () => {
    assert.deepStrictEqual([...documented.keys()].sort(), [...knobs].sort())
    assert.lengthOf(readme.match(/^#### /gm) ?? [], knobs.length)
  })

  it("gives their defaults", () => {
    const defaults = ConnectionConfig.make()
    for (const knob of knobs) {
      const standard = documented.get(knob)?.standard ?? ""
      const other = /^`(\w+)`$/.exec(standard)?.[1]
      if (other === undefined) {
        assert.strictEqual(standard, spell(defaults[knob]), knob)
      } else {
        // It follows another knob.
        assert.isTrue(isKnob(other), knob)
        for (const value of [7, 40]) {
          const input = { connectionPoolSize: 40, [other]: value }
          assert.strictEqual(ConnectionConfig.make(input)[knob], value, knob)
        }
      }
    }
  })

  it("gives their least values", () => {
    for (const knob of knobs) {
      const least = documented.get(knob)?.least ?? ""
      switch (least) {
        case "more than zero":
          assert.isTrue(isAccepted(knob, "1 nanos"), knob)
          assert.isFalse(isAccepted(knob, "0 seconds"), knob)
          break
        case "zero":
          assert.isTrue(isAccepted(knob, "0 seconds"), knob)
          assert.isFalse(isAccepted(knob, "-1 seconds"), knob)
          break
        case "not a number":
          assert.isFalse(isAccepted(knob, 1), knob)
          break
        default:
          assert.match(least, /^\d+$/, knob)
          assert.isTrue(isAccepted(knob, Number(least)), knob)
          assert.isFalse(isAccepted(knob, Number(least) - 1), knob)
      }
    }
  })

  it.effect("names the variables that fromEnv reads, each at its knob", () =>
    Effect.gen(function*() {
      const asked = new Set<string>()
      const load = (values: Readonly<Record<string, string>>) =>
        ConfigProvider.fromFlat(ConfigProvider.makeFlat({
          load: (path, primitive) => {
            const name = path.join(".")
            asked.add(name)
            const value = values[name]
            return value === undefined
              ? Effect.fail(ConfigError.MissingData([...path], "not set"))
              : Effect.map(primitive.parse(value), (parsed) => [parsed])
          },
          enumerateChildren: () => Effect.succeed(HashSet.empty()),
          patch: PathPatch.empty
        })).load(ConnectionConfig.fromEnv())

      const defaults = yield* load({})
      for (const knob of knobs) {
        const variables = documented.get(knob)?.variables ?? []
        if (variables.length === 0) continue
        const value = (name: string) => name === "DASHSCOPE_PROXY_HOST" ? "proxy.test" : "9"
        const found = yield* load(Object.fromEntries(variables.map((name) => [name, value(name)])))
        assert.notStrictEqual(spell(found[knob]), spell(defaults[knob]), knob)
      }
      const all = [...documented.values()].flatMap(({ variables }) => variables)
      assert.deepStrictEqual([...asked].sort(), all.sort())
    }))
})

describe("README on the errors", () => {
  const rows = new Set(Array.from(readme.matchAll(/^\| (`[^|]+) \|/gm), ([, cell = ""]) => cell))
  const names = [...rows].flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = ""]) => name))

  it("has a row on each tag, reason and phase", () => {
    const tags = DashScopeError.DashScopeError.members.map(({ _tag }) => _tag)
    const expected = [
      ...tags,
      ...DashScopeError.ApiErrorReason.literals,
      ...DashScopeError.ConnectionErrorReason.literals,
      ...DashScopeError.TimeoutPhase.literals
    ]
    assert.deepStrictEqual(expected.filter((name) => !names.includes(name)), [])
    assert.lengthOf(tags, 6)
  })
})

describe("the links within README", () => {
  it("lead to a heading each", () => {
    const headings = Array.from(
      readme.matchAll(/^#+ (.+)$/gm),
      ([, heading = ""]) => heading.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")
    )
    const links = Array.from(readme.matchAll(/\]\(#([^)]+)\)/g), ([, link = ""]) => link)
    assert.isAbove(links.length, 30)
    assert.deepStrictEqual(links.filter((link) => !headings.includes(link)), [])
  })
})

describe("README on what can be seen", () => {
  const source = ["packages/client/src/", "packages/pool/src/"].flatMap((folder) =>
    readdirSync(pathOf(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => read(folder + path))
  ).join("\n")
  const section = /^## Seeing inside\n([^]*?)^## /m.exec(readme)?.[1] ?? ""
  /** What stands between backticks, without the blocks of code. */
  const quoted = (text: string): ReadonlyArray<string> => [
    ...new Set(Array.from(text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/`([^`]+)`/g), ([, name = ""]) => name))
  ]
  const has = (pattern: string) => new RegExp(pattern).test(source)
  const quotedIn = (name: string) => has(`"${name.replaceAll(".", "\\.")}"`)

  it("names every metric there is in its table, and nowhere another", () => {
    const metrics = Array.from(
      source.matchAll(/Metric\.(?:counter|frequency|gauge|histogram|summary)\w*\(\s*"([^"]+)"/g),
      ([, name = ""]) => name
    )
    assert.isAbove(metrics.length, 10)
    const rows = Array.from(section.matchAll(/^\| `([a-z_.]+)` \| `(?:s|\{\w+\})` \|/gm), ([, name = ""]) => name)
    assert.deepStrictEqual([...rows].sort(), [...metrics].sort())
    const named = quoted(readme).filter((name) => /^(?:dashscope|gen_ai|http)\.client\.[a-z_.]+$/.test(name))
    assert.deepStrictEqual(named.filter((name) => !metrics.includes(name)), ["http.client.pool"])
  })

  it("names only what exists: attributes, events, error types, knobs, options, numbers", () => {
    const names = quoted(section)
    const modules = new Map<string, object>(Object.entries(Client))
    const phases = DashScopeError.TimeoutPhase.literals.map((phase) => `timeout.${phase}`)
    const reasons = DashScopeError.ConnectionErrorReason.literals.map((reason) => `connection.${reason.toLowerCase()}`)
    const exists = (name: string): boolean => {
      const [, word] = /^(\w+)(?:: \w+)?$/.exec(name) ?? []
      if (word !== undefined) {
        return has(`\\b${word}\\??[:(]|"${word}"|\\b(?:as|const|class|interface) ${word}\\b`) || modules.has(word)
      }
      if (/^(?:connection|timeout)\.\w+$/.test(name)) return [...phases, ...reasons].includes(name)
      const [, head = "", member = ""] = /^([A-Z]\w+)\.(\w+)$/.exec(name) ?? []
      const module = modules.get(head)
      if (module !== undefined) return member in module
      if (/^(?:dashscope|error|gen_ai|http|server|url)\.[a-z_.]+$/.test(name)) return quotedIn(name)
      // Effect's and Node's names, commands, units.
      return true
    }
    assert.isAbove(names.length, 100)
    assert.deepStrictEqual(names.filter((name) => !exists(name)), ["gen_ai", "http.client", "http.client.pool"])
  })
})
