/**
 * What all ports of one simulator share.
 */
import type { RequestListener } from "node:http"
import type { Behavior } from "../../Behavior.js"
import type { RecordedMessage } from "../../RecordedMessage.js"
import type { RecordedRequest } from "../../RecordedRequest.js"
import type { SocketCounts } from "../sockets/counts.js"
import type { SocketRoutes, SocketSettings } from "../sockets/route.js"
import type { Timer } from "../sockets/timer.js"
import type { Gauges } from "./gauges.js"
import type { Quotas } from "./quotas.js"
import type { RateRefusal } from "./rateLimit.js"
import type { Site } from "./serve.js"

/** @internal */
export interface ConnectionFaults {
  readonly resetOnAccept: number
  readonly stallHandshake: number
  readonly closeIdleAfter: number | undefined
  readonly closeIdleRandomly: number
}

/**
 * What WebSockets need beside.
 *
 * @internal
 */
export interface Sockets {
  readonly routes: SocketRoutes
  readonly counts: SocketCounts
  readonly settings: SocketSettings
  /** Of the simulator's clock. */
  readonly timer: Timer
  readonly record: ((message: RecordedMessage) => void) | undefined
}

/**
 * What all ports of one simulator share.
 *
 * @internal
 */
export interface Shared {
  readonly gauges: Gauges
  readonly site: Site
  readonly random: () => number
  readonly uniqueRequestIds: boolean
  readonly behaviorOf: ((request: RecordedRequest) => Behavior | undefined) | undefined
  /** Refuses a request with the seconds to wait; `undefined` lets it in. */
  readonly limit: () => RateRefusal | undefined
  readonly quotas: Quotas
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly record: ((request: RecordedRequest) => void) | undefined
  /** Takes the requests outside of the API. */
  readonly app: RequestListener | undefined
  readonly sockets: Sockets
  behavior: Behavior
  faults: ConnectionFaults
  connections: number
  requests: number
}
