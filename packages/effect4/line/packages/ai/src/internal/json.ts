/** Values as JSON has them, which is what the core takes as options and metadata. */

/** The same without `undefined`: what may be missing is left out. */
export type Json<T> = T extends string | number | boolean | null ? T
  : { readonly [K in keyof T]: Json<Exclude<T[K], undefined>> }

const isGiven = ([, value]: readonly [string, unknown]): boolean => value !== undefined

/** A value that came as JSON, without the fields that were set to `undefined` since. */
export const json = <T>(value: T): Json<T> => withoutUndefined(value) as Json<T>

const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).filter(isGiven).map(([key, each]) => [key, withoutUndefined(each)]))
    : value
}
