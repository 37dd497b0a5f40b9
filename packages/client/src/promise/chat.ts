/**
 * Tools and objects for programs without Effect: JSON Schemas with validators in the place of Schemas, and functions in the
 * place of Effects.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as Tool from "../Tool.js"
import type { JsonSchema, ToolFunction, Validator } from "./chatTypes.js"

type Result<A> = { readonly value: A } | { readonly issues: ReadonlyArray<ParseResult.ParseIssue> }

const issueAt = (ast: AST.AST, value: unknown, message: string, path: ReadonlyArray<PropertyKey>) => {
  const issue = new ParseResult.Type(ast, value, message)
  const [first, ...rest] = path
  return first === undefined ? issue : new ParseResult.Pointer([first, ...rest], value, issue)
}

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** What a validator says; of none, that there is an object. */
const validated = async <A>(validator: Validator<A> | undefined, value: unknown, ast: AST.AST): Promise<Result<A>> => {
  if (validator === undefined) {
    return Predicate.isRecord(value)
      // Nothing more is claimed of it by the types.
      ? { value: value as A }
      : { issues: [issueAt(ast, value, "Expected a JSON object", [])] }
  }
  try {
    // Validators of some libraries are functions with a `~standard`.
    if (!("~standard" in validator)) return { value: await validator(value) }
    const result = await validator["~standard"].validate(value)
    if (result.issues === undefined) return { value: result.value }
    return {
      issues: result.issues.map(({ message, path = [] }) =>
        issueAt(ast, value, message, path.map((key) => typeof key === "object" ? key.key : key))
      )
    }
  } catch (error) {
    return { issues: [issueAt(ast, value, messageOf(error), [])] }
  }
}

/** A Schema that shows the model a JSON Schema, and has a validator decide. @internal */
export const schemaOf = <A>(jsonSchema: JsonSchema, validator: Validator<A> | undefined): Schema.Schema<A, unknown> =>
  Schema.transformOrFail(
    Schema.Unknown.annotations({ jsonSchema }),
    Schema.declare((_u: unknown): _u is A => true),
    {
      strict: true,
      decode: (value, _, ast) =>
        Effect.flatMap(
          Effect.promise(() => validated(validator, value, ast)),
          (result): Effect.Effect<A, ParseResult.ParseIssue> => {
            if ("value" in result) return Effect.succeed(result.value)
            const [first, ...rest] = result.issues
            return Effect.fail(
              first === undefined
                ? new ParseResult.Type(ast, value)
                : new ParseResult.Composite(ast, value, [first, ...rest])
            )
          }
        ),
      encode: (value) => ParseResult.succeed(value)
    }
  )

/** Tools with functions as tools with Effects. What a function throws is the handler's failure. @internal */
export const handlersOf = (tools: ReadonlyArray<ToolFunction>): ReadonlyArray<Tool.Handler<unknown, never>> =>
  tools.map((tool) => {
    const { description, name, parameters, validate } = tool
    return Tool.handler(
      Tool.make(name, {
        description,
        ...(parameters === undefined ? undefined : { parameters: schemaOf(parameters, validate) })
      }),
      (args: unknown, call) =>
        Effect.suspend(() => {
          const controller = new AbortController()
          const { signal } = controller
          return Effect.onInterrupt(
            Effect.tryPromise({ try: async () => await tool.execute(args, { call, signal }), catch: (error) => error }),
            () => Effect.sync(() => controller.abort())
          )
        })
    )
  })
