// What the READMEs tell a newcomer to do.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { check } from "./process.mjs"

const pages = [
  "README.md",
  "packages/client/README.md",
  "packages/pool/README.md",
  "packages/simulator/README.md",
  "packages/ai/README.md",
  "packages/redis/README.md",
  "packages/bulk/README.md"
]

/** The lines that install something, and the page's first program where it is a whole one. */
export const instructions = (root) =>
  pages.filter((page) => existsSync(join(root, page))).map((page) => {
    // What is written there for the other line of Effect stands in comments.
    const text = readFileSync(join(root, page), "utf8").replaceAll(/^<!-- effect 4\n[^]*?^-->\n/gm, "")
    const shell = Array.from(text.matchAll(/^```sh\n([^]*?)^```$/gm), ([, block]) => block).join("\n")
    const installs = Array.from(
      shell.matchAll(/^npm (?:i|install|add) ([^#\n]+)/gm),
      ([, words]) => words.trim().split(/\s+/)
    )
    check(installs.length > 0, `${page} does not say how to install the package`)
    const program = /^```ts\n([^]*?)^```$/m.exec(text)?.[1]
    // One that asks DashScope can ask the simulator; one that asks anybody else needs the Internet.
    const runs = program !== undefined && /\bEffect\.runPromise\b/.test(program) && program.includes("effect-dashscope")
    return { page, installs, program: runs ? program : undefined }
  })
