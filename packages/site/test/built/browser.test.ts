import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { launch, type Page } from "puppeteer-core"
import { pathOf } from "../pages.js"
import { server } from "./built.js"

const chromium = ["chromium", "chromium-browser", "google-chrome"].map((name) => {
  try {
    return execFileSync("which", [name], { encoding: "utf8", stdio: "pipe" }).trim()
  } catch {
    return ""
  }
}).find((path) => path !== "")

if (chromium === undefined) console.warn("browser.test.ts: no Chromium here; the site is not tried in a browser")

/** What the command leaves behind, to look at. */
const screenshots = pathOf("packages/site/screenshots/")

const widths = [390, 1280] as const

describe.skipIf(chromium === undefined)("the site in a browser", () => {
  const browser = Effect.acquireRelease(
    Effect.promise(() =>
      launch({ executablePath: chromium!, headless: true, args: ["--no-sandbox", "--disable-gpu"] })
    ),
    (browser) => Effect.promise(() => browser.close())
  )

  /** One page at a width, with what went wrong in it. */
  const visit = (
    width: number,
    use: (page: Page, url: string) => Promise<void>,
    options: { readonly scripts?: boolean } = {}
  ) =>
    Effect.gen(function*() {
      mkdirSync(screenshots, { recursive: true })
      const { url } = yield* server
      const opened = yield* browser
      yield* Effect.promise(async () => {
        const page = await opened.newPage()
        const wrong: Array<string> = []
        page.on("pageerror", (error) => wrong.push(String(error)))
        // A browser without scripts asks for none.
        page.on("requestfailed", (request) => {
          if (request.resourceType() !== "script" || options.scripts !== false) {
            wrong.push(`${request.url()}: ${request.failure()?.errorText ?? ""}`)
          }
        })
        await page.setJavaScriptEnabled(options.scripts ?? true)
        await page.setViewport({ width, height: 900, isMobile: width < 600 })
        await use(page, url)
        assert.deepStrictEqual(wrong, [])
      })
    })

  const shoot = (page: Page, name: string) => page.screenshot({ path: `${screenshots}${name}.png` })

  /** How much wider the page is than the screen. */
  const overflow = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

  const ready = async (page: Page, url: string) => {
    await page.goto(url, { waitUntil: "networkidle0" })
  }

  const shown = [
    ["home", "index.html"],
    ["service", "services/generation.html"],
    ["knobs", "knobs.html"],
    ["benchmarks", "benchmarks.html"]
  ] as const

  for (const width of widths) {
    for (const language of ["en", "zh"] as const) {
      it.scopedLive(
        `shows its pages at ${width} pixels in ${language}, no wider than the screen`,
        () =>
          visit(width, async (page, url) => {
            for (const [name, path] of shown) {
              await ready(page, `${url}/${language === "zh" ? "zh/" : ""}${path}`)
              assert.isAtMost(await overflow(page), 0, path)
              await shoot(page, `${name}-${language}-${width}`)
            }
          }),
        120_000
      )
    }

    it.scopedLive(`shows the API reference at ${width} pixels`, () =>
      visit(width, async (page, url) => {
        await ready(page, `${url}/api/effect-dashscope/Generation.html`)
        assert.isAtMost(await overflow(page), 0)
        const text = await page.$eval(".vp-doc", (element) => element.textContent)
        assert.include(text, "Since 0.1.0")
        assert.include(text, "streamText")
        await shoot(page, `api-${width}`)
        await ready(page, `${url}/api/`)
        assert.isAtMost(await overflow(page), 0)
      }), 120_000)

    const search = (language: "en" | "zh", query: string, title: RegExp) =>
      it.scopedLive(`finds ${query} at ${width} pixels in ${language}`, () =>
        visit(width, async (page, url) => {
          await ready(page, `${url}/${language === "zh" ? "zh/" : ""}start.html`)
          await page.click(".VPNavBarSearch button")
          await page.waitForSelector(".VPLocalSearchBox input")
          await page.type(".VPLocalSearchBox input", query)
          await page.waitForSelector(".VPLocalSearchBox .result")
          // The list changes while one types; the last change is what counts.
          await page.waitForFunction(
            (source) =>
              Array.from(document.querySelectorAll(".VPLocalSearchBox .result")).some((element) =>
                new RegExp(source).test(element.textContent ?? "")
              ),
            { polling: 50 },
            title.source
          )
          await shoot(page, `search-${language}-${query}-${width}`)
        }), 120_000)
    search("zh", "连接池", /连接/)
    search("zh", "排队", /.+/)
    search("zh", "超时", /.+/)
    search("en", "poolsize", /connectionPoolSize/)
    search("zh", "poolsize", /connectionPoolSize/)
  }

  it.scopedLive(
    "shows the code for the line of Effect that was chosen, and remembers it",
    () =>
      visit(1280, async (page, url) => {
        const shown = () =>
          page.evaluate(() =>
            ["3", "4"].filter((line) => {
              const block = document.querySelector(`.vp-doc .effect-${line}`)
              return block !== null && getComputedStyle(block).display !== "none"
            })
          )
        await ready(page, `${url}/start.html`)
        assert.deepStrictEqual(await shown(), ["3"])
        await page.click(".VPNavBar .effect-line button:nth-child(2)")
        assert.deepStrictEqual(await shown(), ["4"])
        const code = await page.$eval(".vp-doc .effect-4 .language-ts code", (element) => element.textContent)
        assert.include(code, "Effect.catch((error)")
        await ready(page, `${url}/knobs.html`)
        await ready(page, `${url}/start.html`)
        assert.deepStrictEqual(await shown(), ["4"])
      }),
    120_000
  )

  it.scopedLive("switches the language and stays on the page", () =>
    visit(1280, async (page, url) => {
      await ready(page, `${url}/knobs.html`)
      await page.hover(".VPNavBarTranslations")
      await page.evaluate(() =>
        document.querySelector<HTMLAnchorElement>(".VPNavBarTranslations a[href*=\"/zh/\"]")?.click()
      )
      await page.waitForFunction(() => document.documentElement.lang === "zh-CN", { polling: 50 })
      assert.match(page.url(), /\/zh\/knobs\.html$/)
      await page.evaluate(() =>
        document.querySelector<HTMLAnchorElement>(".VPNavBarTranslations a[href$=\"/knobs.html\"]")?.click()
      )
      await page.waitForFunction(() => document.documentElement.lang === "en-US", { polling: 50 })
      assert.match(page.url(), /[^h]\/knobs\.html$/)
    }), 120_000)

  it.scopedLive(
    "leads from the reference, which is in English, to the Chinese start page",
    () =>
      visit(1280, async (page, url) => {
        await ready(page, `${url}/api/effect-dashscope/Tool.html`)
        await page.evaluate(() =>
          document.querySelector<HTMLAnchorElement>(".VPNavBarTranslations a[href*=\"/zh/\"]")?.click()
        )
        await page.waitForFunction(() => document.documentElement.lang === "zh-CN", { polling: 50 })
        assert.match(page.url(), /\/zh\/$/)
      }),
    120_000
  )

  it.scopedLive("goes dark", () =>
    visit(1280, async (page, url) => {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }])
      await ready(page, `${url}/index.html`)
      assert.isTrue(await page.evaluate(() => document.documentElement.classList.contains("dark")))
      await shoot(page, "home-dark-1280")
      await ready(page, `${url}/zh/connections.html`)
      await shoot(page, "connections-zh-dark-1280")
    }), 120_000)

  it.scopedLive("can be read and gone through without scripts", () =>
    visit(390, async (page, url) => {
      await page.goto(`${url}/zh/index.html`)
      const [target] = await Promise.all([page.waitForNavigation(), page.click(".VPHero a[href$=\"/zh/start.html\"]")])
      assert.strictEqual(target?.status(), 200)
      assert.include(await page.$eval(".vp-doc", (element) => element.textContent), "Generation.call")
      await shoot(page, "start-zh-noscript-390")
    }, { scripts: false }), 120_000)
})
