/** What the core makes of the options of a call, before it asks a provider. */
import * as AiError from "@effect/ai/AiError"
import type * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import type * as AiTool from "@effect/ai/Tool"
import type * as Context from "effect/Context"
import type * as ParseResult from "effect/ParseResult"
import type { Span } from "effect/Tracer"

/** As the program gives them. */
export type Given = LanguageModel.GenerateTextOptions<Record<string, AiTool.Any>>

/** What the core asks a provider for; without a span where nobody sees it. */
export interface Asked extends Omit<LanguageModel.ProviderOptions, "span"> {
  readonly span: Span | undefined
}

/** For text by no tools. */
export const make = (_given: Given, prompt: Prompt.Prompt, span: Span | undefined): Asked => ({
  prompt,
  tools: [],
  toolChoice: "none",
  responseFormat: { type: "text" },
  span
})

export const ofSpan = ({ concurrency, toolChoice }: Given) => ({
  captureStackTrace: false,
  attributes: { concurrency, toolChoice }
})

/** Whether the call is of a program that uses tools. */
export const hasTools = ({ toolkit }: Given): boolean => toolkit !== undefined

/** Whether only the core can answer, though there are no tools. */
export const isOfCore = (_prompt: Prompt.Prompt, _context: Context.Context<never>): boolean => false

export const malformed = (method: string, error: ParseResult.ParseError): AiError.AiError =>
  AiError.MalformedOutput.fromParseError({ module: "LanguageModel", method, error })
