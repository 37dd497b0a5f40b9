/**
 * The lines of a file of vectors.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type { ApiError } from "../../DashScopeError.js"
import { isRecord } from "../core/record.js"
import { unreadable } from "../operation/download.js"
import { subTaskError } from "../operation/taskState.js"
import { apiError } from "../protocol/envelope.js"
import { parseJson } from "../protocol/errorBody.js"

/** @internal */
export interface Row {
  readonly index: number
  readonly embedding: Either.Either<ReadonlyArray<number>, ApiError>
  readonly row: Readonly<Record<string, unknown>>
}

const isVector = (u: unknown): u is ReadonlyArray<number> =>
  Array.isArray(u) && u.length > 0 && u.every((value) => typeof value === "number")

const isStatus = (u: unknown): u is number => typeof u === "number" && u >= 300 && u < 600

const textOf = (u: unknown): string => typeof u === "string" ? u : ""

/** Codes are texts as elsewhere, or the numbers of HTTP. */
const errorOf = (index: number, row: Readonly<Record<string, unknown>>): ApiError | undefined => {
  const { code } = row
  const message = textOf(row["message"])
  const what = `line ${index}`
  return isStatus(code)
    ? apiError(code, {
      code: "",
      message: `${what} failed: ${message || "the service gave no message"}`,
      requestId: undefined
    }, {
      requestId: undefined,
      retryAfter: undefined
    })
    : subTaskError(what, { code: textOf(code), message })
}

/** A line, which is the n-th from 0; blank ones are none. @internal */
export const rowOf = (line: string, n: number): Either.Either<Row, ApiError> => {
  const json = parseJson(line)
  const row = isRecord(json) && isRecord(json["output"]) ? json["output"] : json
  if (!isRecord(row)) return Either.left(unreadable(`line ${n} of the file is not an object`))
  const given = row["text_index"]
  const index = typeof given === "number" ? given : n
  const { embedding } = row
  if (isVector(embedding)) return Either.right({ index, embedding: Either.right(embedding), row })
  const error = errorOf(index, row)
  return error === undefined
    ? Either.left(unreadable(`line ${n} of the file has neither a vector nor an error`))
    : Either.right({ index, embedding: Either.left(error), row })
}
