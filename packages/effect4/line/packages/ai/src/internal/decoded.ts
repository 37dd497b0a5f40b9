/** The parts of a response, without tools, by the core's own Schemas. */
import * as Response from "effect/ai/Response"
import * as Toolkit from "effect/ai/Toolkit"
import * as DateTime from "effect/DateTime"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"

type Tools = Record<never, never>

export type Part = Response.Part<Tools>
export type StreamPart = Response.StreamPart<Tools>

export const parts: (encoded: ReadonlyArray<unknown>) => Result.Result<Array<Part>, Schema.SchemaError> = Schema
  .decodeUnknownResult(Schema.mutable(Schema.Array(Response.Part(Toolkit.empty))))

export const streamParts: (
  encoded: ReadonlyArray<unknown>
) => Result.Result<ReadonlyArray<StreamPart>, Schema.SchemaError> = Schema.decodeUnknownResult(
  Schema.NonEmptyArray(Response.StreamPart(Toolkit.empty))
)

/** The same without a Schema. */
export const metadataPart = (
  { timestamp, type, ...said }: Response.ResponseMetadataPartEncoded
): Response.ResponseMetadataPart =>
  Response.makePart(type, {
    ...said,
    ...(timestamp === undefined ? undefined : { timestamp: DateTime.makeUnsafe(timestamp) })
  })
