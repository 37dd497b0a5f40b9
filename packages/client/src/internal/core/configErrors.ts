/**
 * What is said of an option or a variable of the environment that cannot be used.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"

/** Of all options together where there is no name. @internal */
export const invalid = (name: string | undefined, problem: string): ConfigError.ConfigError =>
  ConfigError.InvalidData(name === undefined ? [] : [name], problem)

/** A variable that may not be read. @internal */
export const unreadable = (name: string, problem: string): ConfigError.ConfigError =>
  ConfigError.SourceUnavailable([name], problem, Cause.empty)

/** @internal */
export const isUnreadable = (error: ConfigError.ConfigError): boolean => ConfigError.isSourceUnavailable(error)

/** The name of the option or variable, and what is wrong with it. Of several, the first. @internal */
export const problemOf = (
  error: ConfigError.ConfigError
): { readonly name: string; readonly problem: string } => {
  switch (error._op) {
    case "And":
    case "Or":
      return problemOf(error.left)
    case "InvalidData":
    case "MissingData":
    case "SourceUnavailable":
    case "Unsupported":
      return { name: error.path.join("."), problem: error.message }
  }
}
