// Child processes of the smoke test, and what it checks with.
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const readJson = (...path) => JSON.parse(readFileSync(join(...path), "utf8"))

export const check = (condition, message) => {
  if (!condition) throw new Error(message)
}

/** The environment without what the package manager that runs us says of itself. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))

/** Runs a command to its end; one that may not fail is an error where it does. */
export const run = (command, args, { cwd, env = {}, mayFail = false } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 300_000,
      // npm and npx are scripts there.
      shell: process.platform === "win32" && command !== process.execPath
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text) => stdout += text)
    child.stderr.setEncoding("utf8").on("data", (text) => stderr += text)
    child.once("error", reject)
    child.once("close", (code) => {
      const output = stdout + stderr
      if (code === 0 || mayFail) resolve({ code, stdout, stderr, output })
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}\n${output}`))
    })
  })

/** Starts a command that goes on, and waits for a line of its output. */
export const start = (command, args, { cwd, pattern }) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "inherit"] })
    let stdout = ""
    child.once("error", reject)
    child.once("close", (code) => reject(new Error(`${command} ended with ${code} before it said ${pattern}`)))
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text
      const found = pattern.exec(stdout)
      if (found !== null) resolve({ found: found[0], stop: () => child.kill() })
    })
  })
