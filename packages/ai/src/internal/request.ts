/** What the core asks for as a request to one of the services. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import type { CallOptions } from "effect-dashscope/CallOptions"
import type { GenerationParams } from "effect-dashscope/GenerationParams"
import type { MultiModalParams } from "effect-dashscope/MultiModalParams"
import * as Either from "effect/Either"
import * as Files from "./files.js"
import type { Problem } from "./original.js"
import { type Path, pathOf } from "./path.js"
import * as Prompts from "./prompt.js"
import type { OwnSettings, Parts } from "./settings.js"
import * as Tools from "./tools.js"

interface Common {
  readonly own: OwnSettings
  readonly options: CallOptions
}

export type Request =
  & Common
  & (
    | { readonly path: "text"; readonly params: GenerationParams }
    | { readonly path: "multimodal"; readonly params: MultiModalParams }
  )

/** Why there is no request, and of which path it would have been. */
export interface Refusal extends Problem {
  readonly path: Path
}

type Asked = Pick<LanguageModel.ProviderOptions, "prompt" | "toolChoice" | "tools">

const described = (description: string): Problem => ({ description })

/** The request for a prompt, by a model with these settings. */
export const make = (
  model: string,
  { options, own, parameters, settings }: Parts,
  asked: Asked
): Either.Either<Request, Refusal> => {
  const name = own.model ?? model
  const path = pathOf(name, asked.prompt, own.path)
  const preserveThinking = settings.preserveThinking === true
  const common = (tools: Tools.ToolParams) => ({
    ...parameters,
    ...tools,
    ...(tools.searchOptions === undefined
      ? undefined
      : { searchOptions: { ...tools.searchOptions, ...settings.searchOptions } }),
    model: name
  })
  const made = Either.flatMap(Tools.convert(asked), (tools): Either.Either<Request, Problem> =>
    path === "text"
      ? Either.mapBoth(Prompts.convert(asked.prompt, Files.text, { preserveThinking }), {
        onLeft: described,
        onRight: (messages) => ({ own, options, path, params: { ...common(tools), messages } })
      })
      : Either.mapBoth(Prompts.convert(asked.prompt, Files.multimodal, { preserveThinking }), {
        onLeft: described,
        onRight: (messages) => ({ own, options, path, params: { ...common(tools), messages } })
      }))
  return Either.mapLeft(made, (problem) => ({ ...problem, path }))
}
