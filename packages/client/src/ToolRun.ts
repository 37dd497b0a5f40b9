/**
 * Runs of tools: how they go about it, what they tell on the way, and what they come to. `Tool` exports all of it too.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import type { GenerationResult } from "./GenerationResult.js"
import { cut } from "./internal/core/schemaIssues.js"
import * as Message from "./Message.js"

/**
 * What is wrong with a tool call.
 *
 * - `UnknownTool`: there is no tool of this name.
 * - `InvalidJson`: the arguments are not JSON.
 * - `InvalidArguments`: they are, and do not fit the tool's Schema.
 *
 * @since 0.1.0
 * @category models
 */
export const ToolCallErrorReason = Schema.Literal("UnknownTool", "InvalidJson", "InvalidArguments")

/**
 * @since 0.1.0
 * @category models
 */
export type ToolCallErrorReason = typeof ToolCallErrorReason.Type

/**
 * The model asked for a tool in a way that cannot be followed. It usually fixes that when it is told: answer the call
 * with `description`.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolCallError extends Schema.TaggedError<ToolCallError>("effect-dashscope/ToolCallError")(
  "ToolCallError",
  {
    reason: ToolCallErrorReason,
    /** The name that the model called. */
    tool: Schema.String,
    /** The id of the call. */
    callId: Schema.String,
    /** Where in the arguments, such as `stops[0].city`. */
    paths: Schema.Array(Schema.String),
    /** What the model is to be told: where, what was expected, and what it wrote (cut short). */
    description: Schema.String
  }
) {
  readonly isRetryable = false

  /** Without what the model wrote, which is not for logs. */
  override get message(): string {
    const at = this.paths.filter((path) => path !== "")
    return `The model called ${JSON.stringify(cut(this.tool, 64))} in a way that cannot be followed (${this.reason}` +
      `${at.length === 0 ? "" : ` at ${at.join(", ")}`})`
  }
}

/**
 * The model still asks for tools after `maxRounds` rounds. What it asked for last was not done.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRounds extends Schema.TaggedError<TooManyRounds>("effect-dashscope/TooManyRounds")(
  "TooManyRounds",
  {
    maxRounds: Schema.Int,
    /** The conversation up to the last question, to go on from. */
    messages: Schema.Array(Message.Message),
    /** What the model asked for last. */
    calls: Schema.Array(Message.ToolCall),
    /** Of all rounds. */
    usage: Schema.Struct({
      inputTokens: Schema.Number,
      outputTokens: Schema.Number,
      totalTokens: Schema.Number
    })
  }
) {
  readonly isRetryable = false

  override get message(): string {
    const names = [...new Set(this.calls.map((call) => cut(call.function.name, 64)))]
    const rounds = this.maxRounds === 1 ? "its only round," : `each of ${this.maxRounds} rounds, the last time`
    return `The model asked for tools in ${rounds} for ${names.join(", ")}; raise maxRounds if that is right`
  }
}

/**
 * The same where the messages are of another kind, such as those of `MultiModalConversation`.
 *
 * @since 0.1.0
 * @category errors
 */
export type TooManyRoundsOf<M> = Omit<TooManyRounds, "messages"> & {
  readonly messages: ReadonlyArray<M>
}

/**
 * How `Generation.runTools` goes about it, besides the options of each of its calls.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunOptions<E = unknown> extends CallOptions {
  /** How often the model may be asked at the most; then `TooManyRounds`. Default: 8. */
  readonly maxRounds?: number | undefined
  /**
   * How many of the calls that the model makes in one answer are worked on at once. Default: one, in the model's order.
   * It makes several only where `parallelToolCalls` lets it.
   */
  readonly concurrency?: number | "unbounded" | undefined
  /**
   * Whether the model is told of a call that cannot be followed (an unknown tool, arguments that do not fit) and goes
   * on, or the run fails with `ToolCallError`. Default: `"tell"`.
   */
  readonly onInvalidCall?: "tell" | "fail" | undefined
  /**
   * Whether a handler's failure fails the run, or the model is told its message and goes on; a function says what to
   * tell. Default: `"fail"`. Defects and interruption always end the run.
   */
  readonly onHandlerFailure?: "fail" | "tell" | ((error: E, call: Message.ToolCall) => string) | undefined
}

/**
 * The errors that come of the tools, as the options have it.
 *
 * @since 0.1.0
 * @category models
 */
export type RunError<E, Options = Record<never, never>, M = Message.Message> =
  | ([M] extends [Message.Message] ? TooManyRounds : TooManyRoundsOf<M>)
  | ("onInvalidCall" extends keyof Options ? "fail" extends Options["onInvalidCall"] ? ToolCallError : never : never)
  | (Options extends { readonly onHandlerFailure: "tell" | ((...args: never) => string) } ? never : E)

/**
 * Tokens, summed over several calls.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/**
 * What came of a run.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunResult<out M = Message.Message> {
  /** The last answer, which asks for no tool. */
  readonly result: GenerationResult
  /**
   * The whole conversation, from what was given to the last answer, to go on from. An answer that says nothing is left
   * out, since the service refuses empty messages.
   */
  readonly messages: ReadonlyArray<M>
  /** How often the model was asked. */
  readonly rounds: number
  /** What all rounds cost; that of `result` is the last round's only. */
  readonly usage: Usage
}

/**
 * What a run had done when an error ended it: all rounds but the one that failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialRun<out M = Message.Message> {
  /**
   * The conversation up to the last question, with the results of all tools that were asked for before it: to go on from
   * without running them again.
   */
  readonly messages: ReadonlyArray<M>
  /** How many rounds are done. */
  readonly rounds: number
  /** What they cost. */
  readonly usage: Usage
}

/**
 * What happens in a run, as it happens. `round` counts from 1.
 *
 * - `Increment`: the model said more. `result` is an element of `Generation.stream`.
 * - `ToolCallStarted`, `ToolCallFinished`: a pair for each call. `content` is what the model is told, and `outcome`
 *   whether that is the result, the fault of the call, or the failure of the handler.
 * - `RoundEnded`: the model has said all, and what it asked for is done. `result` is the round's whole answer.
 * - `Finished`: the last event.
 *
 * @since 0.1.0
 * @category models
 */
export type RunEvent<M = Message.Message> = Data.TaggedEnum<{
  Increment: { readonly round: number; readonly result: GenerationResult }
  ToolCallStarted: { readonly round: number; readonly call: Message.ToolCall }
  ToolCallFinished: {
    readonly round: number
    readonly call: Message.ToolCall
    readonly content: string
    readonly outcome: "Success" | "InvalidCall" | "HandlerFailure"
  }
  RoundEnded: { readonly round: number; readonly result: GenerationResult }
  Finished: RunResult<M>
}>

/**
 * Constructors, `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const RunEvent = Data.taggedEnum<RunEvent>()
