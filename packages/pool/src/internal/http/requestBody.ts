import type * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Readable } from "node:stream"
import type { StreamingBody } from "../exchange/request.js"
import { Unsendable } from "../exchange/request.js"

/** @internal */
export interface WritableBody {
  readonly body: Uint8Array | StreamingBody | undefined
  /** The content type that comes with the body's encoding, where the request names none. */
  readonly contentType?: string
}

const empty: WritableBody = { body: undefined }

/** A body that is at hand in whole, or undefined for those that `toStreaming` makes. @internal */
export const toBytes = (body: HttpBody.HttpBody): WritableBody | undefined => {
  switch (body._tag) {
    case "Empty":
      return empty
    case "Uint8Array":
      return { body: body.body }
    case "Raw":
      return typeof body.body === "string"
        ? { body: new TextEncoder().encode(body.body) }
        : isBytes(body.body)
        ? { body: body.body }
        : undefined
    case "FormData":
    case "Stream":
      return undefined
  }
}

const isBytes = (u: unknown): u is Uint8Array => {
  try {
    return u instanceof Uint8Array
  } catch {
    // A proxy of which nothing can be asked; `toStreaming` finds out, and fails.
    return false
  }
}

/** A body that is made while it is sent. @internal */
export const toStreaming = (
  body: HttpBody.HttpBody
): Effect.Effect<WritableBody, Unsendable> => {
  if (body._tag === "Empty") return Effect.succeed(empty)
  if (body._tag === "Stream") {
    return Effect.map(Effect.runtime(), (runtime) => ({
      body: fromSource(Stream.toAsyncIterableRuntime(body.stream, runtime))
    }))
  }
  const source = body._tag === "FormData" ? body.formData : body.body
  return Effect.try({ try: () => encode(source), catch: (cause) => new Unsendable(cause) })
}

const encode = (source: unknown): WritableBody => {
  if (isAsyncIterable(source)) return { body: fromSource(source) }
  // `Response` encodes all that fetch can send: forms, blobs, parameters, buffers.
  const response = new Response(source as BodyInit)
  const contentType = response.headers.get("content-type")
  return {
    body: response.body === null ? undefined : fromSource(response.body),
    ...(contentType === null ? undefined : { contentType })
  }
}

/** Elements beyond this are sent in slices, so that progress can be seen while they are. */
const sliceSize = 64 * 1024

/** After so many elements others get a turn: small ones that are all at hand would fill the socket's buffers first. */
const mostInARow = 64

const nothing = new Uint8Array(0)

const isAsyncIterable = (u: unknown): u is AsyncIterable<unknown> =>
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
 */
const fromSource = (source: AsyncIterable<unknown>): StreamingBody => {
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
