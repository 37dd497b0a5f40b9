/**
 * From what arrived to the service that answers: the key, the path, the state.
 */
import type { Behavior } from "../../Behavior.js"
import type { Answer, Failure } from "./answer.js"
import { failure } from "./answer.js"
import type { RequestBody } from "./body.js"
import type { Incoming, Settings } from "./incoming.js"
import type { Router } from "./router.js"
import { dialectOf } from "./router.js"
import type { State } from "./state.js"
import { isTemporaryKey } from "./temporaryKeys.js"

/**
 * What all requests to one simulator share.
 *
 * @internal
 */
export interface Site {
  readonly router: Router
  readonly settings: Settings
  readonly state: State
  /** Of the first port; known once that listens. */
  origin: string
  /** Of the last port. */
  storage: string
}

/** @internal */
export interface Arrived {
  readonly method: string
  /** With its query. */
  readonly target: string
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly body: RequestBody
  readonly streamed: boolean
  readonly requestId: string
  readonly behavior: Behavior
  readonly now: number
}

const bearer = /^bearer +(\S+) *$/i

/** @internal */
export const keyOf = (headers: Arrived["headers"]): string =>
  bearer.exec(single(headers.authorization) ?? "")?.[1] ?? ""

/** Clients of Anthropic send it in a header of their own. */
const keyFor = (path: string, headers: Arrived["headers"]): string => {
  const key = keyOf(headers)
  return key === "" && dialectOf(path) === "anthropic" ? single(headers["x-api-key"]) ?? "" : key
}

/** @internal */
export const single = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0]

/** @internal */
export const checkKey = (key: string, site: Site, now: number): Failure | undefined => {
  const temporary = isTemporaryKey(site.state, key, now)
  const known = key !== "" && (temporary ?? (site.settings.apiKeys === undefined || site.settings.apiKeys.has(key)))
  return known ? undefined : failure(401, "InvalidApiKey", "Invalid API-key provided.")
}

/** @internal */
export const serve = (arrived: Arrived, site: Site): Answer => {
  const { headers, method, now, target } = arrived
  const at = target.indexOf("?")
  const path = at < 0 ? target : target.slice(0, at)
  const found = site.router.find(method, path)
  const open = "route" in found && found.route.open === true
  const apiKey = open ? "" : keyFor(path, headers)
  const refused = open ? undefined : checkKey(apiKey, site, now)
  if (refused !== undefined) {
    return refused
  }
  if (!("route" in found)) {
    return found
  }
  const incoming: Incoming = {
    method,
    path,
    query: at < 0 ? noQuery : new URLSearchParams(target.slice(at + 1)),
    params: found.params,
    header: (name) => single(headers[name]),
    body: arrived.body,
    streamed: arrived.streamed,
    requestId: arrived.requestId,
    apiKey,
    origin: site.origin,
    storage: site.storage,
    state: site.state,
    settings: site.settings,
    behavior: arrived.behavior,
    now
  }
  return found.route.serve(incoming)
}

const noQuery = new URLSearchParams()
