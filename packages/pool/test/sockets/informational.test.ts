import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { InformationalAnswers } from "../../src/internal/sockets/informational.js"

const answers = [
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  "HTTP/1.0 503 X\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
  "no HTTP at all, but long enough",
  "HTTP/2 100\r\n\r\n"
]
const signs = FastCheck.constantFrom(
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.0 100\r\n\r\n",
  "HTTP/1.1 102 Processing\r\nx: y\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nlink: </b>\r\n\r\n"
)

const feed = (pieces: ReadonlyArray<Buffer>) => {
  const informational = new InformationalAnswers()
  let passed = ""
  for (const piece of pieces) passed += informational.pass(piece)?.toString() ?? ""
  return { passed, seen: informational.takeSeen(), isHolding: informational.isHolding }
}

describe("InformationalAnswers", () => {
  it("are passed over, however many there are and wherever they are cut", () => {
    FastCheck.assert(FastCheck.property(
      FastCheck.array(signs, { maxLength: 4 }),
      FastCheck.constantFrom(...answers),
      FastCheck.array(FastCheck.nat(), { maxLength: 8 }),
      (before, answer, cuts) => {
        const bytes = Buffer.from(before.join("") + answer)
        const places = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b)
        const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
        // Once the head of the answer has come, nobody asks any more.
        assert.deepStrictEqual(feed(pieces), { passed: answer, seen: before.length, isHolding: false })
      }
    ))
  })

  it("are held only while they may be any", () => {
    const whole = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n")
    for (let end = 1; end < whole.length; end++) {
      assert.deepStrictEqual(feed([whole.subarray(0, end)]), { passed: "", seen: 0, isHolding: true })
    }
    assert.deepStrictEqual(feed([Buffer.from("HTTP/1.1 2")]), { passed: "HTTP/1.1 2", seen: 0, isHolding: false })
  })

  it("that do not end are left to the parser", () => {
    const endless = [Buffer.from("HTTP/1.1 103 x\r\n"), ...Array.from({ length: 20 }, () => Buffer.alloc(1024, "a"))]
    assert.isFalse(feed(endless).isHolding)
    assert.isAbove(feed(endless).passed.length, 16 * 1024)
  })
})
