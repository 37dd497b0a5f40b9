import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import Dns from "node:dns"
import type { Address } from "../../src/internal/sockets/addresses.js"
import { interleave, resolve } from "../../src/internal/sockets/addresses.js"

const of = (...addresses: ReadonlyArray<string>): ReadonlyArray<Address> =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))

describe("the addresses of a host", () => {
  it("are tried with their families in turn", () => {
    assert.deepStrictEqual(interleave([]), [])
    assert.deepStrictEqual(interleave(of("1.1.1.1", "1.1.1.2")), of("1.1.1.1", "1.1.1.2"))
    assert.deepStrictEqual(
      interleave(of("::1", "::2", "1.1.1.1", "1.1.1.2", "1.1.1.3")),
      of("::1", "1.1.1.1", "::2", "1.1.1.2", "1.1.1.3")
    )
    assert.deepStrictEqual(interleave(of("1.1.1.1", "::1", "::2", "::3")), of("1.1.1.1", "::1", "::2", "::3"))
  })

  const original = Dns.lookup
  const withLookup = (lookup: unknown, hostname = "host.test") =>
    Effect.acquireUseRelease(
      Effect.sync(() => Reflect.set(Dns, "lookup", lookup)),
      () =>
        Effect.async<{ readonly error: Error | undefined; readonly addresses: ReadonlyArray<Address> }>((resume) =>
          resolve(hostname, (error, addresses) => resume(Effect.succeed({ error, addresses })))
        ),
      () => Effect.sync(() => Reflect.set(Dns, "lookup", original))
    )

  it.effect("need no resolver where the host is one", () =>
    Effect.gen(function*() {
      const { addresses } = yield* withLookup(() => assert.fail("it was asked"), "127.0.0.1")
      assert.deepStrictEqual(addresses, of("127.0.0.1"))
    }))

  const throwing = (key: string): object =>
    Object.defineProperty(new Error(), key, {
      get: () => {
        throw new Error("it was looked at")
      }
    })

  it.effect("are those of the first answer, and come once", () =>
    Effect.gen(function*() {
      let answers = 0
      Reflect.set(Dns, "lookup", (_: unknown, __: unknown, callback: Callback) => {
        callback(null, "127.0.0.1")
        callback(null, [{ address: "127.0.0.2", family: 4 }])
        callback(new Error("late"), undefined)
      })
      let isReturned = false
      resolve("host.test", (error, addresses) => {
        answers++
        assert.isTrue(isReturned)
        assert.deepStrictEqual([error, addresses], [undefined, of("127.0.0.1")])
      })
      isReturned = true
      Reflect.set(Dns, "lookup", original)
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      assert.strictEqual(answers, 1)
    }))

  type Callback = (error: unknown, found: unknown) => void
  const odd: ReadonlyArray<readonly [string, (host: string, options: unknown, callback: Callback) => void, RegExp]> = [
    ["throws", () => {
      throw new Error("no resolver")
    }, /no resolver/],
    ["fails with no error", (_, __, callback) => callback("broken", undefined), /broken/],
    ["finds nothing", (_, __, callback) => callback(null, []), /has no address/],
    ["finds undefined", (_, __, callback) => callback(null, undefined), /has no address/],
    ["finds what is no address", (_, __, callback) => callback(null, [{ address: "x" }, null, 3]), /has no address/],
    ["throws what is no error", () => {
      throw Object.create(null)
    }, /cannot be shown/],
    ["finds what throws when it is looked at", (_, __, callback) => callback(null, [throwing("address")]), /looked at/],
    ["fails with what throws when it is looked at", (_, __, callback) => {
      callback(Object.assign(throwing("code"), { message: "hostile" }), undefined)
    }, /hostile/]
  ]
  for (const [name, lookup, message] of odd) {
    it.effect(`are an error where the resolver ${name}`, () =>
      Effect.gen(function*() {
        const { addresses, error } = yield* withLookup(lookup)
        assert.deepStrictEqual(addresses, [])
        assert.match(String(error), message)
      }))
  }
})
