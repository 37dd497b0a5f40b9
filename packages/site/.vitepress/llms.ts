/** `llms.txt`: what there is for a model to read, as https://llmstxt.org says. The pages in Markdown are a plugin's. */
import { readFileSync } from "node:fs"
import { groups } from "./navigation.js"

/** What a page begins with, in a sentence. */
const summaryOf = (page: string): string => {
  const text = page.replace(/^---\n[^]*?^---\n/m, "").replaceAll(/^```[^]*?^```$/gm, "")
  const paragraph = text.split(/\n{2,}/).find((part) => /^[A-Z`]/.test(part.trim())) ?? ""
  const plain = paragraph.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ").trim()
  return /^.*?[.:](?= |$)/.exec(plain)?.[0].replace(/[.:]$/, "") ?? plain
}

export const llmsText = (docs: string): string =>
  [
    "# effect-dashscope",
    "> DashScope (Alibaba Cloud Model Studio, Qwen) for Effect, over connection pools that are resources.",
    [
      "Versions 1.x (npm's `latest`) are for Effect 4, 0.x (npm's tag `effect3`) for Effect 3, of which the code of these pages is: " +
      "[From Effect 3 to Effect 4](/from-effect-3.md).",
      "`effect-dashscope/Promise` has all services without Effect in its types. Each page is also in Chinese, below `/zh/`."
    ].join("\n"),
    ...groups.map((group) =>
      [
        `## ${group.en}\n`,
        ...group.pages.map(({ en, path }) =>
          `- [${en}](/${path}.md): ${summaryOf(readFileSync(`${docs}${path}.md`, "utf8"))}`
        )
      ].join("\n")
    ),
    "## Optional",
    "- [API reference](/api.md): every public module, as the sources describe it\n- [All pages in one file](/llms-full.txt): what stands above, but for the reference"
  ].join("\n\n") + "\n"
