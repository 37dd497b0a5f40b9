import { assert, describe, it } from "@effect/vitest"
import { marked, stateOf } from "../src/translations.js"

describe("the mark of a translation", () => {
  const english = "# Start\n\nHello.\n"
  const chinese = "# 开始\n\n你好。\n"
  const same = marked(english, chinese)

  it("says that both are the same until one of them changes", () => {
    assert.strictEqual(stateOf(english, chinese), "never compared")
    assert.strictEqual(stateOf(english, same), "same")
    assert.strictEqual(stateOf(english + "More.\n", same), "English is newer")
    assert.strictEqual(stateOf(english, same + "更多。\n"), "Chinese is newer")
    assert.strictEqual(stateOf(english + "More.\n", same + "更多。\n"), "both have changed")
  })

  it("is renewed", () => {
    const changed = english + "More.\n"
    const again = marked(changed, same)
    assert.strictEqual(stateOf(changed, again), "same")
    assert.lengthOf(again.match(/^translates: /gm) ?? [], 1)
  })

  it("goes into the front matter that a page has", () => {
    const page = "---\nlayout: home\n---\n\n# 开始\n"
    const own = marked("---\nlayout: home\n---\n\n# Start\n", page)
    assert.match(own, /^---\ntranslates: [0-9a-f]{12} [0-9a-f]{12}\nlayout: home\n---\n\n# 开始\n$/)
    assert.strictEqual(stateOf("---\nlayout: home\n---\n\n# Start\n", own), "same")
  })
})
