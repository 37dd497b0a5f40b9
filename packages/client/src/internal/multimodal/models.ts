/**
 * What of a model's name decides how its answers come.
 *
 * @internal
 */
import type { MultiModalParams } from "../../MultiModalParams.js"
import * as ResultStream from "../chat/stream.js"

/** Several pictures are parts of one choice, or choices of their own, and end together. */
const makesPictures = /^(?:qwen-image|wan\d|z-image)/i

/** How many choices of a stream have to end. @internal */
export const choicesOf = (params: MultiModalParams): number =>
  makesPictures.test(params.model) ? 1 : ResultStream.choicesOf(params)

/**
 * A text that is spoken comes in pieces, whatever is asked for, and its parameters have no increments.
 *
 * @internal
 */
export const plan = (
  params: MultiModalParams
): { readonly params: MultiModalParams; readonly mode: ResultStream.Mode } => {
  const isSpeech = typeof params?.text === "string" && params.text !== ""
  return isSpeech && params.incrementalOutput === undefined
    ? { params, mode: "Increments" }
    : ResultStream.plan(params)
}
