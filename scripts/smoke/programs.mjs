// Programs of a user of the packages.
import * as Line from "./line.mjs"

/** What is a way of its own into the package, and not part of its barrel. */
const apart = new Set(["Promise"])

/** Imports every public module, by the barrel and by its path, and nothing internal. */
export const imports = (packed) =>
  `import assert from "node:assert/strict"

for (const { name, modules, inBarrel, hidden } of ${
    JSON.stringify(packed.map(({ modules, name, sources }) => ({
      name,
      modules,
      inBarrel: modules.filter((module) => !apart.has(module)),
      hidden: sources
        .filter((source) => source.startsWith("internal/") || source.startsWith("promise/") || source === "index.ts")
        .map((file) => file.slice(0, -".ts".length))
    })))
  }) {
  const barrel = await import(name)
  assert.deepEqual(Object.keys(barrel).sort(), inBarrel, \`the barrel of \${name} and its modules differ\`)
  for (const module of modules) {
    const imported = await import(\`\${name}/\${module}\`)
    if (inBarrel.includes(module)) assert.equal(imported, barrel[module])
    assert.ok(!("default" in imported), \`\${name}/\${module} has a default export\`)
  }
  for (const path of [...hidden, "internal/x"]) {
    await assert.rejects(import(\`\${name}/\${path}\`), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path)
  }
}

const neutral = await import("effect-dashscope/neutral")
assert.ok("Generation" in neutral && !("ConnectionPool" in neutral))
`

/** Takes the packages as CommonJS does, where Node can require ESM. */
export const requires = (packed) =>
  packed.map(({ name, modules }) =>
    `require("node:assert/strict").equal(require("${name}").${modules[0]}, require("${name}/${modules[0]}"))\n`
  ).join("")

/** Each module's declarations are asked for, so that all of them are checked. */
export const declarations = (packed) =>
  packed.flatMap(({ modules, name }, i) =>
    modules.map((module) => `export * as ${module}${i} from "${name}/${module}"\n`)
  ).join("")

/** What a bundler for Workers sees. */
export const worker = `import { FetchHttpClient } from "${Line.http}"
import { DashScope, Generation } from "effect-dashscope"
import { Effect, Layer } from "effect"
// @ts-expect-error The pool is not for Workers.
import { ConnectionPool } from "effect-dashscope"

void ConnectionPool
export const answer = Generation.call({ model: "qwen-plus", prompt: "你好" }).pipe(
  Effect.map(Generation.text),
  Effect.provide(Layer.provide(DashScope.layerWithoutHttpClient(), FetchHttpClient.layer))
)
`

/** A program of one service, of which a bundler is to leave out the others. */
export const oneService = `import { Generation } from "effect-dashscope"
console.log(Generation.call)
`
