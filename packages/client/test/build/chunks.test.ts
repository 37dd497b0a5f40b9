import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Esbuild from "esbuild"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { SourceMap, type SourceMapPayload } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import * as ts from "typescript"
import { annotatePure } from "../../../../scripts/annotate-pure.mjs"
import { joinModules } from "../../../../scripts/chunks.mjs"

/** A package as small as one can be that has a barrel, what two modules share, and what only Node has. */
const sources = {
  "internal/room/shared": "export class Failure { readonly tag = \"Failure\" }\nexport const unused = 1\n",
  "internal/room/parts":
    "import * as Shared from \"./shared.js\"\nconst make = () => new Shared.Failure()\nexport const part = make()\n" +
    "export const fail = (): never => {\n  throw new Error(\"here\")\n}\n",
  "Params": "export interface Params { readonly a: number }\n",
  "Plain":
    "import { part } from \"./internal/room/parts.js\"\nexport { Failure } from \"./internal/room/shared.js\"\n" +
    "export const call = () => part\nexport { fail } from \"./internal/room/parts.js\"\n",
  "internal/room/both":
    "import { part } from \"./parts.js\"\nimport * as Plain from \"../../Plain.js\"\nexport const both = () => [part, Plain.call()]\n",
  "Other": "export { both as call } from \"./internal/room/both.js\"\n",
  "Another": "import { both } from \"./internal/room/both.js\"\nexport const another = () => both()\n",
  "Node":
    "import * as Net from \"node:net\"\nimport { call } from \"./Plain.js\"\nexport const listen = () => [Net.isIP(\"\"), call()]\n",
  "Alone": "export const alone = \"alone\"\n",
  "internal/first": "import \"node:os\"\n",
  "index":
    "export {} from \"./internal/first.js\"\nexport * as Alone from \"./Alone.js\"\nexport * as Node from \"./Node.js\"\nexport * as Other from \"./Other.js\"\n" +
    "export * as Plain from \"./Plain.js\"\n"
}

let folder = ""

const file = (path: string) => join(folder, "dist", path)

/** As a program does; under a name that the loader of the tests leaves alone. */
const load = async (module: string): Promise<Record<string, unknown>> => {
  const url: string = pathToFileURL(file(`${module}.js`)).href
  return await import(/* @vite-ignore */ url) as Record<string, unknown>
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chunks-"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", sideEffects: false }))
  for (const [name, text] of Object.entries(sources)) {
    const { outputText, sourceMapText } = ts.transpileModule(text, {
      fileName: `${name}.ts`,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        sourceMap: true
      },
      transformers: { after: [annotatePure] }
    })
    mkdirSync(dirname(file(name)), { recursive: true })
    writeFileSync(file(`${name}.js`), outputText)
    const map = JSON.parse(sourceMapText ?? "{}") as { sources: Array<string> }
    writeFileSync(
      file(`${name}.js.map`),
      JSON.stringify({ ...map, sources: [join(name.replaceAll(/[^/]+/g, ".."), "src", `${name}.ts`)] })
    )
  }
  await joinModules(join(folder, "dist"), { first: ["Plain"], second: ["Other", "Another"] })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the build joins modules", () => {
  it("into the chunks that it is told, and leaves the public ones", () => {
    const files = readdirSync(join(folder, "dist"), { recursive: true }).map(String).filter((name) =>
      name.endsWith(".js")
    )
    assert.deepStrictEqual(files.sort(), [
      "Alone.js",
      "Another.js",
      "Node.js",
      "Other.js",
      "Params.js",
      "Plain.js",
      "index.js",
      "internal/chunk/first.js",
      "internal/chunk/second.js",
      "internal/first.js"
    ])
  })

  it("and none exists twice, by whichever way it is imported", async () => {
    const [barrel, plain, other, node] = await Promise.all(["index", "Plain", "Other", "Node"].map(load))
    assert.strictEqual(barrel?.["Plain"], plain)
    assert.strictEqual(barrel?.["Node"], node)
    assert.deepStrictEqual(Object.keys(plain ?? {}).sort(), ["Failure", "call", "fail"])
    const { call, Failure } = plain as { readonly call: () => unknown; readonly Failure: new() => unknown }
    const both = (other as { readonly call: () => ReadonlyArray<unknown> }).call()
    assert.instanceOf(call(), Failure)
    assert.strictEqual(both[0], call())
    assert.strictEqual(both[1], call())
  })

  it("so that a bundler still leaves out what is not used, and what only Node has", async () => {
    const { outputFiles } = await Esbuild.build({
      stdin: {
        contents:
          "import { Alone } from \"./dist/index.js\"\nimport * as Plain from \"./dist/Plain.js\"\nconsole.log(Alone.alone, Plain.fail)",
        resolveDir: folder
      },
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      logLevel: "silent"
    })
    const text = outputFiles[0]?.text ?? ""
    assert.include(text, "here")
    for (const absent of ["Failure", "isIP", "node:net", "unused"]) assert.notInclude(text, absent)
  })

  it("and the maps lead to the sources", () => {
    const chunk = file("internal/chunk/first.js")
    const lines = readFileSync(chunk, "utf8").split("\n")
    const line = lines.findIndex((text) => text.includes("throw new Error"))
    const map = new SourceMap(JSON.parse(readFileSync(`${chunk}.map`, "utf8")) as SourceMapPayload)
    const entry = map.findEntry(line, lines[line]?.indexOf("throw") ?? 0)
    assert.include(entry, { originalSource: "../../../src/internal/room/parts.ts", originalLine: 4 })
    assert.include(lines.join("\n"), "sourceMappingURL=first.js.map")
  })
})
