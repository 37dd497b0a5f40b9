/**
 * The conditions of a Schema, as those of its JSON Schema, in the words of Effect 3.
 *
 * @internal
 */
import type * as AST from "effect/SchemaAST"
import { isRecord } from "./record.js"

type Json = Record<string, unknown>

/** A condition, and what is said of it. */
type Condition = readonly [keywords: Json, description?: string]

type Values = Readonly<Record<string, unknown>>

const sign = (value: unknown, ofZero: string, other: string): string => value === 0 ? ofZero : `${other} ${String(value)}`

const ofNumbers: Readonly<Record<string, (values: Values) => Condition>> = {
  isInt: () => [{ type: "integer" }, "an integer"],
  isFinite: () => [{}, "a finite number"],
  isGreaterThan: ({ exclusiveMinimum }) => [
    { exclusiveMinimum },
    sign(exclusiveMinimum, "a positive number", "a number greater than")
  ],
  isGreaterThanOrEqualTo: ({ minimum }) => [
    { minimum },
    sign(minimum, "a non-negative number", "a number greater than or equal to")
  ],
  isLessThan: ({ exclusiveMaximum }) => [
    { exclusiveMaximum },
    sign(exclusiveMaximum, "a negative number", "a number less than")
  ],
  isLessThanOrEqualTo: ({ maximum }) => [
    { maximum },
    sign(maximum, "a non-positive number", "a number less than or equal to")
  ],
  isMultipleOf: ({ divisor }) => [{ multipleOf: divisor }, `a number divisible by ${String(divisor)}`]
}

const ofTexts: Readonly<Record<string, (values: Values) => Condition>> = {
  isMinLength: ({ minLength }) => [
    { minLength },
    minLength === 1 ? "a non empty string" : `a string at least ${String(minLength)} character(s) long`
  ],
  isMaxLength: ({ maxLength }) => [{ maxLength }, `a string at most ${String(maxLength)} character(s) long`],
  isPattern: ({ source }) => [{ pattern: source }, `a string matching the pattern ${String(source)}`]
}

const ofLists: Readonly<Record<string, (values: Values) => Condition>> = {
  isMinLength: ({ minLength }) => [{ minItems: minLength }, `an array of at least ${String(minLength)} item(s)`],
  isMaxLength: ({ maxLength }) => [{ maxItems: maxLength }, `an array of at most ${String(maxLength)} item(s)`]
}

const between = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum }: Values): Condition | undefined =>
  exclusiveMaximum === true || exclusiveMinimum === true
    ? undefined
    : [{ minimum, maximum }, `a number between ${String(minimum)} and ${String(maximum)}`]

const known = (name: string, values: Values, ast: AST.AST): Condition | undefined => {
  if (name === "isBetween") return between(values)
  const all = ast._tag === "String" ? ofTexts : ast._tag === "Arrays" ? ofLists : ofNumbers
  return Object.hasOwn(all, name) ? all[name]?.(values) : undefined
}

/** What a filter that is none of those above says of itself. */
const own = ({ annotations }: AST.Filter<unknown>, type: unknown): Condition => {
  const write = annotations?.toJsonSchema
  if (write === undefined) return [{}]
  const made = write({ type: typeof type === "string" ? type as "string" : undefined, schemas: [] })
  return [Array.isArray(made) ? { ...made[0] } : { ...made }]
}

const conditionOf = (check: AST.Filter<unknown>, ast: AST.AST, type: unknown): Condition => {
  const { id = "", payload } = check.annotations?.representation ?? {}
  const name = id.slice(id.lastIndexOf("/") + 1)
  return known(name, isRecord(payload) ? payload : {}, ast) ?? own(check, type)
}

const filtersOf = (check: AST.Check<unknown>): ReadonlyArray<AST.Filter<unknown>> =>
  check._tag === "Filter" ? [check] : check.checks.flatMap(filtersOf)

/** Whether the former of two conditions of one kind says more than the latter. */
const more: Readonly<Record<string, (before: number, after: number) => boolean>> = {
  minLength: (a, b) => a > b,
  maxLength: (a, b) => a < b,
  minItems: (a, b) => a > b,
  maxItems: (a, b) => a < b,
  minimum: (a, b) => a > b,
  maximum: (a, b) => a < b,
  exclusiveMinimum: (a, b) => a > b,
  exclusiveMaximum: (a, b) => a < b,
  multipleOf: (a, b) => a !== b
}

const saysMore = (name: string, before: unknown, after: unknown): boolean =>
  typeof before === "number" && typeof after === "number" ? more[name]?.(before, after) ?? false : before !== after

const refined = (schema: Json, keywords: Json, annotations: Json): Json => {
  const kept = Object.entries(keywords).flatMap(([name, value]) =>
    name !== "type" && name in schema && saysMore(name, schema[name], value) ? [{ [name]: schema[name] }] : []
  )
  const before = Array.isArray(schema["allOf"]) ? schema["allOf"] : []
  const allOf: ReadonlyArray<unknown> = [...kept.reverse(), ...before]
  return { ...schema, ...annotations, ...keywords, ...(allOf.length === 0 ? undefined : { allOf }) }
}

/** The JSON Schema of what has all conditions of a Schema. A Schema with a name stays whole. @internal */
export const conditions = (schema: Json, ast: AST.AST): Json => {
  let out = schema
  let isNamed = false
  for (const check of (ast.checks ?? []).flatMap(filtersOf)) {
    const [keywords, words] = conditionOf(check, ast, out["type"])
    const { description = words, identifier, title } = check.annotations ?? {}
    out = refined(isNamed ? { allOf: [out] } : out, keywords, {
      ...(description === undefined ? undefined : { description }),
      ...(title === undefined ? undefined : { title })
    })
    isNamed = identifier !== undefined
  }
  return out
}
