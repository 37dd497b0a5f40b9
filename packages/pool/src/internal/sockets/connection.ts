import * as Undici from "@effect/platform-node/Undici"
import type { Socket } from "node:net"
import type { CloseReason } from "../../ConnectionEvent.js"
import type { Host, Pooled } from "../books/ledger.js"
import { DeadlineTimer } from "../time/deadlineTimer.js"
import type { Timers } from "../time/timers.js"

/**
 * undici closes an idle socket after the time its server names in a `Keep-Alive` header, less this, in milliseconds, so
 * that a request does not meet a socket that is just being closed.
 */
const keepAliveHintMargin = 1000

/** @internal ECONNRESET under a name that undici does not look for. */
export const resetWhilePaused = "ERR_RESET_WHILE_PAUSED"

const longestTimer = 2 ** 31 - 1

/** @internal A request that is carried by a connection. */
export interface Carrier {
  onDeadline(): void
  /** The socket is closed, and undici has not said so. */
  onLost(): void
  /** Whether it has left the socket to fill up. */
  readonly isPaused: boolean
  /** Lets go on what was paused, for good. */
  onEnd(): void
}

/**
 * @internal A socket that is connected, with the `undici.Client` that speaks HTTP/1.1 over it. A bare Client never opens
 * a second socket unless it is told to: `connect` hands out the one socket, then refuses.
 */
export class Connection implements Pooled {
  idleSince = 0
  closeReason: CloseReason | undefined = undefined
  /** Requests dispatched over it so far. */
  requests = 0
  /** The request it carries now. */
  carrier: Carrier | undefined = undefined
  readonly deadline: DeadlineTimer
  private readonly client: Undici.Client

  constructor(
    readonly number: number,
    readonly host: Host<Connection>,
    readonly socket: Socket,
    readonly openedAt: number,
    readonly expiresAt: number,
    timers: Timers,
    maximumIdleMillis: number
  ) {
    this.deadline = new DeadlineTimer(timers, () => this.carrier?.onDeadline())
    // undici's parser cannot be finished while it is paused: an assertion ends the process. These listeners come before
    // its own.
    socket.on("end", () => {
      if (this.carrier?.isPaused === true) this.carrier.onEnd()
    })
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (this.carrier?.isPaused === true && error.code === "ECONNRESET") error.code = resetWhilePaused
    })
    let handedOut = false
    this.client = new Undici.Client(host.origin, {
      pipelining: 1,
      allowH2: false,
      // All deadlines are the pool's.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: longestTimer,
      keepAliveMaxTimeout: Math.min(longestTimer, Math.max(1, maximumIdleMillis)),
      keepAliveTimeoutThreshold: keepAliveHintMargin,
      connect: (_, callback) => {
        const reconnecting = handedOut
        handedOut = true
        // Client ignores what happens before its own connect function has returned.
        queueMicrotask(() => {
          // Not undici's own SocketError: that one makes Client try to connect again, and for ever.
          if (reconnecting) callback(new Error("the connection was lost"), null)
          else callback(null, socket)
        })
      }
    })
  }

  get usable(): boolean {
    return !this.socket.destroyed
  }

  dispatch(options: Undici.Dispatcher.DispatchOptions, handler: Undici.Dispatcher.DispatchHandler): void {
    this.requests++
    this.client.dispatch(options, handler)
  }

  close(): void {
    this.deadline.dispose()
    // With an error, undici does not try to make sense of what it has read so far.
    this.socket.destroy(new Error("closed by the pool"))
  }
}
