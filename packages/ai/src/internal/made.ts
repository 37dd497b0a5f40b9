/**
 * The parts of a response as the core decodes them.
 *
 * The core decodes what a provider gives by the Schema of all parts, compiled anew for each call, which costs more than the call
 * itself. What is given here was made a moment ago, so that it fits; calls of tools, which do not fit without a toolkit, go through the
 * Schema, and fail with its words.
 */
import * as Response from "@effect/ai/Response"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Decoded from "./decoded.js"
import { ofResponsePart as mark } from "./marks.js"
import * as Usage from "./usage.js"

/** Of the parts that a whole answer and a stream both have. */
const shared = (
  part: Response.PartEncoded | Response.StreamPartEncoded
): (Decoded.Part & Decoded.StreamPart) | undefined => {
  switch (part.type) {
    case "response-metadata":
      return Decoded.metadataPart(part)
    case "finish":
      return Response.makePart("finish", {
        reason: part.reason,
        usage: Usage.decoded(part.usage),
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

const madePart = (part: Response.PartEncoded): Decoded.Part | undefined => {
  switch (part.type) {
    case "text":
      return { type: part.type, text: part.text, metadata: part.metadata ?? {}, [mark]: mark }
    case "reasoning":
      return { type: part.type, text: part.text, metadata: part.metadata ?? {}, [mark]: mark }
    default:
      return shared(part)
  }
}

const madeStreamPart = (part: Response.StreamPartEncoded): Decoded.StreamPart | undefined => {
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
): Either.Either<Array<Decoded.Part>, ParseResult.ParseError> => {
  const made = all(encoded, madePart)
  return made === undefined ? Decoded.parts(encoded) : Either.right(made)
}

/** Of a piece of a stream that answers one. */
export const streamParts = (
  encoded: ReadonlyArray<Response.StreamPartEncoded>
): Either.Either<ReadonlyArray<Decoded.StreamPart>, ParseResult.ParseError> => {
  const made = all(encoded, madeStreamPart)
  return made === undefined ? Decoded.streamParts(encoded) : Either.right(made)
}
