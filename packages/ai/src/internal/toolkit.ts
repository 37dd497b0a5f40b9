/** What of the core's tools is looked at and run. */
import type * as AiError from "@effect/ai/AiError"
import type * as Prompt from "@effect/ai/Prompt"
import * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import type * as Params from "effect-dashscope/GenerationParams"
import * as Tool from "effect-dashscope/Tool"
import type * as Effect from "effect/Effect"

/** What the provider tells of a call that it executed itself. */
export const executed = { providerName: "code_interpreter", providerExecuted: true } as const

export const descriptionOf = (tool: AiTool.Any): string | undefined =>
  tool.description ?? AiTool.getDescriptionFromSchemaAst(tool.parametersSchema.ast)

/** What the model is told of a tool. Throws where it cannot be. */
export const describe = (tool: AiTool.Any): Params.Tool =>
  Tool.toDefinition(Tool.make(tool.name, {
    description: descriptionOf(tool),
    // Of a tool's type parameters, only the Schema of its parameters is looked at.
    parameters: tool.parametersSchema
  }))

/** Why a tool cannot be run by the client's loop. */
export const problemOf = (_tool: AiTool.Any): string | undefined => undefined

/** What of a result the model is shown. */
export const shown = (part: Prompt.ToolResultPart): unknown => part.result

/** Runs the handler of a tool with what the model wrote. */
export const handle = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>,
  tool: AiTool.Any,
  params: unknown
): Effect.Effect<
  { readonly encodedResult: unknown; readonly isFailure: boolean },
  AiError.AiError | AiTool.HandlerError<Tools[keyof Tools]>,
  AiTool.Requirements<Tools[keyof Tools]>
> => toolkit.handle(tool.name, params as never)
