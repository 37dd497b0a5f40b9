import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import { inspect } from "node:util"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as TransportError from "../../src/internal/protocol/transportError.js"

const situation: TransportError.Situation = {
  origin: "https://dashscope.test",
  responseStarted: false,
  elapsed: Duration.millis(1234),
  secrets: ["sk-0123456789abcdef"]
}

const coded = (code: string, message = code, rest: object = {}) => Object.assign(new Error(message), { code, ...rest })
const fetchFailed = (cause: unknown) => new TypeError("fetch failed", { cause })

const verdict = (error: unknown, over: Partial<TransportError.Situation> = {}): string => {
  const found = TransportError.fromForeign(error, { ...situation, ...over })
  switch (found._tag) {
    case "ConnectionError":
      return found.reason
    case "RequestTimeout":
      return `${found.phase} ${Duration.toMillis(found.duration)}`
    default:
      return found._tag
  }
}

const rows: ReadonlyArray<readonly [name: string, error: unknown, expected: string]> = [
  ["fetch, unknown host", fetchFailed(coded("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere.invalid")), "Dns"],
  ["DNS is down", fetchFailed(coded("EAI_AGAIN")), "Dns"],
  ["refused", fetchFailed(coded("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1")), "Refused"],
  [
    "refused on every address",
    fetchFailed(new AggregateError([coded("ECONNREFUSED"), coded("ENETUNREACH")], "")),
    "Refused"
  ],
  ["no route", coded("EHOSTUNREACH"), "Refused"],
  ["Bun, refused", coded("ConnectionRefused", "Unable to connect."), "Refused"],
  ["reset", fetchFailed(coded("ECONNRESET", "read ECONNRESET")), "Reset"],
  ["the other side closed", fetchFailed(coded("UND_ERR_SOCKET", "other side closed")), "Reset"],
  ["broken pipe", coded("EPIPE"), "Reset"],
  ["the kernel gave up on a connection", coded("ETIMEDOUT", "read ETIMEDOUT", { syscall: "read" }), "Reset"],
  ["an expired certificate", fetchFailed(coded("CERT_HAS_EXPIRED")), "Tls"],
  ["a self-signed certificate", coded("DEPTH_ZERO_SELF_SIGNED_CERT"), "Tls"],
  ["an unknown authority", coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "Tls"],
  ["another host's certificate", coded("ERR_TLS_CERT_ALTNAME_INVALID"), "Tls"],
  ["no TLS at all", coded("EPROTO", "write EPROTO"), "Tls"],
  ["a proxy's refusal", coded("UND_ERR_ABORTED", "Proxy response (407) !== 200 when HTTP Tunneling"), "Proxy"],
  ["a closed client", coded("UND_ERR_CLOSED"), "Closed"],
  ["a destroyed client", coded("UND_ERR_DESTROYED"), "Closed"],
  ["too short a body", coded("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "Truncated"],
  ["half of a gzip", coded("Z_BUF_ERROR", "unexpected end of file"), "Truncated"],
  [
    "undici's connect timeout",
    fetchFailed(coded("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error (attempted address: a:443, timeout: 10000ms)")),
    "connect 10000"
  ],
  ["the kernel's connect timeout", coded("ETIMEDOUT", "connect ETIMEDOUT", { syscall: "connect" }), "connect 1234"],
  ["undici's headers timeout", coded("UND_ERR_HEADERS_TIMEOUT"), "read 1234"],
  ["undici's body timeout", coded("UND_ERR_BODY_TIMEOUT"), "read 1234"],
  ["AbortSignal.timeout", new DOMException("The operation timed out.", "TimeoutError"), "total 1234"],
  ["Effect.timeout", new Cause.TimeoutException("too slow"), "total 1234"],
  ["Deno, unknown host", new TypeError("client error (Connect): dns error: failed to lookup address"), "Dns"],
  ["Deno, bad certificate", new TypeError("invalid peer certificate: UnknownIssuer"), "Tls"],
  ["a browser", new TypeError("Failed to fetch"), "Reset"],
  ["a text", "it broke", "Reset"],
  ["nothing", undefined, "Reset"],
  ["a number", 42, "Reset"],
  [
    "one of our own, deep inside",
    fetchFailed(new Error("x", { cause: new DashScopeError.NoApiKey({ lookedIn: [] }) })),
    "NoApiKey"
  ]
]

describe("another HTTP client's failure", () => {
  it.each(rows)("%s", (_, error, expected) => {
    assert.strictEqual(verdict(error), expected)
  })

  it("that breaks off a response is a truncation, and not retryable", () => {
    const error = TransportError.fromForeign(coded("ECONNRESET"), { ...situation, responseStarted: true })
    assert.strictEqual(error._tag === "ConnectionError" && error.reason, "Truncated")
    assert.isFalse(error.isRetryable)
    assert.strictEqual(verdict(new TypeError("terminated"), { responseStarted: true }), "Truncated")
  })

  it("tells its causes in words", () => {
    const error = TransportError.fromForeign(fetchFailed(coded("ECONNREFUSED", "connect failed")), situation)
    assert.strictEqual(
      error.message,
      "Connection to https://dashscope.test failed (Refused): fetch failed: connect failed (ECONNREFUSED)"
    )
    assert.isTrue(error.isRetryable)
  })

  it("survives causes that go in a circle", () => {
    const error = new Error("a")
    error.cause = new Error("b", { cause: error })
    assert.strictEqual(verdict(error), "Reset")
  })

  it("keeps neither a secret nor the request that hangs on the error", () => {
    const key = "sk-0123456789abcdef"
    const error = Object.assign(new Error(`invalid header value "Bearer ${key}"`, { cause: new Error(key) }), {
      config: { headers: { authorization: `Bearer ${key}` } }
    })
    const found = TransportError.fromForeign(error, situation)
    assert.strictEqual(found._tag, "ConnectionError")
    for (const text of [inspect(found, { depth: 20, showHidden: true }), JSON.stringify(found), String(found.stack)]) {
      assert.notInclude(text, key)
    }
    assert.include(inspect(found, { depth: 20 }), "invalid header value")
  })

  it("always becomes one of our errors", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.anything(), FastCheck.boolean(), (error, responseStarted) => {
        const found = TransportError.fromForeign(error, { ...situation, responseStarted })
        assert.isTrue(DashScopeError.isDashScopeError(found))
        assert.isAbove(found.message.length, 0)
      })
    )
  })
})
