/**
 * What does not fit a schema, with the constructors and the words of Effect 3.
 *
 * @internal
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"

export type ParseError = Schema.SchemaError

export const ParseError = Schema.SchemaError

export type ParseIssue = SchemaIssue.Issue

export const isParseError = Schema.isSchemaError

export const parseError = (issue: ParseIssue): ParseError => new Schema.SchemaError(issue)

export const succeed = <A>(value: A): Effect.Effect<A> => Effect.succeed(value)

export const fail = (issue: ParseIssue): Effect.Effect<never, ParseIssue> => Effect.fail(issue)

/** A value that is none of the schema's, with what is to be said of it. */
export const Type: new(ast: AST.AST, actual: unknown, message?: string) => SchemaIssue.Leaf = class
  extends SchemaIssue.InvalidValue
{
  constructor(_ast: AST.AST, actual: unknown, message?: string) {
    super(message === undefined ? undefined : { message }, actual, { reportInput: true })
  }
}

export const Pointer: new(
  path: PropertyKey | ReadonlyArray<PropertyKey>,
  actual: unknown,
  issue: ParseIssue
) => SchemaIssue.Pointer = class extends SchemaIssue.Pointer {
  constructor(path: PropertyKey | ReadonlyArray<PropertyKey>, _actual: unknown, issue: ParseIssue) {
    super(Arr.ensure(path), issue)
  }
}

export const Composite: new(
  ast: AST.AST,
  actual: unknown,
  issues: Arr.NonEmptyReadonlyArray<ParseIssue>
) => SchemaIssue.Composite = class extends SchemaIssue.Composite {
  constructor(ast: AST.AST, actual: unknown, issues: Arr.NonEmptyReadonlyArray<ParseIssue>) {
    super(ast, issues, actual)
  }
}

/** One line of a list of issues. */
export interface ArrayFormatterIssue {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const leafHook: SchemaIssue.LeafHook = (issue) => {
  const said = SchemaIssue.defaultLeafHook(issue)
  return issue._tag === "MissingKey" && said === "Missing key" ? "is missing" : said
}

const toLines = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook })

/** What Effect 4 says by itself begins so. */
const inOldWords = (said: string): string => said.startsWith("Expected ") ? said.replace(", got ", ", actual ") : said

const linesOf = (issue: ParseIssue): Array<ArrayFormatterIssue> =>
  toLines(issue).issues.map(({ message, path = [] }) => ({
    message: inOldWords(message),
    path: path.map((key) => typeof key === "object" ? key.key : key)
  }))

export const ArrayFormatter = {
  formatError: (error: ParseError): Effect.Effect<Array<ArrayFormatterIssue>> =>
    Effect.sync(() => linesOf(error.issue)),
  formatErrorSync: (error: ParseError): Array<ArrayFormatterIssue> => linesOf(error.issue)
}

export const TreeFormatter = {
  formatErrorSync: (error: ParseError): string => error.message,
  formatIssueSync: (issue: ParseIssue): string => parseError(issue).message
}

export const decodeUnknownEither = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  options?: AST.ParseOptions
): (input: unknown) => Result.Result<S["Type"], ParseIssue> =>
  SchemaParser.decodeUnknownResult(schema, { reportInput: true, ...options })
