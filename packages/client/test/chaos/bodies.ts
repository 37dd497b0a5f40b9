/** Request bodies that fail, each in a way of its own. */
import * as HttpBody from "@effect/platform/HttpBody"

const failure = () => new Error("the body failed")

const refuse = () => {
  throw failure()
}

/** Some pieces, and then that. */
const iterable = (pieces: number, then: () => unknown, more: object = {}) => ({
  [Symbol.asyncIterator]: () => {
    let given = 0
    return {
      next: () => given++ < pieces ? Promise.resolve({ done: false, value: new Uint8Array(1000) }) : then(),
      ...more
    }
  }
})

const bodies: ReadonlyArray<(pieces: number) => unknown> = [
  (pieces) => iterable(pieces, refuse),
  (pieces) => iterable(pieces, () => Promise.reject(failure())),
  (pieces) => iterable(pieces, () => Promise.reject(failure()), { return: refuse }),
  (pieces) =>
    iterable(pieces, () => Promise.resolve({ done: false, value: "no bytes" }), { return: () => "no promise" }),
  (pieces) => iterable(pieces, () => new Promise((_, reject) => void setTimeout(() => reject(failure()), 5))),
  (pieces) => iterable(pieces, () => Promise.resolve(null))
]

export const brokenBody = (number: number): HttpBody.HttpBody =>
  HttpBody.raw(bodies[number % bodies.length]!(number % 4))
