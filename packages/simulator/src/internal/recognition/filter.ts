/**
 * The words that a recognition is asked to hide.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject } from "../core/json.js"

const wordsIn = (value: unknown): ReadonlyArray<string> =>
  (asArray(asObject(value)?.word_list) ?? []).filter((word): word is string => typeof word === "string" && word !== "")

/**
 * What `special_word_filter` makes of a text.
 *
 * @internal
 */
export const filterOf = (parameters: JsonObject): (text: string) => string => {
  const given = asObject(parameters.special_word_filter)
  const signed = wordsIn(given?.filter_with_signed)
  const empty = wordsIn(given?.filter_with_empty)
  return (text) => {
    const starred = signed.reduce((all, word) => all.replaceAll(word, "*".repeat(word.length)), text)
    return empty.reduce((all, word) => all.replaceAll(word, ""), starred)
  }
}
