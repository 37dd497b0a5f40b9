import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inspect } from "node:util"
import * as Beneath from "../../src/Beneath.js"
import { causeOf, lossOf } from "../../src/internal/exchange/failures.js"
import { answerOf, headOf, onRequests, serve } from "../util/rawServer.js"
import { generation, makePool, poolErrorOf } from "../util/support.js"

/** Whether a value can be reached from an object, by whatever property. */
const leadsTo = (from: unknown, isIt: (value: unknown) => boolean): boolean => {
  const seen = new Set<unknown>()
  const open: Array<unknown> = [from]
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (isIt(value)) return true
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue
    seen.add(value)
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      if (property !== undefined && "value" in property) open.push(property.value)
    }
  }
  return false
}

const secret = "a private question"
const holdsSecret = (value: unknown): boolean =>
  (typeof value === "string" && (value.includes(secret) || value.includes("sk-test"))) ||
  (value instanceof Uint8Array && Buffer.from(value).includes(secret))

describe("what is kept of a failure", () => {
  it.scopedLive("holds nothing of what was sent or came back", () =>
    Effect.gen(function*() {
      const peers = {
        echo: yield* serve((socket) => void socket.pipe(socket)),
        chunks: yield* serve((socket) =>
          void socket.once("data", (data) => {
            socket.write(Buffer.concat([headOf("200 OK", "transfer-encoding: chunked"), Buffer.from("z"), data]))
          })
        ),
        headers: yield* serve((socket) =>
          void socket.once("data", (data) => socket.write(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n"), data])))
        ),
        closing: yield* serve((socket) => void socket.once("data", () => socket.destroy())),
        nobody: "http://127.0.0.1:1"
      }
      const { client } = yield* makePool()
      for (const [name, origin] of Object.entries(peers)) {
        const error = yield* poolErrorOf(Effect.flatMap(
          client.execute(generation(origin, undefined, secret)),
          (response) => response.text
        ))
        assert.isFalse(leadsTo(error, holdsSecret), name)
        for (const shown of [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)]) {
          assert.isFalse(holdsSecret(shown), `${name}: ${shown}`)
        }
      }
    }))

  it.scopedLive("of an answer's head does not lead to the request", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) => onRequests(socket, () => socket.write(answerOf("{}", "x-request-id: r"))))
      const { client } = yield* makePool()
      const response = yield* client.execute(generation(origin, undefined, secret))
      yield* response.text
      const head = Beneath.headersOf(response)
      assert.deepStrictEqual([head.header("x-request-id"), head.header("x")], ["r", undefined])
      assert.strictEqual(head.headers, response.headers)
      assert.isTrue(leadsTo(response.request, holdsSecret))
      assert.isFalse(leadsTo(head, holdsSecret))
    }))

  it("says why, with the causes, and nothing else", () => {
    const system = Object.assign(new Error("read ECONNRESET", { cause: new TypeError("inner") }), {
      code: "ECONNRESET",
      errno: -104,
      syscall: "read",
      data: secret,
      socket: { secret }
    })
    const kept = causeOf(system)
    assert.deepInclude(Object(kept), { code: "ECONNRESET", errno: -104, syscall: "read" })
    assert.deepStrictEqual([kept?.message, (kept?.cause as Error).name], ["read ECONNRESET", "TypeError"])
    assert.isFalse(leadsTo(kept, holdsSecret))
    const several = causeOf(new AggregateError([system, new Error("other")], "all"))
    assert.deepStrictEqual((several as AggregateError).errors.map(({ message }: Error) => message), [
      "read ECONNRESET",
      "other"
    ])
    const circle = new Error("circle")
    circle.cause = circle
    assert.strictEqual(causeOf(circle)?.message, "circle")
  })

  it("tells a refused TLS session from a broken connection", () => {
    const alert = Object.assign(new Error("alert"), { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" })
    assert.strictEqual(lossOf(alert, false).reason, "Tls")
    assert.strictEqual(lossOf(alert, true).reason, "Truncated")
    assert.strictEqual(lossOf(Object.assign(new Error("gone"), { code: "ECONNRESET" }), true).reason, "Reset")
    assert.strictEqual(lossOf(new Error("gone"), false).reason, "Reset")
  })
})
