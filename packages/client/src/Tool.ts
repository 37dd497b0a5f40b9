/**
 * Functions that the model may ask for, typed: their arguments are decoded by a Schema, and so is what the model is told
 * about them.
 *
 * A tool is a description; a {@link Handler} is a tool with the Effect that does its work. `Generation.runTools` lets a
 * model use handlers until it has its answer. For your own loop there are {@link toDefinition},
 * {@link decodeCalls} and {@link encodeResult}.
 *
 * @example
 * import { Generation, Message, Tool } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * const getWeather = Tool.make("get_weather", {
 *   description: "The weather of a city, today",
 *   parameters: Schema.Struct({
 *     city: Schema.String.annotations({ description: "Its name, such as 杭州" }),
 *     unit: Schema.optional(Schema.Literal("celsius", "fahrenheit"))
 *   }),
 *   success: Schema.Struct({ degrees: Schema.Number, sky: Schema.String })
 * })
 *
 * export const handler = Tool.handler(getWeather, ({ city }) =>
 *   Effect.as(Effect.log(`Looking at the sky of ${city}`), { degrees: 18, sky: "cloudy" }))
 *
 * // Or, to see to it oneself:
 * export const calls = Effect.gen(function*() {
 *   const result = yield* Generation.call({
 *     model: "qwen-plus",
 *     messages: [Message.user("Is it warm in Hangzhou?")],
 *     tools: [Tool.toDefinition(getWeather)]
 *   })
 *   return yield* Tool.decodeCalls(getWeather, result)
 * })
 *
 * Source: "Function calling".
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { InputRequired } from "./DashScopeError.js"
import type * as Params from "./GenerationParams.js"
import { type GenerationResult, toolCalls } from "./GenerationResult.js"
import { decodeWritten } from "./internal/core/decodeWritten.js"
import * as JsonSchema from "./internal/core/jsonSchema.js"
import { cut, describe } from "./internal/core/schemaIssues.js"
import { readArguments } from "./internal/core/writtenJson.js"
import type * as Message from "./Message.js"
import { ToolCallError, type ToolCallErrorReason } from "./ToolRun.js"

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

export {
  /**
   * @since 0.1.0
   * @category constructors
   */
  RunEvent,
  /**
   * @since 0.1.0
   * @category errors
   */
  ToolCallError,
  /**
   * @since 0.1.0
   * @category models
   */
  ToolCallErrorReason,
  /**
   * @since 0.1.0
   * @category errors
   */
  TooManyRounds
} from "./ToolRun.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  PartialRun,
  /**
   * @since 0.1.0
   * @category models
   */
  RunError,
  /**
   * @since 0.1.0
   * @category models
   */
  RunOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  RunResult,
  /**
   * @since 0.1.0
   * @category errors
   */
  TooManyRoundsOf,
  /**
   * @since 0.1.0
   * @category models
   */
  Usage
} from "./ToolRun.js"
import { fromEither } from "./internal/effect/either.js"

// -----------------------------------------------------------------------------
// tools
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export const TypeId: unique symbol = Symbol.for("effect-dashscope/Tool")

/**
 * @since 0.1.0
 * @category models
 */
export type TypeId = typeof TypeId

/**
 * Any tool.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any {
  readonly [TypeId]: TypeId
  readonly name: string
  readonly description: string | undefined
  /** The Schema of the arguments. */
  readonly parameters: Schema.Schema.Any
  /** The Schema of the result. */
  readonly success: Schema.Schema.Any
  /** What the model is told. */
  readonly definition: Params.Tool
}

/**
 * A function that the model may ask for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tool<
  out Name extends string,
  out Parameters extends Schema.Schema.Any,
  out Success extends Schema.Schema.Any
> extends Any {
  readonly name: Name
  readonly parameters: Parameters
  readonly success: Success
}

/**
 * The arguments of a tool, decoded.
 *
 * @since 0.1.0
 * @category models
 */
export type Arguments<T extends Any> = Schema.Schema.Type<T["parameters"]>

/**
 * What a tool's handler succeeds with.
 *
 * @since 0.1.0
 * @category models
 */
export type Success<T extends Any> = Schema.Schema.Type<T["success"]>

/**
 * What a tool's Schemas need.
 *
 * @since 0.1.0
 * @category models
 */
export type Context<T extends Any> = Schema.Schema.Context<T["parameters"] | T["success"]>

/**
 * @since 0.1.0
 * @category guards
 */
export const isTool = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

const namePattern = /^[A-Za-z0-9_-]{1,64}$/

const nameProblem = (name: string): string | undefined => {
  if (name === "search") return "the service reserves the name \"search\""
  return namePattern.test(name) ?
    undefined :
    `${JSON.stringify(cut(name, 80))} must be 1 to 64 of the characters A-Z a-z 0-9 _ -`
}

const noParameters = Schema.Struct({})

/**
 * Makes a tool.
 *
 * `parameters` describes an object, as `Schema.Struct` and `Schema.Class` do. Its descriptions, and those of its fields,
 * are what the model goes by, besides the tool's own. Default: no parameters.
 *
 * `success` describes the result. Default: `Schema.Unknown`, with which a handler may succeed with anything that can be
 * written as JSON.
 *
 * Throws `InputRequired` where the name would be refused (over 64 characters, others than `A-Z a-z 0-9 _ -`, `search`)
 * or where the parameters have no JSON Schema, or describe no object.
 *
 * @example
 * import { Tool } from "effect-dashscope"
 * import { Schema } from "effect"
 *
 * export const getTime = Tool.make("get_time", { description: "The time now", success: Schema.DateTimeUtc })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  const Name extends string,
  Parameters extends Schema.Schema.Any = typeof noParameters,
  Success extends Schema.Schema.Any = typeof Schema.Unknown
>(name: Name, options?: {
  /** What the function is for, and when to call it. */
  readonly description?: string | undefined
  readonly parameters?: Parameters | undefined
  readonly success?: Success | undefined
}): Tool<Name, Parameters, Success> => {
  const problem = nameProblem(name)
  if (problem !== undefined) throw new InputRequired({ field: "tools", description: `a tool's name: ${problem}` })
  const description = options?.description
  const parameters: Schema.Schema.Any = options?.parameters ?? noParameters
  const success: Schema.Schema.Any = options?.success ?? Schema.Unknown
  const jsonSchema = Either.getOrThrowWith(
    JsonSchema.makeObject(parameters),
    (problem) => new InputRequired({ field: "tools", description: `the parameters of ${name}: ${problem}` })
  )
  const tool: Any = {
    [TypeId]: TypeId,
    name,
    description,
    parameters,
    success,
    definition: {
      type: "function",
      function: { name, ...(description === undefined ? undefined : { description }), parameters: jsonSchema }
    }
  }
  // The type parameters' defaults are the values used above.
  return tool as Tool<Name, Parameters, Success>
}

/**
 * What the model is told of a tool, for the `tools` of a call.
 *
 * The JSON Schema of the parameters has its references resolved, and `$defs` only for a Schema that contains itself. Of
 * a Schema that transforms, it is the encoded side that the model has to write.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toDefinition = (tool: Any): Params.Tool => tool.definition

/**
 * The `toolChoice` that makes the model call this tool. Not in thinking mode.
 *
 * @since 0.1.0
 * @category accessors
 */
export const choice = (tool: Any): Params.ToolChoice => ({ type: "function", function: { name: tool.name } })

// -----------------------------------------------------------------------------
// calls
// -----------------------------------------------------------------------------

/**
 * A tool call whose arguments fit. Of several tools, a union that `name` tells apart.
 *
 * @since 0.1.0
 * @category models
 */
export type DecodedCall<T extends Any> = T extends Any ? {
    readonly name: T["name"]
    readonly arguments: Arguments<T>
    /** The call as it came; its `id` goes with the answer. */
    readonly call: Message.ToolCall
  } :
  never

type Tools = Any | ReadonlyArray<Any>

type OneOf<T extends Tools> = T extends ReadonlyArray<infer U extends Any> ? U : T extends Any ? T : never

const invalid = (
  call: Message.ToolCall,
  reason: ToolCallErrorReason,
  description: string,
  paths: ReadonlyArray<string> = []
) => new ToolCallError({ reason, tool: call.function.name, callId: call.id, paths, description })

/**
 * The error of a call to a tool that is not among those of these names.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unknownTool = (call: Message.ToolCall, names: ReadonlyArray<string>): ToolCallError => {
  const known = names.length === 0 ? "There are no tools." : `The tools are: ${names.join(", ")}.`
  return invalid(
    call,
    "UnknownTool",
    `There is no tool named ${JSON.stringify(cut(call.function.name, 64))}. ${known}`
  )
}

/**
 * The arguments of a call as a JSON object, before any Schema decodes them. Nothing at all, and what models write in its place
 * (`null`, `""`, `[]`), is an object without fields; a fence around the object is taken away.
 *
 * @since 0.1.0
 * @category combinators
 */
export const parseArguments = (
  call: Message.ToolCall
): Either.Either<Readonly<Record<string, unknown>>, ToolCallError> => {
  const { arguments: json, name } = call.function
  return Either.mapLeft(readArguments(json), (problem) => {
    // Quoted, since the history shows the model no arguments in their place.
    const written = `They were: ${cut(json, 200)}`
    return problem._tag === "NotJson"
      ? invalid(
        call,
        "InvalidJson",
        `The arguments for ${name} are not valid JSON (${cut(problem.text, 200)}). ${written}`
      )
      : invalid(call, "InvalidArguments", `The arguments for ${name} do not fit: Expected a JSON object. ${written}`)
  })
}

const decode = (tool: Any, call: Message.ToolCall): Effect.Effect<unknown, ToolCallError, unknown> =>
  Effect.flatMap(
    Effect.suspend(() => fromEither(parseArguments(call))),
    (args) =>
      Effect.catchAll(
        decodeWritten(Schema.asSchema(tool.parameters))(args),
        (error) =>
          Effect.flatMap(describe(error), ({ paths, text }) =>
            Effect.fail(
              invalid(call, "InvalidArguments", `The arguments for ${tool.name} do not fit: ${text}`, paths)
            ))
      )
  )

/**
 * Decodes one tool call, by the one tool or by the tools that there are.
 *
 * @example
 * import { Message, Tool } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * const add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }) })
 *
 * export const sum = (call: Message.ToolCall) =>
 *   Tool.decodeCall(add, call).pipe(Effect.map(({ arguments: { a, b } }) => a + b))
 *
 * @since 0.1.0
 * @category combinators
 */
export const decodeCall = <const T extends Tools>(
  tools: T,
  call: Message.ToolCall
): Effect.Effect<DecodedCall<OneOf<T>>, ToolCallError, Schema.Schema.Context<OneOf<T>["parameters"]>> => {
  const known: ReadonlyArray<Any> = isTool(tools) ? [tools] : tools
  const tool = known.find(({ name }) => name === call.function.name)
  const decoded = tool === undefined ?
    Effect.fail(unknownTool(call, known.map(({ name }) => name))) :
    Effect.map(decode(tool, call), (args) => ({ name: tool.name, arguments: args, call }))
  // The tool was found among those of T, and its own Schema decoded the arguments.
  return decoded as Effect.Effect<
    DecodedCall<OneOf<T>>,
    ToolCallError,
    Schema.Schema.Context<OneOf<T>["parameters"]>
  >
}

/**
 * Decodes all tool calls of an answer, each on its own, in the model's order. For the first that does not fit
 * in place of all, follow with `Effect.map(Either.all)`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const decodeCalls = <const T extends Tools>(
  tools: T,
  result: GenerationResult
): Effect.Effect<
  ReadonlyArray<Either.Either<DecodedCall<OneOf<T>>, ToolCallError>>,
  never,
  Schema.Schema.Context<OneOf<T>["parameters"]>
> => Effect.forEach(toolCalls(result), (call) => Effect.either(decodeCall(tools, call)))

/** The service refuses an empty message. */
const write = (value: unknown): string =>
  typeof value === "string" && value.trim() !== "" ? value : JSON.stringify(value) ?? "null"

const encode = (tool: Any, value: unknown): Effect.Effect<string, ParseResult.ParseError, unknown> =>
  Effect.flatMap(
    Schema.encodeUnknown(Schema.asSchema(tool.success))(value),
    (encoded) =>
      Effect.try({
        try: () => write(encoded),
        catch: () =>
          ParseResult.parseError(new ParseResult.Type(tool.success.ast, encoded, "Expected what JSON can be made of"))
      })
  )

/**
 * What the model is told of a tool's result: text as it is, all else as JSON. An empty text is written as `""` and
 * nothing at all as `null`, since an empty message would be refused.
 *
 * @example
 * import { Message, Tool } from "effect-dashscope"
 * import { DateTime, Effect, Schema } from "effect"
 *
 * const getTime = Tool.make("get_time", { success: Schema.DateTimeUtc })
 *
 * export const answer = (call: Message.ToolCall) =>
 *   DateTime.now.pipe(
 *     Effect.flatMap((now) => Tool.encodeResult(getTime, now)),
 *     Effect.map((content) => Message.tool(content, { toolCallId: call.id }))
 *   )
 *
 * @since 0.1.0
 * @category combinators
 */
export const encodeResult = <T extends Any>(
  tool: T,
  value: Success<T>
): Effect.Effect<string, ParseResult.ParseError, Schema.Schema.Context<T["success"]>> =>
  // Of the tool's Schemas, only this one is used.
  encode(tool, value) as Effect.Effect<string, ParseResult.ParseError, Schema.Schema.Context<T["success"]>>

// -----------------------------------------------------------------------------
// handlers
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export const HandlerTypeId: unique symbol = Symbol.for("effect-dashscope/Tool/Handler")

/**
 * @since 0.1.0
 * @category models
 */
export type HandlerTypeId = typeof HandlerTypeId

/**
 * A tool and the Effect that does its work.
 *
 * @since 0.1.0
 * @category models
 */
export interface Handler<out E, out R> {
  readonly [HandlerTypeId]: HandlerTypeId
  readonly tool: Any
  /** Decodes the arguments; then, what does the work and gives the text for the model. */
  readonly prepare: (call: Message.ToolCall) => Effect.Effect<Effect.Effect<string, E, R>, ToolCallError, R>
}

/**
 * What handlers can fail with.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerError<H> = H extends Handler<infer E, infer _R> ? E : never

/**
 * What handlers need.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerContext<H> = H extends Handler<infer _E, infer R> ? R : never

const makeHandler = <Args, E, R>(
  tool: Any,
  work: (args: Args, call: Message.ToolCall) => Effect.Effect<unknown, E, R>
): Handler<E, unknown> => ({
  [HandlerTypeId]: HandlerTypeId,
  tool,
  prepare: (call) =>
    Effect.map(decode(tool, call), (args) =>
      Effect.flatMap(
        // The tool's own Schema decoded them.
        Effect.suspend(() => work(args as Args, call)),
        (value) =>
          Effect.orDieWith(
            encode(tool, value),
            (error) => new Error(`The handler of ${tool.name} gave a result that does not fit: ${error.message}`)
          )
      ))
})

/**
 * Gives a tool its work to do.
 *
 * The work has errors and requirements of its own, which become those of `Generation.runTools`. A result that does not
 * fit the tool's `success` is a defect: the program's mistake, and not one that the model could fix.
 *
 * @since 0.1.0
 * @category constructors
 */
export const handler = <
  Name extends string,
  Parameters extends Schema.Schema.Any,
  Succeeds extends Schema.Schema.Any,
  E,
  R
>(
  tool: Tool<Name, Parameters, Succeeds>,
  work: (
    args: Schema.Schema.Type<Parameters>,
    /** The call as it came. */
    call: Message.ToolCall
  ) => Effect.Effect<Schema.Schema.Type<Succeeds>, E, R>
): Handler<E, R | Schema.Schema.Context<Parameters | Succeeds>> =>
  // What it needs is what the work and the tool's two Schemas need.
  makeHandler(tool, work) as Handler<E, R | Schema.Schema.Context<Parameters | Succeeds>>

/**
 * The work of several tools, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export type Work<T extends Any> = {
  readonly [Each in T as Each["name"]]: (
    args: Arguments<Each>,
    call: Message.ToolCall
  ) => Effect.Effect<Success<Each>, unknown, unknown>
}

/**
 * What the work of several tools can fail with.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkError<W> = {
  readonly [K in keyof W]: W[K] extends (...args: never) => Effect.Effect<unknown, infer E, unknown> ? E : never
}[keyof W]

/**
 * What the work of several tools needs.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkContext<W> = {
  readonly [K in keyof W]: W[K] extends (...args: never) => Effect.Effect<unknown, unknown, infer R> ? R : never
}[keyof W]

/**
 * Gives several tools their work.
 *
 * @example
 * import { Tool } from "effect-dashscope"
 * import { Clock, Effect, Schema } from "effect"
 *
 * const getTime = Tool.make("get_time", { description: "Milliseconds since 1970", success: Schema.Number })
 * const add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }) })
 *
 * export const handlers = Tool.handlers([getTime, add], {
 *   get_time: () => Clock.currentTimeMillis,
 *   add: ({ a, b }) => Effect.succeed(a + b)
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const handlers = <const T extends ReadonlyArray<Any>, W extends Work<T[number]>>(
  tools: T,
  work: W
): ReadonlyArray<Handler<WorkError<W>, WorkContext<W> | Context<T[number]>>> => {
  // `Work` has a function of the right type under the name of each tool.
  const byName = work as unknown as Readonly<
    Record<string, (args: unknown, call: Message.ToolCall) => Effect.Effect<unknown, WorkError<W>, unknown>>
  >
  const made = tools.map((tool) =>
    makeHandler(
      tool,
      (args, call) => byName[tool.name]?.(args, call) ?? Effect.dieMessage(`The tool ${tool.name} was given no work`)
    )
  )
  // As for `handler`.
  return made as unknown as ReadonlyArray<Handler<WorkError<W>, WorkContext<W> | Context<T[number]>>>
}
