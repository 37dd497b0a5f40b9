import type { Failure } from "../server/answer.js"

/**
 * A refusal in the form of OpenAI, with the parameter that is to blame.
 *
 * @internal
 */
export const refusal = (status: number, code: string, message: string, param?: string): Failure => ({
  _tag: "Failure",
  status,
  code,
  message,
  shape: "openai",
  param
})
