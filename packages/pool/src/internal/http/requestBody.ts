import type * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Readable } from "node:stream"
import type { StreamingBody } from "../exchange/exchange.js"
import { Unsendable } from "../exchange/exchange.js"

/** @internal */
export interface WritableBody {
  readonly body: Uint8Array | StreamingBody | undefined
  /** The content type that comes with the body's encoding, where the request names none. */
  readonly contentType?: string
}

const empty: WritableBody = { body: undefined }

/** @internal A body that is at hand in whole, or undefined for those that `toStreaming` makes. */
export const toBytes = (body: HttpBody.HttpBody): WritableBody | undefined => {
  switch (body._tag) {
    case "Empty":
      return empty
    case "Uint8Array":
      return { body: body.body }
    case "Raw":
      return typeof body.body === "string"
        ? { body: new TextEncoder().encode(body.body) }
        : body.body instanceof Uint8Array
        ? { body: body.body }
        : undefined
    case "FormData":
    case "Stream":
      return undefined
  }
}

/** @internal A body that is made while it is sent. */
export const toStreaming = (
  body: HttpBody.HttpBody
): Effect.Effect<WritableBody, Unsendable> => {
  if (body._tag === "Empty") return Effect.succeed(empty)
  if (body._tag === "Stream") {
    return Effect.map(Effect.runtime(), (runtime) => ({
      body: fromIterable(Stream.toAsyncIterableRuntime(body.stream, runtime))
    }))
  }
  const source = body._tag === "FormData" ? body.formData : body.body
  if (isAsyncIterable(source)) return Effect.succeed({ body: fromIterable(source) })
  // `Response` encodes all that fetch can send: forms, blobs, parameters, buffers, web streams.
  return Effect.map(
    Effect.try({ try: () => new Response(source as BodyInit), catch: (cause) => new Unsendable(cause) }),
    (response) => {
      const contentType = response.headers.get("content-type")
      return {
        body: response.body === null ? undefined : fromIterable(response.body),
        ...(contentType === null ? undefined : { contentType })
      }
    }
  )
}

/** Elements beyond this are sent in slices, so that progress can be seen while they are. */
const sliceSize = 64 * 1024

/** A Node stream that fails before anybody reads it must not end the process, and is destroyed where nobody will. */
const guardNodeStream = (source: object): () => void => {
  if (!(source instanceof Readable)) return () => {}
  source.on("error", () => {})
  return () => source.destroy()
}

const isAsyncIterable = (u: unknown): u is AsyncIterable<Uint8Array> =>
  typeof u === "object" && u !== null && Symbol.asyncIterator in u

/** Marks the source's own failures, and stops it when the request ends before it does. */
const fromIterable = (source: AsyncIterable<Uint8Array>): StreamingBody => {
  const destroy = guardNodeStream(source)
  const iterator = source[Symbol.asyncIterator]()
  const stop = () => iterator.return?.() ?? Promise.resolve({ done: true as const, value: undefined })
  let rest: Uint8Array = new Uint8Array(0)
  const slice = (): IteratorResult<Uint8Array> => {
    const value = rest.subarray(0, sliceSize)
    rest = rest.subarray(sliceSize)
    return { done: false, value }
  }
  const take = (result: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
    if (result.done === true) return result
    if (!(result.value instanceof Uint8Array)) throw new TypeError("a request body's elements must be Uint8Arrays")
    rest = result.value
    return slice()
  }
  return {
    chunks: {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          rest.byteLength > 0 ? Promise.resolve(slice()) : iterator.next().then(take).catch((cause: unknown) => {
            throw new Unsendable(cause)
          }),
        return: stop
      })
    },
    cancel: () => {
      destroy()
      stop().catch(() => {})
    }
  }
}
