/** Writes the API reference: a page for each public module of the published packages, into `docs/api`. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import {
  Application,
  Converter,
  type DeclarationReflection,
  PageEvent,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions
} from "typedoc"
import type { PluginOptions } from "typedoc-plugin-markdown"
import ts from "typescript"
import { forTypeDoc, tidy } from "./apiText.js"

const root = new URL("../../../", import.meta.url)
const pathOf = (relative: string) => fileURLToPath(new URL(relative, root))
const out = pathOf("packages/site/docs/api")

/** The client and its pool before those that stand on them. */
const order = ["client", "pool", "ai", "redis", "bulk", "simulator"]
const rank = (folder: string) => order.includes(folder) ? order.indexOf(folder) : order.length

/** The published packages, by their folders. */
const packages = readdirSync(pathOf("packages")).sort((a, b) => rank(a) - rank(b)).flatMap((folder) => {
  const manifest = JSON.parse(readFileSync(pathOf(`packages/${folder}/package.json`), "utf8")) as {
    readonly name: string
    readonly description?: string
    readonly private?: boolean
  }
  return manifest.private === true ? [] : [{ folder, ...manifest }]
})

/** `packages/client/src/Generation` is `effect-dashscope/Generation` for those who import it. */
const nameOf = (path: string) =>
  packages.reduce((name, each) => name.replace(new RegExp(`^(?:packages/)?${each.folder}/src/`), `${each.name}/`), path)

const options: Partial<TypeDocOptions & PluginOptions> = {
  tsconfig: pathOf("packages/site/tsconfig.api.json"),
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: packages.map(({ folder }) => pathOf(`packages/${folder}/src/[A-Z]*.ts`)),
  router: "module",
  skipErrorChecking: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  disableGit: true,
  readme: "none",
  outputs: [{ name: "markdown", path: out }],
  hideGenerator: true,
  // Headings of a name that is a value and a type, numbered as the links expect it.
  useCustomAnchors: true,
  customAnchorsFormat: "curlyBrace",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideInherited: true, hideModifiers: true, hideOverrides: true, hideDefaults: true },
  logLevel: "Error"
}

const readFile = ts.sys.readFile.bind(ts.sys)
ts.sys.readFile = (path, encoding) => {
  const text = readFile(path, encoding)
  return text !== undefined && path.startsWith(pathOf("packages/")) && path.endsWith(".ts") ? forTypeDoc(text) : text
}

const app = await Application.bootstrapWithPlugins(options)
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: { readonly project: ProjectReflection }) => {
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) module.name = nameOf(module.name)
})
app.renderer.on(PageEvent.END, (page) => {
  page.contents = tidy(page.contents ?? "")
})

const project = await app.convert()
if (project === undefined) throw new Error("TypeDoc could not read the modules")
rmSync(out, { recursive: true, force: true })
await app.generateOutputs(project)

/** The first sentence about a module. */
const summaryOf = ({ comment }: DeclarationReflection): string => {
  const text = (comment?.summary ?? []).map((part) => part.text).join("").replaceAll(/\s+/g, " ").trim()
  return (/^.*?[.](?= |$)/.exec(text)?.[0] ?? text)
}

const sections = packages.map(({ description = "", name }) => ({
  name,
  description,
  modules: (project.children ?? [])
    .filter((module) => module.name.startsWith(`${name}/`))
    .map((module) => ({ name: module.name.slice(name.length + 1), summary: summaryOf(module) }))
}))

rmSync(`${out}/README.md`)
writeFileSync(
  `${out}/index.md`,
  [
    "---\noutline: [2, 2]\n---\n\n# API reference\n\nEvery public module of the packages, as their sources describe it.",
    ...sections.map(({ description, modules, name }) =>
      [
        `## ${name}\n\n${description}.\n`,
        "| module | what it has |",
        "|---|---|",
        ...modules.map((module) => `| [${module.name}](./${name}/${module.name}.md) | ${module.summary} |`)
      ].join("\n")
    )
  ].join("\n\n") + "\n"
)
writeFileSync(
  `${out}/sidebar.json`,
  JSON.stringify(sections.map(({ modules, name }) => ({
    text: name,
    collapsed: name !== "effect-dashscope",
    items: modules.map((module) => ({ text: module.name, link: `/api/${name}/${module.name}` }))
  })))
)
