import type { Pooled } from "../books/idleConnections.js"

/** A connection of any protocol, as those see it who open it and close it. @internal */
export interface PooledConnection extends Pooled<PooledConnection> {
  /** For events. */
  readonly number: number
  readonly openedAt: number
  /** Requests carried so far. */
  readonly requests: number
  /** All its sockets are closed. */
  gone(): void
}
