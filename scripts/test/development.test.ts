import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"

const root = new URL("../../", import.meta.url)
const page = readFileSync(new URL("docs/development.md", root), "utf8")
const quoted = [...new Set(Array.from(page.matchAll(/`([^`\n]+)`/g), ([, name = ""]) => name))]

describe("the development page", () => {
  it("names files and folders that exist", () => {
    const paths = quoted.filter((name) => /^(?:packages|scripts|docs|[.])[\w./-]*$/.test(name))
    assert.isAbove(paths.length, 40)
    assert.deepStrictEqual(paths.filter((path) => !existsSync(new URL(path, root))), [])
  })

  it("names every room of the pool and every one that the client's services share", () => {
    const rooms = (name: string) =>
      readdirSync(new URL(`packages/${name}/src/internal/`, root), { withFileTypes: true }).flatMap((room) =>
        room.isDirectory() ? [`packages/${name}/src/internal/${room.name}`] : []
      )
    const shared = ["core", "protocol", "operation", "chat"].map((room) => `packages/client/src/internal/${room}`)
    assert.deepStrictEqual([...rooms("pool"), ...shared].filter((room) => !quoted.includes(room)), [])
  })

  it("names commands that exist", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    const commandsOf = (text: string) => Array.from(text.matchAll(/`npm (?:run )?([\w:-]+)/g), ([, name = ""]) => name)
    const contributing = commandsOf(readFileSync(new URL("CONTRIBUTING.md", root), "utf8"))
    assert.deepStrictEqual([...commandsOf(page), ...contributing].filter((name) => !(name in scripts)), [])
    const all = Object.keys(scripts).filter((name) => scripts[name]?.startsWith("node scripts/run.mjs"))
    assert.deepStrictEqual(all.filter((name) => !contributing.includes(name)), [])
  })
})
