import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync } from "node:fs"
import { posix } from "node:path"
import { groups, pages as declared } from "../.vitepress/navigation.js"
import { blocksOf, chinese, english, isTypeScript, pathOf, prose, read } from "./pages.js"

const linksIn = (text: string): ReadonlyArray<string> =>
  Array.from(prose(text).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g), ([, link = ""]) => link)

/** The pages of packages. */
const readmes = readdirSync(pathOf("packages"))
  .map((name) => `packages/${name}/README.md`)
  .filter((file) => existsSync(pathOf(file)))

const paths = english.map(({ path }) => path)

describe("the pages of the site", () => {
  it("are the same in both languages", () => {
    assert.deepStrictEqual(chinese.map(({ path }) => path), paths)
  })

  it("are in the sidebar, but for the start page, and what is in the sidebar is there", () => {
    const names = declared.map(({ path }) => path)
    assert.deepStrictEqual([...names, "index"].sort(), [...paths].sort())
    assert.strictEqual(new Set(names).size, names.length)
    assert.isTrue(groups.every(({ pages }) => pages.length > 0))
  })

  for (const page of chinese) {
    it(`${page.file} has the code of the English page`, () => {
      const original = english.find(({ path }) => path === page.path)
      const code = (text: string) =>
        blocksOf({ file: "", text }).filter(isTypeScript).map(({ code, info }) => [info, code])
      assert.deepStrictEqual(code(page.text), code(original?.text ?? ""))
    })
  }

  for (const page of [...english, ...chinese]) {
    it(`${page.file} links to files that are there, in its own language`, () => {
      const links = linksIn(page.text)
      const folder = posix.dirname(page.file)
      const isThere = (link: string) =>
        link.startsWith("/")
          // The reference and the pictures are made by the build.
          ? /^\/(?:api|generated)\//.test(link) || link === "/api/"
          : existsSync(pathOf(posix.join(folder, link)))
      assert.deepStrictEqual(links.filter((link) => !isThere(link)), [])
      if (page.file.includes("docs/zh/")) {
        const targets = links.filter((link) => !link.startsWith("/")).map((link) => posix.join(folder, link))
        assert.deepStrictEqual(
          targets.filter((target) => target.startsWith("packages/site/docs/") && !target.includes("docs/zh/")),
          []
        )
      }
    })
  }

  for (const file of ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", ...readmes]) {
    it(`${file} links to files that are there`, () => {
      const links = linksIn(read(file))
      assert.isTrue(links.every((link) => !link.startsWith("/")))
      assert.deepStrictEqual(links.filter((link) => !existsSync(pathOf(posix.join(posix.dirname(file), link)))), [])
    })
  }

  it("are begun by READMEs that are short and have the same code", () => {
    const texts = ["README.md", "README.zh-CN.md"].map((file) => read(file))
    for (const text of texts) assert.isBelow(text.split("\n").length, 240)
    const [english, chinese] = texts.map((text) => blocksOf({ file: "", text }).map(({ code, info }) => [info, code]))
    assert.deepStrictEqual(chinese, english)
  })
})
