/** What errors of the core are made of here. */
import type { ApiError, DashScopeError } from "effect-dashscope/DashScopeError"
import type { InvalidObject } from "effect-dashscope/StructuredOutput"
import type { EmbedManyError } from "effect-dashscope/TextEmbedding"
import * as Duration from "effect/Duration"

/** What this package knows the reasons of. */
export type Original = DashScopeError | EmbedManyError | InvalidObject

/** Where it happened. */
export interface Where {
  readonly module: string
  readonly method: string
  /** The path of the request's URL. */
  readonly url: string
}

/** What of a prompt or a toolkit cannot be sent, or why an answer cannot be used. */
export interface Problem {
  readonly description: string
  /** The tool that it is of. */
  readonly tool?: string
}

/** What the service answered, as far as the client keeps it: no header of the request, so without the key. */
export const answerOf = ({ code, description, requestId, retryAfter, statusCode }: ApiError) => ({
  response: {
    status: statusCode,
    headers: {
      ...(requestId === undefined ? undefined : { "x-request-id": requestId }),
      ...(retryAfter === undefined ? undefined : { "retry-after": String(Math.ceil(Duration.toSeconds(retryAfter))) })
    }
  },
  body: JSON.stringify({
    code,
    message: description,
    ...(requestId === undefined ? undefined : { request_id: requestId })
  })
})
