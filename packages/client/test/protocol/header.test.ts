import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { readFileSync } from "node:fs"
import * as Header from "../../src/internal/protocol/header.js"
import { userAgent } from "../../src/internal/protocol/userAgent.js"
import { version } from "../../src/internal/protocol/version.js"
import { codePoint } from "../util/codePoints.js"

describe("headers", () => {
  const rows: ReadonlyArray<readonly [name: string, value: unknown, isLegal: boolean]> = [
    ["X-Custom", "value", true],
    ["X-Custom", "", true],
    ["X-Custom", "tab\tand é", true],
    ["X-Custom", "a\r\nInjected: 1", false],
    ["X-Custom", "a\nb", false],
    ["X-Custom", "a\u0000", false],
    ["X-Custom", "你好", false],
    ["X-Custom", 1, false],
    ["", "value", false],
    ["X Custom", "value", false],
    ["X-Custom:", "value", false],
    ["X-Custom\r\nInjected", "value", false],
    ["Content-Length", "1", false],
    ["transfer-encoding", "chunked", false],
    ["Host", "evil.test", false]
  ]

  it.each(rows)("%j: %j is legal: %s", (name, value, isLegal) => {
    assert.strictEqual(Header.headerProblem(name, value) === undefined, isLegal)
  })

  it("that are legal are legal for fetch", () => {
    const name = FastCheck.string({ minLength: 1, maxLength: 8 })
    const value = FastCheck.string({ unit: codePoint, maxLength: 8 })
    FastCheck.assert(
      FastCheck.property(name, value, (name, value) => {
        FastCheck.pre(Header.headerProblem(name, value) === undefined)
        assert.strictEqual(new Headers([[name, value]]).get(name), value.replace(/^[\t ]+|[\t ]+$/g, ""))
      })
    )
  })

  it("with secrets are known by their names", () => {
    for (
      const name of [
        "Authorization",
        "X-DashScope-ApiKey",
        "x-api-key",
        "Cookie",
        "X-DashScope-EncryptionKey",
        "X-Token"
      ]
    ) {
      assert.isTrue(Header.isSensitive(name), name)
    }
    for (const name of ["X-DashScope-WorkSpace", "Accept", "X-DashScope-SSE", "User-Agent"]) {
      assert.isFalse(Header.isSensitive(name), name)
    }
  })
})

describe("paths", () => {
  const rows: ReadonlyArray<readonly [path: string, isLegal: boolean]> = [
    ["/services/aigc/text-generation/generation", true],
    ["/tasks/1b9f2c34-0000", true],
    ["/files/a%2Fb", true],
    ["/tasks/../files", false],
    ["/tasks/%2e%2E/files", false],
    ["/tasks/.", false],
    ["/tasks/..well", true],
    ["tasks", false],
    ["//evil.test/", false],
    ["/tasks/1?x=1", false],
    ["/tasks/1#x", false],
    ["/tasks/1\r\n", false],
    ["/tasks/你", false]
  ]

  it.each(rows)("%j is legal: %s", (path, isLegal) => {
    assert.strictEqual(Header.pathProblem(path) === undefined, isLegal)
  })
})

describe("the User-Agent", () => {
  it("has the form of the official SDKs", () => {
    const node = { process: { versions: { node: "20.18.1" }, platform: "linux", arch: "x64" } }
    const base = `effect-dashscope/${version}; node/20.18.1; platform/linux; processor/x64`
    assert.strictEqual(userAgent(node, undefined), base)
    assert.strictEqual(userAgent(node, "my-app/2"), `${base}; my-app/2`)
  })

  it("names the runtime that runs, not the one it imitates", () => {
    const process = { versions: { node: "22.0.0", bun: "1.2.3" }, platform: "darwin", arch: "arm64" }
    assert.include(userAgent({ process }, ""), "; bun/1.2.3; platform/darwin; processor/arm64")
    assert.include(
      userAgent({ process: { versions: { node: "22.0.0" } }, Deno: { version: { deno: "2.1.0" } } }, ""),
      "; deno/2.1.0; platform/unknown"
    )
    assert.include(userAgent({}, ""), "; javascript/unknown; platform/unknown; processor/unknown")
    assert.include(userAgent({ process: { versions: { node: "a\r\nb" } } }, ""), "; javascript/unknown")
  })

  it("has the version of the package", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string
    }
    assert.strictEqual(version, manifest.version)
  })
})
