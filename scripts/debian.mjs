// `node scripts/debian.mjs chromium redis-server …` installs the packages of Debian that some tests need beside npm's, where
// that can be done here: as root, with apt-get. Elsewhere it says so, and those tests skip themselves, visibly.
import { spawnSync } from "node:child_process"

const has = (command) => spawnSync("which", [command], { stdio: "ignore" }).status === 0

/** A package is not always named as its command. */
const isInstalled = (name) =>
  spawnSync("dpkg-query", ["-W", "-f", "${Status}", name], { encoding: "utf8" }).stdout === "install ok installed"

const missing = process.argv.slice(2).filter((name) => !has(name) && !isInstalled(name))
if (missing.length > 0) {
  const aptGet = (...args) =>
    spawnSync("apt-get", ["-qq", ...args], { stdio: ["ignore", "ignore", "inherit"] }).status === 0
  const installed = has("apt-get") && process.getuid?.() === 0 && aptGet("update") &&
    aptGet("install", "-y", "--no-install-recommends", ...missing)
  if (!installed) console.warn(`Cannot be had here: ${missing.join(", ")}. The tests that need it are skipped.`)
}
