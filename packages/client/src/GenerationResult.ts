/**
 * The answers of a chat model, and how to read them.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Arr from "effect/Array"
import * as Schema from "effect/Schema"
import { listOf, nullish, nullishContent, nullishFrom, orElse, preserve } from "./internal/core/fields.js"
import * as Message from "./Message.js"

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A call that the model asks for, as it came; {@link toolCalls} gives it without holes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResultToolCall extends Schema.Schema.Type<typeof ResultToolCall> {}

/** Anything else tells nothing apart. */
const Place = Schema.NonNegativeInt

const ArgumentsText = Schema.Union(
  Schema.String,
  // Before what takes anything: the text "null" would stand before what comes in further events.
  Schema.Null,
  // Some models write the arguments themselves in place of their text.
  Schema.transform(Schema.Unknown, Schema.String, {
    strict: true,
    decode: (json) => JSON.stringify(json) ?? "",
    encode: (text) => text
  })
)

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResultToolCall = Schema.Struct({
  id: nullish(Schema.String),
  type: nullish(Schema.String),
  index: nullish(Place),
  function: nullish(Schema.Struct({
    name: nullish(Schema.String),
    /** JSON text, and possibly invalid JSON. */
    arguments: Schema.optional(ArgumentsText)
  }))
}).annotations({ identifier: "ResultToolCall", ...preserve })

/**
 * What a speech model noticed of a recording.
 *
 * @since 0.1.0
 * @category models
 */
export interface Annotation extends Schema.Schema.Type<typeof Annotation> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Annotation = Schema.Struct({
  /** `audio_info`. */
  type: nullish(Schema.String),
  /** Such as `zh`. */
  language: nullish(Schema.String),
  /** Such as `neutral`. */
  emotion: nullish(Schema.String)
}).annotations({ identifier: "Annotation", ...preserve })

/**
 * What the model says.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResultMessage extends Schema.Schema.Type<typeof ResultMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResultMessage = Schema.Struct({
  role: nullish(Schema.String),
  /** Text; some models answer in parts. Empty where there are tool calls. */
  content: nullishContent(Schema.Union(Schema.String, Schema.Array(Schema.Unknown))),
  /** The chain of thought. */
  reasoningContent: nullishFrom("reasoning_content", Schema.String),
  toolCalls: nullishFrom("tool_calls", listOf(ResultToolCall, {})),
  /** Of speech recognition: language and emotion. */
  annotations: nullish(listOf(Annotation, {}))
}).annotations({ identifier: "ResultMessage", ...preserve })

const tokenFields = {
  token: nullish(Schema.String),
  /** The token's UTF-8 bytes. */
  bytes: nullish(Schema.Array(Schema.Number)),
  logprob: nullish(Schema.Number)
}

/**
 * A token with its log probability, and those of the tokens that might have stood in its place.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenLogprob extends Schema.Schema.Type<typeof TokenLogprob> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TokenLogprob = Schema.Struct({
  ...tokenFields,
  topLogprobs: nullishFrom("top_logprobs", listOf(Schema.Struct(tokenFields), {}))
}).annotations({ identifier: "TokenLogprob", ...preserve })

/**
 * One answer. There is one, unless `n` asked for more.
 *
 * @since 0.1.0
 * @category models
 */
export interface Choice extends Schema.Schema.Type<typeof Choice> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Choice = Schema.Struct({
  /** Its number, with `n` above 1. */
  index: nullish(Place),
  /** `stop`, `length`, `tool_calls`; the text `"null"` while the answer goes on (in streams). */
  finishReason: nullishFrom("finish_reason", Schema.String),
  message: ResultMessage,
  logprobs: nullish(Schema.Struct({ content: nullish(listOf(TokenLogprob, {})) }))
}).annotations({ identifier: "Choice", ...preserve })

/**
 * A page that the model found.
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchResult extends Schema.Schema.Type<typeof SearchResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SearchResult = Schema.Struct({
  siteName: nullishFrom("site_name", Schema.String),
  /** The URL of the site's icon. */
  icon: nullish(Schema.String),
  /** The number that citations have. */
  index: nullish(Schema.Number),
  title: nullish(Schema.String),
  url: nullish(Schema.String)
}).annotations({ identifier: "SearchResult", ...preserve })

/**
 * What a search found (with `enableSource`).
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchInfo extends Schema.Schema.Type<typeof SearchInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SearchInfo = Schema.Struct({
  searchResults: nullishFrom("search_results", listOf(SearchResult, {})),
  extraToolInfo: nullishFrom("extra_tool_info", Schema.Array(Schema.Unknown))
}).annotations({ identifier: "SearchInfo", ...preserve })

/**
 * A tool that the service ran itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolInfo extends Schema.Schema.Type<typeof ToolInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolInfo = Schema.Struct({
  type: nullish(Schema.String),
  codeInterpreter: nullishFrom("code_interpreter", Schema.Struct({ code: nullish(Schema.String) }))
}).annotations({ identifier: "ToolInfo", ...preserve })

/**
 * A source of a report of qwen-deep-research.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResearchReference extends Schema.Schema.Type<typeof ResearchReference> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResearchReference = Schema.Struct({
  /** The number that the report cites it by. */
  indexNumber: nullishFrom("index_number", Schema.Number),
  title: nullish(Schema.String),
  description: nullish(Schema.String),
  url: nullish(Schema.String),
  icon: nullish(Schema.String)
}).annotations({ identifier: "ResearchReference", ...preserve })

/**
 * What qwen-deep-research says, which has this in place of choices; {@link research} reads it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResearchMessage extends Schema.Schema.Type<typeof ResearchMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResearchMessage = Schema.Struct({
  role: nullish(Schema.String),
  /** `ResearchPlanning`, `WebResearch`, `answer` (the report, or a question back), `KeepAlive`. */
  phase: nullish(Schema.String),
  /** `typing`, `streamingQueries`, `streamingWebResult`, `WebResultFinished`, `finished` (the phase). */
  status: nullish(Schema.String),
  content: nullish(Schema.Union(Schema.String, Schema.Array(Schema.Unknown))),
  extra: nullish(Schema.Struct({
    deepResearch: nullishFrom(
      "deep_research",
      Schema.Struct({
        /** A search of the phase `WebResearch`, piece by piece: its goal, its query, what it found. */
        research: nullish(Schema.Unknown),
        references: nullish(listOf(ResearchReference, {}))
      })
    )
  }))
}).annotations({ identifier: "ResearchMessage", ...preserve })

/**
 * Speech: a piece of it (in streams), or where the whole is.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResultAudio extends Schema.Schema.Type<typeof ResultAudio> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResultAudio = Schema.Struct({
  /** Base64; empty where there is none in this answer. Of a collected stream, all of it. */
  data: nullish(Schema.String),
  /** Of the whole file; good until `expiresAt`. */
  url: nullish(Schema.String),
  id: nullish(Schema.String),
  /** In seconds since 1970. */
  expiresAt: nullishFrom("expires_at", Schema.Number)
}).annotations({ identifier: "ResultAudio", ...preserve })

const outputFields = {
  /** Of qwen-deep-research, which has no choices; {@link research} reads it. */
  message: nullish(ResearchMessage),
  /** The service's own spelling, and of no meaning so far: `false` and `"null"` in the last event too. */
  fininshed: nullish(Schema.Boolean),
  fininshedReason: nullishFrom("fininshed_reason", Schema.String),
  /** The answer, with `resultFormat: "text"`. */
  text: nullish(Schema.String),
  /** The same as of the choices, with `resultFormat: "text"`. */
  finishReason: nullishFrom("finish_reason", Schema.String),
  searchInfo: nullishFrom("search_info", SearchInfo),
  modelName: nullishFrom("model_name", Schema.String),
  toolInfo: nullishFrom("tool_info", listOf(ToolInfo, {})),
  /** Of models that speak. */
  audio: nullish(ResultAudio)
}

const usageFields = {
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  outputTokens: nullishFrom("output_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number),
  imageTokens: nullishFrom("image_tokens", Schema.Number),
  videoTokens: nullishFrom("video_tokens", Schema.Number),
  audioTokens: nullishFrom("audio_tokens", Schema.Number),
  /** How many pictures were made, and their size in pixels. */
  imageCount: nullishFrom("image_count", Schema.Number),
  width: nullish(Schema.Number),
  height: nullish(Schema.Number),
  /** Of a recording that was recognised. */
  seconds: nullish(Schema.Number),
  /** Of a text that was spoken. */
  characters: nullish(Schema.Number),
  /** Read from the context cache, where a model counts them here and not in `promptTokensDetails`. */
  cachedTokens: nullishFrom("cached_tokens", Schema.Number),
  inputTokensDetails: nullishFrom(
    "input_tokens_details",
    Schema.Struct({
      textTokens: nullishFrom("text_tokens", Schema.Number),
      imageTokens: nullishFrom("image_tokens", Schema.Number),
      videoTokens: nullishFrom("video_tokens", Schema.Number),
      audioTokens: nullishFrom("audio_tokens", Schema.Number)
    })
  ),
  outputTokensDetails: nullishFrom(
    "output_tokens_details",
    Schema.Struct({
      /** Of the thinking. */
      reasoningTokens: nullishFrom("reasoning_tokens", Schema.Number),
      textTokens: nullishFrom("text_tokens", Schema.Number),
      audioTokens: nullishFrom("audio_tokens", Schema.Number)
    })
  ),
  promptTokensDetails: nullishFrom(
    "prompt_tokens_details",
    Schema.Struct({
      /** Read from the context cache. */
      cachedTokens: nullishFrom("cached_tokens", Schema.Number),
      cacheCreationInputTokens: nullishFrom("cache_creation_input_tokens", Schema.Number),
      cacheType: nullishFrom("cache_type", Schema.String),
      cacheCreation: nullishFrom(
        "cache_creation",
        Schema.Struct({
          ephemeral5mInputTokens: nullishFrom("ephemeral_5m_input_tokens", Schema.Number),
          ephemeral1hInputTokens: nullishFrom("ephemeral_1h_input_tokens", Schema.Number)
        })
      )
    })
  ),
  /** How often plugins ran. */
  plugins: nullish(Schema.Struct({
    search: nullish(Schema.Struct({ count: nullish(Schema.Number), strategy: nullish(Schema.String) })),
    codeInterpreter: nullishFrom("code_interpreter", Schema.Struct({ count: nullish(Schema.Number) }))
  }))
}

/**
 * What the answer cost, in tokens. In a stream each event has the sum so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationUsage extends Schema.Schema.Type<typeof GenerationUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationUsage = Schema.Struct(usageFields).annotations({ identifier: "GenerationUsage", ...preserve })

const resultFields = {
  usage: nullish(GenerationUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId: nullishFrom("request_id", Schema.String),
  /** True where the service hit its own time limit, and the answer is only what it had by then. */
  isPartial: Schema.optional(orElse(Schema.Boolean, false)).pipe(Schema.fromKey("x-dashscope-partialresponse"))
}

/** The wire's own shape, in our names. Compiled, this is what decodes an answer. */
export const Received = Schema.Struct({
  output: Schema.Struct({ ...outputFields, choices: nullishContent(Schema.Array(Choice)) }),
  ...resultFields
}).annotations(preserve)

/** @internal */
export type Received = typeof Received.Type

/**
 * What the service answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationOutput extends Schema.Schema.Type<typeof GenerationOutput> {}

const GenerationOutput = Schema.typeSchema(Schema.Struct({
  ...outputFields,
  /**
   * The answers; never empty. Where the service sent none (`resultFormat: "text"`), the one here is made of `text` and
   * `finishReason`, so that code that reads choices works for either format.
   */
  choices: Schema.NonEmptyArray(Choice)
})).annotations({ identifier: "GenerationOutput", ...preserve })

const GenerationResultType = Schema.typeSchema(Schema.Struct({ output: GenerationOutput, ...resultFields }))

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationResult extends Schema.Schema.Type<typeof GenerationResultType> {}

/**
 * @since 0.1.0
 * @category guards
 */
export const isGenerationResult: (u: unknown) => u is GenerationResult = Schema.is(GenerationResultType)

type Choices = GenerationOutput["choices"]

/** @internal What the service has where we have `choices`. */
export type ReceivedChoices = ReadonlyArray<Choice> | null | undefined

/** For choices that were made here, what the service had in their place. */
const received = new WeakMap<object, { readonly choices: ReceivedChoices }>()

/** @internal What choices are made of where the service sent none. */
export interface ChoicesSource {
  readonly text?: string | null | undefined
  readonly finishReason?: string | null | undefined
  readonly choices?: ReceivedChoices
  readonly message?: ResearchMessage | null | undefined
}

/** @internal The phase of qwen-deep-research that has the report, or the question back. */
export const reportPhase = "answer"

/** What a part says in words. @internal */
export const partText = (part: unknown): string => {
  const text: unknown = typeof part === "object" && part !== null && Object.hasOwn(part, "text") ?
    Reflect.get(part, "text") :
    undefined
  return typeof text === "string" ? text : ""
}

const contentText = (content: ResultMessage["content"]): string =>
  typeof content === "string" ? content : (content ?? []).map(partText).join("")

/** As text and reason, of which only the report and its end count. */
const ofResearch = ({ content, phase, status }: ResearchMessage): ChoicesSource => ({
  text: phase === reportPhase ? contentText(content) : "",
  finishReason: phase === reportPhase && status === "finished" ? "stop" : "null"
})

/**
 * The choices of an answer, never empty: made of its text where the service sent none.
 *
 * @internal
 */
export const choicesOf = (source: ChoicesSource): Choices => {
  const { choices, message } = source
  if (choices && Arr.isNonEmptyReadonlyArray(choices)) return choices
  const { finishReason, text } = message && source.text === undefined ? ofResearch(message) : source
  const made: Choices = [{
    ...(finishReason === undefined ? undefined : { finishReason }),
    message: { role: "assistant", ...(text === undefined ? undefined : { content: text }) }
  }]
  received.set(made, { choices })
  return made
}

/** @internal What the service had in place of choices that were made here; nothing for its own. */
export const replacedChoices = (choices: Choices): { readonly choices: ReceivedChoices } | undefined =>
  received.get(choices)

/** @internal */
export const toResult = (self: Received): GenerationResult => ({
  ...self,
  output: { ...self.output, choices: choicesOf(self.output) }
})

const fromResult = (self: GenerationResult): Received => {
  const replaced = replacedChoices(self.output.choices)
  if (replaced === undefined) return self
  const { choices: _, ...output } = self.output
  return { ...self, output: replaced.choices === undefined ? output : { ...output, choices: replaced.choices } }
}

/**
 * An answer as the service writes it, read and written without losing a field.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationResult: Schema.Schema<GenerationResult, typeof Received.Encoded> = Schema.transform(
  Received,
  // Declared, since a struct would copy what it checks, and the choices made here are known by their identity.
  Schema.declare((u: unknown): u is GenerationResult => isGenerationResult(u)),
  { strict: true, decode: toResult, encode: fromResult }
).annotations({ identifier: "GenerationResult", ...preserve })

// -----------------------------------------------------------------------------
// reading results
// -----------------------------------------------------------------------------

/**
 * A field that this library does not name, by its wire name.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 *
 * export const metric = (result: Generation.GenerationResult) => Generation.field(result.output, "task_metric")
 *
 * @since 0.1.0
 * @category accessors
 */
export const field = (part: unknown, wireName: string): unknown =>
  typeof part === "object" && part !== null && Object.hasOwn(part, wireName) ? Reflect.get(part, wireName) : undefined

/**
 * The text of the first answer, in either format; empty where there is none. Of qwen-deep-research it is the report, or
 * the question back; {@link research} has what is said before it.
 *
 * @since 0.1.0
 * @category accessors
 */
export const text = (result: GenerationResult): string => {
  const { content } = result.output.choices[0].message
  return contentText(content)
}

/**
 * Where a research stands, and what it has come to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Research {
  /** `ResearchPlanning`, `WebResearch`, `answer` (the report, or a question back), `KeepAlive`. */
  readonly phase: string
  /** `typing`, `streamingQueries`, `streamingWebResult`, `WebResultFinished`, `finished` (the phase). */
  readonly status: string
  /** What is said in this phase: in a stream, what is new of it. */
  readonly content: string
  /** The sources of the report, which come at its end. */
  readonly references: ReadonlyArray<ResearchReference>
  /** Of the phase `WebResearch`, what the service tells of a search: its goal, its query, what it found. */
  readonly search: unknown
}

/**
 * What qwen-deep-research tells of its work; nothing for the answers of other models.
 *
 * @example
 * import { Generation } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * export const study = Generation.stream({ model: "qwen-deep-research", prompt: "AI in schools" }).pipe(
 *   Stream.tap((result) => Console.log(Generation.research(result)?.phase)),
 *   Generation.collect
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const research = ({ output: { message } }: GenerationResult): Research | undefined =>
  message ?
    {
      phase: message.phase ?? "",
      status: message.status ?? "",
      content: contentText(message.content),
      references: message.extra?.deepResearch?.references ?? [],
      search: message.extra?.deepResearch?.research ?? undefined
    } :
    undefined

/**
 * The chain of thought of the first answer; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const reasoning = (result: GenerationResult): string => result.output.choices[0].message.reasoningContent ?? ""

/**
 * The calls that the first answer asks for. Go by these and not by the finish reason, which is `stop` on some models
 * all the same.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toolCalls = (result: GenerationResult): ReadonlyArray<Message.ToolCall> =>
  (result.output.choices[0].message.toolCalls ?? []).map((call) =>
    Message.toolCall({
      id: call.id ?? "",
      name: call.function?.name ?? "",
      arguments: call.function?.arguments ?? "",
      index: call.index ?? undefined
    })
  )

/**
 * The first answer as a message for the next request: its text and its tool calls, without its chain of thought.
 *
 * @since 0.1.0
 * @category accessors
 */
export const assistantMessage = (result: GenerationResult): Message.AssistantMessage => {
  const calls = toolCalls(result)
  return Message.assistant(text(result), calls.length === 0 ? undefined : { toolCalls: calls })
}
