// Runs before a package is published: who finds it on npm must find its source, and where to report a fault.
import { readFileSync } from "node:fs"

const manifest = JSON.parse(readFileSync("package.json", "utf8"))
const missing = ["repository", "bugs"].filter((field) => manifest[field] === undefined)

if (missing.length > 0) {
  console.error(
    `${manifest.name} has no ${missing.map((field) => `"${field}"`).join(" and no ")} in its package.json. ` +
      "Enter the address of the repository (with \"directory\") and of its issues before publishing."
  )
  process.exitCode = 1
}
