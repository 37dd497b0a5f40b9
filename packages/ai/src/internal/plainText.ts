/**
 * `generateText` and `streamText` without a toolkit, as the core does them: the same spans, transformers, ids, errors and parts.
 *
 * The core makes the Schema of the parts anew for each call, and compiles it, which costs more than the call itself; and it makes spans
 * that nobody sees. What only the core knows goes to the core.
 */
import type * as AiError from "@effect/ai/AiError"
import * as IdGenerator from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import type * as Response from "@effect/ai/Response"
import * as Telemetry from "@effect/ai/Telemetry"
import { isTraced } from "effect-dashscope/Telemetry"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Span } from "effect/Tracer"
import type { Part, StreamPart } from "./decoded.js"
import * as Made from "./made.js"
import * as Options from "./providerOptions.js"
import * as RawPrompt from "./rawPrompt.js"

type Tools = Record<never, never>

export type Asked = Options.Asked

/** How this provider answers. */
export interface Answers {
  readonly generateText: (
    asked: Asked,
    ids: IdGenerator.Service
  ) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>
  readonly streamText: (
    asked: Asked,
    ids: IdGenerator.Service
  ) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError>
}

/** The core's types say of each call what its toolkit adds; without one there is nothing to add. */
interface Calls {
  readonly generateText: (
    options: Options.Given
  ) => Effect.Effect<LanguageModel.GenerateTextResponse<Tools>, AiError.AiError>
  readonly streamText: (options: Options.Given) => Stream.Stream<StreamPart, AiError.AiError>
}

/** Tells the transformer, where there is one; then there is a span too. */
const tell = (
  transformer: Telemetry.SpanTransformer | undefined,
  asked: Asked,
  response: ReadonlyArray<Part | StreamPart>
): void => {
  if (transformer !== undefined && asked.span !== undefined) transformer({ ...asked, span: asked.span, response })
}

const transformerIn = (context: Context.Context<never>): Telemetry.SpanTransformer | undefined =>
  Option.getOrUndefined(Context.getOption(context, Telemetry.CurrentSpanTransformer))

/** A call of which the core need not know. */
interface Call {
  readonly options: Options.Given
  readonly prompt: Prompt.Prompt
  /** That around the call, else that around the model. */
  readonly transformer: Telemetry.SpanTransformer | undefined
  readonly ids: IdGenerator.Service
}

const generateText = (
  answers: Answers,
  { ids, options, prompt, transformer }: Call
): Effect.Effect<LanguageModel.GenerateTextResponse<Tools>, AiError.AiError> => {
  const ask = (span: Span | undefined) => {
    const asked = Options.make(options, prompt, span)
    return Effect.flatMap(answers.generateText(asked, ids), (encoded) => {
      const parts = Made.parts(encoded)
      if (Either.isLeft(parts)) return Effect.fail(Options.malformed("generateText", parts.left))
      tell(transformer, asked, parts.right)
      return Effect.succeed(new LanguageModel.GenerateTextResponse<Tools>(parts.right))
    })
  }
  const name = "LanguageModel.generateText"
  const spanOptions = Options.ofSpan(options)
  return Effect.flatMap(isTraced, (isTraced) => {
    // As a parent, a span that nobody sees would have the client make more of them.
    if (!isTraced) {
      return transformer === undefined ? ask(undefined) : Effect.flatMap(Effect.makeSpan(name, spanOptions), ask)
    }
    return Effect.useSpan(
      name,
      spanOptions,
      (span) => Effect.withParentSpan(Effect.suspend(() => ask(span)), span)
    )
  })
}

const streamText = (answers: Answers, { ids, options, prompt, transformer }: Call) => {
  const start = (span: Span | undefined): Stream.Stream<StreamPart, AiError.AiError> => {
    const asked = Options.make(options, prompt, span)
    const parts = Stream.mapChunksEffect(answers.streamText(asked, ids), (encoded) => {
      const made = Made.streamParts(Chunk.toReadonlyArray(encoded))
      return Either.isLeft(made)
        ? Effect.fail(Options.malformed("streamText", made.left))
        : Effect.succeed(Chunk.unsafeFromArray(made.right))
    })
    if (transformer === undefined) return parts
    const told: Array<StreamPart> = []
    return Stream.ensuring(
      Stream.mapChunks(parts, (chunk) => {
        for (const part of chunk) {
          told.push(part)
        }
        return chunk
      }),
      Effect.sync(() => tell(transformer, asked, told))
    )
  }
  return Effect.flatMap(isTraced, (isTraced) =>
    isTraced || transformer !== undefined
      ? Effect.map(Effect.makeSpanScoped("LanguageModel.streamText", Options.ofSpan(options)), start)
      : Effect.sync(() => start(undefined)))
}

/** The service as the core made it, with these calls in place of its own. */
export const make = (
  core: LanguageModel.Service,
  answers: Answers
): Effect.Effect<LanguageModel.Service> =>
  Effect.map(Effect.context<never>(), (built) => {
    const ofModel = transformerIn(built)
    const ids = Option.getOrElse(
      Context.getOption(built, IdGenerator.IdGenerator),
      () => IdGenerator.defaultIdGenerator
    )
    const ofCore = core as unknown as Calls
    const callOf = (options: Options.Given, prompt: Prompt.Prompt, context: Context.Context<never>): Call => ({
      options,
      prompt,
      transformer: transformerIn(context) ?? ofModel,
      ids
    })
    const plain: Calls = {
      generateText: (options) =>
        Options.hasTools(options)
          ? ofCore.generateText(options)
          : Effect.contextWithEffect((context: Context.Context<never>) => {
            const prompt = RawPrompt.make(options.prompt)
            return Options.isOfCore(prompt, context)
              ? ofCore.generateText({ ...options, prompt })
              : generateText(answers, callOf(options, prompt, context))
          }),
      streamText: (options) =>
        Options.hasTools(options)
          ? ofCore.streamText(options)
          : Stream.unwrapScoped(Effect.contextWithEffect((context: Context.Context<never>) => {
            const prompt = RawPrompt.make(options.prompt)
            return Options.isOfCore(prompt, context)
              ? Effect.succeed(ofCore.streamText({ ...options, prompt }))
              : streamText(answers, callOf(options, prompt, context))
          }))
    }
    return { ...core, ...plain as unknown as Pick<LanguageModel.Service, keyof Calls> }
  })
