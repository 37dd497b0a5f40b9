/**
 * A request as a service sees it.
 */
import type { Behavior } from "../../Behavior.js"
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
  readonly tasks: TaskSettings
  readonly batches: BatchSettings
}

/**
 * Times in milliseconds.
 *
 * @internal
 */
export interface TaskSettings {
  /** Without this and the next, a task is one state further each time it is asked for. */
  readonly pending: number | undefined
  readonly running: number | undefined
  /** How long a task is known. */
  readonly kept: number
  /** Questions, lists and cancellations in a second, each by itself; all when undefined. */
  readonly perSecond: number | undefined
}

/**
 * Times in milliseconds. Without any, a batch is one state further each time it is asked for.
 *
 * @internal
 */
export interface BatchSettings {
  readonly validating?: number | undefined
  readonly working?: number | undefined
  readonly finalizing?: number | undefined
  /** It expires when so many of its requests are done. */
  readonly expireAfter?: number | undefined
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
  /** Of this request. */
  readonly behavior: Behavior
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly now: number
}
