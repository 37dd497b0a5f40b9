import { assert, describe, it } from "@effect/vitest"
import * as Esbuild from "esbuild"
import { runInNewContext } from "node:vm"
import * as ts from "typescript"
import { annotatePure } from "../../../../scripts/annotate-pure.mjs"

const compile = (source: string) =>
  ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    transformers: { after: [annotatePure] }
  }).outputText

/** What a bundler keeps of a module of which nothing is used. */
const kept = async (source: string) =>
  (await Esbuild.transform(source, { loader: "ts", treeShaking: true, format: "esm" })).code
    .replaceAll(/^import .*\n/gm, "")
    .trim()

const imports = `import * as Schema from "effect/Schema"\nimport { shared, make, Base } from "./x.js"\n`

const computed = {
  "a call": "const a = make(1)",
  "a chain": "const a = Schema.Struct({ b: Schema.optional(Schema.String) }).pipe(Schema.brand(\"x\"))",
  "a curried call": "const a = make(1)(2)",
  "a construction": "const a = new Base(make(1))",
  "calls in a record and a list": "const a = { b: make(1), c: [make(2), new Base()] }",
  "a choice": "const a = make ? make(1) : make(2)",
  "a spread": "const a = Schema.Struct({ b: Schema.String }).annotations({ c: 1, ...shared })",
  "a spread into a list": "const a = [...shared]",
  "a record with a spread": "const a = { ...shared, b: make(1) }",
  "a property of a value": "const a = make(shared.fields)",
  "an element of a value": "const a = make(shared[0])",
  "a class of a call": "class A extends make(1)(2) {}",
  "a class of a call with a spread": "class A extends make({ ...shared }) {}",
  "a class with a static property": "class A { static readonly b = make(1) }",
  "a class in a variable": "const A = class extends make(1) {}"
}

const done = {
  "a call by itself": "make(1)",
  "a call in a condition": "if (shared) make(1)",
  "an await": "const a = await make({ ...shared })"
}

describe("marks for bundlers", () => {
  for (const [name, source] of Object.entries(computed)) {
    it(`let ${name} be left out`, async () => {
      assert.notStrictEqual(await kept(imports + source), "", "without marks")
      assert.strictEqual(await kept(compile(imports + source)), "")
    })
  }

  for (const [name, source] of Object.entries(done)) {
    it(`leave ${name} where it is`, () => {
      assert.notInclude(compile(imports + source), "(() =>")
      assert.include(compile(imports + source), "make(")
    })
  }

  it("do not keep what is done for its effect from being done", async () => {
    const code = await kept(compile(`${imports}make(1)\nif (shared) make(2)\n`))
    assert.include(code, "make(1)")
    assert.include(code, "make(2)")
  })

  it("are none inside of functions", () => {
    for (
      const source of [
        "const f = () => make(1)",
        "function f() { return new Base() }",
        "class A { b = make(1); c() { make(2) } }"
      ]
    ) {
      assert.notInclude(compile(imports + source), "PURE", source)
    }
  })

  it("change no value", () => {
    const source = `
      const shared = { fields: [1, 2] }
      const make = (value) => ({ value, and: (other) => [value, other], this: class { static of = value } })
      const a = make(shared.fields).and({ ...shared, b: [...shared.fields] })
      class C extends make(3).this { static own = make(this.of).value }
      const b = { c: make(() => shared.fields[1]).value(), d: C.own }
      return JSON.stringify([a, b])
    `
    const run = (code: string): unknown => runInNewContext(`(() => {${code}})()`)
    const compiled = compile(`function f() {${source}}`).replace(/^function f\(\) \{|\}\s*$/g, "")
    const topLevel = compile(source.replace("return", "export default"))
    assert.include(topLevel, "(() =>")
    assert.strictEqual(run(topLevel.replace(/export default \/\*#__PURE__\*\//, "return ")), run(compiled))
  })
})
