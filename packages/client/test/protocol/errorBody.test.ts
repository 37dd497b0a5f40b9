import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { excerpt, scrub } from "../../src/internal/core/secrets.js"
import { parse } from "../../src/internal/protocol/errorBody.js"
import { codePoint } from "../util/codePoints.js"

const id = "1b9f2c34-0000-4000-8000-00000000000a"
const native = { code: "InvalidApiKey", message: "The key is not valid.", request_id: id }
const parsed = { code: "InvalidApiKey", message: "The key is not valid.", requestId: id }

const rows: ReadonlyArray<readonly [name: string, body: string, expected: ReturnType<typeof parse>]> = [
  ["the native form", JSON.stringify(native), parsed],
  ["a byte order mark", `\ufeff${JSON.stringify(native)}`, parsed],
  [
    "a nested error with requestId",
    JSON.stringify({ requestId: id, error: { code: "InvalidApiKey", message: "The key is not valid." } }),
    parsed
  ],
  [
    "a nested error beside empty top-level fields",
    JSON.stringify({ code: "", message: "", request_id: id, error: { code: "A", message: "b" } }),
    { code: "A", message: "b", requestId: id }
  ],
  [
    "a top-level code goes before a nested one",
    JSON.stringify({ ...native, error: { code: "A", message: "b" } }),
    parsed
  ],
  [
    "OpenAI's form",
    JSON.stringify({ error: { message: "No such model.", type: "invalid_request_error", code: "model_not_found" } }),
    { code: "model_not_found", message: "No such model.", requestId: undefined }
  ],
  [
    "OpenAI's form with a null code",
    JSON.stringify({ error: { message: "Bad purpose.", type: "invalid_request_error", param: "purpose", code: null } }),
    { code: "invalid_request_error", message: "Bad purpose.", requestId: undefined }
  ],
  [
    "a number for a code, and msg",
    JSON.stringify({ code: 40012, msg: "No such file.", message: "other" }),
    { code: "40012", message: "No such file.", requestId: undefined }
  ],
  [
    "an event stream",
    `id:1\nevent:error\n:HTTP_STATUS/400\ndata:${JSON.stringify(native)}\n\n`,
    parsed
  ],
  [
    "an event stream with spaces and CRLF",
    `id: 1\r\nevent: error\r\ndata: ${JSON.stringify(native)}\r\n\r\n`,
    parsed
  ],
  [
    "an error that is a text",
    JSON.stringify({ status: 404, error: "Not Found" }),
    { code: "", message: "Not Found", requestId: undefined }
  ],
  ["an empty body", "", { code: "", message: "the answer has no body", requestId: undefined }],
  ["blanks", " \r\n ", { code: "", message: "the answer has no body", requestId: undefined }],
  [
    "a page",
    "<html>\n  <title>502 Bad Gateway</title>\u001b[31m</html>",
    { code: "", message: "<html> <title>502 Bad Gateway</title> [31m</html>", requestId: undefined }
  ],
  ["an empty object", "{}", { code: "", message: "{}", requestId: undefined }],
  ["a list", "[1]", { code: "", message: "[1]", requestId: undefined }],
  ["half of an object", "{\"code\":\"Inv", { code: "", message: "{\"code\":\"Inv", requestId: undefined }],
  [
    "a code alone",
    JSON.stringify({ code: "InternalError" }),
    { code: "InternalError", message: "the service gave no message", requestId: undefined }
  ]
]

describe("an error body", () => {
  it.each(rows)("%s", (_, body, expected) => {
    assert.deepStrictEqual(parse(body, []), expected)
  })

  it("is cut short", () => {
    const { message } = parse("x".repeat(100_000), [])
    assert.strictEqual(message, `${"x".repeat(500)}…`)
  })

  it("is not cut through a character", () => {
    const { message } = parse(`${"x".repeat(499)}😀😀`, [])
    assert.strictEqual(message, `${"x".repeat(499)}…`)
  })

  it("never throws, whatever the bytes", () => {
    const text = FastCheck.oneof(
      FastCheck.uint8Array().map((bytes) => new TextDecoder().decode(bytes)),
      FastCheck.string({ unit: codePoint }),
      FastCheck.json(),
      FastCheck.json().map((json) => `data:${json}\n\n`),
      FastCheck.record({ code: FastCheck.jsonValue(), message: FastCheck.jsonValue(), error: FastCheck.jsonValue() })
        .map((record) => JSON.stringify(record))
    )
    FastCheck.assert(
      FastCheck.property(text, (text) => {
        const { code, message } = parse(text, ["secret"])
        assert.isAtMost(message.length, 501)
        assert.isAtMost(code.length, 501)
        assert.isAbove(message.length, 0)
      })
    )
  })
})

describe("secrets", () => {
  const secret = FastCheck.stringMatching(/^[\x21-\x7e]{6,40}$/)
  const frames: ReadonlyArray<(secret: string) => string> = [
    (s) => s,
    (s) => `Incorrect API key provided: ${s}.`,
    (s) => JSON.stringify({ code: "InvalidApiKey", message: `bad ${s}`, request_id: s }),
    (s) => JSON.stringify({ code: s, error: { message: `Bearer ${s}` } }),
    (s) => JSON.stringify({ error: `${s}` }),
    (s) => `id:1\ndata:${JSON.stringify({ code: "A", message: `${s}${s}` })}`,
    (s) => `<a href="/?key=${encodeURIComponent(s)}">${s}</a>`,
    (s) => `${"x".repeat(490)}${s}`,
    (s) => `{"broken": "${JSON.stringify(s).slice(1, -1)}`
  ]

  it("never come back in an error", () => {
    FastCheck.assert(
      FastCheck.property(secret, FastCheck.constantFrom(...frames), (secret, frame) => {
        // What the texts around it say themselves is no leak.
        FastCheck.pre(!frame("").includes(secret) && !"<redacted>".includes(secret))
        const { code, message, requestId } = parse(frame(secret), [secret])
        for (const text of [code, message, requestId ?? ""]) {
          assert.notInclude(text, secret)
          assert.notInclude(text, encodeURIComponent(secret))
        }
      })
    )
  })

  it("that are too short to be one are left alone", () => {
    assert.strictEqual(scrub("the latest", ["test"]), "the latest")
  })

  it("excerpts stay on one line", () => {
    assert.strictEqual(excerpt("  a\r\n\tb\u2028c\u0000 ", 10), "a b c")
  })
})
