// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- So that it is found wherever this file is compiled.
/// <reference path="./undiciClient.d.ts" />
import type { Socket } from "node:net"
import { TLSSocket } from "node:tls"
import type * as Undici from "undici"
// Not all of undici: its other parts, `fetch` among them, would take most of the time of loading it, and Node's own copy with them.
import Client from "undici/lib/dispatcher/client.js"
import type { CloseReason } from "../../ConnectionEvent.js"
import type { Host } from "../books/host.js"
import type { Timers } from "../time/timers.js"
import { InformationalAnswers } from "./informational.js"
import type { PooledConnection } from "./pooledConnection.js"
import type { TransferLimits } from "./transfer.js"
import { Transfer } from "./transfer.js"

/**
 * undici closes an idle socket after the time its server names in a `Keep-Alive` header, less this, in milliseconds, so
 * that a request does not meet a socket that is just being closed.
 */
const keepAliveHintMargin = 1000

/** ECONNRESET under a name that undici does not look for: it takes a reset for an end where an answer has no length. */
const resetCode = "ERR_CONNECTION_RESET"

const longestTimer = 2 ** 31 - 1

const probe = new Uint8Array(1)

/** A connection has no URL of its own: each would cost as much as its deadlines. */
const urls = new WeakMap<Host<PooledConnection>, URL>()

const urlOf = (host: Host<PooledConnection>): URL => {
  const known = urls.get(host)
  if (known !== undefined) return known
  const url = new URL(host.origin)
  urls.set(host, url)
  return url
}

// What stands between a socket and undici is the same functions for all sockets: closures for each would be a tenth of
// what a connection takes.

const connectionOf: unique symbol = Symbol("effect-http-pool/Connection")

interface GuardedSocket extends Socket {
  readonly [connectionOf]: Connection
}

/** What is called with its socket. */
interface SocketMethods {
  readonly emit: (this: Socket, event: string | symbol, ...args: ReadonlyArray<unknown>) => boolean
  readonly read: (this: Socket, size?: number) => unknown
}

function onEnd(this: Socket): void {
  connectionBehind(this).ended()
}

function onError(this: Socket, error: NodeJS.ErrnoException): void {
  connectionBehind(this).broke(error)
}

function onClose(this: Socket): void {
  connectionBehind(this).closed()
}

function emitContained(this: Socket, event: string | symbol, ...args: ReadonlyArray<unknown>): boolean {
  return connectionBehind(this).emit(event, args)
}

function readPastInformational(this: Socket, size?: number): unknown {
  return connectionBehind(this).read(size)
}

const connectionBehind = (socket: Socket): Connection => (socket as GuardedSocket)[connectionOf]

/** A request while a connection carries it. @internal */
export interface Carried {
  onTimeout(phase: "write" | "read"): void
  /** An informational answer has come, or the beginning of any. */
  onSign(isWhole: boolean): void
  /** The socket broke, and undici has not said so; or undici itself has thrown. */
  onLost(error: Error): void
  /** Whether it has left the socket to fill up. */
  readonly isPaused: boolean
  /** Lets go on what was paused, for good. */
  onEnd(): void
}

/**
 * A socket that is connected, with the `undici.Client` that speaks HTTP/1.1 over it. A bare Client never opens
 * a second socket unless it is told to: `connect` hands out the one socket, then refuses.
 *
 * @internal
 */
export class Connection implements PooledConnection {
  readonly longestIdle = Infinity
  readonly reuseKey = undefined
  idleSince = 0
  idleBefore: PooledConnection | undefined = undefined
  idleAfter: PooledConnection | undefined = undefined
  closeReason: CloseReason | undefined = undefined
  /** Requests dispatched over it so far. */
  requests = 0
  /** The request it carries now. */
  carried: Carried | undefined = undefined
  /** The deadline of that request. */
  readonly transfer: Transfer
  /** Whether the head of an answer proper is still to come. */
  private awaitsHead = false
  private readonly informational = new InformationalAnswers()
  private readonly client: Undici.Client
  private hasEnded = false
  private hasFailed = false
  private readonly emitOfSocket: SocketMethods["emit"]
  private readonly readOfSocket: SocketMethods["read"]

  constructor(
    readonly number: number,
    readonly host: Host<PooledConnection>,
    readonly socket: Socket,
    readonly openedAt: number,
    readonly expiresAt: number,
    timers: Timers,
    limits: TransferLimits,
    maximumIdleMillis: number
  ) {
    this.transfer = new Transfer(socket, timers, limits, (phase) => this.carried?.onTimeout(phase))
    const methods: SocketMethods = socket
    this.emitOfSocket = methods.emit
    this.readOfSocket = methods.read
    this.guard()
    let handedOut = false
    this.client = new Client(urlOf(host), {
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
    this.awaitsHead = true
    this.client.dispatch(options, handler)
  }

  /** The head of the answer proper has come. */
  headCame(): void {
    this.awaitsHead = false
  }

  close(): void {
    this.transfer.dispose()
    // With an error, undici does not try to make sense of what it has read so far.
    this.socket.destroy(new Error("closed by the pool"))
  }

  gone(): void {
    this.transfer.dispose()
    this.carried?.onLost(new Error("the socket was closed"))
  }

  /** Stands between the socket and undici, whose listeners come after these. */
  private guard(): void {
    const { socket } = this
    socket.on("end", onEnd)
    socket.on("error", onError)
    socket.on("close", onClose)
    Object.defineProperties(socket, {
      [connectionOf]: { value: this },
      emit: { configurable: true, writable: true, value: emitContained },
      read: { configurable: true, writable: true, value: readPastInformational }
    })
  }

  ended(): void {
    this.hasEnded = true
    // undici's parser cannot be finished while it is paused: an assertion ends the process.
    if (this.carried?.isPaused === true) this.carried.onEnd()
  }

  broke(error: NodeJS.ErrnoException): void {
    this.hasFailed = true
    if (error.code === "ECONNRESET") error.code = resetCode
    // Node reports an alert and leaves the socket to its end, which is all that undici would tell of.
    if (error.code?.startsWith("ERR_SSL_") !== true) return
    this.carried?.onLost(error)
    this.close()
  }

  closed(): void {
    // Destroyed beneath undici, which would take that for the end of the answer.
    if (!this.hasEnded && !this.hasFailed) this.carried?.onLost(new Error("the socket was closed"))
  }

  emit(event: string | symbol, args: ReadonlyArray<unknown>): boolean {
    if (event !== "end" || this.carried === undefined || !this.hasLostPeer) return this.contained(event, args)
    this.askForReset((error) => {
      if (error === undefined) this.contained("end", args)
      else this.carried?.onLost(error)
    })
    return true
  }

  private contained(event: string | symbol, args: ReadonlyArray<unknown>): boolean {
    try {
      return this.emitOfSocket.call(this.socket, event, ...args)
    } catch (error) {
      // An assertion of undici's, which would end the process.
      this.carried?.onLost(error instanceof Error ? error : new Error(String(error)))
      this.close()
      return true
    }
  }

  read(size: number | undefined): unknown {
    const chunk: unknown = this.readOfSocket.call(this.socket, size)
    return this.awaitsHead && Buffer.isBuffer(chunk) ? this.beforeHead(chunk) : chunk
  }

  /** A socket that was reset has no peer any more; neither has one whose end was followed by a reset at once. */
  private get hasLostPeer(): boolean {
    return this.socket.localAddress !== undefined && this.socket.remoteAddress === undefined
  }

  /**
   * libuv takes a reset right behind data for an end. The system still knows better, and says so to who writes; nothing is
   * sent, since there is nobody to send it to.
   */
  private askForReset(told: (reset: Error | undefined) => void): void {
    const reset = () => Object.assign(new Error("read ECONNRESET"), { code: resetCode })
    // TLS would say no more than that it cannot write, and tells of its own end by itself.
    if (this.socket instanceof TLSSocket) return told(reset())
    this.socket.write(
      probe,
      (error: NodeJS.ErrnoException | null | undefined) => told(error?.code === "EPIPE" ? undefined : reset())
    )
  }

  private beforeHead(chunk: Buffer): Buffer | null {
    const { informational } = this
    const rest = informational.pass(chunk)
    if (informational.takeSeen() > 0) this.carried?.onSign(true)
    if (informational.isHolding) this.carried?.onSign(false)
    return rest
  }
}
