/**
 * What Effect 3's Schema has and Effect 4's has not, or not under the same signature: fields that have another name on the
 * wire, transformations of two schemas, filters.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Struct_ from "effect/Struct"

// -----------------------------------------------------------------------------
// structs
// -----------------------------------------------------------------------------

const wireName = "~effect-dashscope/wireName"

/** A field with another name on the wire. */
export interface FromKey<Key extends string> {
  readonly [wireName]: Key
}

/** The fields by the names that they have on the wire. */
type OnWire<Fields extends Schema.Struct.Fields> = {
  readonly [K in keyof Fields as Fields[K] extends FromKey<infer Key> ? Key : K]: Fields[K]
}

export declare namespace Struct {
  type Fields = Schema.Struct.Fields
  type Type<F extends Fields> = Schema.Struct.Type<F>
  type Encoded<F extends Fields> = Schema.Struct.Encoded<OnWire<F>>
}

export interface Struct<Fields extends Schema.Struct.Fields> extends Schema.BottomLazy<AST.Objects, Struct<Fields>> {
  readonly "Type": Struct.Type<Fields>
  readonly "Encoded": Struct.Encoded<Fields>
  readonly "DecodingServices": Schema.Struct.DecodingServices<Fields>
  readonly "EncodingServices": Schema.Struct.EncodingServices<Fields>
  readonly "~type.make.in": Schema.Struct.MakeIn<Fields>
  readonly "~type.make": Schema.Struct.MakeIn<Fields>
  readonly "Iso": Schema.Struct.Iso<Fields>
  readonly fields: Fields
}

type Names = Readonly<Record<string, string>>

/** What stands before it has been seen to be an object. */
const rename = (names: Names) => {
  const ofObject = Struct_.renameKeys(names)
  return SchemaGetter.transform<unknown, unknown>((struct) => ofObject(struct as Readonly<Record<string, unknown>>))
}

/** Tells the names on the wire, by ours, to who compiles the schema. */
export class Renaming extends SchemaTransformation.Transformation<unknown, unknown> {
  constructor(readonly names: Names) {
    super(rename(Object.fromEntries(Object.entries(names).map(([ours, wire]) => [wire, ours]))), rename(names))
  }
}

const isRenamed = (field: unknown): field is FromKey<string> =>
  Predicate.hasProperty(field, wireName) && typeof field[wireName] === "string"

const namesOf = (fields: Schema.Struct.Fields): Names =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => isRenamed(field) ? [[name, field[wireName]] as const] : [])
  )

/** Whether a value that does not fit may be taken all the same, somewhere in it. */
const isLenient = (ast: AST.AST): boolean => {
  if (ast.encoding?.some(({ to, transformation }) => transformation._tag === "Middleware" || isLenient(to)) === true) {
    return true
  }
  switch (ast._tag) {
    case "Objects":
      return ast.propertySignatures.some(({ type }) => isLenient(type)) ||
        ast.indexSignatures.some(({ type }) => isLenient(type))
    case "Arrays":
      return [...ast.elements, ...ast.rest].some(isLenient)
    case "Union":
      return ast.types.some(isLenient)
    default:
      return ast._tag === "Suspend"
  }
}

/** A field before its name is changed: it is checked there where that tells schemas apart, and takes nothing that fits away. */
const onWire = (field: Schema.Constraint): Schema.Constraint =>
  !isLenient(field.ast)
    ? Schema.toEncoded(field)
    : field.ast.context?.isOptional === true
    ? Schema.optionalKey(Schema.Unknown)
    : Schema.Unknown

/** A struct some of whose fields may have other names on the wire. */
export const Struct = <const Fields extends Schema.Struct.Fields>(fields: Fields): Struct<Fields> => {
  const struct = Schema.Struct(fields)
  const names = namesOf(fields)
  // Without such fields, it is what it is typed as.
  if (Object.keys(names).length === 0) return struct as unknown as Struct<Fields>
  const renamed = Schema.Struct(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [names[name] ?? name, onWire(field)]))
  )
  const { ast } = Schema.decodeTo<Schema.Top, Schema.Top>(struct, new Renaming(names))(renamed)
  return Schema.make<Struct<Fields>>(ast as AST.Objects, { fields })
}

/** Gives the field that it is for another name on the wire. */
export const fromKey = <const Key extends string>(key: Key) =>
<S extends Schema.Top>(schema: S): S & FromKey<Key> =>
  // A key of its own, so that the schema itself has no name on the wire.
  Object.assign(schema.annotateKey({}) as S, { [wireName]: key })

/** A schema is a field as it is. */
export const propertySignature = <S extends Schema.Constraint>(schema: S): S => schema

interface OptionalOptions {
  readonly exact?: true
}

export const optionalWith: {
  <S extends Schema.Constraint>(
    schema: S,
    options: OptionalOptions & { readonly default: () => S["Type"] }
  ): Schema.decodeTo<Schema.toType<S>, Schema.optionalKey<S>>
  <S extends Schema.Constraint>(schema: S, options: OptionalOptions): Schema.optionalKey<S>
} = (<S extends Schema.Top>(schema: S, options: OptionalOptions & { readonly default?: () => S["Type"] }) => {
  const { default: orElse, exact } = options
  const field = exact === true ? Schema.optionalKey(schema) : Schema.optional(schema)
  return orElse === undefined ? field : Schema.decodeTo<Schema.toType<S>, Schema.Top>(Schema.toType(schema), {
    decode: SchemaGetter.transformOptional((value) =>
      Option.orElse(Option.filter(value, Predicate.isNotUndefined), () => Option.some(orElse()))
    ),
    encode: SchemaGetter.passthrough<unknown>()
  })(field)
}) as never

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

type AnyTaggedError = (tag: string, fields: Schema.Struct.Fields) => { readonly prototype: object }

/** An error's name is its tag, and not the identifier of its class. */
export const TaggedError = ((identifier?: string) => (tag: string, fields: Schema.Struct.Fields) => {
  const make = Schema.TaggedError(identifier) as unknown as AnyTaggedError
  const made = make(tag, fields)
  Object.defineProperty(made.prototype, "name", { value: tag, configurable: true, writable: true })
  return made
}) as unknown as typeof Schema.TaggedError

// -----------------------------------------------------------------------------
// transformations
// -----------------------------------------------------------------------------

export const transform = <To extends Schema.Constraint, From extends Schema.Constraint>(
  from: From,
  to: To,
  options: {
    readonly strict: true
    readonly decode: (input: From["Type"]) => To["Encoded"]
    readonly encode: (output: To["Encoded"]) => From["Type"]
  }
): Schema.decodeTo<To, From> =>
  Schema.decodeTo<To, From>(to, {
    decode: SchemaGetter.transform(options.decode),
    encode: SchemaGetter.transform(options.encode)
  })(from)

/** What may fail, as an Effect or at once. */
type Outcome<A, R> = Effect.Effect<A, SchemaIssue.Issue, R> | Result.Result<A, SchemaIssue.Issue>

const toEffect = <A, R>(outcome: Outcome<A, R>): Effect.Effect<A, SchemaIssue.Issue, R> =>
  Result.isResult(outcome) ? Effect.fromResult(outcome) : outcome

export const transformOrFail = <To extends Schema.Constraint, From extends Schema.Constraint, RD = never, RE = never>(
  from: From,
  to: To,
  options: {
    readonly strict: true
    readonly decode: (input: From["Type"], options: AST.ParseOptions, ast: AST.AST) => Outcome<To["Encoded"], RD>
    readonly encode: (output: To["Encoded"], options: AST.ParseOptions, ast: AST.AST) => Outcome<From["Type"], RE>
  }
): Schema.decodeTo<To, From, RD, RE> =>
  Schema.decodeTo<To, From, RD, RE>(to, {
    decode: SchemaGetter.transformEffect((input: From["Type"], given) => toEffect(options.decode(input, given, to.ast))),
    encode: SchemaGetter.transformEffect((output: To["Encoded"], given) =>
      toEffect(options.encode(output, given, from.ast))
    )
  })(from)

export const filter = <S extends Schema.Top>(
  predicate: (value: S["Type"]) => boolean | string | undefined,
  annotations?: { readonly message?: () => string }
) =>
(schema: S): S["Rebuild"] =>
  schema.check(Schema.makeFilter(predicate, annotations?.message && { message: annotations.message() }))

export const between = (minimum: number, maximum: number) => Schema.check<Schema.Number>(
  Schema.isBetween({ minimum, maximum })
)

export const greaterThan = (minimum: number) => Schema.check<Schema.Number>(Schema.isGreaterThan(minimum))

export const lessThan = (maximum: number) => Schema.check<Schema.Number>(Schema.isLessThan(maximum))

export const lessThanOrEqualTo = (maximum: number) => Schema.check<Schema.Number>(Schema.isLessThanOrEqualTo(maximum))

export const multipleOf = (divisor: number) => Schema.check<Schema.Number>(Schema.isMultipleOf(divisor))

export const minLength = (length: number) => Schema.check<Schema.String>(Schema.isMinLength(length))

export const maxLength = (length: number) => Schema.check<Schema.String>(Schema.isMaxLength(length))

/** Tells a JSON Schema of any expression, where Effect 4 only tells of those with the flag `u`. */
export const pattern = (regex: RegExp) => Schema.check<Schema.String>(
  Schema.isPattern(regex, { toJsonSchema: () => ({ pattern: regex.source }) })
)

export const positive = () => Schema.check<Schema.Number>(Schema.isGreaterThan(0))

export const Positive = Schema.Number.check(Schema.isGreaterThan(0)).annotate({ identifier: "Positive" })

export const UUID = Schema.String.check(Schema.isUUID())

export const NonNegative = Schema.Number.check(Schema.isGreaterThanOrEqualTo(0))

export const NonNegativeInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Refuses what is no number, "NaN" apart. */
export const NumberFromString = Schema.String.annotate({ expected: "a string that will be decoded as a number" }).pipe(
  Schema.decodeTo(Schema.Number, {
    decode: SchemaGetter.transformEffect((text: string, options) => {
      const number = text.trim() === "" ? NaN : Number(text)
      return Number.isNaN(number) && text !== "NaN"
        ? Effect.fail(
          new SchemaIssue.InvalidValue({ message: `Unable to decode ${JSON.stringify(text)} into a number` }, text, options)
        )
        : Effect.succeed(number)
    }),
    encode: SchemaGetter.String()
  })
)

// -----------------------------------------------------------------------------
// decoding and encoding
// -----------------------------------------------------------------------------

/** What does not fit is said, as in Effect 3. */
const saying = (options: AST.ParseOptions | undefined): AST.ParseOptions => ({ reportInput: true, ...options })

export const decodeUnknown: typeof Schema.decodeUnknownEffect = (schema, options) =>
  Schema.decodeUnknownEffect(schema, saying(options))

export const decode: typeof Schema.decodeEffect = (schema, options) => Schema.decodeEffect(schema, saying(options))

export const decodeUnknownEither: typeof Schema.decodeUnknownResult = (schema, options) =>
  Schema.decodeUnknownResult(schema, saying(options))

export const decodeEither: typeof Schema.decodeResult = (schema, options) =>
  Schema.decodeResult(schema, saying(options))

export const encodeUnknown: typeof Schema.encodeUnknownEffect = (schema, options) =>
  Schema.encodeUnknownEffect(schema, saying(options))

export const encode: typeof Schema.encodeEffect = (schema, options) => Schema.encodeEffect(schema, saying(options))

export const encodeUnknownEither: typeof Schema.encodeUnknownResult = (schema, options) =>
  Schema.encodeUnknownResult(schema, saying(options))

export const encodeEither: typeof Schema.encodeResult = (schema, options) =>
  Schema.encodeResult(schema, saying(options))
