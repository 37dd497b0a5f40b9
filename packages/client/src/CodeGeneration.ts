/**
 * Code generation (`tongyi-lingma-v1`): code from words, comments, explanations, tests, commit messages, SQL.
 *
 * @example
 * import { CodeGeneration } from "effect-dashscope"
 *
 * export const sum = CodeGeneration.call({
 *   model: "tongyi-lingma-v1",
 *   scene: "nl2code",
 *   message: [
 *     { role: "user", content: "计算给定路径下所有文件的总大小" },
 *     { role: "attachment", meta: { language: "java" } }
 *   ]
 * })
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import type { ServerEvent } from "./Envelope.js"
import { isFinish } from "./internal/chat/finishReason.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { isRecord } from "./internal/core/record.js"
import * as Pull from "./internal/effect/pull.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import * as Streaming from "./internal/operation/stream.js"

/**
 * What is said, and what it is about. The keys of `meta` are the wire's: `language`, `code`, `diff_list`, `schema_infos` …, as the
 * scene needs them.
 *
 * @since 0.1.0
 * @category models
 */
export type CodeMessage =
  | { readonly role: "user" | "assistant" | "system"; readonly content: string }
  | { readonly role: "attachment"; readonly meta: Readonly<Record<string, unknown>> }

/**
 * @since 0.1.0
 * @category models
 */
export interface CodeGenerationParams {
  /** Such as `tongyi-lingma-v1`. */
  readonly model: string
  /** `custom`, `nl2code`, `code2comment`, `code2explain`, `commit2msg`, `unittest`, `codeqa` or `nl2sql`. */
  readonly scene: string
  readonly message: ReadonlyArray<CodeMessage>
  /** How many answers; the service knows 1. Default: 1. */
  readonly n?: number | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<CodeGenerationParams> = {
  model: Params.top("model"),
  scene: Params.input("scene"),
  message: Params.input("message"),
  n: Params.parameter("n")
}

const problem = ({ message, model, scene }: CodeGenerationParams): InputRequired | undefined =>
  Params.modelRequired(model, "tongyi-lingma-v1") ??
    (Params.isEmpty(scene) ? Params.invalid("scene", "a scene is required, such as \"nl2code\"") : undefined) ??
    (Params.isEmpty(message) ? Params.invalid("message", "at least one message is required") : undefined)

/**
 * What the model wrote.
 *
 * @since 0.1.0
 * @category models
 */
export interface CodeChoice extends Schema.Schema.Type<typeof CodeChoice> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CodeChoice = Schema.Struct({
  index: nullish(Schema.Number),
  content: nullish(Schema.String),
  /** `stop` or `length`; the text `"null"` while the answer goes on (in streams). */
  finishReason: nullishFrom("finish_reason", Schema.String),
  /** In seconds since 1970. */
  frameTimestamp: nullishFrom("frame_timestamp", Schema.Number),
  frameId: nullishFrom("frame_id", Schema.Number)
}).annotations({ identifier: "CodeChoice", ...preserve })

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface CodeGenerationResult extends Schema.Schema.Type<typeof CodeGenerationResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CodeGenerationResult = Schema.Struct({
  output: Schema.Struct({ choices: Schema.Array(CodeChoice) }).annotations(preserve),
  usage: nullish(
    Schema.Struct({
      inputTokens: nullishFrom("input_tokens", Schema.Number),
      outputTokens: nullishFrom("output_tokens", Schema.Number)
    }).annotations(preserve)
  ),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "CodeGenerationResult", ...preserve })

const post = Endpoint.post("/services/aigc/code-generation/generation", fields, problem)

const endpoint: Endpoint.Endpoint<CodeGenerationParams, CodeGenerationResult> = {
  operation: "generate_code",
  modelOf: ({ model }) => model,
  encode: (params) => post({ n: 1, ...params }),
  decode: Codec.decoder(CodeGenerationResult),
  usageOf: ({ usage }) => usage
}

const isEnd = ({ output }: CodeGenerationResult): boolean =>
  output.choices.some(({ finishReason }) => isFinish(finishReason))

const isContent = ({ output }: ServerEvent): boolean =>
  isRecord(output) && Array.isArray(output["choices"]) &&
  output["choices"].some((choice) => isRecord(choice) && choice["content"] !== "")

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
    params: CodeGenerationParams,
    options?: CallOptions
  ) => Effect.Effect<CodeGenerationResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (
    params: CodeGenerationParams,
    options?: CallOptions
  ) => Stream.Stream<CodeGenerationResult, DashScopeError>
}

/**
 * @example
 * import { CodeGeneration } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(CodeGeneration.CodeGeneration, {
 *   call: () => Effect.succeed({ output: { choices: [{ content: "1 + 1" }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class CodeGeneration extends Context.Tag("effect-dashscope/CodeGeneration")<CodeGeneration, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    call: Endpoint.call(client, endpoint),
    stream: Streaming.stream(client, endpoint, { isContent, isEnd })
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<CodeGeneration, never, DashScopeClient.DashScopeClient> = Layer.effect(
  CodeGeneration,
  make
)

/**
 * Asks for code and waits for all of it.
 *
 * Fails with `InputRequired` before anything is sent where the scene or the message is missing, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: CodeGenerationParams,
  options?: CallOptions
): Effect.Effect<CodeGenerationResult, DashScopeError, CodeGeneration> =>
  Effect.flatMap(CodeGeneration, (service) => service.call(params, options))

/**
 * Asks for code and gives it as it is written: each element holds all so far, as the service sends it.
 *
 * Fails as {@link call} does. A stream that ends before its answer did is a `ConnectionError` of reason `Truncated`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: CodeGenerationParams,
  options?: CallOptions
): Stream.Stream<CodeGenerationResult, DashScopeError, CodeGeneration> =>
  Pull.unwrap(Effect.map(CodeGeneration, (service) => service.stream(params, options)))

/**
 * The code, of the first choice; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const text = ({ output }: CodeGenerationResult): string => output.choices[0]?.content ?? ""
