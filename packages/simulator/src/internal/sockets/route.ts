/**
 * What a protocol over WebSockets is to the simulator: plain functions, called with each message.
 */
import type { Behavior } from "../../Behavior.js"
import type { Settings } from "../server/incoming.js"
import type { State } from "../server/state.js"
import type { SocketCounts } from "./counts.js"
import type { Peer } from "./peer.js"
import type { Timer } from "./timer.js"

/**
 * Times in milliseconds, of the simulator's clock.
 *
 * @internal
 */
export interface SocketSettings {
  /** How long a task waits for its client. */
  readonly inputTimeout: number
  /** How long a WebSocket may be without a task. */
  readonly idleTimeout: number
  /** How long a recognition may hear nothing but silence. */
  readonly silenceTimeout: number
  /** The largest binary message that is taken, in bytes. */
  readonly maxFrameBytes: number
}

/** @internal */
export interface SocketIncoming {
  /** Without its query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly requestId: string
  readonly state: State
  readonly settings: Settings
  readonly sockets: SocketSettings
  readonly counts: SocketCounts
  readonly timer: Timer
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly now: () => number
  /** That of the handshake. */
  readonly behavior: Behavior
  /** Records what a message asks for as a request, and tells the behaviour of it. */
  readonly behaviorOf: (method: string, body: string) => Behavior
  /** Is called when work begins, and when it has ended. */
  readonly onBusy: () => void
  readonly onIdle: () => void
}

/** @internal */
export interface Session {
  readonly onText: (text: string) => void
  readonly onBinary: (bytes: Buffer) => void
  /** The WebSocket is closed; nothing can be sent any more. */
  readonly onClose: () => void
  /** Whether nothing is at work. */
  readonly isIdle: () => boolean
}

/** @internal */
export interface SocketRoute {
  readonly path: string
  readonly open: (peer: Peer, incoming: SocketIncoming) => Session
}

/** @internal */
export type SocketRoutes = ReadonlyMap<string, SocketRoute>

/** @internal */
export const socketRoutesOf = (routes: ReadonlyArray<SocketRoute>): SocketRoutes =>
  new Map(routes.map((route) => [route.path, route]))
