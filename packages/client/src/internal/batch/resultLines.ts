/**
 * The lines of a batch's files of results, each an answer in the form of our services, or an error.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import type { BatchResult } from "../../BatchState.js"
import type { ApiError } from "../../DashScopeError.js"
import type { GenerationResult } from "../../GenerationResult.js"
import { TextEmbeddingResult } from "../../TextEmbeddingResult.js"
import * as Chat from "../chat/decode.js"
import * as Codec from "../core/codec.js"
import { isRecord } from "../core/record.js"
import { statusOf } from "../protocol/classify.js"
import { apiError, unexpectedShape } from "../protocol/envelope.js"
import * as ErrorBody from "../protocol/errorBody.js"
import type { Line } from "./lineReader.js"

type Json = Readonly<Record<string, unknown>>

/** An answer's body of the compatible mode, with the id of its request. @internal */
export type Decode<A> = (body: Json, requestId: string | undefined) => Either.Either<A, ParseResult.ParseError>

const renamed = (json: Json, names: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [names[name] ?? name, value]))

const usageNames: Readonly<Record<string, string>> = {
  prompt_tokens: "input_tokens",
  completion_tokens: "output_tokens",
  completion_tokens_details: "output_tokens_details"
}

const usageOf = (usage: unknown): unknown => isRecord(usage) ? renamed(usage, usageNames) : usage

const idOf = (requestId: string | undefined): Json => requestId === undefined ? {} : { request_id: requestId }

/** @internal */
export const generation: Decode<GenerationResult> = (
  { choices, model, usage, ...rest },
  requestId
) =>
  Chat.decode({
    ...rest,
    output: { choices, ...(model === undefined ? undefined : { model_name: model }) },
    ...(usage === undefined ? undefined : { usage: usageOf(usage) }),
    ...idOf(requestId)
  })

const decodeEmbedding = Codec.decoder(TextEmbeddingResult)

/** @internal */
export const embedding: Decode<TextEmbeddingResult> = ({ data, usage, ...rest }, requestId) =>
  decodeEmbedding({
    ...rest,
    output: {
      embeddings: Array.isArray(data)
        ? data.map((item: unknown) => isRecord(item) ? renamed(item, { index: "text_index" }) : item)
        : data
    },
    ...(usage === undefined ? undefined : { usage: usageOf(usage) }),
    ...idOf(requestId)
  })

const textOf = (u: unknown): string | undefined => typeof u === "string" && u !== "" ? u : undefined

const noRetry = { requestId: undefined, retryAfter: undefined } as const

/** Of a line that is none; it quotes nothing of what stands there. */
const unreadable = (description: string): ApiError =>
  apiError(200, { code: "", message: description, requestId: undefined }, noRetry)

const neither = (): ApiError => unreadable("the line has neither an answer nor an error")

const statusIn = (status: unknown): number | undefined =>
  typeof status === "number" && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : typeof status === "string" && /^[1-5]\d\d$/.test(status)
    ? Number(status)
    : undefined

const failureOf = (error: unknown, body: unknown, status: number | undefined, requestId: string | undefined) => {
  const found = ErrorBody.fromJson({ error }) ?? ErrorBody.fromJson(body)
  const said = typeof error === "string" && error !== "" ? { code: "", message: error, requestId: undefined } : found
  if (said === undefined) return undefined
  // Where a code is a status, that is what it is.
  const ofCode = statusIn(said.code)
  return apiError(
    status !== undefined && status >= 400 ? status : ofCode ?? statusOf(said.code),
    {
      code: said.code,
      message: said.message === "" ? "the service gave no message" : said.message,
      requestId: said.requestId
    },
    { ...noRetry, requestId }
  )
}

const answerOf = <A>(json: Json, decode: Decode<A>): Either.Either<A, ApiError> => {
  const { error, response } = json
  const given: Json = isRecord(response) ? response : {}
  const { body } = given
  const requestId = textOf(given["request_id"]) ?? textOf(json["id"])
  const status = statusIn(given["status_code"])
  const hasError = error !== undefined && error !== null
  if (hasError || (status !== undefined && status >= 400) || !isRecord(body)) {
    const failure = failureOf(hasError ? error : undefined, body, status, requestId)
    if (failure !== undefined) return Either.left(failure)
    return Either.left(
      status !== undefined && status >= 400
        ? apiError(status, { code: "", message: "the service gave no message", requestId }, noRetry)
        : neither()
    )
  }
  // An error that claims success, or nothing at all.
  return body["choices"] === undefined && body["data"] === undefined
    ? Either.left(failureOf(undefined, body, status, requestId) ?? neither())
    : Either.mapLeft(decode(body, requestId), (error) => unexpectedShape(error, { status: status ?? 200, requestId }))
}

/** The id in a line that breaks off or is otherwise no JSON. */
const idIn = (line: string): string => {
  const found = /"custom_id"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(line.slice(0, 64 * 1024))?.[1]
  const id = found === undefined ? undefined : ErrorBody.parseJson(found)
  return typeof id === "string" ? id : ""
}

/** What a line says; nothing for one that is empty. @internal */
export const read = <A>(
  line: Line,
  place: Pick<BatchResult<A>, "file" | "line">,
  decode: Decode<A>
): BatchResult<A> | undefined => {
  const where = `line ${place.line} of the ${place.file} file`
  const bad = (customId: string, why: string): BatchResult<A> => ({
    customId,
    answer: Either.left(unreadable(`${where} ${why}`)),
    ...place
  })
  if (line === undefined) return bad("", "is too long to be read")
  const text = line.startsWith("\ufeff") ? line.slice(1) : line
  if (text.trim() === "") return undefined
  const json = ErrorBody.parseJson(text)
  if (!isRecord(json)) return bad(idIn(text), "is no JSON object: it may have broken off")
  const customId = json["custom_id"]
  if (typeof customId !== "string") return bad("", "has no custom_id")
  return { customId, answer: answerOf(json, decode), ...place }
}
