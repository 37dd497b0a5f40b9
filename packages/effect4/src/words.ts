/** What is written of modules in prose and comments. */

const replaced: ReadonlyArray<readonly [RegExp, string]> = [
  [/@effect\/platform(?=['`]|\b(?![-/\w@]))/g, "effect/http"],
  [/@effect\/ai(?=['`]|\b(?![-/\w@]))/g, "effect/ai"]
]

/** The text with the names that Effect 4 has for the modules it speaks of. */
export const words = (text: string): string =>
  replaced.reduce((text, [three, four]) => text.replaceAll(three, four), text)
