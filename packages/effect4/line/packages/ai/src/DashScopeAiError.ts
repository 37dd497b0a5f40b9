/**
 * The client's typed errors behind those of `effect/ai`.
 *
 * | error of the client                              | reason of the `AiError`                                             |
 * | ------------------------------------------------ | ------------------------------------------------------------------- |
 * | `ApiError` of reason `Authentication`            | `AuthenticationError`, kind `InvalidKey` or `InsufficientPermissions` |
 * | `ApiError` of reason `RateLimited`               | `RateLimitError`, with `retryAfter`                                 |
 * | `ApiError` of reason `QuotaExhausted`            | `QuotaExhaustedError`                                               |
 * | `ApiError` of reason `ContentFiltered`           | `ContentPolicyError`                                                |
 * | `ApiError` of reason `InvalidRequest`, `NotFound` | `InvalidRequestError`                                              |
 * | `ApiError` of reason `Server`                    | `InternalProviderError`                                             |
 * | `ApiError` of reason `UnexpectedResponse`        | `InvalidResponseError`                                              |
 * | `RequestTimeout`, `ConnectionError`, `PoolExhausted` | `NetworkError`, reason `TransportError`                         |
 * | `RateLimitExceeded`                              | `RateLimitError`, with `retryAfter`                                 |
 * | `InputRequired`                                  | `InvalidUserInputError`; `UnsupportedSchemaError` of the field `schema` |
 * | `NoApiKey`                                       | `AuthenticationError`, kind `MissingKey`                            |
 * | `InvalidObject`                                  | `StructuredOutputError`                                             |
 * | `EmbedManyError`                                 | that of its reason                                                  |
 *
 * Without an original are: `InvalidUserInputError`, what cannot be sent of a prompt; `ToolConfigurationError`, a tool that cannot be
 * described to the service; `InvalidOutputError`, an answer that cannot be used, such as calls that were cut off; and
 * `ToolParameterValidationError`, arguments that are no JSON. Reasons of an `ApiError` have the service's status and body under `http`,
 * and the service's code and request id under `metadata.dashscope`.
 *
 * The client has made its retries by then: `Effect.retry` around a model multiplies them. Set `retry` in the model's settings
 * instead. `AiError.isRetryable` knows the kind of error only; {@link isRetryable} knows the error.
 *
 * @since 0.1.0
 */
import type { DashScopeError } from "effect-dashscope/DashScopeError"
import type { InvalidObject } from "effect-dashscope/StructuredOutput"
import type { EmbedManyError } from "effect-dashscope/TextEmbedding"
import type * as AiError from "effect/ai/AiError"
import * as Errors from "./internal/errors.js"

/**
 * The error that an error of `effect/ai` was made of; nothing where it was made of none, or by others.
 *
 * @example
 * import { LanguageModel } from "effect/ai"
 * import { DashScopeAiError } from "effect-dashscope-ai"
 * import { Console, Effect } from "effect"
 *
 * export const ask = LanguageModel.generateText({ prompt: "你是谁？" }).pipe(
 *   Effect.tapError((error) => {
 *     const original = DashScopeAiError.original(error)
 *     return original?._tag === "ApiError" ? Console.error(original.reason, original.requestId) : Effect.void
 *   })
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const original: (error: AiError.AiError) => DashScopeError | EmbedManyError | InvalidObject | undefined =
  Errors.originalOf

/**
 * Whether the same request may succeed if it is sent again later. The client has tried again already.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: AiError.AiError): boolean => Errors.originalOf(error)?.isRetryable === true
