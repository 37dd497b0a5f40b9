import * as Duration from "effect/Duration"
import type { Socket } from "node:net"
import type { ConnectionError, RequestTimeout } from "../../ConnectionError.js"
import type { Host } from "../books/host.js"
import type { Origin } from "../config/proxy.js"
import type { HostMetrics } from "../observe/hostMetrics.js"
import type { DialFailure } from "../sockets/dialFailure.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import type { Shared } from "./shared.js"

/** A connection made longer ago than its lifetime less this share, at random, is replaced: not all at once. */
const lifetimeJitter = 0.1

/** Who wants the connection. Exactly one of `dialled` and `dialFailed` is called, unless the dialling is cancelled. @internal */
export interface Dialler<C extends PooledConnection> {
  /** The request's number, for events. */
  readonly number: number
  /** Makes the connection over its socket. */
  connect(number: number, socket: Socket, openedAt: number, expiresAt: number): C
  dialled(connection: C): void
  /** What the failure is to the request. */
  dialError(failure: DialFailure | "timeout"): ConnectionError | RequestTimeout
  dialFailed(error: ConnectionError | RequestTimeout): void
}

const durationOf = (millis: number | undefined) => millis === undefined ? undefined : Duration.millis(millis)

/**
 * Makes a connection in a slot that the ledger has granted, and tells the ledger how it goes, until its sockets
 * are closed. The returned function cancels.
 *
 * @internal
 */
export const dial = <C extends PooledConnection>(
  shared: Shared,
  host: Host<PooledConnection>,
  target: Origin,
  metrics: HostMetrics,
  dialler: Dialler<C>
): () => void => {
  const { connectTimeout, connectionMaxLifetime, connector, ledger, observer, timers } = shared
  const number = observer.nextNumber()
  const subject = () => ({ at: observer.epochMillis(), origin: host.origin, connection: number })
  if (observer.listening) observer.emit({ _tag: "Connecting", ...subject(), request: dialler.number })

  let connection: C | undefined
  let cancelTimeout: (() => void) | undefined
  let isOver = false
  let isClosed = false
  /** True the first time. */
  const finish = (): boolean => {
    if (isOver) return false
    isOver = true
    cancelTimeout?.()
    return true
  }
  const failed = (error?: ConnectionError | RequestTimeout) => {
    ledger.connectFailed(host)
    if (observer.listening) observer.emit({ _tag: "ConnectFailed", ...subject(), error })
    if (error !== undefined) dialler.dialFailed(error)
  }
  const closed = () => {
    if (isClosed) return
    isClosed = true
    if (connection !== undefined) {
      connection.gone()
      const lived = timers.now() - connection.openedAt
      metrics.connectionClosed(lived)
      if (observer.listening) {
        observer.emit({
          _tag: "Closed",
          ...subject(),
          reason: connection.closeReason ?? "peer",
          lived: Duration.millis(lived),
          requests: connection.requests
        })
      }
    }
    ledger.slotFreed(host, connection)
  }
  const cancelDial = connector.dial(target, {
    connected: (socket, timings) => {
      if (!finish()) return
      ledger.connected(host)
      if (observer.listening) {
        observer.emit({
          _tag: "Connected",
          ...subject(),
          dns: durationOf(timings.dns),
          tcp: durationOf(timings.tcp),
          proxy: durationOf(timings.proxy),
          tls: durationOf(timings.tls)
        })
      }
      const openedAt = timers.now()
      const expiresAt = openedAt + connectionMaxLifetime * (1 - Math.random() * lifetimeJitter)
      connection = dialler.connect(number, socket, openedAt, expiresAt)
      dialler.dialled(connection)
    },
    failed: (failure) => {
      if (finish()) failed(dialler.dialError(failure))
    },
    // The listeners of undici and ws come first: they know more about why.
    closed: () => queueMicrotask(closed)
  })
  if (connectTimeout !== Infinity && !isOver) {
    cancelTimeout = timers.schedule(connectTimeout, () => {
      if (!finish()) return
      cancelDial()
      failed(dialler.dialError("timeout"))
    })
  }
  return () => {
    if (!finish()) return
    cancelDial()
    failed()
  }
}
