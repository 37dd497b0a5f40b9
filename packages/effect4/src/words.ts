/** What is written of modules and errors in prose and comments. */

const replaced: ReadonlyArray<readonly [RegExp, string]> = [
  [/@effect\/platform(?=['`]|\b(?![-/\w@]))/g, "effect/http"],
  [/@effect\/ai(?=['`]|\b(?![-/\w@]))/g, "effect/ai"],
  [/`MalformedInput`/g, "`InvalidUserInputError`"],
  [/`MalformedOutput`/g, "`InvalidOutputError`"]
]

/** The text with the names that Effect 4 has for what it speaks of. */
export const words = (text: string): string =>
  replaced.reduce((text, [three, four]) => text.replaceAll(three, four), text)
