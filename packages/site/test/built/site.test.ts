import { assert, describe, it } from "@effect/vitest"
import MiniSearch from "minisearch"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { pages as declared } from "../../.vitepress/navigation.js"
import { tokenize, tokenizeQuery } from "../../.vitepress/search.js"
import { dist, linksOf, mainOf, pages, type Place, resolve, textOf } from "./built.js"
import { tasks } from "./tasks.js"

const bodyOf = (html: string) => html.slice(html.indexOf("<body"))

describe("the pages of the built site", () => {
  it("link to pages and headings that are there", () => {
    const broken = new Set<string>()
    let count = 0
    for (const [path, html] of pages) {
      for (const { href } of linksOf(bodyOf(html))) {
        const target = resolve(path, href)
        if (target === undefined) continue
        count++
        const page = pages.get(target.page)
        const isThere = page === undefined
          ? existsSync(`${dist}${target.page}`)
          : target.anchor === "" || page.includes(`id="${target.anchor}"`)
        if (!isThere) broken.add(`${path}: ${href}`)
      }
    }
    assert.isAbove(count, 5000)
    assert.deepStrictEqual([...broken], [])
  })

  it("can be read without scripts", () => {
    for (const { path } of declared) {
      for (const folder of ["/", "/zh/"]) {
        const html = pages.get(`${folder}${path}.html`) ?? ""
        assert.isAbove(textOf(mainOf(html)).length, 300, `${folder}${path}`)
        assert.match(html, /<h1\b/, `${folder}${path}`)
        assert.include(html, `<html lang="${folder === "/" ? "en-US" : "zh-CN"}"`)
      }
    }
  })

  it("load nothing from elsewhere", () => {
    const loading =
      /<(?:script|img|iframe)\b[^>]*\bsrc="([^"]+)"|<link\b[^>]*rel="(?:stylesheet|preload|modulepreload|icon)"[^>]*href="([^"]+)"/g
    for (const [path, html] of pages) {
      const loaded = Array.from(html.matchAll(loading), ([, src, href]) => src ?? href ?? "")
      assert.deepStrictEqual(loaded.filter((url) => /^(?:https?:)?\/\//.test(url)), [], path)
    }
  })
})

describe("a newcomer's task", () => {
  for (const [language, home] of [["en", "/index.html"], ["zh", "/zh/index.html"]] as const) {
    for (const { answer, clicks, name } of tasks) {
      it(`"${name}" is answered within two clicks, in ${language}`, () => {
        const words = clicks[language]
        assert.isAtMost(words.length, 2)
        let place: Place = { page: home, anchor: "" }
        for (const word of words) {
          const link = linksOf(bodyOf(pages.get(place.page) ?? "")).find(({ text }) => text === word)
          assert.isDefined(link, `no link "${word}" on ${place.page}`)
          const next = resolve(place.page, link.href)
          assert.isDefined(next)
          place = next
        }
        const html = pages.get(place.page) ?? ""
        const start = place.anchor === "" ? html.indexOf("<h1") : html.indexOf(`id="${place.anchor}"`)
        assert.isAtLeast(start, 0, `${place.page}#${place.anchor}`)
        // The section that the link leads to, up to the next one.
        const rest = html.slice(html.indexOf("</h", start) + 3)
        const end = place.anchor === "" ? -1 : rest.search(/<h[12]\b/)
        const section = textOf(end < 0 ? rest : rest.slice(0, end))
        for (const text of answer) assert.include(section, text, `${place.page}#${place.anchor}`)
      })
    }
  }
})

describe("search", () => {
  const load = async (locale: string) => {
    const folder = `${dist}assets/chunks/`
    const file = readdirSync(folder).find((name) => name.startsWith(`@localSearchIndex${locale}.`))
    assert.isDefined(file)
    const { default: index } = await import(pathToFileURL(folder + file).href) as { readonly default: string }
    return MiniSearch.loadJSON<{ readonly title: string }>(index, {
      fields: ["title", "titles", "text"],
      storeFields: ["title", "titles"],
      tokenize,
      searchOptions: { tokenize: tokenizeQuery, fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 } }
    })
  }
  const found = async (locale: string, query: string) =>
    (await load(locale)).search(query).slice(0, 10).map(({ id }) => id as string)

  const queries = {
    zh: [
      ["连接池", "/zh/connections.html"],
      ["排队", "/zh/"],
      ["超时", "/zh/"],
      ["poolsize", "/zh/knobs.html#connectionpoolsize"],
      ["connectionPoolSize", "/zh/knobs.html#connectionpoolsize"],
      ["描述图片", "/zh/services/multimodal.html"]
    ],
    root: [
      ["poolsize", "/knobs.html#connectionpoolsize"],
      ["connectionpool", "/knobs.html#connectionpoolsize"],
      ["maximumPendingRequests", "/knobs.html#maximumpendingrequests"],
      ["pendingrequests", "/knobs.html#maximumpendingrequests"],
      ["proxy", "/knobs.html#proxy"],
      ["describe an image", "/services/multimodal.html"]
    ]
  } as const
  for (const locale of ["zh", "root"] as const) {
    for (const [query, page] of queries[locale]) {
      it(`finds ${query} in the index ${locale}`, async () => {
        const ids = await found(locale, query)
        assert.isTrue(ids.some((id) => id.startsWith(page)), ids.join(" "))
      })
    }
  }

  it("finds words within Chinese sentences, on the pages that have them", async () => {
    const index = await load("zh")
    for (const word of ["排队", "超时", "连接池"]) {
      const having = [...pages].filter(([path, html]) => path.startsWith("/zh/") && textOf(mainOf(html)).includes(word))
        .map(([path]) => path)
      const finding = new Set(
        index.search(word, { fuzzy: false, combineWith: "AND" }).map(({ id }) => (id as string).replace(/#.*/, ""))
      )
      assert.isAbove(having.length, 5, word)
      // What is in a button of the page, or in its navigation, is not in the index.
      assert.isAbove(having.filter((path) => finding.has(path)).length / having.length, 0.9, word)
    }
  })
})

describe("what is there for models", () => {
  it("is llms.txt, in the form that is agreed, with links to pages that are there", () => {
    const text = readFileSync(`${dist}llms.txt`, "utf8")
    assert.match(text, /^# effect-dashscope\n\n> .+\n\n/)
    assert.match(text, /^## Optional$/m)
    const links = Array.from(text.matchAll(/^- \[[^\]]+\]\(\/([^)]+)\): .+$/gm), ([, link = ""]) => link)
    assert.strictEqual(links.length, declared.length + 2)
    assert.deepStrictEqual(links.filter((link) => !existsSync(dist + link)), [])
    assert.lengthOf(text.match(/^- /gm) ?? [], links.length)
  })

  it("is llms-full.txt, with every English page", () => {
    const text = readFileSync(`${dist}llms-full.txt`, "utf8")
    for (const { path } of declared) {
      const [, title = ""] = /^# (.+)$/m.exec(readFileSync(`${dist}${path}.md`, "utf8")) ?? []
      assert.include(text, `# ${title}\n`, path)
    }
  })

  it("is each page as Markdown, with what it includes", () => {
    for (const { path } of declared) {
      for (const folder of ["", "zh/"]) {
        const text = readFileSync(`${dist}${folder}${path}.md`, "utf8")
        assert.notInclude(text, "@include", folder + path)
        assert.match(text, /^# /m, folder + path)
      }
    }
  })
})
