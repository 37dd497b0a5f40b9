import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { script } from "../src/internal/script.js"

describe("the script", () => {
  it("has the hash that it is named by", () => {
    assert.strictEqual(script.sha, createHash("sha1").update(script.text).digest("hex"))
  })
})
