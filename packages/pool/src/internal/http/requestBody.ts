import type * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { StreamingBody } from "../exchange/request.js"
import { Unsendable } from "../exchange/request.js"
import { fromSource, isAsyncIterable } from "./source.js"

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
