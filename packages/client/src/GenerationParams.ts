/**
 * What a text-generation call may be told. `Generation` has the calls.
 *
 * A parameter that is left out is not sent, so the service's default holds (`resultFormat` excepted). Ranges are the
 * service's documentation; it checks them itself, since they change from model to model.
 *
 * Source: "DashScope API reference" (text generation), "Web search", "Function calling", "Structured output".
 *
 * @since 0.1.0
 */
import type * as Message from "./Message.js"

/**
 * A function that the model may ask to be called.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tool {
  readonly type: "function"
  readonly function: {
    /** At most 64 characters; `search` is reserved by the service. */
    readonly name: string
    readonly description?: string | undefined
    /** A JSON Schema of the arguments. */
    readonly parameters?: Readonly<Record<string, unknown>> | undefined
  }
}

/**
 * Which tool the model calls: as it likes, none, or this one. In thinking mode only `auto` and `none`. `required` is on
 * one page of the documentation only.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolChoice = "auto" | "none" | "required" | {
  readonly type: "function"
  readonly function: { readonly name: string }
}

/**
 * The form of the answer's text. The JSON formats want the word "json" somewhere in the prompt, and no thinking.
 *
 * @since 0.1.0
 * @category models
 */
export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
    readonly type: "json_schema"
    readonly jsonSchema: {
      readonly name: string
      readonly description?: string | undefined
      readonly schema: Readonly<Record<string, unknown>>
      readonly strict?: boolean | undefined
    }
  }

/**
 * How the service searches the web (with `enableSearch`).
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchOptions {
  /** Search for any question. Default: false. */
  readonly forcedSearch?: boolean | undefined
  /** `turbo`, `max`, `agent` or `agent_max`; older models: `standard` or `pro`. Default: `turbo`. */
  readonly searchStrategy?: string | undefined
  /** Answer with `output.searchInfo`. Default: false. */
  readonly enableSource?: boolean | undefined
  /** Mark the sources in the text; needs `enableSource`. Default: false. */
  readonly enableCitation?: boolean | undefined
  /** `[<number>]` or `[ref_<number>]`. Default: `[<number>]`. */
  readonly citationFormat?: string | undefined
  /** In a stream with `enableSource`, send the sources alone first. Default: false. */
  readonly prependSearchResult?: boolean | undefined
  /** Search special domains too. Default: false. */
  readonly enableSearchExtension?: boolean | undefined
  /** Only what is newer than so many days. */
  readonly freshness?: number | undefined
  /** Only these sites. */
  readonly assignedSiteList?: ReadonlyArray<string> | undefined
  /** Sent as it is; no official page describes it. */
  readonly intentionOptions?: Readonly<Record<string, unknown>> | undefined
  /** Sent as it is; no official page describes it. */
  readonly promptIntervene?: string | undefined
}

/**
 * A pair of a source text and its translation.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslationPair {
  readonly source: string
  readonly target: string
}

/**
 * For the translation models (Qwen-MT), which take exactly one message, of the user.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslationOptions {
  /** Such as `Chinese`, or `auto`. */
  readonly sourceLang?: string | undefined
  readonly targetLang?: string | undefined
  /** What the text is about, in English words. */
  readonly domains?: string | undefined
  /** Terms with their prescribed translations. */
  readonly terms?: ReadonlyArray<TranslationPair> | undefined
  /** Sentences translated before (a translation memory). */
  readonly tmList?: ReadonlyArray<TranslationPair> | undefined
}

/**
 * What is said to the model. One of `messages`, `prompt` and `history` must not be empty.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInput {
  /** The conversation. With a `prompt` as well, that is appended as the user's message. */
  readonly messages?: ReadonlyArray<Message.Message> | undefined
  /** A question without a conversation. */
  readonly prompt?: string | undefined
  /** The turns before `prompt`, in the service's older form. Not with `messages`. */
  readonly history?: ReadonlyArray<{ readonly user: string; readonly bot: string }> | undefined
  /** Needed for models named `bailian-…`. */
  readonly customizedModelId?: string | undefined
  /** Fields of `input` that this library does not know, under their wire names. They win over the others. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/**
 * How the model is to answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationParameters {
  /**
   * Whether the answer comes in `output.choices` or in `output.text`. Default: `message`, which is always sent, since
   * the service's own default differs from model to model, and tools, thinking and search results exist only there.
   */
  readonly resultFormat?: "message" | "text" | undefined
  /** Randomness, from 0 to below 2. Default: the model's. */
  readonly temperature?: number | undefined
  /** Nucleus sampling, above 0 to 1. Default: the model's, typically 0.8. */
  readonly topP?: number | undefined
  /** Candidates per token, from 0; `null` or more than 100 turns it off. Default: the model's, mostly 20. */
  readonly topK?: number | null | undefined
  /** A whole number from 0, for answers that repeat. */
  readonly seed?: number | undefined
  /** The most tokens of the answer, thinking not counted. Default: the model's maximum. */
  readonly maxTokens?: number | undefined
  /** The same on newer models, thinking counted. */
  readonly maxCompletionTokens?: number | undefined
  /** An old limit that only the Java SDK still has. */
  readonly maxLength?: number | undefined
  /** Where to stop: texts, or token ids (a list of numbers, or of lists of numbers), never both. */
  readonly stop?:
    | string
    | ReadonlyArray<string>
    | ReadonlyArray<number>
    | ReadonlyArray<ReadonlyArray<number>>
    | undefined
  /** Above 0; 1 is off. Default: the model's. */
  readonly repetitionPenalty?: number | undefined
  /** From -2 to 2. Default: the model's. */
  readonly presencePenalty?: number | undefined
  /** How many answers, 1 to 4; only on some models, and not with tools. Default: 1. */
  readonly n?: number | undefined
  /** For streams: whether each element holds only what is new, or all so far. Default: true. */
  readonly incrementalOutput?: boolean | undefined
  /** Thinking of hybrid models. Default: the model's; some models want `false` said in a call without streaming. */
  readonly enableThinking?: boolean | undefined
  /** The most tokens of thinking. Default: the model's maximum. */
  readonly thinkingBudget?: number | undefined
  /** Keep earlier `reasoningContent` in the context. Default: false. */
  readonly preserveThinking?: boolean | undefined
  /** How much some models think: `high` or `max`. */
  readonly reasoningEffort?: string | undefined
  /** For GLM models. */
  readonly clearThinking?: boolean | undefined
  /** Whether the model may search the web. Default: false. */
  readonly enableSearch?: boolean | undefined
  readonly searchOptions?: SearchOptions | undefined
  readonly tools?: ReadonlyArray<Tool> | undefined
  /** Default: `auto`. */
  readonly toolChoice?: ToolChoice | undefined
  /** Whether the model may ask for several calls at once. Default: false. */
  readonly parallelToolCalls?: boolean | undefined
  /** For streams of some models: send the arguments of tool calls bit by bit. */
  readonly toolStream?: boolean | undefined
  /** Default: `{ type: "text" }`. */
  readonly responseFormat?: ResponseFormat | undefined
  /** Answer with the log probabilities of the tokens. Default: false. */
  readonly logprobs?: boolean | undefined
  /** With those of so many alternatives, 0 to 5; needs `logprobs`. Default: 0. */
  readonly topLogprobs?: number | undefined
  /** Let the model run code, on some models. Default: false. */
  readonly enableCodeInterpreter?: boolean | undefined
  readonly translationOptions?: TranslationOptions | undefined
  /** Default: false. */
  readonly vlHighResolutionImages?: boolean | undefined
  /** Default: false. */
  readonly vlEnableImageHwOutput?: boolean | undefined
  /** Mix images from the search into the text. Default: false. */
  readonly enableTextImageMixed?: boolean | undefined
  /** `model_detailed_report` or `model_summary_report`, for qwen-deep-research. */
  readonly outputFormat?: string | undefined
}

/**
 * All of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationParams extends GenerationInput, GenerationParameters {
  /** Such as `qwen-plus`. */
  readonly model: string
  /** Plugins, as the service's configuration of them; sent as the header `X-DashScope-Plugin`. */
  readonly plugins?: string | Readonly<Record<string, unknown>> | undefined
  /** Parameters that this library does not know, under their wire names. They win over the others. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}
