/** What the core says in its own way, which is not that of Effect 4's. */
import type * as AiError from "@effect/ai/AiError"
import type * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Response from "@effect/ai/Response"
import * as Option from "effect/Option"

/** What kinds of error are called. */
export const kinds = {
  malformedInput: "MalformedInput",
  malformedOutput: "MalformedOutput",
  invalidObject: "MalformedOutput",
  serverError: "HttpResponseError",
  lostConnection: "HttpRequestError"
} as const

export const kindOf = (error: AiError.AiError): string => error._tag

/** What is wrong, where no request was made or no answer could be used. */
export const descriptionOf = (error: AiError.AiError): string | undefined =>
  error._tag === "MalformedInput" || error._tag === "MalformedOutput" ? error.description : undefined

/** What of the service's answer an error has. */
export const answerOf = (error: AiError.AiError) =>
  error._tag === "HttpResponseError"
    ? { status: error.response.status, retryAfter: error.response.headers["retry-after"] }
    : undefined

export const requestIdOf = ({ id }: Response.ResponseMetadataPart): string | undefined => Option.getOrUndefined(id)

/** How many tokens went in and came out. */
export const usageOf = ({ usage }: LanguageModel.GenerateTextResponse<Record<never, never>>) => ({
  input: usage.inputTokens,
  output: usage.outputTokens,
  reasoning: usage.reasoningTokens
})
