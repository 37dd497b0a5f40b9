import { Readable } from "node:stream"
import type { StreamingBody } from "../exchange/request.js"
import { Unsendable } from "../exchange/request.js"

/** Elements beyond this are sent in slices, so that progress can be seen while they are. */
const sliceSize = 64 * 1024

/** After so many elements others get a turn: small ones that are all at hand would fill the socket's buffers first. */
const mostInARow = 64

const nothing = new Uint8Array(0)

/** @internal */
export const isAsyncIterable = (u: unknown): u is AsyncIterable<unknown> =>
  typeof u === "object" && u !== null && Symbol.asyncIterator in u

/** Iterators that a request has read: generators and their like, which would give a second request an empty body. */
const readOnce = new WeakSet<object>()

/** It takes web streams too, which its type does not say. */
const isDisturbed = (stream: Readable | ReadableStream): boolean => Readable.isDisturbed(stream as Readable)

const isUsedUp = (source: object): boolean =>
  readOnce.has(source) ||
  ((source instanceof Readable || source instanceof ReadableStream) && isDisturbed(source))

/** A Node stream that fails before anybody reads it must not end the process, and is destroyed where nobody will. */
const guardNodeStream = (source: object): () => void => {
  if (!(source instanceof Readable)) return () => {}
  source.on("error", () => {})
  return () => source.destroy()
}

/** Runs code of others whose failure changes nothing any more. */
const attempt = (run: () => unknown): void => {
  void new Promise((resolve) => resolve(run())).catch(() => {})
}

/**
 * Marks the source's own failures, and stops it when the request ends before it does. The source is code of others: it
 * may throw, give what is no promise, or never come to an end, and must not hold up or break more than its request.
 *
 * @internal
 */
export const fromSource = (source: AsyncIterable<unknown>): StreamingBody => {
  if (isUsedUp(source)) {
    throw new TypeError(
      "the request's body can be read only once, and an earlier attempt has read it; " +
        "make one for each attempt, or send bytes or a Stream"
    )
  }
  const destroy = guardNodeStream(source)
  const iterator = source[Symbol.asyncIterator]()
  let isBegun = false
  let isOver = false
  let rest: Uint8Array = nothing
  let taken = 0
  const begin = () => {
    isBegun = true
    if (Object.is(iterator, source)) readOnce.add(source)
  }
  const stop = () => {
    if (isOver) return
    isOver = true
    begin()
    attempt(() => iterator.return?.())
  }
  const slice = (): IteratorResult<Uint8Array> => {
    const value = rest.byteLength > sliceSize ? rest.subarray(0, sliceSize) : rest
    rest = value === rest ? nothing : rest.subarray(sliceSize)
    return { done: false, value }
  }
  const take = (
    result: IteratorResult<unknown>
  ): IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>> => {
    if (result.done === true) {
      isOver = true
      return { done: true, value: undefined }
    }
    if (!(result.value instanceof Uint8Array)) throw new TypeError("a request body's elements must be Uint8Arrays")
    // What an element computes when it is looked at is looked at here.
    const { buffer, byteLength, byteOffset } = result.value
    rest = new Uint8Array(buffer, byteOffset, byteLength)
    return ++taken % mostInARow === 0
      ? new Promise((resolve) => setImmediate(() => resolve(slice())))
      : slice()
  }
  const pull = (): Promise<IteratorResult<Uint8Array>> => {
    begin()
    return new Promise<IteratorResult<unknown>>((resolve) => resolve(iterator.next())).then(take).catch((cause) => {
      isOver = true
      throw new Unsendable(cause)
    })
  }
  return {
    chunks: {
      [Symbol.asyncIterator]: () => ({
        next: () => rest.byteLength > 0 ? Promise.resolve(slice()) : pull(),
        // undici waits for this before it says what went wrong.
        return: () => {
          stop()
          return Promise.resolve({ done: true, value: undefined })
        }
      })
    },
    isBegun: () => isBegun,
    cancel: () => {
      attempt(destroy)
      stop()
    }
  }
}
