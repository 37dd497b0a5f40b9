import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundleSource } from "../../../scripts/bundle.js"
import { isThorough } from "../../../scripts/thorough.js"
import { type Block, blocksOf, english, examplesOf, isTypeScript, pathOf, read, root } from "./pages.js"

/** The pages beside the site. Those of the site in Chinese have the code of the English ones. */
const published = ["client", "ai", "simulator", "pool", "redis", "bulk"]
const readmes = [
  "README.md",
  "README.zh-CN.md",
  ...published.flatMap((name) => [`packages/${name}/README.md`, `packages/${name}/AGENTS.md`])
]
  .filter((file) => existsSync(pathOf(file)))
  .map((file) => ({ file, text: read(file) }))

/** The blocks of a page that is one program in several parts. */
const wholeOf = (page: { readonly file: string; readonly text: string }): Block => {
  const parts = blocksOf(page).filter(isTypeScript)
  return {
    place: page.file,
    info: "ts run",
    code: parts.map(({ code }) => code).join("\n")
  }
}

const blocks: ReadonlyArray<Block> = [...english, ...readmes].flatMap((page) =>
  /^program: whole$/m.test(page.text) ? [wholeOf(page)] : blocksOf(page).filter(isTypeScript)
)

/** The examples in docstrings, which the reference shows. */
const examples: ReadonlyArray<Block> = published.map((name) => `packages/${name}/src/`)
  .filter((folder) => existsSync(pathOf(folder)))
  .flatMap((folder) =>
    readdirSync(pathOf(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .flatMap((path) => examplesOf({ file: folder + path, text: read(folder + path) }))
  )

/** What is wrong with the blocks, compiled as modules of a user who has these packages and their peers. */
const compile = async (blocks: ReadonlyArray<Block>): Promise<ReadonlyArray<string>> => {
  const { default: ts } = await import("typescript")
  const base = ts.getParsedCommandLineOfConfigFile(pathOf("tsconfig.base.json"), {
    noEmit: true,
    // An example may show a value that it does not use.
    noUnusedLocals: false
  }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })
  assert.isDefined(base)
  const modules = blocks.map((block) => ({ ...block, code: `${block.code}\nexport {}\n` }))
  const virtual = new Map(modules.map((block, i) => [pathOf(`packages/site/test/block-${i}.ts`), block]))
  const host = ts.createCompilerHost(base.options)
  const real = { ...host }
  host.fileExists = (path) => virtual.has(path) || real.fileExists(path)
  host.readFile = (path) => virtual.get(path)?.code ?? real.readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const block = virtual.get(path)
    return block === undefined
      ? real.getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, block.code, version)
  }
  const program = ts.createProgram([...virtual.keys()], base.options, host)
  return [...virtual].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) => {
        const line = source === undefined || start === undefined
          ? 0
          : source.getLineAndCharacterOfPosition(start).line
        return `${place} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
      }
    )
  })
}

/** A block that exports `program` is run by these lines. */
const runner = `
import * as RunDashScope from "effect-dashscope/DashScope"
import * as RunNodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as RunEffect from "effect/Effect"
import * as RunLayer from "effect/Layer"
await program.pipe(
  RunEffect.scoped,
  RunEffect.provide(RunLayer.merge(RunDashScope.layer(), RunNodeFileSystem.layer)),
  RunEffect.runPromise
)
`

/** Runs a bundled program as a process of its own, to its end, in a folder of its own with some media. */
const run = (program: string, url: string) =>
  Effect.async<string, Error>((resume) => {
    const folder = mkdtempSync(join(tmpdir(), "page-"))
    for (const name of ["photo.jpg", "receipt.png", "film.mp4", "question.wav"]) {
      writeFileSync(join(folder, name), "media")
    }
    const child = execFile(process.execPath, ["--input-type=module"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], DASHSCOPE_API_KEY: "sk-page", DASHSCOPE_HTTP_BASE_URL: url },
      timeout: 60_000
    }, (error, stdout) => {
      rmSync(folder, { recursive: true, force: true })
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    })
    child.stdin?.end(program)
    return Effect.sync(() => child.kill())
  })

/** What pages that are one program print, and the models that there are to be for them. */
const wholes: Readonly<
  Record<string, { readonly models: ReadonlyArray<string>; readonly printed: ReadonlyArray<RegExp> }>
> = {
  "packages/site/docs/from-openai-node.md": {
    models: ["qwen-plus", "qwen3-vl-plus", "wan2.2-t2i-flash", "qwen3.5-omni-flash-realtime"],
    printed: [
      /^我是通义千问.* \d+$/m,
      /^The tools say: Hangzhou: sunny, 22 °C\. 2$/m,
      /^NotFound 404 \S+ \S+ 0$/m,
      /^PENDING\nRUNNING\nSUCCEEDED\n1$/m,
      /^我是通义千问.* 3$/m,
      /^我是通义千问.*\n你说的是：“你好”.*\n0$/m
    ]
  }
}

/** The block of what a program prints, where one follows it; `…` there is anything within a line. */
const outputOf = ({ place }: Block): RegExp | undefined => {
  const [, file = "", line = ""] = /^(.+):(\d+)$/.exec(place) ?? []
  const page = [...english, ...readmes].find((page) => page.file === file)
  const all = page === undefined ? [] : blocksOf(page)
  const next = all[all.findIndex((block) => block.place.endsWith(`:${line}`)) + 1]
  return next?.info === "text output"
    ? new RegExp(
      `^${next.code.trim().split("…").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*")}$`
    )
    : undefined
}

describe.runIf(isThorough)("the code on the pages", () => {
  it("compiles", { timeout: 240_000 }, async () => {
    assert.isAbove(blocks.length, 50)
    assert.isAbove(examples.length, 100)
    assert.deepStrictEqual(await compile([...blocks, ...examples]), [])
  })

  for (const block of blocks.filter(({ info }) => info === "ts run")) {
    it.scopedLive(`runs at ${block.place}`, () =>
      Effect.gen(function*() {
        const whole = wholes[block.place]
        const simulator = yield* Simulator.make({ apiKeys: ["sk-page"], models: whole?.models })
        const code = /^export const program\b/m.test(block.code) ? block.code + runner : block.code
        const program = yield* Effect.promise(() => bundleSource(code, new URL("packages/site/", root)))
        const printed = (yield* run(program, simulator.url)).trim()
        const expected = outputOf(block)
        for (const line of whole?.printed ?? []) assert.match(printed, line)
        if (expected !== undefined) assert.match(printed, expected)
        assert.isAbove((yield* simulator.stats).totalRequests + (yield* simulator.socketStats).opened, 0)
      }), 90_000)
  }
})
