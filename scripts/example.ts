// `npm run example -- <name> [arguments]` runs packages/examples/src/<name>.ts, or packages/recipes/src/<name>/main.ts; without
// a name it lists them all.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"

const examples = new URL("../packages/examples/src/", import.meta.url)
const recipes = new URL("../packages/recipes/src/", import.meta.url)
const main = (name: string) => new URL(`${name}/main.ts`, recipes)
const path = (name: string) => fileURLToPath(existsSync(main(name)) ? main(name) : new URL(`${name}.ts`, examples))

const names = [
  ...readdirSync(examples).filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length)),
  ...(existsSync(recipes) ? readdirSync(recipes) : []).filter((name) => existsSync(main(name)))
].sort()

/** The first sentence of the comment a program starts with. */
const summary = (name: string): string => {
  const [, comment = ""] = /^(?:#!.*\n)?\s*\/\*\*([^]*?)\*\//.exec(readFileSync(path(name), "utf8")) ?? []
  const text = comment.replaceAll(/^\s*\* ?/gm, "").replaceAll(/\s+/g, " ").trim()
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text
}

const list = (): string => {
  const width = Math.max(...names.map((name) => name.length))
  return ["npm run example -- <name>", ...names.map((name) => `  ${name.padEnd(width)}  ${summary(name)}`)].join("\n")
}

const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  console.log(list())
} else if (names.includes(name)) {
  // As if the program had been started by itself.
  process.argv = [process.execPath, path(name), ...args]
  await import(pathToFileURL(path(name)).href)
} else {
  console.error(`There is no example "${name}".\n\n${list()}`)
  process.exitCode = 1
}
