/** Request bodies are code of others: whatever it throws is a typed error of its request, and of nothing else. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { reasonOf } from "../util/platform.js"
import { answerOf, onRequests, serve } from "../util/rawServer.js"
import { assertAllBack, makePool } from "../util/support.js"

const throwing = (key: string | symbol, object: object = {}): object =>
  Object.defineProperty(object, key, {
    get: () => {
      throw new Error("it was looked at")
    }
  })

const refuse = () => {
  throw new Error("it was looked at")
}

const rejected = (reason: unknown) =>
  new Promise((_, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    reject(reason)
  })

const opaque = (): object => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse })

const iterating = (next: () => unknown, more: object = {}) => ({
  [Symbol.asyncIterator]: () => Object.assign(Object.create(null) as object, { next, ...more })
})

const bodies: Readonly<Record<string, () => unknown>> = {
  "an iterable that throws when it is looked at": () => throwing(Symbol.asyncIterator),
  "an iterable without an iterator": () => ({ [Symbol.asyncIterator]: () => null }),
  "an iterator that throws when it is looked at": () => ({ [Symbol.asyncIterator]: () => throwing("next") }),
  "an iterator that throws": () => iterating(refuse),
  "an iterator that throws null": () =>
    iterating(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw null
    }),
  "an error that throws when it is looked at": () => iterating(() => rejected(throwing("message", new Error()))),
  "an error whose code throws": () => iterating(() => rejected(throwing("code", new Error("x")))),
  "an error of which nothing can be asked": () => iterating(() => rejected(opaque())),
  "a result that throws when it is looked at": () => iterating(() => Promise.resolve(throwing("done"))),
  "no result": () => iterating(() => Promise.resolve(null)),
  "a promise that throws": () => iterating(() => ({ then: refuse })),
  "an element that throws when it is looked at": () =>
    iterating(() => Promise.resolve({ done: false, value: throwing("byteLength", new Uint8Array(3)) })),
  "an element that is no bytes": () => iterating(() => Promise.resolve({ done: false, value: "text" })),
  "an end that throws": () => iterating(() => Promise.resolve({ done: false, value: 3 }), { return: refuse }),
  "a body of which nothing can be asked": opaque,
  "a symbol": () => Symbol("body")
}

describe("a request body of", () => {
  it.scopedLive.each(Object.entries(bodies))(
    "%s is the request's fault, and nothing else's",
    ([, make]) =>
      Effect.gen(function*() {
        const origin = yield* serve((socket) => onRequests(socket, () => socket.write(answerOf("ok"))))
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        const request = HttpClientRequest.post(origin)
        const error = yield* Effect.flip(client.execute(HttpClientRequest.setBody(request, HttpBody.raw(make()))))
        assert.strictEqual(reasonOf(error), "Encode")
        // Who logs it must not be hurt.
        assert.isString(String(error) + String((error.cause as Error | null)?.message))
        assertAllBack(yield* stats)
        // A body that ends the connection ends no other's.
        const response = yield* client.execute(HttpClientRequest.bodyText(request, "good"))
        assert.strictEqual(yield* response.text, "ok")
      })
  )
})
