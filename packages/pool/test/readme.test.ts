import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { isThorough } from "../../../scripts/thorough.js"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import { ConnectionErrorReason } from "../src/ConnectionError.js"

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const readme = readFileSync(pathOf("../README.md"), "utf8")

const blocks = Array.from(readme.matchAll(/^```ts\n([^]*?)^```$/gm), (match) => match[1] ?? "")

/** What is wrong with the blocks, as modules of a user of this package. */
const compile = async (): Promise<ReadonlyArray<string>> => {
  const { default: ts } = await import("typescript")
  const base = ts.getParsedCommandLineOfConfigFile(pathOf("../../../tsconfig.base.json"), {
    noEmit: true,
    // An example may show a value that it does not use.
    noUnusedLocals: false
  }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })
  assert.isDefined(base)
  const virtual = new Map(blocks.map((code, i) => [pathOf(`./readme-block-${i}.ts`), code]))
  const host = ts.createCompilerHost(base.options)
  const real = { ...host }
  host.fileExists = (path) => virtual.has(path) || real.fileExists(path)
  host.readFile = (path) => virtual.get(path) ?? real.readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const code = virtual.get(path)
    return code === undefined ? real.getSourceFile(path, version, ...rest) : ts.createSourceFile(path, code, version)
  }
  const program = ts.createProgram([...virtual.keys()], base.options, host)
  return [...virtual.keys()].flatMap((path, i) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `block ${i}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
    )
  })
}

describe("the README", () => {
  // The compiler has to read all of Effect's types for it.
  it.runIf(isThorough)("has code that compiles", { timeout: 120_000 }, async () => {
    assert.isAtLeast(blocks.length, 5)
    assert.deepStrictEqual(await compile(), [])
  })

  it("has every knob with its default, and no other", () => {
    const section = readme.slice(readme.indexOf("## Knobs"), readme.indexOf("## Rules"))
    const rows = new Map(
      Array.from(section.matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm), ([, knob, value]) => [knob!, value!])
    )
    assert.deepStrictEqual([...rows.keys()].sort(), Object.keys(ConnectionConfig.ConnectionConfig.fields).sort())
    const config: Record<string, unknown> = { ...ConnectionConfig.make() }
    for (const [knob, told] of rows) {
      const value = config[knob]
      if (/^`\w+`$/.test(told)) assert.strictEqual(value, config[told.slice(1, -1)], knob)
      else if (value === undefined) assert.include(["none", "Node's"], told, knob)
      else {
        const expected = Duration.isDuration(value) ? `${Duration.toSeconds(value)} seconds` : JSON.stringify(value)
        assert.strictEqual(told, expected, knob)
      }
    }
  })

  it("has every reason of a ConnectionError", () => {
    for (const reason of ConnectionErrorReason.literals) assert.include(readme, reason)
  })
})
