/** The parts of a response, without tools, by the core's own Schemas. */
import * as Response from "@effect/ai/Response"
import * as Toolkit from "@effect/ai/Toolkit"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

type Tools = Record<never, never>

export type Part = Response.Part<Tools>
export type StreamPart = Response.StreamPart<Tools>

export const parts: (encoded: ReadonlyArray<unknown>) => Either.Either<Array<Part>, ParseResult.ParseError> = Schema
  .decodeUnknownEither(Schema.mutable(Schema.Array(Response.Part(Toolkit.empty))))

const decodeChunk = Schema.decodeEither(Schema.ChunkFromSelf(Response.StreamPart(Toolkit.empty)))

export const streamParts = (
  encoded: ReadonlyArray<Response.StreamPartEncoded>
): Either.Either<ReadonlyArray<StreamPart>, ParseResult.ParseError> =>
  Either.map(decodeChunk(Chunk.unsafeFromArray(encoded)), Chunk.toReadonlyArray)

/** The same without a Schema. */
export const metadataPart = (
  { id, metadata, modelId, timestamp }: Response.ResponseMetadataPartEncoded
): Response.ResponseMetadataPart =>
  Response.makePart("response-metadata", {
    id: Option.fromNullable(id),
    modelId: Option.fromNullable(modelId),
    timestamp: Option.map(Option.fromNullable(timestamp), DateTime.unsafeMake),
    metadata
  })
