import * as Cause from "effect/Cause"
import type { GenerationResult } from "../../GenerationResult.js"
import type { PartialRun } from "../../ToolRun.js"
import type { ChatMessage } from "./turns.js"

/**
 * What had arrived of an answer when an error ended it. It is kept beside the error and not in it: what a model says
 * must not get into logs with the error, or over a wire.
 */
const partials = new WeakMap<object, GenerationResult>()

const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

/** The first to say so knows best. @internal */
export const attach = <E>(error: E, result: GenerationResult): E => {
  // Inside a span, Effect hands out proxies of errors.
  const original = Cause.originalError(error)
  if (isObject(original) && !partials.has(original)) partials.set(original, result)
  return error
}

/** @internal */
export const get = (error: unknown): GenerationResult | undefined => {
  const original = Cause.originalError(error)
  return isObject(original) ? partials.get(original) : undefined
}

/** The same for what a run with tools had done. */
const runs = new WeakMap<object, PartialRun<ChatMessage>>()

/** The last to say so knows best, be it that nothing was done: what fails in a run may be another run. @internal */
export const attachRun = <E>(error: E, run: PartialRun<ChatMessage> | undefined): E => {
  const original = Cause.originalError(error)
  if (!isObject(original)) return error
  if (run === undefined) runs.delete(original)
  else runs.set(original, run)
  return error
}

/** @internal */
export const getRun = (error: unknown): PartialRun<ChatMessage> | undefined => {
  const original = Cause.originalError(error)
  return isObject(original) ? runs.get(original) : undefined
}
