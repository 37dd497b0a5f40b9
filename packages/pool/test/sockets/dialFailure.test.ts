import { assert, describe, it } from "@effect/vitest"
import * as ConnectionError from "../../src/ConnectionError.js"
import type { Stage } from "../../src/internal/sockets/dialFailure.js"
import { classify, closedAt, refusedBy } from "../../src/internal/sockets/dialFailure.js"

const coded = (code: string, message = code, syscall?: string) => Object.assign(new Error(message), { code, syscall })

const isRetryable = (reason: ConnectionError.ConnectionErrorReason) =>
  new ConnectionError.ConnectionError({ reason, origin: "https://a", responseStarted: false, description: "" })
    .isRetryable

describe("why no connection was made", () => {
  it.each<[string, Error, Stage, string, string, boolean]>([
    ["an unknown name", coded("ENOTFOUND"), "tcp", "Dns", "ENOTFOUND", true],
    ["a proxy's unknown name", coded("ENOTFOUND"), "proxyTcp", "Dns", "the proxy cannot be reached", true],
    ["a lookup that fails otherwise", coded("X", "x", "getaddrinfo"), "tcp", "Dns", "x", true],
    ["a refusal", coded("ECONNREFUSED"), "tcp", "Refused", "ECONNREFUSED", true],
    ["a proxy's refusal to connect", coded("ECONNREFUSED"), "proxyTcp", "Refused", "the proxy cannot be", true],
    ["an untrusted certificate", coded("SELF_SIGNED_CERT_IN_CHAIN"), "tls", "Tls", "SELF_SIGNED", false],
    ["a proxy's untrusted certificate", coded("DEPTH_ZERO_SELF_SIGNED_CERT"), "proxyTls", "Proxy", "proxy", false],
    ["a reset in the handshake", coded("ECONNRESET"), "tls", "Reset", "ECONNRESET", true],
    ["a reset in the proxy's handshake", coded("ECONNRESET"), "proxyTls", "Reset", "the proxy broke off", true],
    ["a reset of CONNECT", coded("ECONNRESET", "socket hang up"), "proxy", "Reset", "the proxy broke off", true],
    ["a proxy that speaks no HTTP", coded("HPE_INVALID_CONSTANT", "Parse Error"), "proxy", "Proxy", "Parse", false],
    [
      "an alert",
      coded(
        "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
        "C0:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../s3.c:1605:SSL alert number 40\n"
      ),
      "tls",
      "Tls",
      "the peer refused the TLS handshake: handshake failure (alert 40)",
      false
    ],
    [
      "no TLS at all",
      coded(
        "ERR_SSL_WRONG_VERSION_NUMBER",
        "C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../r.c"
      ),
      "tls",
      "Tls",
      "the TLS handshake failed: wrong version number",
      false
    ]
  ])("%s", (_, error, stage, reason, words, retryable) => {
    const failure = classify(error, stage)
    assert.strictEqual(failure.reason, reason)
    assert.include(failure.description, words)
    assert.strictEqual(isRetryable(failure.reason), retryable)
    assert.strictEqual(failure.cause, error)
  })

  it.each([
    [407, false],
    [403, false],
    [405, false],
    [400, false],
    [301, false],
    [501, false],
    [408, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true]
  ])("a proxy that answers %s may be asked again: %s", (status, retryable) => {
    const failure = refusedBy(status, "Why")
    assert.include(failure.description, `the proxy answered ${status} Why`)
    assert.strictEqual(isRetryable(failure.reason), retryable)
  })

  it("of several addresses is the first one's, with all of them said", () => {
    const failure = classify(
      new AggregateError([coded("ECONNREFUSED", "a"), coded("EHOSTUNREACH", "b"), coded("X", "a")]),
      "tcp"
    )
    assert.deepInclude({ ...failure }, { reason: "Refused", description: "a; b" })
    assert.strictEqual(classify(new AggregateError([coded("ENOTFOUND")]), "proxyTcp").reason, "Dns")
  })

  it("is a reset where the peer has just gone", () => {
    assert.strictEqual(closedAt("tls").reason, "Reset")
    assert.include(closedAt("proxy").description, "the proxy broke off")
  })
})
