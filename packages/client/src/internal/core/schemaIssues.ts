import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"

/**
 * What does not fit a Schema, in words that a model and a person can act on.
 *
 * @internal
 */
export interface Issues {
  /** Where, such as `days` or `stops[0].city`; empty for the whole. */
  readonly paths: ReadonlyArray<string>
  /** Where and what was expected, on one line. */
  readonly text: string
}

const mostIssues = 8
const longestIssue = 200

/** The first so many characters, with a mark where more were. @internal */
export const cut = (text: string, length: number): string => {
  if (text.length <= length) return text
  // Not between the halves of a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length
  return `${text.slice(0, end)}…`
}

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (out, key) => typeof key === "number" ? `${out}[${key}]` : out === "" ? String(key) : `${out}.${String(key)}`,
    ""
  )

/** @internal */
export const describe = (error: ParseResult.ParseError): Effect.Effect<Issues> =>
  Effect.map(ParseResult.ArrayFormatter.formatError(error), (issues) => {
    const lines = issues.slice(0, mostIssues).map(({ message, path }) => {
      const said = cut(message.replace(/\s+/g, " "), longestIssue)
      return path.length === 0 ? said : `${formatPath(path)}: ${said}`
    })
    if (issues.length > mostIssues) lines.push(`and ${issues.length - mostIssues} more`)
    return {
      paths: [...new Set(issues.slice(0, mostIssues).map((issue) => formatPath(issue.path)))],
      text: lines.join("; ")
    }
  })
