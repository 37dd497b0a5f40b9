import * as Either from "effect/Either"

/** Far more than any answer has, and far less than the stack. */
const deepest = 500

/** Whether there are more of a character than this. */
const hasMore = (text: string, character: string, count: number): boolean => {
  for (let i = text.indexOf(character); i >= 0; i = text.indexOf(character, i + 1)) {
    if (--count < 0) return true
  }
  return false
}

/**
 * Whether brackets stand in each other deeper than the code that walks through the value has stack for. Those in strings do
 * not count.
 *
 * @internal
 */
export const isDeep = (json: string): boolean => {
  // Hardly any answer has so many brackets, and to look for them is cheap.
  if (json.length <= deepest || !(hasMore(json, "{", deepest / 2) || hasMore(json, "[", deepest / 2))) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i)
    if (code === 0x22) {
      inString = !inString
    } else if (inString) {
      if (code === 0x5c) i++
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) return true
    } else if (code === 0x5d || code === 0x7d) {
      depth--
    }
  }
  return false
}

/**
 * The value of JSON that a model wrote, or why there is none. JSON so deep that the code that walks through it runs out of
 * stack is refused.
 *
 * @internal
 */
export const parse = (json: string): Either.Either<unknown, string> =>
  isDeep(json) ?
    Either.left(`nested more than ${deepest} levels deep`) :
    Either.try({
      try: (): unknown => JSON.parse(json),
      catch: (cause) => cause instanceof Error ? cause.message : String(cause)
    })
