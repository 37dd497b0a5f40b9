import * as Duration from "effect/Duration"
import type { Socket } from "node:net"
import type { ConnectionError, RequestTimeout } from "../../ConnectionError.js"
import type { Host } from "../books/host.js"
import type { Origin } from "../config/proxy.js"
import type { HostMetrics } from "../observe/hostMetrics.js"
import type { DialListener, DialTimings } from "../sockets/dial.js"
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
 * A connection in a slot that the ledger has granted: it tells the ledger how it goes, until its sockets are closed. A
 * connection keeps it as long as it lives, so it keeps nothing of who had it made.
 */
class Dialling<C extends PooledConnection> implements DialListener {
  private connection: C | undefined = undefined
  private cancelDial: (() => void) | undefined = undefined
  private cancelTimeout: (() => void) | undefined = undefined
  private isClosed = false

  constructor(
    private readonly shared: Shared,
    private readonly host: Host<PooledConnection>,
    private readonly metrics: HostMetrics,
    private readonly number: number,
    /** Who waits for it still. */
    private dialler: Dialler<C> | undefined
  ) {}

  start(target: Origin): void {
    const { connectTimeout, connector, observer, timers } = this.shared
    if (observer.listening) observer.emit({ _tag: "Connecting", ...this.subject(), request: this.dialler!.number })
    const cancelDial = connector.dial(target, this)
    if (this.dialler === undefined) return
    this.cancelDial = cancelDial
    if (connectTimeout === Infinity) return
    this.cancelTimeout = timers.schedule(connectTimeout, () => {
      const dialler = this.finish()
      if (dialler === undefined) return
      cancelDial()
      this.tell(dialler, dialler.dialError("timeout"))
    })
  }

  cancel(): void {
    const { cancelDial } = this
    if (this.finish() === undefined) return
    cancelDial?.()
    this.tell(undefined, undefined)
  }

  connected(socket: Socket, timings: DialTimings): void {
    const dialler = this.finish()
    if (dialler === undefined) return
    const { connectionMaxLifetime, ledger, observer, timers } = this.shared
    ledger.connected(this.host)
    if (observer.listening) {
      observer.emit({
        _tag: "Connected",
        ...this.subject(),
        dns: durationOf(timings.dns),
        tcp: durationOf(timings.tcp),
        proxy: durationOf(timings.proxy),
        tls: durationOf(timings.tls)
      })
    }
    const openedAt = timers.now()
    const expiresAt = openedAt + connectionMaxLifetime * (1 - Math.random() * lifetimeJitter)
    const connection = dialler.connect(this.number, socket, openedAt, expiresAt)
    this.connection = connection
    dialler.dialled(connection)
  }

  failed(failure: DialFailure): void {
    const dialler = this.finish()
    if (dialler !== undefined) this.tell(dialler, dialler.dialError(failure))
  }

  closed(): void {
    // The listeners of undici and ws come first: they know more about why.
    queueMicrotask(() => this.freed())
  }

  private freed(): void {
    if (this.isClosed) return
    this.isClosed = true
    const { connection, host, metrics } = this
    const { ledger, observer, timers } = this.shared
    if (connection !== undefined) {
      connection.gone()
      const lived = timers.now() - connection.openedAt
      metrics.connectionClosed(lived)
      if (observer.listening) {
        observer.emit({
          _tag: "Closed",
          ...this.subject(),
          reason: connection.closeReason ?? "peer",
          lived: Duration.millis(lived),
          requests: connection.requests
        })
      }
    }
    ledger.slotFreed(host, connection)
  }

  /** Who is to be told how it ended, the first time. */
  private finish(): Dialler<C> | undefined {
    const { dialler } = this
    this.dialler = undefined
    this.cancelTimeout?.()
    this.cancelTimeout = undefined
    this.cancelDial = undefined
    return dialler
  }

  private tell(dialler: Dialler<C> | undefined, error: ConnectionError | RequestTimeout | undefined): void {
    const { ledger, observer } = this.shared
    ledger.connectFailed(this.host)
    if (observer.listening) observer.emit({ _tag: "ConnectFailed", ...this.subject(), error })
    if (error !== undefined) dialler?.dialFailed(error)
  }

  private subject() {
    return { at: this.shared.observer.epochMillis(), origin: this.host.origin, connection: this.number }
  }
}

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
  const dialling = new Dialling(shared, host, metrics, shared.observer.nextNumber(), dialler)
  dialling.start(target)
  return () => dialling.cancel()
}
