import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type DefaultTheme, defineConfig } from "vitepress"
import llms from "vitepress-plugin-llms"
import { bothLines, chosenLine } from "./lines.js"
import { llmsText } from "./llms.js"
import { groups, type Language } from "./navigation.js"
import { tokenize, tokenizeQuery } from "./search.js"

const docs = fileURLToPath(new URL("../docs/", import.meta.url))
const folderOf = { en: "", zh: "zh/" }

const sidebar = (language: Language): DefaultTheme.SidebarItem[] =>
  groups.map((group) => ({
    text: group[language],
    items: group.pages.map((page) => ({ text: page[language], link: `/${folderOf[language]}${page.path}` }))
  }))

/** The modules of the API reference, where it has been made (`npm run site`). */
const reference = (): DefaultTheme.SidebarItem[] =>
  existsSync(`${docs}api/sidebar.json`)
    ? JSON.parse(readFileSync(`${docs}api/sidebar.json`, "utf8")) as DefaultTheme.SidebarItem[]
    : []

export default defineConfig({
  srcDir: "docs",
  outDir: "dist",
  cacheDir: ".vitepress/cache",
  base: process.env["SITE_BASE"] ?? "/",
  title: "effect-dashscope",
  // Plain .html names: any file server serves them, and so does a disk.
  cleanUrls: false,
  lastUpdated: false,
  head: [["link", { rel: "icon", href: "data:," }], ["script", {}, chosenLine]],
  vite: {
    plugins: [
      // Each page as Markdown beside its HTML, and all of them in one file.
      llms({
        generateLLMsTxt: false,
        injectLLMHint: false,
        ignoreFilesPerOutput: { llmsFullTxt: ["zh/**", "api/**", "index.md"] }
      })
    ]
  },
  // The reference is in English only; the way to its Chinese pages leads to the start.
  transformHtml: (code, _, { pageData }) =>
    pageData.relativePath.startsWith("api/")
      ? code.replaceAll(/href="(\S*\/zh\/)api\/[^"]*"/g, "href=\"$1\"")
      : undefined,
  buildEnd: ({ outDir }) => writeFileSync(`${outDir}/llms.txt`, llmsText(docs)),
  markdown: { theme: { light: "github-light", dark: "github-dark" }, config: bothLines },
  locales: {
    root: {
      label: "English",
      lang: "en-US",
      description: "DashScope (Alibaba Cloud Model Studio, Qwen) for Effect, over connection pools that are resources",
      themeConfig: {
        nav: [
          { text: "Start", link: "/start" },
          { text: "Services", link: "/services/overview" },
          { text: "Knobs", link: "/knobs" },
          { text: "Errors", link: "/errors" },
          { text: "API", link: "/api/" }
        ],
        sidebar: { "/": sidebar("en"), "/api/": reference() },
        outline: [2, 3]
      }
    },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      description: "面向 Effect 的 DashScope（阿里云百炼、通义千问）客户端，连接池即资源",
      themeConfig: {
        nav: [
          { text: "快速开始", link: "/zh/start" },
          { text: "服务", link: "/zh/services/overview" },
          { text: "连接参数", link: "/zh/knobs" },
          { text: "错误", link: "/zh/errors" },
          { text: "API（英文）", link: "/api/" }
        ],
        sidebar: sidebar("zh"),
        outline: { level: [2, 3], label: "本页内容" },
        docFooter: { prev: "上一页", next: "下一页" },
        darkModeSwitchLabel: "外观",
        lightModeSwitchTitle: "切换到浅色模式",
        darkModeSwitchTitle: "切换到深色模式",
        sidebarMenuLabel: "菜单",
        returnToTopLabel: "回到顶部",
        langMenuLabel: "切换语言",
        skipToContentLabel: "跳转到正文"
      }
    }
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        // Of the API reference the names alone are found: its texts would be most of what a reader has to load.
        _render: (source, env, md) =>
          md.render(
            env.relativePath?.startsWith("api/") === true ? (source.match(/^#{1,3} .+$/gm) ?? []).join("\n\n") : source,
            env
          ),
        miniSearch: {
          options: { tokenize },
          searchOptions: { tokenize: tokenizeQuery, prefix: true, boost: { title: 4, text: 2, titles: 1 } }
        },
        locales: {
          zh: {
            translations: {
              button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
              modal: {
                displayDetails: "显示详情",
                resetButtonTitle: "清除",
                backButtonTitle: "关闭",
                noResultsText: "没有找到",
                footer: { selectText: "选择", navigateText: "切换", closeText: "关闭" }
              }
            }
          }
        }
      }
    }
  }
})
