import * as Either from "effect/Either"

/** The service refuses an empty message. */
const write = (value: unknown): string => {
  if (typeof value === "string" && value.trim() !== "") return value
  const json: unknown = JSON.stringify(value)
  return typeof json === "string" ? json : "null"
}

/**
 * What the model is told of a tool's result: text as it is, all else as JSON; and of a failure, that it is one. Or what is wrong.
 */
export const resultText = (name: string, result: unknown, isFailure: boolean): Either.Either<string, string> =>
  Either.try({
    try: () => isFailure ? `Error: ${write(result)}` : write(result),
    catch: () => `the result of a call of ${name} cannot be written as JSON`
  })
