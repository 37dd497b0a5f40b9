/** What the core says in its own way, which is not that of Effect 3's. */
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"

/** What kinds of error are called. */
export const kinds = {
  malformedInput: "InvalidUserInputError",
  malformedOutput: "InvalidOutputError",
  invalidObject: "StructuredOutputError",
  serverError: "InternalProviderError",
  lostConnection: "NetworkError"
} as const

export const kindOf = ({ reason }: AiError.AiError): string => reason._tag

/** What is wrong, where no request was made or no answer could be used. */
export const descriptionOf = ({ reason }: AiError.AiError): string | undefined =>
  "description" in reason ? reason.description : undefined

/** What of the service's answer an error has. */
export const answerOf = ({ reason }: AiError.AiError) =>
  "http" in reason && reason.http?.response !== undefined
    ? { status: reason.http.response.status, retryAfter: reason.http.response.headers["retry-after"] }
    : undefined

export const requestIdOf = ({ id }: Response.ResponseMetadataPart): string | undefined => id

/** How many tokens went in and came out. */
export const usageOf = ({ usage }: LanguageModel.GenerateTextResponse<Record<never, never>>) => ({
  input: usage.inputTokens.total,
  output: usage.outputTokens.total,
  reasoning: usage.outputTokens.reasoning
})
