/**
 * A request as a service sees it.
 */
import type { RequestBody } from "./body.js"
import type { State } from "./state.js"

/**
 * The segments of the path that its pattern names.
 *
 * @internal
 */
export type Params = { readonly [name: string]: string | undefined }

/** @internal */
export interface Settings {
  /** The keys that are let in; all but the empty one when undefined. */
  readonly apiKeys: ReadonlySet<string> | undefined
  /** The models there are; all but those whose name starts with `unknown` when undefined. */
  readonly models: ReadonlySet<string> | undefined
  /** Seconds in which an upload certificate is good. */
  readonly uploadSeconds: number
  /** The largest upload, in MB. */
  readonly uploadMegabytes: number
}

/** @internal */
export interface Incoming {
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly params: Params
  /** A header's value, by its name in lower case. */
  readonly header: (name: string) => string | undefined
  readonly body: RequestBody
  /** The request asked for an event stream. */
  readonly streamed: boolean
  readonly requestId: string
  /** The key that was sent; empty where the route is open. */
  readonly apiKey: string
  /** Of the API's first port. */
  readonly origin: string
  /** Of the storage host: the last port. */
  readonly storage: string
  readonly state: State
  readonly settings: Settings
  /** Milliseconds since the epoch. */
  readonly now: number
}
