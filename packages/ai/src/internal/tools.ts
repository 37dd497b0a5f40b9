/** Tools and the choice among them, as parameters of a request. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import * as AiTool from "@effect/ai/Tool"
import type * as Params from "effect-dashscope/GenerationParams"
import * as Either from "effect/Either"
import type { Problem } from "./original.js"
import * as OwnTools from "./ownTools.js"
import * as Toolkits from "./toolkit.js"

/** What of the parameters is of tools. */
export interface ToolParams {
  readonly tools?: ReadonlyArray<Params.Tool>
  readonly toolChoice?: Params.ToolChoice
  readonly enableSearch?: true
  readonly searchOptions?: Params.SearchOptions
  readonly enableCodeInterpreter?: true
}

/** By tool: a toolkit's tools are made once. */
const known = new WeakMap<AiTool.Any, Either.Either<Params.Tool, Problem>>()

const describe = (tool: AiTool.Any): Either.Either<Params.Tool, Problem> =>
  Either.try({
    try: () => Toolkits.describe(tool),
    catch: (error) => ({ description: error instanceof Error ? error.message : String(error), tool: tool.name })
  })

/** What the model is told of a tool; or why it cannot be. */
export const definitionOf = (tool: AiTool.Any): Either.Either<Params.Tool, Problem> => {
  let made = known.get(tool)
  if (made === undefined) {
    made = describe(tool)
    known.set(tool, made)
  }
  return made
}

interface Sorted {
  readonly functions: ReadonlyArray<Params.Tool>
  readonly search: { readonly name: string; readonly args: Params.SearchOptions } | undefined
  readonly code: { readonly name: string } | undefined
}

const isProviderDefined = (tool: AiTool.Any): tool is AiTool.Any & AiTool.AnyProviderDefined =>
  AiTool.isProviderDefined(tool)

const sorted = (tools: ReadonlyArray<AiTool.Any>): Either.Either<Sorted, Problem> => {
  const functions: Array<Params.Tool> = []
  let search: Sorted["search"]
  let code: Sorted["code"]
  for (const tool of tools) {
    if (isProviderDefined(tool)) {
      // As `DashScopeTool.WebSearch` takes them.
      if (tool.id === OwnTools.webSearchId) search = { name: tool.name, args: tool.args as Params.SearchOptions }
      else if (tool.id === OwnTools.codeInterpreterId) code = tool
      else {
        const description = `the tool ${tool.name} (${tool.id}) is of another provider`
        return Either.left({ description, tool: tool.name })
      }
      continue
    }
    const definition = definitionOf(tool)
    if (Either.isLeft(definition)) return Either.left(definition.left)
    functions.push(definition.right)
  }
  return Either.right({ functions, search, code })
}

const choose = (name: string): Params.ToolChoice => ({ type: "function", function: { name } })

const choiceOf = (
  choice: LanguageModel.ToolChoice<string>,
  functions: ReadonlyArray<Params.Tool>
): Params.ToolChoice | undefined => {
  if (functions.length === 0) return undefined
  if (typeof choice === "string") return choice
  if ("tool" in choice) return choose(choice.tool)
  // The others were taken out by the core.
  if (choice.mode !== "required") return "auto"
  const [only, ...more] = functions
  return only === undefined || more.length > 0 ? "required" : choose(only.function.name)
}

/** The parameters, or what in the tools cannot be sent. */
export const convert = (
  { toolChoice, tools }: {
    readonly toolChoice: LanguageModel.ToolChoice<string>
    readonly tools: ReadonlyArray<AiTool.Any>
  }
): Either.Either<ToolParams, Problem> => {
  if (tools.length === 0) return Either.right({})
  return Either.flatMap(sorted(tools), ({ code, functions, search }) => {
    const named = typeof toolChoice === "object" && "tool" in toolChoice ? toolChoice.tool : undefined
    if (named !== undefined && named === code?.name) {
      return Either.left({ description: `the model cannot be made to call ${named}: choose "auto"`, tool: named })
    }
    const isForcedSearch = named !== undefined && named === search?.name
    const choice = isForcedSearch ? undefined : choiceOf(toolChoice, functions)
    const isOn = toolChoice !== "none"
    return Either.right({
      ...(functions.length === 0 ? undefined : { tools: functions }),
      ...(choice === undefined ? undefined : { toolChoice: choice }),
      ...(search === undefined || !isOn ? undefined : {
        enableSearch: true as const,
        // Without sources there would be no source parts.
        searchOptions: { enableSource: true, ...search.args, ...(isForcedSearch ? { forcedSearch: true } : undefined) }
      }),
      ...(code === undefined || !isOn ? undefined : { enableCodeInterpreter: true as const })
    })
  })
}
