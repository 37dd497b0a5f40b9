import { assert, describe, it } from "@effect/vitest"
import { ResultFile, Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { createHash } from "node:crypto"
import { bytesAt } from "../tasks/submit.js"

const whole = Buffer.from("The quick brown fox jumps over the lazy dog.")
const of = (from: number, to: number) => Buffer.concat([...ResultFile.bytes(from, to)])

/** How much of a body arrives. */
const arriving = (url: string, headers: Record<string, string> = {}) =>
  Effect.promise(async () => {
    const response = await fetch(url, { headers })
    let bytes = 0
    let broken = false
    try {
      for await (const piece of response.body ?? []) bytes += (piece as Uint8Array).length
    } catch {
      broken = true
    }
    return { bytes, broken, length: Number(response.headers.get("content-length")) }
  })

describe("results", () => {
  it.scopedLive("are given whole and in parts", () =>
    Effect.gen(function*() {
      const { downloads, publish } = yield* Simulator.make()
      const url = yield* publish({ name: "fox.txt", content: whole, contentType: "text/plain" })
      const first = yield* bytesAt(url)
      assert.deepStrictEqual([first.status, first.bytes], [200, whole])
      const etag = first.headers.get("etag") ?? ""
      assert.strictEqual(etag, `"${createHash("md5").update(whole).digest("hex").toUpperCase()}"`)
      assert.strictEqual(first.headers.get("accept-ranges"), "bytes")
      assert.strictEqual(first.headers.get("content-length"), String(whole.length))
      const cases = [
        [{ range: "bytes=4-8" }, 206, "quick"],
        [{ range: "bytes=40-" }, 206, "dog."],
        [{ range: "bytes=-4" }, 206, "dog."],
        [{ range: "bytes=40-", "if-range": etag }, 206, "dog."],
        [{ range: "bytes=40-", "if-range": "\"other\"" }, 200, whole.toString()],
        [{ range: "bytes=40-", "if-match": "\"other\"" }, 412, undefined],
        [{ range: "bytes=44-" }, 416, undefined],
        [{ authorization: "Bearer key" }, 400, undefined]
      ] as const
      for (const [headers, status, text] of cases) {
        const answer = yield* bytesAt(url, headers)
        assert.strictEqual(answer.status, status, JSON.stringify(headers))
        if (text !== undefined) assert.strictEqual(answer.bytes.toString(), text)
      }
      const seen = yield* downloads
      assert.deepStrictEqual(seen.map(({ status }) => status), [200, ...cases.map(([, status]) => status)])
      assert.lengthOf(seen.filter(({ authorization }) => authorization), 1)
    }))

  it.scopedLive("break off, and go on", () =>
    Effect.gen(function*() {
      const { publish } = yield* Simulator.make()
      for (const breakBy of ["reset", "close"] as const) {
        const url = yield* publish({ content: 1_000_000, breakAfter: 300_000, breakTimes: 2, breakBy })
        for (const [headers, length] of [[{}, 1_000_000], [{ range: "bytes=300000-" }, 700_000]] as const) {
          const arrived = yield* arriving(url, headers)
          assert.deepInclude(arrived, { broken: true, length })
          // A reset takes with it what has not been read.
          assert.isTrue(breakBy === "close" ? arrived.bytes === 300_000 : arrived.bytes <= 300_000)
        }
        const rest = yield* bytesAt(url, { range: "bytes=600000-" })
        assert.strictEqual(rest.headers.get("content-range"), "bytes 600000-999999/1000000")
        assert.isTrue(rest.bytes.equals(of(600_000, 1_000_000)))
      }
    }))

  it.scopedLive("are other ones when they are asked for again, where that is wanted", () =>
    Effect.gen(function*() {
      const { publish } = yield* Simulator.make()
      const again = (kind: ResultFile.Again, content: Uint8Array | number = 1000) =>
        Effect.gen(function*() {
          const url = yield* publish({ content, again: kind })
          const { bytes, headers } = yield* bytesAt(url)
          const etag = headers.get("etag") ?? ""
          const next = yield* bytesAt(url, { range: "bytes=10-", "if-range": etag })
          return {
            status: next.status,
            isSameTag: next.headers.get("etag") === etag,
            range: next.headers.get("content-range"),
            isSame: next.bytes.equals(bytes.subarray(next.status === 206 ? 10 : 0))
          }
        })
      const range = "bytes 10-999/1000"
      assert.deepStrictEqual(yield* again("same"), { status: 206, isSameTag: true, range, isSame: true })
      assert.deepStrictEqual(yield* again("changed"), { status: 200, isSameTag: false, range: null, isSame: false })
      for (const content of [1000, Buffer.alloc(1000, 7)]) {
        assert.deepStrictEqual(yield* again("mixed", content), { status: 206, isSameTag: false, range, isSame: false })
        assert.deepInclude(yield* again("longer", content), { isSameTag: true, range: "bytes 10-1999/2000" })
      }
      assert.deepStrictEqual(yield* again("whole"), { status: 200, isSameTag: true, range: null, isSame: true })
      assert.deepInclude(yield* again("expired"), { status: 403 })
      const bare = yield* bytesAt(yield* publish({ content: 10, untagged: true, unmeasured: true }))
      assert.deepStrictEqual([bare.headers.get("etag"), bare.headers.get("content-length")], [null, null])
    }))

  it.scoped("are good until their time is over", () =>
    Effect.gen(function*() {
      const { publish } = yield* Simulator.make({ clock: yield* Effect.clock })
      const url = yield* publish({ content: whole, expiresInSeconds: 60 })
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* bytesAt(url)).status, 200)
      yield* TestClock.adjust("1 second")
      const { bytes, status } = yield* bytesAt(url)
      assert.strictEqual(status, 403)
      assert.include(bytes.toString(), "<Code>AccessDenied</Code>")
      assert.include(bytes.toString(), "Request has expired.")
      const longer = yield* bytesAt(url.replace("Expires=60", "Expires=6000"))
      assert.include(longer.bytes.toString(), "SignatureDoesNotMatch")
    }))
})
