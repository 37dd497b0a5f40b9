/**
 * What is said of an option or a variable of the environment that cannot be used.
 *
 * @internal
 */
import * as Config from "effect/Config"
import { SourceError } from "effect/ConfigProvider"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** Of all options together where there is no name. @internal */
export const invalid = (name: string | undefined, problem: string): Config.ConfigError =>
  new Config.ConfigError(
    new Schema.SchemaError(
      new SchemaIssue.Pointer(name === undefined ? [] : [name], new SchemaIssue.InvalidValue({ message: problem }))
    )
  )

class Unreadable extends SourceError {
  constructor(readonly variable: string, problem: string) {
    super({ message: problem })
  }
}

/** A variable that may not be read. @internal */
export const unreadable = (name: string, problem: string): Config.ConfigError =>
  new Config.ConfigError(new Unreadable(name, problem))

/** @internal */
export const isUnreadable = ({ cause }: Config.ConfigError): boolean => cause._tag === "SourceError"

const format = SchemaIssue.makeFormatterDefault()

/** The name of the option or variable, and what is wrong with it. Of several, the first. @internal */
export const problemOf = (
  { cause }: Config.ConfigError
): { readonly name: string; readonly problem: string } => {
  if (cause._tag === "SourceError") {
    return { name: cause instanceof Unreadable ? cause.variable : "", problem: cause.message }
  }
  const path: Array<PropertyKey> = []
  let { issue } = cause
  while (issue._tag === "Pointer") {
    path.push(...issue.path)
    issue = issue.issue
  }
  return { name: path.map(String).join("."), problem: format(issue) }
}
