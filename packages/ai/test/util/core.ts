/** What the core says in its own way, which is not that of Effect 4's. */
import type * as AiError from "@effect/ai/AiError"
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Response from "@effect/ai/Response"
import * as AiTool from "@effect/ai/Tool"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** What kinds of error are called. */
export const kinds = {
  malformedInput: "MalformedInput",
  malformedOutput: "MalformedOutput",
  invalidObject: "MalformedOutput",
  badArguments: "MalformedOutput",
  badTool: "MalformedInput",
  invalidRequest: "HttpResponseError",
  serverError: "HttpResponseError",
  lostConnection: "HttpRequestError"
} as const

export const kindOf = (error: AiError.AiError): string => error._tag

/** What is wrong, where no request was made or no answer could be used. */
export const descriptionOf = (error: AiError.AiError): string | undefined =>
  error._tag === "MalformedInput" || error._tag === "MalformedOutput" ? error.description : undefined

/** What kind each error of the client is, and what more of it is told apart. */
export const sorts = {
  invalidKey: "HttpResponseError StatusCode",
  noPermission: "HttpResponseError StatusCode",
  rateLimited: "HttpResponseError StatusCode",
  quota: "HttpResponseError StatusCode",
  filtered: "HttpResponseError StatusCode",
  invalidRequest: "HttpResponseError StatusCode",
  notFound: "HttpResponseError StatusCode",
  server: "HttpResponseError StatusCode",
  unexpected: "HttpResponseError Decode",
  timeout: "HttpRequestError Transport",
  input: "MalformedInput",
  schema: "MalformedInput",
  noKey: "MalformedInput",
  object: "MalformedOutput",
  limit: "HttpRequestError Transport"
} as const

export const sortOf = (error: AiError.AiError): string =>
  "reason" in error ? `${error._tag} ${error.reason}` : error._tag

/** What of the service's answer an error has. */
export const answerOf = (error: AiError.AiError) => {
  if (error._tag !== "HttpResponseError") throw new Error(`${error._tag} has no answer`)
  const { body, request, response } = error
  return { body, response, sentHeaders: request.headers }
}

export const requestIdOf = ({ id }: Response.ResponseMetadataPart): string | undefined => Option.getOrUndefined(id)

/** How many tokens went in and came out. */
export const usageOf = ({ usage }: LanguageModel.GenerateTextResponse<Record<never, never>>) => ({
  input: usage.inputTokens,
  output: usage.outputTokens,
  reasoning: usage.reasoningTokens
})

/** The same in a part, where the service told of some only. */
export const encodedUsage: typeof Response.Usage.Encoded = {
  inputTokens: 1,
  outputTokens: undefined,
  totalTokens: 3,
  cachedInputTokens: undefined
}

/** All of 5 tokens that went in, 2 of them from the cache, and of 7 that came out, 3 of them thinking. */
export const wholeUsage: typeof Response.Usage.Encoded = {
  inputTokens: 5,
  outputTokens: 7,
  totalTokens: 12,
  reasoningTokens: 3,
  cachedInputTokens: 2
}

/** What a call that the service ran says beside that it did. */
export const executed = { providerName: "code_interpreter" }

/** A tool that has no description but that of its parameters' Schema. */
export const described = (name: string, description: string): AiTool.Any => {
  class Request extends Schema.TaggedRequest<Request>()(name, {
    failure: Schema.Never,
    success: Schema.String,
    payload: { city: Schema.String }
  }, { description }) {}
  return AiTool.fromTaggedRequest(Request)
}

export const embed = (
  text: string
): Effect.Effect<ReadonlyArray<number>, AiError.AiError, EmbeddingModel.EmbeddingModel> =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embed(text))

/** With so many requests at once, where the core can be told. */
export const embedMany = (
  texts: ReadonlyArray<string>,
  concurrency?: number | "unbounded"
): Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, AiError.AiError, EmbeddingModel.EmbeddingModel> =>
  Effect.flatMap(
    EmbeddingModel.EmbeddingModel,
    (model) => model.embedMany(texts, concurrency === undefined ? undefined : { concurrency })
  )
