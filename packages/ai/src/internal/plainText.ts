/**
 * `generateText` without a toolkit, as the core does it: the same span, transformer, ids, errors and response.
 *
 * The core makes the Schema of the parts anew for each call, and compiles it, which costs more than the call itself. Without a toolkit
 * it is always the same one.
 */
import * as AiError from "@effect/ai/AiError"
import * as IdGenerator from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as Prompt from "@effect/ai/Prompt"
import * as Response from "@effect/ai/Response"
import * as Telemetry from "@effect/ai/Telemetry"
import * as Toolkit from "@effect/ai/Toolkit"
import { isTraced } from "effect-dashscope/Telemetry"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Span } from "effect/Tracer"

type Tools = Record<never, never>

interface Options {
  readonly prompt: Prompt.RawInput
  readonly toolChoice?: LanguageModel.ToolChoice<string> | undefined
  readonly concurrency?: LanguageModel.GenerateTextOptions<Tools>["concurrency"]
}

type Generate = LanguageModel.ConstructorParams["generateText"]

const decode = Schema.decodeUnknown(Schema.mutable(Schema.Array(Response.Part(Toolkit.empty))))

export const make = (
  generate: Generate
): Effect.Effect<(options: Options) => Effect.Effect<LanguageModel.GenerateTextResponse<Tools>, AiError.AiError>> =>
  Effect.gen(function*() {
    const parent = yield* Effect.serviceOption(Telemetry.CurrentSpanTransformer)
    const ids = Option.getOrElse(
      yield* Effect.serviceOption(IdGenerator.IdGenerator),
      () => IdGenerator.defaultIdGenerator
    )
    const answer = (asked: LanguageModel.ProviderOptions) =>
      Effect.gen(function*() {
        const transformer = yield* Effect.serviceOption(Telemetry.CurrentSpanTransformer)
        const response = yield* decode(yield* generate(asked))
        const transform = Option.getOrUndefined(Option.orElse(transformer, () => parent))
        transform?.({ ...asked, response })
        return new LanguageModel.GenerateTextResponse<Tools>(response)
      }).pipe(
        Effect.catchTag("ParseError", (error) =>
          Effect.fail(
            AiError.MalformedOutput.fromParseError({ module: "LanguageModel", method: "generateText", error })
          )),
        Effect.provideService(IdGenerator.IdGenerator, ids)
      )
    return ({ concurrency, prompt, toolChoice }) => {
      const name = "LanguageModel.generateText"
      const options = { captureStackTrace: false, attributes: { concurrency, toolChoice } }
      const ask = (span: Span) =>
        Effect.suspend(() =>
          answer({
            prompt: Prompt.make(prompt),
            tools: [],
            toolChoice: "none",
            responseFormat: { type: "text" },
            span
          })
        )
      return Effect.flatMap(isTraced, (isTraced) =>
        isTraced
          ? Effect.useSpan(name, options, (span) => Effect.withParentSpan(ask(span), span))
          // Nobody sees it: as a parent it would have the client make spans that nobody sees either.
          : Effect.flatMap(Effect.makeSpan(name, options), ask))
    }
  })
