/** Asks a service of a simulator as a client does. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Ask, Reply } from "./helpers.js"
import { ask, at } from "./helpers.js"

/** The answer to a request; fails the test where it is refused. */
export const answered = (origin: string, what: Ask): Effect.Effect<unknown> =>
  Effect.map(ask(origin, what), ({ json, status, text }) => {
    assert.strictEqual(status, 200, text)
    return json
  })

/** The status, code and message of a refusal. */
export const refused = (origin: string, what: Ask): Effect.Effect<string> => Effect.map(ask(origin, what), refusalIn)

export const refusalIn = ({ json, status }: Reply): string =>
  `${status} ${String(at(json, "code") ?? at(json, "error", "code"))}: ${
    String(at(json, "message") ?? at(json, "error", "message"))
  }`
