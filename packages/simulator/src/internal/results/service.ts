/**
 * Files that answers point to: audio and images under URLs of the storage host, without a key, in parts if so asked.
 */
import { asString } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import { raw } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { part } from "../server/state.js"
import { xmlError } from "./xml.js"

interface Result {
  readonly type: string
  readonly bytes: () => Uint8Array
}

const results = part(() => new Map<string, Result>())
const most = 1000

/**
 * Keeps a file that is made when it is fetched, and tells its URL.
 *
 * @internal
 */
export const keepResult = (incoming: Incoming, name: string, type: string, bytes: () => Uint8Array): string => {
  const kept = results(incoming.state)
  kept.delete(name)
  kept.set(name, { type, bytes })
  for (const oldest of kept.keys()) {
    if (kept.size <= most) {
      break
    }
    kept.delete(oldest)
  }
  return `${incoming.storage}/storage/results/${name}`
}

/**
 * Seconds since the epoch at which a result ends: a day from now at least, and the same within one day.
 *
 * @internal
 */
export const expiresAt = (incoming: Incoming): number => (Math.floor(incoming.now / 86_400_000) + 2) * 86_400

const rangePattern = /^bytes=(\d*)-(\d*)$/

/** @internal */
export const inRange = (bytes: Uint8Array, type: string, range: string | undefined): Answer => {
  const [, from = "", to = ""] = rangePattern.exec(range ?? "") ?? []
  const headers = { "accept-ranges": "bytes" }
  if (from === "" && to === "") {
    return raw(200, type, bytes, headers)
  }
  const start = from === "" ? Math.max(0, bytes.length - Number(to)) : Number(from)
  const end = from === "" || to === "" ? bytes.length : Math.min(bytes.length, Number(to) + 1)
  return start >= end
    ? raw(416, type, "", { ...headers, "content-range": `bytes */${bytes.length}` })
    : raw(206, type, bytes.subarray(start, end), {
      ...headers,
      "content-range": `bytes ${start}-${end - 1}/${bytes.length}`
    })
}

/** @internal */
export const resultRoutes: ReadonlyArray<Route> = [{
  method: "GET",
  pattern: "/storage/results/{name}",
  open: true,
  serve: (incoming) => {
    const kept = results(incoming.state).get(asString(incoming.params.name) ?? "")
    return kept === undefined
      ? xmlError(404, "NoSuchKey", "The specified key does not exist.", incoming.requestId)
      : inRange(kept.bytes(), kept.type, incoming.header("range"))
  }
}]
