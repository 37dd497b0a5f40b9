import type { JsonObject } from "../core/json.js"

/**
 * What an `error` event says.
 *
 * @internal
 */
export interface Refusal {
  readonly _tag: "Refusal"
  readonly type: "invalid_request_error" | "server_error"
  readonly code: string
  readonly message: string
  readonly param: string | null
}

/** @internal */
export const refusal = (message: string, param: string | null = null, code = "invalid_value"): Refusal => ({
  _tag: "Refusal",
  type: "invalid_request_error",
  code,
  message,
  param
})

/**
 * One that ends the session.
 *
 * @internal
 */
export const breakdown = (code: string, message: string): Refusal => ({
  _tag: "Refusal",
  type: "server_error",
  code,
  message,
  param: null
})

/** @internal */
export const isRefusal = (value: Refusal | JsonObject | undefined): value is Refusal =>
  value !== undefined && "_tag" in value && value._tag === "Refusal"

/**
 * A list as the service writes it.
 *
 * @internal
 */
export const listed = (values: ReadonlyArray<string>): string => values.map((value) => `'${value}'`).join(", ")
