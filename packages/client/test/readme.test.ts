import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundleSource } from "../../../scripts/bundle.js"
import { isThorough } from "../../../scripts/thorough.js"

const root = new URL("../../../", import.meta.url)
const pathOf = (relative: string) => fileURLToPath(new URL(relative, root))
const read = (relative: string) => readFileSync(pathOf(relative), "utf8")

const pages = [
  "README.md",
  "packages/client/README.md",
  "packages/simulator/README.md",
  "packages/ai/README.md",
  "packages/redis/README.md"
]
  .filter((page) => existsSync(pathOf(page)))
  .map((page) => ({ page, text: read(page) }))

/** The packed packages are tried by all of them too. */
const tried = isThorough ? ["README.md", "packages/client/README.md", "packages/ai/README.md"] : ["README.md"]

interface Block {
  /** The page and the line, for messages. */
  readonly place: string
  readonly code: string
}

const blocks: ReadonlyArray<Block> = pages.flatMap(({ page, text }) =>
  Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), (match) => ({
    place: `${page}:${text.slice(0, match.index).split("\n").length + 1}`,
    code: match[1] ?? ""
  }))
)

/** Runs a bundled program as a process of its own, to its end. */
const run = (program: string, url: string) =>
  Effect.async<string, Error>((resume) => {
    const child = execFile(
      process.execPath,
      ["--input-type=module"],
      {
        cwd: pathOf("packages/client"),
        env: {
          PATH: process.env["PATH"],
          DASHSCOPE_API_KEY: "sk-readme",
          DASHSCOPE_HTTP_BASE_URL: url
        },
        timeout: 30_000
      },
      (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
    child.stdin?.end(program)
    return Effect.sync(() => child.kill())
  })

describe("the code in the READMEs", () => {
  it.scopedLive("runs as it is, where it is the first program", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: ["sk-readme"] })
      for (const page of tried) {
        const first = blocks.find(({ place }) => place.startsWith(page))
        assert.isDefined(first)
        const home = page.startsWith("packages/") ? page.replace("README.md", "") : "packages/client/"
        const program = yield* Effect.promise(() => bundleSource(first.code, new URL(home, root)))
        const printed = yield* run(program, simulator.url)
        assert.match(printed, /^我是通义千问/, page)
      }
      assert.strictEqual((yield* simulator.stats).totalRequests, tried.length)
    }), 60_000)
})
