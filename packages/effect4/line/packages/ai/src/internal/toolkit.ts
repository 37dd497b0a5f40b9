/** What of the core's tools is looked at and run. */
import type * as Params from "effect-dashscope/GenerationParams"
import * as Tool from "effect-dashscope/Tool"
import type * as AiError from "effect/ai/AiError"
import * as Prompt from "effect/ai/Prompt"
import * as AiTool from "effect/ai/Tool"
import type * as Toolkit from "effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/** What the provider tells of a call that it executed itself. */
export const executed = { providerExecuted: true } as const

export const descriptionOf = (tool: AiTool.Any): string | undefined => AiTool.getDescription(tool)

/** What the model is told of a tool. Throws where it cannot be. */
export const describe = (tool: AiTool.Any): Params.Tool => {
  const description = descriptionOf(tool)
  if (AiTool.isDynamic(tool) && tool.jsonSchema !== undefined) {
    const named = Tool.toDefinition(Tool.make(tool.name, { description }))
    return { ...named, function: { ...named.function, parameters: tool.jsonSchema } }
  }
  return Tool.toDefinition(Tool.make(tool.name, { description, parameters: Schema.revealCodec(tool.parametersSchema) }))
}

/** Why a tool cannot be run by the client's loop: it asks nobody. */
export const problemOf = ({ name, needsApproval }: AiTool.Any): string | undefined =>
  needsApproval === undefined || needsApproval === false
    ? undefined
    : `${name} needs an approval, which only generateText and streamText of LanguageModel ask for`

/** What of a result the model is shown: what the tool makes for it, else all. */
export const shown = ({ modelOutput, result }: Prompt.ToolResultPart): unknown =>
  modelOutput === undefined ? result : Prompt.toolModelOutputToText(modelOutput)

/** Runs the handler of a tool with what the model wrote. */
export const handle = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>,
  tool: AiTool.Any,
  params: unknown
): Effect.Effect<
  { readonly encodedResult: unknown; readonly isFailure: boolean },
  AiError.AiError | AiTool.HandlerError<Tools[keyof Tools]>,
  AiTool.HandlerServices<Tools[keyof Tools]>
> =>
  toolkit.handle(tool.name, params as never).pipe(
    Effect.flatMap(Stream.runLast),
    // What is preliminary comes before what is not, and a handler that gives neither has failed.
    Effect.map(Option.getOrThrow),
    Effect.map(({ encodedResult, isFailure, modelOutput }) => ({
      encodedResult: modelOutput === undefined ? encodedResult : Prompt.toolModelOutputToText(modelOutput),
      isFailure
    }))
  )
