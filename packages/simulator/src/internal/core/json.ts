/**
 * JSON that came from outside, and how to look into it without trusting it.
 */

/** @internal */
export interface JsonObject {
  readonly [key: string]: unknown
}

/** @internal */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** @internal */
export const asString = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** @internal */
export const asNumber = (value: unknown): number | undefined => typeof value === "number" ? value : undefined

/** @internal */
export const asArray = (value: unknown): ReadonlyArray<unknown> | undefined => Array.isArray(value) ? value : undefined

/** @internal */
export const asObject = (value: unknown): JsonObject | undefined => isObject(value) ? value : undefined

/**
 * The object a text holds; `undefined` where it holds something else.
 *
 * @internal
 */
export const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return asObject(value)
  } catch {
    return undefined
  }
}
