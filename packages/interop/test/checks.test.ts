import { assert, describe, it } from "@effect/vitest"
import { readChecks } from "../src/internal/checks.js"

const ended = (stdout: string, exitCode: number | undefined, stderr = "") => ({ stdout, stderr, exitCode })

const problems = (checks: ReturnType<typeof readChecks>) => checks.flatMap(({ problem }) => problem ?? [])

describe("readChecks", () => {
  it("reads what a program says, among other lines", () => {
    const checks = readChecks(ended("hello\nok call: content\r\nFAIL call: usage\texpected 1, got: 2\nend 2\n", 1))
    assert.deepStrictEqual(checks, [
      { name: "call: content", problem: undefined },
      { name: "call: usage", problem: "expected 1, got: 2" }
    ])
  })

  it("does not believe a program that died", () => {
    const checks = readChecks(ended("ok a\n", 1, "Traceback\nAttributeError: x\n"))
    assert.deepStrictEqual(problems(checks), [
      "it ended with code 1 before it was done: Traceback / AttributeError: x"
    ])
  })

  it("does not believe one that was stopped", () => {
    assert.deepStrictEqual(problems(readChecks(ended("ok a\nend 1\n", undefined))), [
      "it was stopped, since it took too long"
    ])
  })

  it("counts after it", () => {
    assert.deepStrictEqual(problems(readChecks(ended("ok a\nend 2\n", 0))), [
      "it announced 2 checks, and 1 were read"
    ])
  })

  it("does not believe an exit code that contradicts the lines", () => {
    assert.deepStrictEqual(problems(readChecks(ended("ok a\nend 1\n", 3))), ["it ended with code 3"])
    assert.deepStrictEqual(problems(readChecks(ended("FAIL a\tno\nend 1\n", 0))), ["no", "it ended with code 0"])
  })
})
