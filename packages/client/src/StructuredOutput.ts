/**
 * Answers that are values: `Generation.callObject` has the model answer in JSON and decodes that with a Schema.
 *
 * @example
 * import { Generation, Message } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * class Person extends Schema.Class<Person>("Person")({
 *   name: Schema.String.annotations({ description: "The full name" }),
 *   age: Schema.NullOr(Schema.Int)
 * }) {}
 *
 * export const person = Generation.callObject(
 *   { model: "qwen-plus", messages: [Message.user("Li Lei turned 25 last week.")] },
 *   Person,
 *   { repair: 1 }
 * ).pipe(Effect.map(({ value }) => value.age))
 *
 * Source: "Structured output".
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import type { GenerationResult } from "./GenerationResult.js"
import type { Usage } from "./ToolRun.js"

/**
 * What is wrong with an answer that should be an object.
 *
 * - `Empty`: it has no text.
 * - `Truncated`: it ends before its JSON does, at a limit of tokens or at the service's limit of time.
 * - `NotJson`: it is not JSON.
 * - `DoesNotFit`: it is, and does not fit the Schema.
 *
 * @since 0.1.0
 * @category models
 */
export const InvalidObjectReason = Schema.Literal("Empty", "Truncated", "NotJson", "DoesNotFit")

/**
 * @since 0.1.0
 * @category models
 */
export type InvalidObjectReason = typeof InvalidObjectReason.Type

/**
 * The model answered, and not with the object that was asked for.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidObject extends Schema.TaggedError<InvalidObject>("effect-dashscope/InvalidObject")(
  "InvalidObject",
  {
    reason: InvalidObjectReason,
    /** What does not fit, and where, with the values found there. Empty where nothing came. */
    description: Schema.String,
    /** Where, such as `stops[0].city`. */
    paths: Schema.Array(Schema.String),
    /** The answer's text, cut after 4000 characters. */
    text: Schema.String,
    /** As the service gave it: `stop`, `length`. */
    finishReason: Schema.optional(Schema.String),
    /** How often the model was asked. */
    attempts: Schema.Int,
    /** Quote this to Alibaba Cloud's support. */
    requestId: Schema.optional(Schema.String)
  }
) {
  readonly isRetryable = false

  /** Without what the model wrote, which is not for logs. */
  override get message(): string {
    const at = this.paths.filter((path) => path !== "")
    const times = this.attempts === 1 ? "" : ` after ${this.attempts} attempts`
    const hint = this.reason === "Truncated" ? "; raise maxTokens, or ask for less" : ""
    return `The answer is not the object that was asked for (${this.reason}` +
      `${at.length === 0 ? "" : ` at ${at.join(", ")}`})${times}${hint}`
  }
}

/**
 * How `Generation.callObject` goes about it, besides the options of each of its calls.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectOptions extends CallOptions {
  /**
   * `json_schema` has the service keep to the JSON Schema. Many models have only `json_object`, for any JSON; the JSON
   * Schema is then written into the system message. Default: `json_schema`.
   */
  readonly format?: "json_schema" | "json_object" | undefined
  /**
   * The object's name, of `A-Z a-z 0-9 _ -`. Default: the Schema's identifier or title, else `answer`.
   */
  readonly name?: string | undefined
  /** What the object is. Default: the Schema's description. */
  readonly description?: string | undefined
  /**
   * Whether the system message is to show the JSON Schema. Default: with `json_object` only. Where this is false, and
   * no message has the word "json", which the service insists on, the system message asks for a JSON object and says
   * no more.
   */
  readonly describe?: boolean | undefined
  /**
   * How often the model may try again, shown its answer and what is wrong with it. An answer cut short is not tried
   * again, as it would be cut short again. Default: 0.
   */
  readonly repair?: number | undefined
}

/**
 * The object, and where it came from.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectResult<out A> {
  readonly value: A
  /** The answer that the value is made of. */
  readonly result: GenerationResult
  /** How often the model was asked. */
  readonly attempts: number
  /** What all attempts cost; that of `result` is the last one's only. */
  readonly usage: Usage
}
