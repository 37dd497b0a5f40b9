import { assert } from "@effect/vitest"
import { isDeepStrictEqual } from "node:util"

/** `assert.deepStrictEqual` for loops of thousands: far cheaper where the two are the same. */
export const assertSame: <A>(actual: A, expected: A, message?: string) => void = (actual, expected, message) => {
  if (!isDeepStrictEqual(actual, expected)) assert.deepStrictEqual(actual, expected, message)
}
