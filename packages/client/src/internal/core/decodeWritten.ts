/**
 * Decodes what a model wrote by a Schema, and meets it where it is: for a field that may be left out, models write null.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

type Path = ReadonlyArray<PropertyKey>

/** Everything wrong at once, so that the model can repair it in one go. */
const all = { errors: "all" } as const

/** Each removes what the Schema complained of, so there are rarely more than two. */
const mostRounds = 8

const keyOf = (path: Path): string => JSON.stringify(path.map(String))

const isNullField = (value: unknown, path: Path): boolean => {
  let at = value
  let holder: unknown = undefined
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false
    holder = at
    at = Reflect.get(at, key)
  }
  return at === null && Predicate.isRecord(holder)
}

const pathsOf = (error: ParseResult.ParseError): Effect.Effect<ReadonlyMap<string, Path>> =>
  Effect.map(
    ParseResult.ArrayFormatter.formatError(error),
    (issues) => new Map(issues.map(({ path }) => [keyOf(path), path]))
  )

const without = (value: unknown, paths: ReadonlySet<string>, at: Path = []): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown, i) => without(item, paths, [...at, i]))
  if (!Predicate.isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => {
      const path = [...at, key]
      return field === null && paths.has(keyOf(path)) ? [] : [[key, without(field, paths, path)] as const]
    })
  )
}

/**
 * As `Schema.decodeUnknown` with all errors. A field that is null where the Schema has no null is taken for one that was
 * left out, if the Schema lets it be; otherwise the null is what is complained of.
 *
 * @internal
 */
export const decodeWritten = <A, I, R>(
  schema: Schema.Schema<A, I, R>
): (value: unknown) => Effect.Effect<A, ParseResult.ParseError, R> => {
  const decode = Schema.decodeUnknown(schema, all)

  const again = (
    value: unknown,
    error: ParseResult.ParseError,
    rounds: number
  ): Effect.Effect<A, ParseResult.ParseError, R> =>
    Effect.flatMap(pathsOf(error), (issues) => {
      const nulls = new Set([...issues].filter(([, path]) => isNullField(value, path)).map(([key]) => key))
      if (nulls.size === 0 || rounds === 0) return Effect.fail(error)
      const less = without(value, nulls)
      return Effect.catchAll(decode(less), (next) =>
        Effect.flatMap(pathsOf(next), (left) => {
          const required = [...nulls].filter((key) => left.has(key))
          if (required.length === 0) return again(less, next, rounds - 1)
          for (const key of required) nulls.delete(key)
          return nulls.size === 0 ? Effect.fail(error) : decode(without(value, nulls))
        }))
    })

  return (value) => Effect.catchAll(decode(value), (error) => again(value, error, mostRounds))
}
