/** What the core makes of the options of a call, before it asks a provider. */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import * as ResponseIdTracker from "effect/ai/ResponseIdTracker"
import type * as AiTool from "effect/ai/Tool"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { Span } from "effect/Tracer"

/** As the program gives them. */
export type Given = LanguageModel.GenerateTextOptions<Record<string, AiTool.Any>>

/** What the core asks a provider for; without a span where nobody sees it. */
export interface Asked extends Omit<LanguageModel.ProviderOptions, "span"> {
  readonly span: Span | undefined
}

/** For text by no tools. Tells the span what the core tells it. */
export const make = (
  { concurrency = "unbounded", toolChoice = "auto" }: Given,
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

const client = { kind: "client" } as const

export const ofSpan = (_given: Given) => client

/** Whether the call is of a program that uses tools, or looks at their calls itself. */
export const hasTools = ({ toolCallValidation, toolkit }: Given): boolean =>
  toolkit !== undefined || toolCallValidation === "deferred"

const isApproval = ({ content, role }: Prompt.Message): boolean =>
  role === "tool" && content.some(({ type }) => type === "tool-approval-response")

/** Whether only the core can answer, though there are no tools: it knows approvals, and the ids of earlier responses. */
export const isOfCore = (prompt: Prompt.Prompt, context: Context.Context<never>): boolean =>
  prompt.content.some(isApproval) || Option.isSome(Context.getOption(context, ResponseIdTracker.ResponseIdTracker))

export const malformed = (method: string, error: Schema.SchemaError): AiError.AiError =>
  AiError.make({ module: "LanguageModel", method, reason: AiError.InvalidOutputError.fromSchemaError(error) })
