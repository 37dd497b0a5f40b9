import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { complaint, run } from "../src/internal/command.js"

const node = (script: string, options: Partial<Parameters<typeof run>[2]> = {}) =>
  run(process.execPath, ["-e", script], { timeout: "20 seconds", ...options })

describe("run", () => {
  it.live("gives what a command writes, and its exit code", () =>
    Effect.gen(function*() {
      const ended = yield* node("console.log('出'); console.error('err'); process.exitCode = 3")
      assert.deepStrictEqual(ended, { stdout: "出\n", stderr: "err\n", exitCode: 3 })
      assert.strictEqual(complaint(ended, "1 second"), "err")
    }))

  it.live("gives it nothing to read", () =>
    Effect.gen(function*() {
      const ended = yield* node("process.stdin.on('data', () => {}).on('end', () => console.log('end'))")
      assert.strictEqual(ended.stdout, "end\n")
    }))

  it.live("gives it the environment it is told, and no other", () =>
    Effect.gen(function*() {
      const ended = yield* node("console.log(process.env.MINE, process.env.PATH)", { env: { MINE: "1" } })
      assert.strictEqual(ended.stdout, "1 undefined\n")
    }))

  it.live("stops one that takes too long, and keeps what it wrote", () =>
    Effect.gen(function*() {
      const script = "console.log(process.pid); setInterval(() => {}, 1000)"
      const ended = yield* node(script, { timeout: "1 second" })
      assert.isUndefined(ended.exitCode)
      assert.strictEqual(complaint(ended, "1 second"), "stopped after 1s")
      const pid = Number(ended.stdout)
      assert.isAbove(pid, 0)
      assert.throws(() => process.kill(pid, 0), /ESRCH/)
    }))

  it.live("tells of one that is not there", () =>
    Effect.gen(function*() {
      const ended = yield* run("no-such-command-anywhere", [], { timeout: "5 seconds" })
      assert.strictEqual(ended.exitCode, 127)
      assert.strictEqual(complaint(ended, "5 seconds"), "there is no no-such-command-anywhere on this machine")
    }))

  it.live("says by which signal one ended, and keeps what it wrote", () =>
    Effect.gen(function*() {
      const ended = yield* node("console.log('out'); process.kill(process.pid, 'SIGKILL')")
      assert.deepStrictEqual(ended, { stdout: "out\n", stderr: "\nended by SIGKILL", exitCode: 128 })
    }))
})
