import { assert } from "@effect/vitest"
import type { JsonObject } from "../src/internal/core/json.js"
import type { Answer, Chunk } from "../src/internal/server/answer.js"

const refused = (given: Answer): never =>
  given._tag === "Failure" ? assert.fail(`${given.code}: ${given.message}`) : assert.fail("It is no answer of a model")

/** The answer in one piece. */
export const wholeOf = (given: Answer): JsonObject => given._tag === "Success" ? given.whole() : refused(given)

/** The answer in events. */
export const chunksOf = (given: Answer): ReadonlyArray<Chunk> =>
  given._tag === "Success" ? [...given.chunks?.() ?? assert.fail("It does not stream")] : refused(given)

/** The status and the code of a refusal. */
export const refusalOf = (given: Answer): string =>
  given._tag === "Failure" ? `${given.status} ${given.code}` : assert.fail("It was not refused")
