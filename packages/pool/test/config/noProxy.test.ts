import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as NoProxy from "../../src/internal/config/noProxy.js"
import { originOf } from "../../src/internal/config/origin.js"
import { proxyFromEnvironment } from "../../src/internal/config/proxy.js"

const covers = (entries: string, url: string) => NoProxy.make(entries.split(/[\s,]+/)).covers(originOf(new URL(url)))

const rows: ReadonlyArray<readonly [entries: string, url: string, covered: boolean]> = [
  ["", "http://example.com", false],
  ["*", "http://example.com", true],
  ["example.com", "http://example.com", true],
  ["example.com", "http://EXAMPLE.com.", true],
  ["example.com", "http://api.example.com", true],
  ["example.com", "http://notexample.com", false],
  [".example.com", "http://example.com", true],
  ["*.example.com", "http://api.example.com", true],
  ["example.com.", "http://example.com", true],
  ["other.com, example.com", "http://example.com", true],
  ["other.com example.com", "http://example.com", true],
  ["example.com:443", "https://example.com", true],
  ["example.com:443", "http://example.com", false],
  ["example.com:8080", "http://api.example.com:8080", true],
  ["127.0.0.1", "http://127.0.0.1", true],
  ["127.0.0.1", "http://127.0.0.2", false],
  ["127.0.0.1:80", "http://127.0.0.1", true],
  ["127.0.0.1:81", "http://127.0.0.1", false],
  ["127.0.0.0/8", "http://127.200.3.4", true],
  ["10.0.0.0/8", "http://127.0.0.1", false],
  ["10.1.0.0/16", "http://10.1.255.255", true],
  ["10.1.0.0/16", "http://10.2.0.0", false],
  ["0.0.0.0/0", "http://10.2.0.0", true],
  ["0.0.0.0/0", "http://example.com", false],
  ["10.0.0.0/33", "http://10.0.0.1", false],
  ["10.0.0.0/x", "http://10.0.0.1", false],
  ["::1", "http://[::1]", true],
  ["[::1]", "http://[::1]", true],
  ["[::1]:8080", "http://[::1]:8080", true],
  ["[::1]:8080", "http://[::1]", false],
  ["0:0:0:0:0:0:0:1", "http://[::1]", true],
  ["::1/128", "http://[::1]", true],
  ["fd00::/8", "http://[fd12:3456::1]", true],
  ["fd00::/8", "http://[fe80::1]", false],
  ["::/0", "http://127.0.0.1", false],
  ["[fd00::]/8", "http://[fd12:3456::1]", true],
  ["[fd00::]/8:80", "http://[fd12:3456::1]", true],
  ["[fd00::]/8:81", "http://[fd12:3456::1]", false],
  ["[fd00::]/129", "http://[fd12:3456::1]", false],
  ["10.0.0.0/8:8080", "http://10.1.2.3:8080", true],
  ["10.0.0.0/", "http://10.1.2.3", false],
  ["::ffff:10.1.2.3", "http://10.1.2.3", true],
  ["10.1.2.3", "http://[::ffff:10.1.2.3]", true],
  ["10.0.0.0/8", "http://[::ffff:a01:203]", true],
  ["0.0.0.0/0", "http://[fd00::1]", false],
  ["fe80::1%eth0", "http://[fe80::1]", true],
  ["3", "http://10.1.2.3", false],
  ["2.3", "http://10.1.2.3", false],
  [".", "http://example.com", false]
]

describe("NO_PROXY", () => {
  for (const [entries, url, covered] of rows) {
    it(`${JSON.stringify(entries)} ${covered ? "covers" : "does not cover"} ${url}`, () => {
      assert.strictEqual(covers(entries, url), covered)
    })
  }

  it("covers every spelling of the same address", () => {
    FastCheck.assert(FastCheck.property(FastCheck.ipV6(), FastCheck.ipV4(), (v6, v4) => {
      assert.isTrue(covers(v6, `http://[${v6}]/`))
      assert.isTrue(covers(`[${v6}]:80`, `http://[${v6}]/`))
      assert.isTrue(covers(v4, `http://[::ffff:${v4}]/`))
    }))
  })

  it("is read from variables, of which one that is set to blanks is not set", () => {
    const target = originOf(new URL("https://example.com"))
    assert.isUndefined(proxyFromEnvironment(target, { HTTPS_PROXY: "  " }))
    assert.strictEqual(proxyFromEnvironment(target, { https_proxy: " ", HTTPS_PROXY: " http://a:1 " }), "http://a:1")
    assert.isUndefined(proxyFromEnvironment(target, { HTTPS_PROXY: "http://a:1", NO_PROXY: " a.com,,\texample.com " }))
  })

  it("takes any text for what it is", () => {
    FastCheck.assert(FastCheck.property(FastCheck.string({ maxLength: 40 }), (entry) => {
      assert.isBoolean(covers(entry, "http://example.com"))
      assert.isBoolean(covers(entry, "http://[::1]:8080"))
    }))
  })
})
