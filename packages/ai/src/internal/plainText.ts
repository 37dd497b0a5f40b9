/**
 * `generateText` and `streamText` without a toolkit, as the core does them: the same spans, transformers, ids, errors and parts.
 *
 * The core makes the Schema of the parts anew for each call, and compiles it, which costs more than the call itself; and it makes spans
 * that nobody sees.
 */
import * as AiError from "@effect/ai/AiError"
import * as IdGenerator from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import type * as Response from "@effect/ai/Response"
import * as Telemetry from "@effect/ai/Telemetry"
import type * as AiTool from "@effect/ai/Tool"
import { isTraced } from "effect-dashscope/Telemetry"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Stream from "effect/Stream"
import type { Span } from "effect/Tracer"
import * as Made from "./made.js"
import * as RawPrompt from "./rawPrompt.js"

type Tools = Record<never, never>

interface Options {
  readonly prompt: Prompt.RawInput
  readonly toolChoice?: LanguageModel.ToolChoice<string> | undefined
  readonly concurrency?: LanguageModel.GenerateTextOptions<Tools>["concurrency"]
}

/** What the core asks a provider for; without a span where nobody sees it. */
export interface Asked extends Omit<LanguageModel.ProviderOptions, "span"> {
  readonly span: Span | undefined
}

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

export interface PlainText {
  readonly generateText: (
    options: Options
  ) => Effect.Effect<LanguageModel.GenerateTextResponse<Tools>, AiError.AiError>
  readonly streamText: (options: Options) => Stream.Stream<Response.StreamPart<Tools>, AiError.AiError>
}

const malformed = (method: string) => (error: ParseResult.ParseError): AiError.AiError =>
  AiError.MalformedOutput.fromParseError({ module: "LanguageModel", method, error })

const spanOptions = ({ concurrency, toolChoice }: Options) => ({
  captureStackTrace: false,
  attributes: { concurrency, toolChoice }
})

const askedOf = ({ prompt }: Options, span: Span | undefined): Asked => ({
  prompt: RawPrompt.make(prompt),
  tools: [],
  toolChoice: "none",
  responseFormat: { type: "text" },
  span
})

/** Tells the transformer, where there is one; then there is a span too. */
const tell = (
  transformer: Telemetry.SpanTransformer | undefined,
  asked: Asked,
  response: ReadonlyArray<Response.Part<Tools> | Response.StreamPart<Tools>>
): void => {
  if (transformer !== undefined && asked.span !== undefined) transformer({ ...asked, span: asked.span, response })
}

const transformerIn = (context: Context.Context<never>): Telemetry.SpanTransformer | undefined =>
  Option.getOrUndefined(Context.getOption(context, Telemetry.CurrentSpanTransformer))

/** With the transformer around a call, else with that around the model; and whether its span can be seen. */
const withTransformer = <A, E, R>(
  ofModel: Telemetry.SpanTransformer | undefined,
  use: (transformer: Telemetry.SpanTransformer | undefined, isTraced: boolean) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    isTraced,
    (isTraced) =>
      Effect.contextWithEffect((context: Context.Context<never>) => use(transformerIn(context) ?? ofModel, isTraced))
  )

const plainText = (answers: Answers): Effect.Effect<PlainText> =>
  Effect.map(Effect.context<never>(), (context) => {
    const ofModel = transformerIn(context)
    const ids = Option.getOrElse(
      Context.getOption(context, IdGenerator.IdGenerator),
      () => IdGenerator.defaultIdGenerator
    )
    const generateText = (options: Options) =>
      withTransformer(ofModel, (transformer, isTraced) => {
        const ask = (span: Span | undefined) => {
          const asked = askedOf(options, span)
          return Effect.flatMap(answers.generateText(asked, ids), (encoded) =>
            Either.mapBoth(Made.parts(encoded), {
              onLeft: malformed("generateText"),
              onRight: (parts) => {
                tell(transformer, asked, parts)
                return new LanguageModel.GenerateTextResponse<Tools>(parts)
              }
            }))
        }
        const name = "LanguageModel.generateText"
        // As a parent, a span that nobody sees would have the client make more of them.
        if (!isTraced) {
          return transformer === undefined
            ? ask(undefined)
            : Effect.flatMap(Effect.makeSpan(name, spanOptions(options)), ask)
        }
        return Effect.useSpan(
          name,
          spanOptions(options),
          (span) => Effect.withParentSpan(Effect.suspend(() => ask(span)), span)
        )
      })
    const streamText = (options: Options) =>
      Stream.unwrapScoped(withTransformer(ofModel, (transformer, isTraced) => {
        const start = (span: Span | undefined) => {
          const asked = askedOf(options, span)
          const parts = Stream.mapChunksEffect(
            answers.streamText(asked, ids),
            (encoded) => Either.mapLeft(Made.streamParts(encoded), malformed("streamText"))
          )
          if (transformer === undefined) return parts
          const told: Array<Response.StreamPart<Tools>> = []
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
        return isTraced || transformer !== undefined
          ? Effect.map(Effect.makeSpanScoped("LanguageModel.streamText", spanOptions(options)), start)
          : Effect.sync(() => start(undefined))
      }))
    return { generateText, streamText }
  })

/** The service as the core made it, with these calls in place of its own. */
export const make = (
  core: LanguageModel.Service,
  answers: Answers
): Effect.Effect<LanguageModel.Service> =>
  Effect.map(plainText(answers), (plain) => {
    type Options = LanguageModel.GenerateTextOptions<Record<string, AiTool.Any>>
    const generate = (asked: Options) =>
      asked.toolkit === undefined ? plain.generateText(asked) : core.generateText(asked)
    const stream = (asked: Options) => asked.toolkit === undefined ? plain.streamText(asked) : core.streamText(asked)
    // The core's types say of each call what its toolkit adds; without one there is nothing to add.
    return {
      ...core,
      generateText: generate as LanguageModel.Service["generateText"],
      streamText: stream as LanguageModel.Service["streamText"]
    }
  })
