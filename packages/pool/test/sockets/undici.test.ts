import { assert, describe, it } from "@effect/vitest"
import { unfit, unfitOf } from "../../src/internal/sockets/undici.js"

describe("the undici that is there", () => {
  it.each<[Record<string, string>, string | undefined, string | undefined]>([
    [{ node: "22.0.0" }, "7.30.2", undefined],
    [{ node: "22.0.0" }, undefined, undefined],
    [{ node: "22.0.0", deno: "2.5.0" }, "7.30.2", undefined],
    [{ node: "22.0.0" }, "8.12.4", "needs undici 7, and found 8.12.4"],
    [{ node: "22.0.0" }, "6.29.1", "needs undici 7, and found 6.29.1"],
    [{ node: "22.0.0" }, "70.0.0", "needs undici 7"],
    [{ node: "22.0.0", bun: "1.3.0" }, "7.30.2", "FetchHttpClient.layer"]
  ])("%o with undici %s", (versions, undici, expected) => {
    const found = unfitOf(versions, undici)
    if (expected === undefined) assert.isUndefined(found)
    else assert.include(found, expected)
  })

  it("is the right one here", () => {
    assert.isUndefined(unfit())
  })
})
