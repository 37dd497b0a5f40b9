/**
 * The parts of a response as the core decodes them.
 *
 * The core decodes what a provider gives by the Schema of all parts, compiled anew for each call, which costs more than the call
 * itself. What is given here was made a moment ago, so that it fits; calls of tools, which do not fit without a toolkit, go through the
 * Schema, and fail with its words.
 */
import * as Response from "effect/ai/Response"
import * as Toolkit from "effect/ai/Toolkit"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ofResponsePart as mark } from "./marks.js"

type Tools = Record<never, never>

type Part = Response.Part<Tools>
type StreamPart = Response.StreamPart<Tools>

const decodeParts = Schema.decodeUnknownResult(Schema.mutable(Schema.Array(Response.Part(Toolkit.empty))))

const decodeStreamParts = Schema.decodeResult(Schema.NonEmptyArray(Response.StreamPart(Toolkit.empty)))

const metadataPart = (
  { id, metadata, modelId, timestamp }: Response.ResponseMetadataPartEncoded
): Response.ResponseMetadataPart =>
  Response.makePart("response-metadata", {
    id,
    modelId,
    timestamp: timestamp === undefined ? undefined : DateTime.makeUnsafe(timestamp),
    metadata
  })

/** Of the parts that a whole answer and a stream both have. */
const shared = (part: Response.PartEncoded | Response.StreamPartEncoded): (Part & StreamPart) | undefined => {
  switch (part.type) {
    case "response-metadata":
      return metadataPart(part)
    case "finish":
      return Response.makePart("finish", {
        reason: part.reason,
        // Without the check of what was counted by numbers.
        usage: new Response.Usage(part.usage, { disableChecks: true }),
        metadata: part.metadata
      })
    case "source":
      return part.sourceType === "url"
        ? {
          type: part.type,
          sourceType: part.sourceType,
          id: part.id,
          url: new URL(part.url),
          title: part.title,
          metadata: part.metadata ?? {},
          [mark]: mark
        }
        : undefined
    default:
      return undefined
  }
}

const madePart = (part: Response.PartEncoded): Part | undefined => {
  switch (part.type) {
    case "text":
      return { type: part.type, text: part.text, metadata: part.metadata ?? {}, [mark]: mark }
    case "reasoning":
      return { type: part.type, text: part.text, metadata: part.metadata ?? {}, [mark]: mark }
    default:
      return shared(part)
  }
}

const madeStreamPart = (part: Response.StreamPartEncoded): StreamPart | undefined => {
  switch (part.type) {
    // Not by `Response.makePart`, which costs as much as all else that is done with an event here.
    case "text-delta":
      return { type: part.type, id: part.id, delta: part.delta, metadata: part.metadata ?? {}, [mark]: mark }
    case "reasoning-delta":
      return { type: part.type, id: part.id, delta: part.delta, metadata: part.metadata ?? {}, [mark]: mark }
    case "text-start":
    case "text-end":
    case "reasoning-start":
    case "reasoning-end":
      return Response.makePart(part.type, { id: part.id, metadata: part.metadata })
    default:
      return shared(part)
  }
}

/** All of them, or nothing where one is to be decoded. */
const all = <I, A>(encoded: ReadonlyArray<I>, make: (part: I) => A | undefined): Array<A> | undefined => {
  const made: Array<A> = []
  for (const part of encoded) {
    const one = make(part)
    if (one === undefined) return undefined
    made.push(one)
  }
  return made
}

/** Of a whole answer to a request without tools. */
export const parts = (
  encoded: ReadonlyArray<Response.PartEncoded>
): Result.Result<Array<Part>, Schema.SchemaError> => {
  const made = all(encoded, madePart)
  return made === undefined ? decodeParts(encoded) : Result.succeed(made)
}

/** Of a chunk of a stream that answers one. */
export const streamParts = (
  encoded: Arr.NonEmptyReadonlyArray<Response.StreamPartEncoded>
): Result.Result<Arr.NonEmptyReadonlyArray<StreamPart>, Schema.SchemaError> => {
  const made = all(encoded, madeStreamPart)
  return made !== undefined && Arr.isReadonlyArrayNonEmpty(made) ? Result.succeed(made) : decodeStreamParts(encoded)
}
