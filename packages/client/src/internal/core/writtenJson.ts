/**
 * JSON as models write it: in a fence, after their thinking, amid words, or once more as a text.
 *
 * @internal
 */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Json from "./json.js"

/** Linear in the text's length, which a pattern would hardly be. */
const fence = "```"

/**
 * The text without white space around it, and without the fence that models like to put around JSON, closed or not.
 *
 * @internal
 */
export const unfence = (text: string): string => {
  const trimmed = text.trim()
  if (!trimmed.startsWith(fence)) return trimmed
  const isClosed = trimmed.endsWith(fence) && trimmed.length >= 2 * fence.length
  const inner = trimmed.slice(fence.length, isClosed ? -fence.length : undefined)
  return (/^json\b/i.test(inner) ? inner.slice(4) : inner).trim()
}

const deepestText = 3

/** What a JSON text in JSON holds, and so on. */
const unwrap = (value: unknown): unknown => {
  let inner = value
  for (let i = 0; i < deepestText && typeof inner === "string"; i++) {
    const parsed = Json.parse(inner)
    if (Either.isLeft(parsed)) break
    inner = parsed.right
  }
  return inner
}

const parse = (text: string): Either.Either<unknown, string> => Either.map(Json.parse(unfence(text)), unwrap)

/** @internal Why arguments are none: they are no JSON, or no object. */
export type ArgumentsProblem =
  | { readonly _tag: "NotJson"; readonly text: string }
  | { readonly _tag: "NotObject" }

const isNothing = (u: unknown): boolean =>
  u === null || (typeof u === "string" && u.trim() === "") || (Array.isArray(u) && u.length === 0)

/**
 * The arguments of a function. Nothing at all, and what stands for it (`null`, `""`, `[]`), is an object without fields,
 * which some models write so for a function without parameters.
 *
 * @internal
 */
export const readArguments = (
  text: string
): Either.Either<Readonly<Record<string, unknown>>, ArgumentsProblem> => {
  if (text.trim() === "") return Either.right({})
  const parsed = parse(text)
  if (Either.isLeft(parsed)) return Either.left({ _tag: "NotJson", text: parsed.left })
  const value = parsed.right
  if (isNothing(value)) return Either.right({})
  return Predicate.isRecord(value) ? Either.right(value) : Either.left({ _tag: "NotObject" })
}

const endOfThinking = "</think>"

/** What follows the thinking, where a model has written that into its answer. */
const afterThinking = (text: string): string => {
  const at = text.lastIndexOf(endOfThinking)
  return at < 0 ? text : text.slice(at + endOfThinking.length)
}

/** Where the object that starts here ends, exclusively. */
const endOfObject = (text: string, start: number): number | undefined => {
  let depth = 0
  let inString = false
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 0x5c) i++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b) depth++
    else if (code === 0x7d && --depth === 0) return i + 1
  }
  return undefined
}

/** So many braces are tried: each may be the start of an object or not. */
const mostStarts = 100

const objectsIn = (text: string): Array<unknown> => {
  const found: Array<unknown> = []
  let start = text.indexOf("{")
  for (let tried = 0; start >= 0 && tried < mostStarts; tried++) {
    const end = endOfObject(text, start)
    const parsed = end === undefined ? undefined : Json.parse(text.slice(start, end))
    const isObject = parsed !== undefined && Either.isRight(parsed)
    if (isObject) found.push(parsed.right)
    start = text.indexOf("{", isObject && end !== undefined ? end : start + 1)
  }
  return found
}

/**
 * What an answer that should be one JSON value can be read as: the one value that it is, or else the objects that stand
 * in it, the last first. Where there is none, why the text is no JSON.
 *
 * @internal
 */
export const readings = (
  text: string,
  options: { /** Whether an object amid words counts. */ readonly amidWords: boolean }
): Either.Either<readonly [unknown, ...Array<unknown>], string> => {
  const whole = parse(text)
  if (Either.isRight(whole)) return Either.right([whole.right])
  const said = afterThinking(text)
  if (said !== text) {
    const answer = parse(said)
    if (Either.isRight(answer)) return Either.right([answer.right])
  }
  const [first, ...rest] = options.amidWords ? objectsIn(said).reverse() : []
  return first === undefined ? Either.left(whole.left) : Either.right([first, ...rest])
}
