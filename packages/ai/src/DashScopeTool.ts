/**
 * Tools that the service runs itself, and a bridge from a `Toolkit` to the client's loop of tools.
 *
 * @example
 * import { LanguageModel, Toolkit } from "@effect/ai"
 * import { DashScopeTool } from "effect-dashscope-ai"
 * import { Effect } from "effect"
 *
 * const toolkit = Toolkit.make(DashScopeTool.WebSearch({ searchStrategy: "turbo" }))
 *
 * export const news = LanguageModel.generateText({ prompt: "What is new in Hangzhou?", toolkit }).pipe(
 *   Effect.map(({ content }) => content.filter((part) => part.type === "source"))
 * )
 *
 * @since 0.1.0
 */
import type * as AiError from "@effect/ai/AiError"
import * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import { InputRequired } from "effect-dashscope/DashScopeError"
import * as Tool from "effect-dashscope/Tool"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as OwnTools from "./internal/ownTools.js"
import * as Toolkits from "./internal/toolkit.js"
import { resultText } from "./internal/toolText.js"

/**
 * A search of the web, which the model does where the question asks for it, or for any question where the tool is chosen by its
 * name. What it found comes as parts of type `source`.
 *
 * The arguments are the search options of `GenerationParams`; those of the model's settings win. `enableSource` is on unless it is
 * turned off.
 *
 * @since 0.1.0
 * @category provider-defined tools
 */
export const WebSearch = OwnTools.WebSearch

/**
 * Code that the model writes and the service runs, on the models that have it (most want `enableThinking`). It comes as `tool-call`
 * parts that the provider executed, without results, of which the service tells nothing; what came of it is in the answer's text.
 *
 * @since 0.1.0
 * @category provider-defined tools
 */
export const CodeInterpreter = OwnTools.CodeInterpreter

/**
 * What the handlers of a toolkit can fail with in the client's loop.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerError<Tools extends Record<string, AiTool.Any>> =
  | AiTool.HandlerError<Tools[keyof Tools]>
  | AiError.AiError

/**
 * The tools of a toolkit with their handlers, for `Generation.runTools` and `runToolsStream` of the client: the loop that
 * `@effect/ai` leaves to the program. It asks the model until it has its answer, tells it of calls that do not fit (where
 * `@effect/ai` fails the whole response), and has a bound on the rounds.
 *
 * A failure that the tool returns (`failureMode: "return"`) is told to the model as an error. Tools that the provider runs are left
 * out: set `enableSearch` or `enableCodeInterpreter` in the parameters. Throws `InputRequired` where a tool cannot be described to
 * the service, as `Tool.make` of the client does, or wants what this loop does not do.
 *
 * @example
 * import { Tool, Toolkit } from "@effect/ai"
 * import { Generation } from "effect-dashscope"
 * import { DashScopeTool } from "effect-dashscope-ai"
 * import { Effect, Schema } from "effect"
 *
 * const GetWeather = Tool.make("get_weather", {
 *   description: "The weather of a city, now",
 *   parameters: { city: Schema.String },
 *   success: Schema.String
 * })
 * const toolkit = Toolkit.make(GetWeather)
 * const Handlers = toolkit.toLayer({ get_weather: ({ city }) => Effect.succeed(`${city}: sunny, 22 °C`) })
 *
 * export const answer = Effect.gen(function*() {
 *   const handlers = DashScopeTool.fromToolkit(yield* toolkit)
 *   const { result } = yield* Generation.runTools({ model: "qwen-plus", prompt: "How is Hangzhou?" }, handlers)
 *   return Generation.text(result)
 * }).pipe(Effect.provide(Handlers))
 *
 * @since 0.1.0
 * @category combinators
 */
export const fromToolkit = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>
): ReadonlyArray<Tool.Handler<HandlerError<Tools>, AiTool.Requirements<Tools[keyof Tools]>>> => {
  const made = Object.values(toolkit.tools).flatMap((tool) =>
    AiTool.isProviderDefined(tool) ? [] : [bridge(toolkit, tool)]
  )
  // What the handlers of the toolkit fail with and need: its own types are of each tool, and `handle` is of any.
  return made as unknown as ReadonlyArray<Tool.Handler<HandlerError<Tools>, AiTool.Requirements<Tools[keyof Tools]>>>
}

const bridge = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>,
  tool: AiTool.Any
): Tool.Handler<unknown, unknown> => {
  const problem = Toolkits.problemOf(tool)
  if (problem !== undefined) throw new InputRequired({ field: "tools", description: problem })
  // Of the parameters of any tool, its own type says little.
  const parameters: Schema.Schema<unknown, unknown, unknown> = Schema.asSchema(tool.parametersSchema)
  const described = Tool.make(tool.name, {
    description: Toolkits.descriptionOf(tool),
    parameters,
    success: Schema.String
  })
  return Tool.handler(described, (args) =>
    Effect.gen(function*() {
      // `handle` decodes what the model wrote; that it fits was found out before.
      const params = yield* Effect.orDie(Schema.encode(parameters)(args))
      const { encodedResult, isFailure } = yield* Toolkits.handle(toolkit, tool, params)
      return yield* Either.match(resultText(tool.name, encodedResult, isFailure), {
        onLeft: (problem) => Effect.dieMessage(problem),
        onRight: (text) => Effect.succeed(text)
      })
    }))
}
