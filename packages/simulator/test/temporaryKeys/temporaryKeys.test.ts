import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { State } from "../../src/internal/server/state.js"
import { addTemporaryKey, isTemporaryKey } from "../../src/internal/server/temporaryKeys.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const token = (query = "") => ({ path: `/api/v1/tokens${query}`, body: "" })

describe("temporary keys", () => {
  it.scopedLive("open what their key opens", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ apiKeys: ["key"] })
      const made = yield* answered(origin, token("?expire_in_seconds=1800"))
      const key = String(at(made, "token"))
      assert.match(key, /^st-/)
      assert.isAtLeast(Number(at(made, "expires_at")), Math.floor(Date.now() / 1000) + 1790)
      assert.sameMembers(Object.keys(made as object), ["token", "expires_at"])
      assert.strictEqual((yield* ask(origin, { headers: { authorization: `Bearer ${key}` } })).status, 200)
      assert.include(yield* refused(origin, { headers: { authorization: "Bearer st-other" } }), "401 InvalidApiKey")
      const other = yield* Simulator.make({ apiKeys: ["key"] })
      assert.include(yield* refused(other.origin, { headers: { authorization: `Bearer ${key}` } }), "401 InvalidApiKey")
      assert.include(yield* refused(origin, { ...token(), headers: { authorization: "Bearer wrong" } }), "401")
      for (const seconds of ["0", "1801", "x", "1.5"]) {
        assert.include(yield* refused(origin, token(`?expire_in_seconds=${seconds}`)), "400 InvalidParameter")
      }
    }))

  it("end", () => {
    const state = new State()
    addTemporaryKey(state, "st-1", 1000)
    assert.deepStrictEqual(
      [isTemporaryKey(state, "st-1", 999), isTemporaryKey(state, "st-1", 1000), isTemporaryKey(state, "sk-1", 0)],
      [true, false, undefined]
    )
  })
})
