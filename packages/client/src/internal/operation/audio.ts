import * as Chunk from "effect/Chunk"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import { ApiError } from "../../DashScopeError.js"

/** The bytes of a piece of audio, where there is one. @internal */
export const bytesOf = (
  data: string | null | undefined,
  requestId: string | null | undefined
): Either.Either<Chunk.Chunk<Uint8Array>, ApiError> =>
  !data ? Either.right(Chunk.empty()) : Either.mapBoth(Encoding.decodeBase64(data), {
    onLeft: () =>
      new ApiError({
        reason: "UnexpectedResponse",
        statusCode: 200,
        code: "",
        description: "a piece of audio is not base64",
        isRetryable: false,
        ...(requestId ? { requestId } : undefined)
      }),
    onRight: Chunk.of
  })

/** Pieces as one. @internal */
export const joined = (pieces: Iterable<Uint8Array>): Uint8Array => {
  let length = 0
  for (const piece of pieces) length += piece.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
