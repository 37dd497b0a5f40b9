/** Writes what pages include of the committed results: plots, and the goals and tables of the benchmarks. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { chart } from "../../benchmarks/src/report/chart.js"
import { markdown } from "../../benchmarks/src/report/markdown.js"
import type { Results } from "../../benchmarks/src/results.js"
import { translated } from "./benchmarkWords.js"

const pathOf = (relative: string) => fileURLToPath(new URL(relative, new URL("../../../", import.meta.url)))

const results = JSON.parse(readFileSync(pathOf("docs/benchmarks/results.json"), "utf8")) as Results
const report = markdown(results, "/generated/benchmarks.svg")
const [head = "", ...sections] = report.split(/^## /m)
const section = (title: string) =>
  sections.find((text) => text.startsWith(`${title}\n`))?.slice(title.length + 1).trim() ?? ""

const parts = {
  // Without its title.
  machine: head.replace(/^# .*\n+/, "").trim(),
  goals: section("Goals"),
  overview: section("Overview")
}

mkdirSync(pathOf("packages/site/generated/zh"), { recursive: true })
mkdirSync(pathOf("packages/site/docs/public/generated"), { recursive: true })
for (const [name, text] of Object.entries(parts)) {
  writeFileSync(pathOf(`packages/site/generated/benchmarks-${name}.md`), text + "\n")
  writeFileSync(pathOf(`packages/site/generated/zh/benchmarks-${name}.md`), translated(text) + "\n")
}
writeFileSync(pathOf("packages/site/docs/public/generated/benchmarks.svg"), chart(results))
copyFileSync(pathOf("docs/quotas.svg"), pathOf("packages/site/docs/public/generated/quotas.svg"))
