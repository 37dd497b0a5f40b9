/**
 * Writes the Effect 4 line into `build`: the same tree as that of the Effect 3 line, its files transformed. A file that lies in
 * `line` at the same place is taken from there.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { changelog, manifest } from "./manifest.js"
import { transformMarkdown } from "./markdown.js"
import { modules } from "./modules.js"
import { transform } from "./transform.js"

const here = join(dirname(fileURLToPath(import.meta.url)), "..")
const root = join(here, "..", "..")
const line = join(here, "line")
export const build = join(here, "build")

/** What is in the line. */
export const packages = ["pool", "client", "simulator", "ai", "redis", "examples", "interop"]

/** What stands on packages that are not in the line. */
const absent = new Set([
  "packages/examples/src/bulk.ts",
  "packages/site/docs/bulk.md",
  "packages/site/docs/zh/bulk.md"
])

const places = [
  "LICENSE",
  "README.md",
  "README.zh-CN.md",
  "tsconfig.base.json",
  "vitest.config.ts",
  "scripts",
  ...packages.map((name) => `packages/${name}`),
  // The pages, whose code is compiled and run; the site itself has both lines.
  "packages/site/docs",
  "packages/site/test/code.test.ts",
  "packages/site/test/pages.ts"
]

const left = new Set(["node_modules", "dist", "coverage"])

/** What the site makes among its pages. */
const isMade = (path: string) => /^packages\/site\/docs\/(?:api|public)\//.test(path)

const filesOf = (folder: string, path: string): ReadonlyArray<string> =>
  existsSync(join(folder, path))
    ? readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) =>
      left.has(entry.name) || entry.isSymbolicLink()
        ? []
        : entry.isDirectory()
        ? filesOf(folder, join(path, entry.name))
        : [join(path, entry.name)]
    )
    : []

const isFile = (path: string) => /\.\w+$/.test(path) || path === "LICENSE"

/** Files are written only where they changed, so that what watches or compiles them does no more than it must. */
const write = (path: string, text: string) => {
  const file = join(build, path)
  if (existsSync(file) && readFileSync(file, "utf8") === text) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Where the counterparts lie that a file of a package, or a script, imports. */
const counterpartsFrom = (path: string, wanted: Set<string>) => (module: string): string => {
  const [folder, name, part] = path.split("/")
  const home = folder !== "packages" || !packages.includes(name ?? "")
    ? "scripts/effect"
    : part === "test"
    ? `packages/${name}/test/util/effect`
    : `packages/${name}/src/internal/effect`
  wanted.add(`${home}/${module}.ts`)
  const specifier = relative(dirname(path), `${home}/${module}.js`)
  return specifier.startsWith(".") ? specifier : `./${specifier}`
}

/** Examples are what users write. */
const isUsers = (path: string) => path.startsWith("packages/examples/src/")

export const generate = () => {
  const overlay = new Set(filesOf(line, "").filter((path) => !path.startsWith("effect/")))
  const made = new Set<string>(overlay)
  const wanted = new Set<string>()
  let transformed = 0
  for (const given of places.flatMap((place) => isFile(place) ? [place] : filesOf(root, place))) {
    const path = modules.path(given)
    if (overlay.has(path) || absent.has(given) || isMade(given)) continue
    made.add(path)
    const from = join(root, given)
    if (/\.[cm]?tsx?$/.test(path)) {
      const counterparts = isUsers(path) ? undefined : counterpartsFrom(path, wanted)
      write(path, transform(readFileSync(from, "utf8"), path, counterparts))
      transformed += 1
    } else if (path.endsWith("CHANGELOG.md")) {
      write(path, changelog(readFileSync(from, "utf8")))
    } else if (path.endsWith(".md")) {
      write(path, transformMarkdown(readFileSync(from, "utf8")))
    } else if (/^packages\/\w+\/package\.json$/.test(path)) write(path, manifest(readFileSync(from, "utf8")))
    else {
      mkdirSync(dirname(join(build, path)), { recursive: true })
      cpSync(from, join(build, path))
    }
  }
  for (const path of overlay) write(path, readFileSync(join(line, path), "utf8"))
  for (const path of wanted) {
    const module = join(line, "effect", path.slice(path.lastIndexOf("/") + 1))
    if (!existsSync(module)) throw new Error(`line/effect has no counterpart for ${path}`)
    const text = readFileSync(module, "utf8")
    // What it takes of another is wanted too, and comes later in this loop.
    for (const [, name] of text.matchAll(/from "\.\/(\w+)\.js"/g)) wanted.add(`${dirname(path)}/${name}.ts`)
    made.add(path)
    write(path, text)
  }
  for (const path of filesOf(build, "")) if (!made.has(path)) rmSync(join(build, path))
  console.log(`effect4: ${transformed} files transformed, ${overlay.size} of the line's own`)
}
