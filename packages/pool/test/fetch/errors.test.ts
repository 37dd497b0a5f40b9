import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { ConnectionError, PoolExhausted, PoolNumbers, RequestTimeout, TimeoutPhase } from "../../src/ConnectionError.js"
import { codeOf, fetchFailed, terminated } from "../../src/internal/fetch/errors.js"

const connection = (reason: ConnectionError["reason"], code?: string) =>
  new ConnectionError({
    reason,
    origin: "http://example.com",
    responseStarted: false,
    description: "",
    ...(code === undefined ? undefined : { cause: Object.assign(new Error("inner"), { code }) })
  })

const timeout = (phase: TimeoutPhase) => new RequestTimeout({ phase, duration: Duration.seconds(1) })

describe("the code of a failure", () => {
  it("is that of its cause, where it has one, and else the usual one of its reason", () => {
    const usual = {
      Dns: "ENOTFOUND",
      Refused: "ECONNREFUSED",
      Tls: "EPROTO",
      Reset: "ECONNRESET",
      Truncated: "UND_ERR_SOCKET"
    } as const
    for (const [reason, code] of Object.entries(usual) as Array<[keyof typeof usual, string]>) {
      assert.strictEqual(codeOf(connection(reason), false), code)
      assert.strictEqual(codeOf(connection(reason, "EOTHER"), true), "EOTHER")
    }
    assert.strictEqual(codeOf(connection("Closed", "EOTHER"), false), "UND_ERR_CLOSED")
    assert.strictEqual(codeOf(connection("Proxy", "EOTHER"), false), "UND_ERR_ABORTED")
  })

  it("of a timeout is that of its phase, and of the head or the body", () => {
    assert.deepStrictEqual(
      TimeoutPhase.literals.map((phase) => codeOf(timeout(phase), false)),
      [
        "UND_ERR_CONNECT_TIMEOUT",
        "UND_ERR_CONNECT_TIMEOUT",
        "ETIMEDOUT",
        "UND_ERR_HEADERS_TIMEOUT",
        "ETIMEDOUT",
        "ETIMEDOUT",
        "ETIMEDOUT"
      ]
    )
    assert.strictEqual(codeOf(timeout("read"), true), "UND_ERR_BODY_TIMEOUT")
  })

  it("is on the cause of the TypeError, and in none of its fields", () => {
    const numbers: unknown = Object.fromEntries(Object.keys(PoolNumbers.fields).map((name) => [name, 0]))
    const pool = Schema.decodeUnknownSync(PoolNumbers)(numbers)
    const exhausted = new PoolExhausted({ maximumPendingRequests: 0, pool })
    for (const error of [fetchFailed(exhausted), terminated(exhausted)]) {
      assert.strictEqual(error.cause, exhausted)
      assert.strictEqual(Reflect.get(exhausted, "code"), "EAGAIN")
    }
    assert.notInclude(Object.keys(exhausted), "code")
    const other = new Error("of somebody else")
    assert.strictEqual(fetchFailed(other).cause, other)
    assert.isFalse("code" in other)
  })
})
