/**
 * Tokenization: texts as the tokens that a model counts, to know before a call what it will cost.
 *
 * @example
 * import { Tokenization } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const count = (prompt: string) =>
 *   Tokenization.call({ model: "qwen-plus", prompt }).pipe(Effect.map((result) => result.output.tokenIds?.length ?? 0))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import { encodeMessages } from "./internal/operation/messages.js"
import * as Params from "./internal/operation/params.js"
import type { Message } from "./Message.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface TokenizationParams {
  /** Such as `qwen-plus`. */
  readonly model: string
  /** One text; with `messages` it is their last, of the user. */
  readonly prompt?: string | undefined
  readonly messages?: ReadonlyArray<Message> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<TokenizationParams> = {
  model: Params.top("model"),
  prompt: Params.input("prompt"),
  messages: Params.input("messages")
}

const problem = ({ extraInput, messages, model, prompt }: TokenizationParams): InputRequired | undefined =>
  Params.modelRequired(model, "qwen-plus") ?? (prompt || !Params.isEmpty(messages) || extraInput !== undefined
    ? undefined
    : Params.invalid("messages", "nothing to send: give messages or a prompt"))

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenizationResult extends Schema.Schema.Type<typeof TokenizationResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TokenizationResult = Schema.Struct({
  output: Schema.Struct({
    tokenIds: nullishFrom("token_ids", Schema.Array(Schema.Number)),
    tokens: nullish(Schema.Array(Schema.String))
  }).annotations(preserve),
  usage: nullish(Schema.Struct({ inputTokens: nullishFrom("input_tokens", Schema.Number) }).annotations(preserve)),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TokenizationResult", ...preserve })

const post = Endpoint.post("/tokenizer", fields, problem)

const endpoint: Endpoint.Endpoint<TokenizationParams, TokenizationResult> = {
  operation: "tokenize",
  modelOf: ({ model }) => model,
  encode: (params) =>
    Either.flatMap(encodeMessages(params), ({ messages, prompt }) => post({ extra: {}, ...params, messages, prompt })),
  decode: Codec.decoder(TokenizationResult),
  // What is only counted costs nothing.
  usageOf: () => undefined
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (
    params: TokenizationParams,
    options?: CallOptions
  ) => Effect.Effect<TokenizationResult, DashScopeError>
}

/**
 * @example
 * import { Tokenization } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that counts tokens: one for each character.
 * export const Mock = Layer.mock(Tokenization.Tokenization, {
 *   call: ({ prompt }) => Effect.succeed({ output: { tokens: [...prompt ?? ""] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Tokenization extends Context.Tag("effect-dashscope/Tokenization")<Tokenization, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({ call: Endpoint.call(client, endpoint) })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Tokenization, never, DashScopeClient.DashScopeClient> = Layer.effect(Tokenization, make)

/**
 * The tokens of a prompt or of messages.
 *
 * Fails with `InputRequired` before anything is sent where there is neither, and with the other errors of `DashScopeError` as they
 * say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: TokenizationParams,
  options?: CallOptions
): Effect.Effect<TokenizationResult, DashScopeError, Tokenization> =>
  Effect.flatMap(Tokenization, (service) => service.call(params, options))
