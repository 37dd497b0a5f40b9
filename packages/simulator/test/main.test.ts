import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { bundle } from "../../../scripts/bundle.js"
import { ask } from "./helpers.js"

const programs = await bundle(new URL("../src/main.ts", import.meta.url))
afterAll(programs.remove)

/** Runs the command; the first line of what it prints, and what is left to do with it. */
const run = (...flags: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [programs.path("main"), ...flags], { stdio: ["ignore", "pipe", "pipe"] })
      let printed = ""
      child.stdout.setEncoding("utf8").on("data", (part: string) => printed += part)
      child.stderr.setEncoding("utf8").on("data", (part: string) => printed += part)
      const exit = new Promise<number | null>((resolve) => child.once("close", resolve))
      const line = new Promise<string>((resolve) => {
        const check = () => printed.includes("\n") && resolve(printed.slice(0, printed.indexOf("\n")))
        child.stdout.on("data", check)
        child.stderr.on("data", check)
      })
      return {
        child,
        line: Effect.promise(() => line),
        exit: Effect.promise(() => exit),
        printed: () => printed
      }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("the command", () => {
  it.scopedLive("prints its URL, serves, and quits cleanly on a signal", () =>
    Effect.gen(function*() {
      const { child, exit, line } = yield* run("--api-key", "one", "--behavior", "{\"padAnswerTo\":2000}")
      const url = yield* line
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/)
      const { origin } = new URL(url)
      assert.strictEqual((yield* ask(origin)).status, 401)
      const reply = yield* ask(origin, { headers: { authorization: "Bearer one" } })
      assert.strictEqual(reply.text.length, 2000)
      child.kill("SIGTERM")
      assert.strictEqual(yield* exit, 0)
    }))

  it.scopedLive("says what is wrong with its flags", () =>
    Effect.gen(function*() {
      const { exit, printed } = yield* run("--rate-limit", "many")
      assert.strictEqual(yield* exit, 2)
      assert.match(printed(), /--rate-limit takes/)
    }))
})
