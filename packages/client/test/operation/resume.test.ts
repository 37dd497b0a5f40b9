import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Resume from "../../src/internal/operation/resume.js"

const known: Resume.Known = {
  total: 100,
  etag: "\"a\"",
  lastModified: "yesterday",
  mediaType: "image/png",
  isEncoded: false
}
const same = { "etag": "\"a\"", "last-modified": "yesterday" }

describe("a download that goes on", () => {
  it("asks for what is missing, of the same file", () => {
    assert.deepStrictEqual(Resume.headersOf(undefined, 0), { "accept": "*/*", "accept-encoding": "identity" })
    assert.deepInclude(Resume.headersOf(known, 40), { "range": "bytes=40-", "if-range": "\"a\"" })
    // Where no ETag vouches for them, the last bytes are asked for once more.
    const weak = { ...known, etag: "W/\"a\"" }
    assert.deepInclude(Resume.headersOf(weak, 5000), { "range": "bytes=3976-", "if-range": "yesterday" })
    assert.deepInclude(Resume.headersOf(weak, 40), { range: "bytes=0-" })
    assert.notProperty(Resume.headersOf({ ...known, etag: undefined, lastModified: undefined }, 40), "if-range")
  })

  it("takes the first answer for the file", () => {
    const verdict = Resume.judge(undefined, 0, 200, { ...same, "content-length": "100", "content-type": "image/png" })
    assert.deepStrictEqual(verdict, { _tag: "Body", known, skip: 0 })
    // Nothing of it had come, so another file is no harm.
    assert.deepInclude(Resume.judge(known, 0, 200, { etag: "\"b\"", "content-length": "7" }), { _tag: "Body", skip: 0 })
    assert.strictEqual(Resume.judge(undefined, 0, 206, {})._tag, "Changed")
  })

  const goesOn: ReadonlyArray<readonly [string, Resume.Known, number, Resume.Headers, number]> = [
    ["a part", known, 206, { ...same, "content-range": "bytes 40-99/100" }, 0],
    ["a part that does not reach the end", known, 206, { ...same, "content-range": "bytes 40-49/100" }, 0],
    ["a part of an unknown whole", known, 206, { ...same, "content-range": "bytes 40-99/*" }, 0],
    ["the whole again", known, 200, { ...same, "content-length": "100" }, 40],
    [
      "a part, where only the length is known",
      { ...known, etag: undefined, lastModified: undefined },
      206,
      { "content-range": "bytes 0-99/100" },
      40
    ]
  ]
  for (const [name, file, status, headers, skip] of goesOn) {
    it(`takes ${name}`, () => {
      assert.deepInclude(Resume.judge(file, 40, status, headers), { _tag: "Body", skip })
    })
  }

  const refused: ReadonlyArray<readonly [string, number, Resume.Headers, RegExp]> = [
    ["another ETag", 206, { ...same, "etag": "\"b\"", "content-range": "bytes 40-99/100" }, /ETag/],
    ["no ETag any more", 206, { "content-range": "bytes 40-99/100" }, /ETag/],
    ["another length", 206, { ...same, "content-range": "bytes 40-119/120" }, /length/],
    ["a whole of another length", 200, { ...same, "content-length": "120" }, /length/],
    ["a whole of another ETag", 200, { "etag": "\"b\"", "content-length": "100" }, /ETag/],
    ["another part", 206, { ...same, "content-range": "bytes 0-99/100" }, /another part/],
    ["a part that does not say which", 206, same, /another part/],
    ["a coding", 206, { ...same, "content-range": "bytes 40-99/100", "content-encoding": "gzip" }, /coding/],
    ["less than there was", 416, { "content-range": "bytes */30" }, /not have so much/]
  ]
  for (const [name, status, headers, said] of refused) {
    it(`refuses ${name}`, () => {
      const verdict = Resume.judge(known, 40, status, headers)
      assert.strictEqual(verdict._tag, "Changed")
      assert.match(verdict._tag === "Changed" ? verdict.description : "", said)
    })
  }

  it("refuses another time of change, where there is no ETag", () => {
    const file = { ...known, etag: undefined }
    const headers = { "last-modified": "today", "content-range": "bytes 0-99/100" }
    assert.strictEqual(Resume.judge(file, 40, 206, headers)._tag, "Changed")
    assert.strictEqual(Resume.judge(file, 40, 206, { ...headers, "last-modified": "yesterday" })._tag, "Body")
  })

  it("is complete where the host has no more than there is", () => {
    assert.strictEqual(
      Resume.judge({ ...known, total: undefined }, 40, 416, { "content-range": "bytes */40" })._tag,
      "Complete"
    )
  })

  it("does not where nothing tells the file from another, or its bytes are coded", () => {
    const bare = { ...known, total: undefined, etag: undefined, lastModified: undefined }
    assert.isFalse(Resume.isResumable(bare, 1))
    assert.isTrue(Resume.isResumable(bare, 0))
    assert.isTrue(Resume.isResumable({ ...bare, total: 9 }, 1))
    assert.isFalse(Resume.isResumable({ ...known, isEncoded: true }, 1))
    assert.isTrue(Resume.isResumable(undefined, 0))
  })

  const bytes = FastCheck.uint8Array({ minLength: 1, maxLength: 3000 })

  it.prop(
    "compares the last bytes there are, however the others come",
    [bytes, FastCheck.nat(), FastCheck.nat(), FastCheck.integer({ min: 1, max: 500 }), FastCheck.nat()],
    ([file, cut, start, size, spoilt]) => {
      const received = cut % (file.length + 1)
      const from = start % (received + 1)
      let tail: Uint8Array = new Uint8Array(0)
      for (let at = 0; at < received; at += size) {
        tail = Resume.tailOf(tail, file.subarray(at, Math.min(received, at + size)))
      }
      assert.deepStrictEqual([...tail], [...file.subarray(Math.max(0, received - 1024), received)])
      const rest = (source: Uint8Array) => {
        const skip = new Resume.Skip(received - from, tail)
        const out: Array<number> = []
        for (let at = from; at < source.length; at += size) {
          const fresh = skip.rest(source.subarray(at, at + size))
          if (fresh === undefined) return undefined
          out.push(...fresh)
        }
        return out
      }
      assert.deepStrictEqual(rest(file), [...file.subarray(received)])
      const compared = Math.min(received - from, tail.length)
      if (compared === 0) return
      const other = Uint8Array.from(file)
      const place = received - 1 - spoilt % compared
      other[place] = 255 - (other[place] ?? 0)
      assert.isUndefined(rest(other))
    }
  )

  it.prop(
    "waits longer with each break, and never long",
    [FastCheck.nat(1000), FastCheck.double({ min: 0, max: 1, noNaN: true })],
    ([n, random]) => {
      const pause = Resume.pauseMillis(n, random)
      assert.isAtLeast(pause, 75)
      assert.isAtMost(pause, 12_500)
      assert.isAtLeast(Resume.pauseMillis(n + 2, 0), pause * 0.6)
    }
  )
})
