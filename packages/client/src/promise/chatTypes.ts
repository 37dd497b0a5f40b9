/**
 * What programs without Effect give for streams, tools and objects. Nothing of Effect is named here.
 *
 * @since 0.1.0
 */
import type { ToolCall } from "./types.js"

/**
 * What a stream gives, be it one of ours or a collection of its elements.
 *
 * @since 0.1.0
 * @category models
 */
export type Elements<A> = AsyncIterable<A> | Iterable<A>

/**
 * A JSON Schema of an object.
 *
 * @since 0.1.0
 * @category models
 */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What validators of Zod, Valibot, ArkType and others have in common ("Standard Schema"). `Schema.standardSchemaV1` of Effect
 * makes one too.
 *
 * @since 0.1.0
 * @category models
 */
export interface StandardSchema<out A> {
  readonly "~standard": {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<A> | Promise<StandardResult<A>>
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export type StandardResult<A> =
  | { readonly value: A; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<StandardIssue> }

/**
 * @since 0.1.0
 * @category models
 */
export interface StandardIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/**
 * What decides whether a value fits, and makes of it what the program works with: a validator of a library, or a function
 * that throws where it does not fit.
 *
 * @since 0.1.0
 * @category models
 */
export type Validator<A> = StandardSchema<A> | ((value: unknown) => A | Promise<A>)

/**
 * An object that is asked for: the JSON Schema for the model, and what checks its answer. Without `validate` the value is
 * any JSON object, as the model wrote it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectFormat<A> {
  readonly jsonSchema: JsonSchema
  readonly validate?: Validator<A> | undefined
}

/**
 * What a tool's function is told besides its arguments.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolContext {
  /** The call as it came. */
  readonly call: ToolCall
  /** Aborted where the run is. */
  readonly signal: AbortSignal
}

/**
 * A function that the model may ask for. {@link tool} makes one with the type of its arguments.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolFunction<A = unknown> {
  /** Up to 64 of the characters `A-Z a-z 0-9 _ -`. */
  readonly name: string
  /** What the function is for, and when to call it. */
  readonly description?: string | undefined
  /** A JSON Schema of the arguments. Default: no arguments. */
  readonly parameters?: JsonSchema | undefined
  /** What checks the arguments. The model is told what does not fit. Default: that they are a JSON object. */
  readonly validate?: Validator<A> | undefined
  /**
   * Does the work. What it gives is told to the model: text as it is, all else as JSON. What it throws ends the run, unless
   * `onHandlerFailure` says otherwise.
   */
  execute(args: A, context: ToolContext): unknown
}
