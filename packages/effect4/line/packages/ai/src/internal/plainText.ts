/**
 * `generateText` and `streamText` without a toolkit, as the core does them: the same spans, transformers, ids, errors and parts.
 *
 * The core makes the Schema of the parts anew for each call, and compiles it, which costs more than the call itself; and it makes spans
 * that nobody sees. What only the core knows goes to the core: approvals of tools, ids of earlier responses, and calls of tools that
 * the program looks at itself.
 */
import * as AiError from "effect/ai/AiError"
import * as IdGenerator from "effect/ai/IdGenerator"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as ResponseIdTracker from "effect/ai/ResponseIdTracker"
import * as Telemetry from "effect/ai/Telemetry"
import type * as AiTool from "effect/ai/Tool"
import { isTraced } from "effect-dashscope/Telemetry"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Span } from "effect/Tracer"
import * as Made from "./made.js"
import * as RawPrompt from "./rawPrompt.js"

type Tools = Record<never, never>

type Options = LanguageModel.GenerateTextOptions<Record<string, AiTool.Any>>

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

interface Calls {
  readonly generateText: (
    options: Options
  ) => Effect.Effect<LanguageModel.GenerateTextResponse<Tools>, AiError.AiError>
  readonly streamText: (options: Options) => Stream.Stream<Response.StreamPart<Tools>, AiError.AiError>
}

const malformed = (method: string) => (error: Schema.SchemaError): AiError.AiError =>
  AiError.make({ module: "LanguageModel", method, reason: AiError.InvalidOutputError.fromSchemaError(error) })

const askedOf = (
  { concurrency = "unbounded", toolChoice = "auto" }: Options,
  prompt: Prompt.Prompt,
  span: Span | undefined
): Asked => {
  span?.attribute("gen_ai.output.type", "text")
  span?.attribute("effect.ai.tool_choice", typeof toolChoice === "string" ? toolChoice : JSON.stringify(toolChoice))
  span?.attribute("effect.ai.concurrency", concurrency)
  return {
    prompt,
    tools: [],
    toolChoice: "none",
    responseFormat: { type: "text" },
    span,
    previousResponseId: undefined,
    incrementalPrompt: undefined
  }
}

const isApproval = ({ content, role }: Prompt.Message): boolean =>
  role === "tool" && content.some(({ type }) => type === "tool-approval-response")

/** Whether only the core can answer, besides with a toolkit. */
const isOfCore = (prompt: Prompt.Prompt, context: Context.Context<never>): boolean =>
  prompt.content.some(isApproval) || Option.isSome(Context.getOption(context, ResponseIdTracker.ResponseIdTracker))

const hasTools = ({ toolCallValidation, toolkit }: Options): boolean =>
  toolkit !== undefined || toolCallValidation === "deferred"

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

const spanOptions = { kind: "client" } as const

/** The service as the core made it, with these calls in place of its own. */
export const make = (
  core: LanguageModel.LanguageModel,
  answers: Answers
): Effect.Effect<LanguageModel.LanguageModel> =>
  Effect.contextWith((built: Context.Context<never>) => {
    const ofModel = transformerIn(built)
    const ids = Option.getOrElse(Context.getOption(built, IdGenerator.IdGenerator), () => IdGenerator.defaultIdGenerator)

    const plainText = (options: Options, prompt: Prompt.Prompt, context: Context.Context<never>) => {
      const transformer = transformerIn(context) ?? ofModel
      const ask = (span: Span | undefined) => {
        const asked = askedOf(options, prompt, span)
        return Effect.flatMap(answers.generateText(asked, ids), (encoded) => {
          const parts = Result.mapError(Made.parts(encoded), malformed("generateText"))
          if (Result.isFailure(parts)) return Effect.fail(parts.failure)
          tell(transformer, asked, parts.success)
          return Effect.succeed(new LanguageModel.GenerateTextResponse<Tools>(parts.success))
        })
      }
      const name = "LanguageModel.generateText"
      return Effect.flatMap(isTraced, (isTraced) => {
        // As a parent, a span that nobody sees would have the client make more of them.
        if (!isTraced) {
          return transformer === undefined ? ask(undefined) : Effect.flatMap(Effect.makeSpan(name, spanOptions), ask)
        }
        return Effect.useSpan(
          name,
          spanOptions,
          (span) => Effect.withParentSpan(Effect.suspend(() => ask(span)), span, { captureStackTrace: false })
        )
      })
    }

    const plainStream = (options: Options, prompt: Prompt.Prompt, context: Context.Context<never>) => {
      const transformer = transformerIn(context) ?? ofModel
      const start = (span: Span | undefined) => {
        const asked = askedOf(options, prompt, span)
        const parts = Stream.mapArrayEffect(
          answers.streamText(asked, ids),
          (encoded) => Effect.fromResult(Result.mapError(Made.streamParts(encoded), malformed("streamText")))
        )
        if (transformer === undefined) return parts
        const told: Array<Response.StreamPart<Tools>> = []
        return Stream.ensuring(
          Stream.mapArray(parts, (chunk) => {
            told.push(...chunk)
            return chunk
          }),
          Effect.sync(() => tell(transformer, asked, told))
        )
      }
      return Stream.unwrap(Effect.flatMap(isTraced, (isTraced) =>
        isTraced || transformer !== undefined
          ? Effect.map(Effect.makeSpanScoped("LanguageModel.streamText", spanOptions), start)
          : Effect.succeed(start(undefined))))
    }

    // The core's types say of each call what its toolkit adds; without one there is nothing to add.
    const ofCore = core as unknown as Calls
    const generateText: Calls["generateText"] = (options) =>
      hasTools(options)
        ? ofCore.generateText(options)
        : Effect.contextWith((context: Context.Context<never>) => {
          const prompt = RawPrompt.make(options.prompt)
          return isOfCore(prompt, context)
            ? ofCore.generateText({ ...options, prompt })
            : plainText(options, prompt, context)
        })
    const streamText: Calls["streamText"] = (options) =>
      hasTools(options)
        ? ofCore.streamText(options)
        : Stream.unwrap(Effect.contextWith((context: Context.Context<never>) => {
          const prompt = RawPrompt.make(options.prompt)
          return Effect.succeed(
            isOfCore(prompt, context)
              ? ofCore.streamText({ ...options, prompt })
              : plainStream(options, prompt, context)
          )
        }))
    const plain: Calls = { generateText, streamText }
    return Effect.succeed({ ...core, ...plain as unknown as Pick<LanguageModel.LanguageModel, keyof Calls> })
  })
