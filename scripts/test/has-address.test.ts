import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../has-address.mjs", import.meta.url))

const check = (manifest: object) => {
  const cwd = mkdtempSync(join(tmpdir(), "has-address-"))
  try {
    writeFileSync(join(cwd, "package.json"), JSON.stringify(manifest))
    const { status, stderr } = spawnSync(process.execPath, [program], { cwd, encoding: "utf8" })
    return { status, stderr }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

describe("before publishing", () => {
  it("wants to know where the source is, and where faults are reported", () => {
    const { status, stderr } = check({
      name: "a-package",
      repository: { type: "git", url: "git+https://host.example/r.git" }
    })
    assert.strictEqual(status, 1)
    assert.include(stderr, "a-package has no \"bugs\" in its package.json")
    assert.include(check({ name: "a-package" }).stderr, "no \"repository\" and no \"bugs\"")
  })

  it("lets a package with both pass", () => {
    assert.deepStrictEqual(check({ name: "a-package", repository: "host:owner/name", bugs: "https://host.example" }), {
      status: 0,
      stderr: ""
    })
  })
})
