/** What the core says in its own way, which is not that of Effect 3's. */
import type * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import * as AiTool from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as DashScopeEmbeddingModel from "../../src/DashScopeEmbeddingModel.js"

/** What kinds of error are called. */
export const kinds = {
  malformedInput: "InvalidUserInputError",
  malformedOutput: "InvalidOutputError",
  invalidObject: "StructuredOutputError",
  badArguments: "ToolParameterValidationError",
  badTool: "ToolConfigurationError",
  invalidRequest: "InvalidRequestError",
  serverError: "InternalProviderError",
  lostConnection: "NetworkError"
} as const

export const kindOf = ({ reason }: AiError.AiError): string => reason._tag

/** What is wrong, where no request was made or no answer could be used. */
export const descriptionOf = ({ reason }: AiError.AiError): string | undefined =>
  "description" in reason ? reason.description : undefined

/** What kind each error of the client is, and what more of it is told apart. */
export const sorts = {
  invalidKey: "AuthenticationError InvalidKey",
  noPermission: "AuthenticationError InsufficientPermissions",
  rateLimited: "RateLimitError",
  quota: "QuotaExhaustedError",
  filtered: "ContentPolicyError",
  invalidRequest: "InvalidRequestError",
  notFound: "InvalidRequestError",
  server: "InternalProviderError",
  unexpected: "InvalidResponseError",
  timeout: "NetworkError TransportError",
  input: "InvalidUserInputError",
  schema: "UnsupportedSchemaError",
  noKey: "AuthenticationError MissingKey",
  object: "StructuredOutputError",
  limit: "RateLimitError"
} as const

export const sortOf = ({ reason }: AiError.AiError): string =>
  "kind" in reason
    ? `${reason._tag} ${reason.kind}`
    : "reason" in reason
    ? `${reason._tag} ${reason.reason}`
    : reason._tag

/** What of the service's answer an error has. */
export const answerOf = ({ reason }: AiError.AiError) => {
  if (!("http" in reason) || reason.http?.response === undefined) throw new Error(`${reason._tag} has no answer`)
  const { body, response } = reason.http
  return { body, response, sentHeaders: Reflect.get(reason.http, "request") ?? {} }
}

export const requestIdOf = ({ id }: Response.ResponseMetadataPart): string | undefined => id

/** How many tokens went in and came out. */
export const usageOf = ({ usage }: LanguageModel.GenerateTextResponse<Record<never, never>>) => ({
  input: usage.inputTokens.total,
  output: usage.outputTokens.total,
  reasoning: usage.outputTokens.reasoning
})

/** The same in a part, where the service told of some only. */
export const encodedUsage: typeof Response.Usage.Encoded = {
  inputTokens: { total: 1, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined }
}

/** All of 5 tokens that went in, 2 of them from the cache, and of 7 that came out, 3 of them thinking. */
export const wholeUsage: typeof Response.Usage.Encoded = {
  inputTokens: { total: 5, uncached: 3, cacheRead: 2, cacheWrite: undefined },
  outputTokens: { total: 7, text: 4, reasoning: 3 }
}

/** What a call that the service ran says beside that it did. */
export const executed = {}

/** A tool that has no description but that of its parameters' Schema. */
export const described = (name: string, description: string): AiTool.Any =>
  AiTool.make(name, { parameters: Schema.Struct({ city: Schema.String }).annotate({ description }) })

export const embed = (text: string): Effect.Effect<ReadonlyArray<number>, AiError.AiError, EmbeddingModel.EmbeddingModel> =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => Effect.map(model.embed(text), ({ vector }) => vector))

/** With so many requests at once, which only the settings tell. */
export const embedMany = (
  texts: ReadonlyArray<string>,
  concurrency?: number | "unbounded"
): Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, AiError.AiError, EmbeddingModel.EmbeddingModel> =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) =>
    model.embedMany(texts).pipe(
      Effect.map(({ embeddings }) => embeddings.map(({ vector }) => vector)),
      DashScopeEmbeddingModel.withConfigOverride(
        concurrency === undefined ? {} : { concurrency: concurrency === "unbounded" ? texts.length : concurrency }
      )
    ))
