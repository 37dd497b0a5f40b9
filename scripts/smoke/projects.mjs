// Empty projects of a user, and what is installed in them.
import { mkdtempSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { readJson, run } from "./process.mjs"

const { packageManager } = readJson(dirname(fileURLToPath(import.meta.url)), "..", "..", "package.json")

export const managers = {
  npm: { init: ["npm", "init", "-y"], add: ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline"] },
  pnpm: { init: ["npx", "--yes", packageManager, "init"], add: ["npx", "--yes", packageManager, "add"] }
}

/** A word without its version or tag. */
const nameOf = (word) => word.replace(/(?<=.)@.*$/, "")

/** An empty project, with what is installed by these words; our names stand for our tarballs. */
export const install = async (temporary, manager, words, packed = []) => {
  const folder = mkdtempSync(join(temporary, `${manager}-`))
  const { add: [command, ...args], init: [initialise, ...initArgs] } = managers[manager]
  await run(initialise, initArgs, { cwd: folder })
  const named = packed.filter(({ name }) => words.some((word) => nameOf(word) === name))
  // Only what is not asked for by name is overridden: npm refuses to do both.
  const overrides = Object.fromEntries(
    packed.filter((each) => !named.includes(each)).map(({ name, tarball }) => [name, `file:${tarball}`])
  )
  const manifest = readJson(folder, "package.json")
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, private: true, ...(manager === "npm" ? { overrides } : { pnpm: { overrides } }) })
  )
  const asked = words.map((word) => named.find(({ name }) => name === nameOf(word))?.tarball ?? word)
  await run(command, [...args, ...asked], { cwd: folder })
  return folder
}
