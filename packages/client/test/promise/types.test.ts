import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type * as Generation from "../../src/Generation.js"
import * as Module from "../../src/Promise.js"
import type * as TaskState from "../../src/TaskState.js"

const source = fileURLToPath(new URL("../../src/", import.meta.url))

/** What the compiler writes into the declarations of a module, looking at no other: all that is exported has its type there. */
const declarationsOf = async (file: string) => {
  const { default: ts } = await import("typescript")
  const { diagnostics = [], outputText } = ts.transpileDeclaration(readFileSync(file, "utf8"), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      declaration: true,
      isolatedDeclarations: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      stripInternal: true
    }
  })
  assert.deepStrictEqual(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")), [])
  return outputText
}

/** Modules with code, which needs Effect; of the others all imports are in the declarations. */
const withCode = ["Promise.ts", "promise/errors.ts", "promise/functions.ts"]

describe("the declarations of the module", () => {
  it("import nothing but each other, and so can name nothing of Effect", async () => {
    const waiting = ["Promise.ts"]
    const seen = new Set<string>()
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue
      seen.add(file)
      const path = join(source, file)
      const text = withCode.includes(file) ? await declarationsOf(path) : readFileSync(path, "utf8")
      for (const [, imported = ""] of text.matchAll(/^[^ ].*?(?:from |import\()"([^"]+)"/gm)) {
        const target = relative(source, resolve(dirname(path), imported.replace(/[.]js$/, ".ts")))
        assert.isTrue(imported.startsWith(".") && existsSync(join(source, target)), `${file} imports ${imported}`)
        waiting.push(target)
      }
    }
    assert.deepStrictEqual([...seen].sort(), [
      "Media.ts",
      "Promise.ts",
      "promise/chatTypes.ts",
      "promise/client.ts",
      "promise/errors.ts",
      "promise/functions.ts",
      "promise/sessionTypes.ts",
      "promise/types.ts"
    ])
  })
})

describe("the types", () => {
  it("of parameters and results have the fields that the services have", () => {
    expectTypeOf<keyof Module.GenerationParams>().toEqualTypeOf<keyof Generation.GenerationParams>()
    expectTypeOf<keyof Module.GenerationResult>().toEqualTypeOf<keyof Generation.GenerationResult>()
    expectTypeOf<Generation.GenerationResult>().toExtend<Module.GenerationResult>()
    expectTypeOf<Module.GenerationResult>().toExtend<Generation.GenerationResult>()
    expectTypeOf<Module.Task>().toEqualTypeOf<TaskState.Task>()
  })

  it("narrow errors by their classes, and by their tags", () => {
    const reasonOf = (error: unknown) => error instanceof Module.ApiError ? error.reason : undefined
    expectTypeOf(reasonOf).returns.toEqualTypeOf<Module.ApiError["reason"] | undefined>()
    expectTypeOf<Extract<Module.DashScopeError, { readonly _tag: "RequestTimeout" }>>()
      .toEqualTypeOf<Module.RequestTimeout>()
    assert.isUndefined(reasonOf(new Error("other")))
  })

  it("of a tool's arguments and of an object are those of the validator", () => {
    const validate = (value: unknown): { readonly city: string } => value as { readonly city: string }
    Module.tool({
      name: "a",
      validate,
      execute: (args) => expectTypeOf(args).toEqualTypeOf<{ readonly city: string }>()
    })
    Module.tool({
      name: "b",
      execute: (args) => expectTypeOf(args).toEqualTypeOf<Readonly<Record<string, unknown>>>()
    })
    const object = (client: Module.DashScope) =>
      client.generation.callObject({ model: "m" }, { jsonSchema: {}, validate })
    expectTypeOf(object).returns.resolves.toHaveProperty("value").toEqualTypeOf<{ readonly city: string }>()
    const plain = (client: Module.DashScope) => client.generation.callObject({ model: "m" }, { jsonSchema: {} })
    expectTypeOf(plain).returns.resolves.toHaveProperty("value").toEqualTypeOf<unknown>()
  })

  it("refuse a duration without its unit", () => {
    expectTypeOf<"30 seconds">().toExtend<Module.Duration>()
    expectTypeOf<30>().not.toExtend<Module.Duration>()
    expectTypeOf<Module.CallOptions["timeout"]>().toEqualTypeOf<Module.Duration | undefined>()
  })
})
