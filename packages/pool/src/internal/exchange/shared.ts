import type { PoolNumbers } from "../../ConnectionError.js"
import type { Entry, InFlight } from "../books/inFlight.js"
import type { Ledger } from "../books/ledger.js"
import type { LeakWatch } from "../observe/leakWatch.js"
import type { Observer } from "../observe/observer.js"
import type { Connector } from "../sockets/connector.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import type { Timers } from "../time/timers.js"

/** A request as the pool's closing and its warnings know it. @internal */
export interface Pending extends Entry {
  /** The pool's scope is closed and its patience over. */
  shutDown(): void
  /** When it got its permit; undefined while it waits for one. */
  readonly heldSince: number | undefined
  /** Who made it. */
  describeOwner(): string
}

/** What exchanges of one pool share. Durations in milliseconds. @internal */
export interface Shared {
  readonly ledger: Ledger<PooledConnection>
  readonly connector: Connector
  readonly timers: Timers
  readonly connectTimeout: number
  readonly readTimeout: number
  readonly writeTimeout: number
  readonly connectionIdleTimeout: number
  readonly connectionMaxLifetime: number
  readonly resendOnStaleConnection: boolean
  /** Those that are in flight or wait, for the closing of the pool. */
  readonly exchanges: InFlight<Pending>
  readonly numbers: () => PoolNumbers
  readonly observer: Observer
  readonly watch: LeakWatch
}
