/** The reason for which an answer ended. */
import { last, type Nullish } from "./text.js"

/** Whether this is the reason for which an answer has ended: `"null"`, a text, says that it goes on. @internal */
export const isFinish = (reason: unknown): reason is string =>
  typeof reason === "string" && reason !== "" && reason !== "null"

/** @internal */
export const laterReason = (before: Nullish<string>, after: Nullish<string>): Nullish<string> =>
  isFinish(before) && !isFinish(after) ? before : last(before, after)
