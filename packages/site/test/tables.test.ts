import { assert, describe, it } from "@effect/vitest"
import * as Client from "effect-dashscope"
import * as Ai from "effect-dashscope-ai"
import * as Simulator from "effect-dashscope-simulator"
import * as Pool from "effect-http-pool"
import { existsSync, readdirSync } from "node:fs"
import { checkedTables, languages, pathOf, quoted, read, type Table } from "./pages.js"

const { DashScopeError } = Client

const sourcesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(pathOf(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => read(folder + path))

const published = readdirSync(pathOf("packages")).filter((name) =>
  existsSync(pathOf(`packages/${name}/package.json`)) && !/"private": true/.test(read(`packages/${name}/package.json`))
)
const source = published.flatMap((name) => sourcesOf(`packages/${name}/src/`)).join("\n")

/** The fields of an interface, without those it inherits. */
const fieldsOf = (file: string, name: string): ReadonlyArray<string> => {
  const [, body = ""] = new RegExp(`^export interface ${name}\\b[^{]*\\{\n([^]*?)^\\}`, "m").exec(read(file)) ?? []
  const fields = Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, field = ""]) => field)
  assert.isAbove(fields.length, 0, `${file}: ${name}`)
  return fields
}

const client = (module: string) => `packages/client/src/${module}.ts`
const programsIn = (folder: string) =>
  readdirSync(pathOf(folder), { withFileTypes: true })
    .filter((entry) => entry.name !== "internal")
    .map((entry) => entry.name.replace(/\.ts$/, ""))

const metrics = (): ReadonlyArray<string> =>
  Array.from(
    source.matchAll(/Metrics?\.(?:counter|frequency|gauge|histogram|summary|total)\w*\(\s*"([^"]+)"/g),
    ([, name = ""]) => name
  )

/** What the first column of each table has to name. */
const expected: Readonly<Record<string, () => ReadonlyArray<string>>> = {
  "error-tags": () => DashScopeError.DashScopeError.members.map(({ _tag }) => _tag),
  "api-error-reasons": () => DashScopeError.ApiErrorReason.literals,
  "timeout-phases": () => DashScopeError.TimeoutPhase.literals,
  "connection-error-reasons": () => DashScopeError.ConnectionErrorReason.literals,
  "options": () => [
    ...new Set([
      ...fieldsOf(client("DashScope"), "Options"),
      ...fieldsOf(client("CallOptions"), "Options"),
      ...fieldsOf(client("CallOptions"), "CallOptions")
    ])
  ],
  "run-tools-options": () => fieldsOf(client("ToolRun"), "RunOptions"),
  "object-options": () => fieldsOf(client("StructuredOutput"), "ObjectOptions"),
  "retry-options": () => fieldsOf(client("Retry"), "Options"),
  "metrics": metrics,
  "endpoints": () =>
    Array.from(
      /^export type Region = (.+)$/m.exec(read(client("Endpoint")))?.[1]?.matchAll(/"(\w+)"/g) ?? [],
      ([, name = ""]) => name
    ),
  "services": () => {
    const [, union = ""] =
      /^export type Services =\n((?: {2}\| .+\n)+)/m.exec(read("packages/client/src/neutral/DashScope.ts")) ?? []
    return Array.from(union.matchAll(/\| (\w+)\./g), ([, name = ""]) => name)
      // What the others stand on.
      .filter((name) => name !== "DashScopeClient" && name !== "Upload")
  },
  "examples": () => programsIn("packages/examples/src"),
  "recipes": () => programsIn("packages/recipes/src")
}

/** The names of a row: what is between backticks, and between quotes there where it is a value. */
const namesOf = ({ name, rows }: Table): ReadonlyArray<string> =>
  rows.flatMap(([cell = ""]) =>
    Array.from(cell.matchAll(name === "endpoints" ? /`"([\w-]+)"`/g : /`([\w.-]+)`/g), ([, found = ""]) => found)
  )

for (const [language, pages] of Object.entries(languages)) {
  const tables = pages.flatMap(checkedTables)

  describe(`the tables of the site in ${language}`, () => {
    it("are all there", () => {
      assert.deepStrictEqual([...new Set(tables.map(({ name }) => name))].sort(), Object.keys(expected).sort())
    })

    for (const table of tables) {
      it(`${table.name} at ${table.place} name what the code has, and nothing else`, () => {
        const names = namesOf(table)
        assert.deepStrictEqual([...names].sort(), [...expected[table.name]?.() ?? []].sort())
      })
    }

    it("give the metrics their units", () => {
      const rows = tables.filter(({ name }) => name === "metrics").flatMap(({ rows }) => rows)
      assert.deepStrictEqual(rows.filter(([, unit = ""]) => !/^(?:`(?:s|By|\{\w+\})`|–)$/.test(unit)), [])
    })
  })

  describe(`names on the pages in ${language}`, () => {
    const modules = [Client, Pool, Simulator, Ai].flatMap((all) => Object.entries(all))
    const hasType = (name: string) =>
      new RegExp(
        `export (?:declare )?(?:abstract )?(?:const|class|interface|type|function|namespace) ${name}\\b|^ {2}${name},?$|\\bas ${name}\\b`,
        "m"
      )
        .test(source)
    const exists = (name: string): boolean => {
      const [, head = "", member = ""] = /^([A-Z]\w+)\.(\w+)(?:\(.*)?$/.exec(name) ?? []
      const own = modules.filter(([module]) => module === head)
      if (own.length > 0) {
        return own.some(([, module]) => member in module) || hasType(member) ||
          new RegExp(`\\b${member}\\??:`).test(source)
      }
      if (/^(?:dashscope|gen_ai|http\.client)\.[a-z_.]+$/.test(name)) return source.includes(`"${name}"`)
      return true
    }

    // The names of other SDKs are on the pages for those who come from there.
    for (const { file, text } of pages.filter(({ path }) => !path.startsWith("from-"))) {
      it(`${file} names only what exists`, () => {
        assert.deepStrictEqual(quoted(text).filter((name) => !exists(name) && name !== "http.client.pool"), [])
      })
    }
  })
}
