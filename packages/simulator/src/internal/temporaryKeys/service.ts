/**
 * Temporary keys: `/tokens`.
 */
import { digest } from "../core/hash.js"
import { invalid, whole } from "../server/answer.js"
import type { Route } from "../server/route.js"
import { addTemporaryKey } from "../server/temporaryKeys.js"

const range = { least: 1, most: 1800, standard: 60 }

/** @internal */
export const temporaryKeyRoutes: ReadonlyArray<Route> = [{
  method: "POST",
  pattern: "/api/v1/tokens",
  serve: ({ now, query, state }) => {
    const given = query.get("expire_in_seconds")
    const seconds = given === null ? range.standard : Number(given)
    if (!Number.isInteger(seconds) || seconds < range.least || seconds > range.most) {
      return invalid(`Range of expire_in_seconds should be [${range.least}, ${range.most}]`)
    }
    const token = `st-${digest(state.nextId("token"))}`
    addTemporaryKey(state, token, now + seconds * 1000)
    return whole({ token, expires_at: Math.floor(now / 1000) + seconds })
  }
}]
