import * as Headers from "@effect/platform/Headers"
import * as Duration from "effect/Duration"
import type { Socket } from "node:net"
import type { WebSocket } from "ws"
import type { PoolError } from "../../ConnectionError.js"
import { ConnectionError, isPoolError, PoolExhausted, RequestTimeout } from "../../ConnectionError.js"
import type { CloseReason } from "../../ConnectionEvent.js"
import type * as Deadline from "../../Deadline.js"
import type { OpenError, WebSocketError } from "../../WebSocketError.js"
import { HandshakeRefused, WebSocketClosed } from "../../WebSocketError.js"
import type { Queue, Waiter } from "../books/host.js"
import type { Dialler } from "../exchange/dial.js"
import { dial } from "../exchange/dial.js"
import { causeOf, lossOf } from "../exchange/failures.js"
import { Report } from "../exchange/report.js"
import type { Owner, PoolRequest } from "../exchange/request.js"
import type { Shared } from "../exchange/shared.js"
import type { DialFailure } from "../sockets/dialFailure.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import type { Ending, Holder } from "./connection.js"
import { WebSocketConnection } from "./connection.js"
import type { FrameLimits } from "./frameDeadline.js"
import type { HandshakeListener, Library, Refusal } from "./handshake.js"
import { Handshake } from "./handshake.js"
import type { Hide } from "./secrets.js"

/** What a lease is asked for, beside its request. @internal */
export interface LeaseRequest extends FrameLimits {
  readonly library: Library
  readonly url: string
  readonly protocols: ReadonlyArray<string>
  /** In bytes. */
  readonly maxPayload: number
  /** Undefined where it is neither to be found nor to be kept. */
  readonly reuse: { readonly key: string; readonly longestIdle: number } | undefined
  readonly hide: Hide
}

/** One message: a text, or bytes. @internal */
export type Message = string | Uint8Array

/** Exactly one of the two is called, unless the lease is aborted first. @internal */
export interface LeaseListener {
  onOpen(lease: Lease): void
  onFailure(error: OpenError): void
}

/** Messages kept for a reader that has not asked for them, in bytes, before the socket is left to fill up. */
const highWaterMark = 256 * 1024

/** What a message counts beside its length, so that many small ones count too. */
const perMessage = 64

const noMessages: ReadonlyArray<Message> = []

type State = "queued" | "connecting" | "opening" | "open" | "ended"

/**
 * One WebSocket from its arrival at the pool until its permit and its connection are back, as a waiter of the ledger and
 * as the one who holds the connection. As with the exchange, everything happens in callbacks.
 *
 * @internal
 */
export class Lease extends Report
  implements Waiter<PooledConnection>, Dialler<WebSocketConnection>, HandshakeListener, Holder, Deadline.Expirable
{
  queue: Queue<PooledConnection> | undefined = undefined
  previous: Waiter<PooledConnection> | undefined = undefined
  next: Waiter<PooledConnection> | undefined = undefined
  earlier: Waiter<PooledConnection> | undefined = undefined
  later: Waiter<PooledConnection> | undefined = undefined
  ticket = 0
  queuedAt = 0

  /** Whether the connection had carried a lease before. */
  isReused = false
  protocol = ""
  /** Of the answer that opened it; names and values in turn. */
  headers: ReadonlyArray<string> = []

  private state: State = "queued"
  private connection: WebSocketConnection | undefined = undefined
  private cancelDial: (() => void) | undefined = undefined
  private handshake: Handshake | undefined = undefined
  private cancelConnectTimeout: (() => void) | undefined = undefined
  private callDeadline: Deadline.Deadline | undefined = undefined
  private failure: WebSocketError | undefined = undefined
  private toBeKept = false
  /** The code of our own close frame. */
  private closingWith: number | undefined = undefined
  private isPaused = false
  private hasReceived = false
  private hasSent = false
  private bytes = 0
  private messages: Array<Message> = []
  private size = 0
  private readonly readers: Array<() => void> = []
  private readonly writers: Array<() => void> = []
  private readonly closers: Array<() => void> = []

  constructor(
    shared: Shared,
    request: PoolRequest,
    owner: Owner,
    private readonly wanted: LeaseRequest,
    /** Undefined once it was told. */
    private listener: LeaseListener | undefined
  ) {
    super(shared, request, owner)
  }

  get reuseKey(): string | undefined {
    return this.wanted.reuse?.key
  }

  // ---------------------------------------------------------------------------------------------------------------
  // From outside
  // ---------------------------------------------------------------------------------------------------------------

  start(): void {
    const { exchanges, ledger, timers } = this.shared
    this.arrived()
    if (ledger.closed) return this.fail(this.closedError())
    const deadline = this.owner?.deadline
    deadline?.attach(timers, this)
    this.callDeadline = deadline
    exchanges.add(this)
    const outcome = ledger.acquire(this.host, this)
    if (outcome === "exhausted") {
      const { maximumPendingRequests } = ledger.limits
      this.fail(new PoolExhausted({ maximumPendingRequests, pool: this.shared.numbers() }))
    } else if (outcome === "queued") {
      this.queued()
    }
  }

  /** Ends it now, in any state: its place, handshake or socket is freed at once. */
  abort(): void {
    this.listener = undefined
    this.end("aborted", false)
  }

  /** Its scope is closed. */
  release(hasSucceeded: boolean): void {
    if (this.canBeKept) this.giveBack()
    else this.end(hasSucceeded ? "ended" : "aborted", hasSucceeded)
    this.messages = []
    this.size = 0
  }

  /** When its scope closes, the connection goes back to the pool as it is. */
  keep(): void {
    this.toBeKept = true
  }

  expire({ duration, phase }: RequestTimeout): void {
    this.fail(this.timeout(phase, Duration.toMillis(duration)), "aborted")
  }

  shutDown(): void {
    this.fail(this.closedError(), "shutdown")
  }

  get heldSince(): number | undefined {
    return this.state === "queued" ? undefined : this.acquiredAt
  }

  get isOpen(): boolean {
    return this.state === "open"
  }

  /** Why it is over; undefined while it is not. */
  get error(): WebSocketError | undefined {
    return this.failure
  }

  get hasMessages(): boolean {
    return this.messages.length > 0
  }

  /** What has come since the last time, in order. */
  take(): ReadonlyArray<Message> {
    const { messages } = this
    if (messages.length === 0) return noMessages
    this.messages = []
    this.size = 0
    if (this.isPaused && this.state === "open") {
      this.isPaused = false
      this.connection!.resume()
    }
    return messages
  }

  /** Calls back once there is more to take, or it is over. The returned function takes that back. */
  awaitMessages(reader: () => void): () => void {
    return listen(this.readers, reader)
  }

  /** Whether nothing is to be sent before the socket has taken what it was given. */
  get isFull(): boolean {
    return this.connection?.isFull === true
  }

  get isClosing(): boolean {
    return this.closingWith !== undefined || this.connection?.usable !== true
  }

  /** Calls back once it has taken that, or it is over. */
  awaitDrain(writer: () => void): () => void {
    return listen(this.writers, writer)
  }

  send(message: Message): void {
    this.hasSent = true
    this.connection!.send(message)
  }

  /** Sends a close frame. What comes after that is dropped. */
  close(code: number, reason: string): void {
    if (this.state !== "open" || this.closingWith !== undefined) return
    this.closingWith = code
    this.isPaused = false
    this.connection!.startClosing(code, reason)
    // Those who wait to send never will.
    wake(this.writers)
  }

  /** Calls back once it is over. */
  awaitEnd(closer: () => void): () => void {
    return listen(this.closers, closer)
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Waiter, Dialler
  // ---------------------------------------------------------------------------------------------------------------

  /** A host of ws: or wss: has no others. */
  grantConnection(connection: WebSocketConnection): void {
    this.isReused = true
    this.acquired(true)
    this.connection = connection
    this.started(connection.number)
    this.responded(101)
    this.begin(connection)
  }

  grantSlot(): void {
    this.state = "connecting"
    this.acquired(false)
    this.cancelDial = dial(this.shared, this.host, this.request.target, this.metrics, this)
  }

  refuse(reason: "timeout" | "closed"): void {
    const { ledger, numbers } = this.shared
    this.fail(
      reason === "closed" ? this.closedError() : new RequestTimeout({
        phase: "acquire",
        duration: Duration.millis(ledger.limits.acquireTimeout),
        pool: numbers(),
        requestWritten: false
      })
    )
  }

  connect(number: number, socket: Socket, openedAt: number, expiresAt: number): WebSocketConnection {
    return new WebSocketConnection(number, this.host, socket, openedAt, expiresAt, this.shared.timers)
  }

  dialled(connection: WebSocketConnection): void {
    const { library, maxPayload, protocols, url } = this.wanted
    const { headers } = this.request
    const { connectTimeout, timers } = this.shared
    // What the dialling has left of it.
    const remaining = Math.max(0, this.acquiredAt + connectTimeout - timers.now())
    this.cancelDial = undefined
    this.state = "opening"
    this.connection = connection
    connection.requests++
    this.started(connection.number)
    if (remaining !== Infinity) {
      this.cancelConnectTimeout = timers.schedule(remaining, () => this.connectTimedOut())
    }
    this.handshake = new Handshake(library, connection.socket, this)
    this.handshake.start({ url, headers, protocols, maxPayload })
    this.requestSent()
  }

  dialError(failure: DialFailure | "timeout"): ConnectionError | RequestTimeout {
    return failure === "timeout"
      ? this.timeout("connect", this.shared.connectTimeout)
      : this.connectionError(failure.reason, failure.description, causeOf(failure.cause))
  }

  dialFailed(error: ConnectionError | RequestTimeout): void {
    this.cancelDial = undefined
    this.fail(error)
  }

  private connectTimedOut(): void {
    // A refusal that does not end is one all the same.
    if (this.handshake?.conclude() === true) return
    this.fail(this.timeout("connect", this.shared.connectTimeout))
  }

  // ---------------------------------------------------------------------------------------------------------------
  // HandshakeListener
  // ---------------------------------------------------------------------------------------------------------------

  answered(status: number): void {
    if (this.state === "opening") this.responded(status)
  }

  opened(ws: WebSocket, headers: ReadonlyArray<string>): void {
    const { connection } = this
    if (this.state !== "opening" || connection === undefined) return ws.terminate()
    this.handshakeOver()
    connection.opened(ws, headers)
    this.begin(connection)
  }

  refused({ body, description, headers, status }: Refusal): void {
    const { hide } = this.wanted
    this.bytes = body.length
    const error = new HandshakeRefused({
      origin: this.request.origin,
      status,
      headers: headersOf(headers, hide),
      body: hide(body.toString()),
      description: hide(description)
    })
    this.failure = this.connectionError("Truncated", error.description)
    this.end("error", status !== 101, status)
    this.tell((listener) => listener.onFailure(error))
  }

  failed(error: Error): void {
    const { description, reason } = lossOf(error, false)
    this.fail(this.connectionError(reason, description, causeOf(error)))
  }

  private handshakeOver(): void {
    this.handshake?.abandon()
    this.handshake = undefined
    this.cancelConnectTimeout?.()
    this.cancelConnectTimeout = undefined
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Holder
  // ---------------------------------------------------------------------------------------------------------------

  onMessage(data: Buffer, isBinary: boolean): void {
    this.hasReceived = true
    this.bytes += data.length
    if (this.closingWith !== undefined) return
    this.messages.push(isBinary ? data : data.toString())
    this.size += data.length + perMessage
    if (this.readers.length > 0) wake(this.readers)
    if (this.size < highWaterMark || this.isPaused) return
    this.isPaused = true
    this.connection?.pause()
  }

  onDrain(): void {
    wake(this.writers)
  }

  onTimeout(phase: "write" | "read"): void {
    const { readTimeout, writeTimeout } = this.wanted
    this.fail(this.timeout(phase, phase === "write" ? writeTimeout : readTimeout))
  }

  onEnding({ code, error, isViolation, reason }: Ending): void {
    const { closingWith } = this
    if (code === 1006 && closingWith === undefined) return this.fail(this.lostError(error, isViolation))
    this.failure = new WebSocketClosed({
      origin: this.request.origin,
      code: code === 1006 ? closingWith ?? code : code,
      reason: this.wanted.hide(reason),
      initiator: closingWith === undefined ? "peer" : "client",
      isClean: code !== 1006
    })
    this.end(closingWith === undefined ? "peer" : "ended", true)
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Steps
  // ---------------------------------------------------------------------------------------------------------------

  private begin(connection: WebSocketConnection): void {
    this.state = "open"
    this.protocol = connection.protocol
    this.headers = connection.headers
    if (this.isReused) connection.requests++
    // The key is not needed any more.
    this.request.release()
    connection.take(this, this.wanted)
    this.tell((listener) => listener.onOpen(this))
  }

  private tell(say: (listener: LeaseListener) => void): void {
    const { listener } = this
    this.forgetOwner(this.state !== "ended")
    this.listener = undefined
    if (listener !== undefined) say(listener)
  }

  private get canBeKept(): boolean {
    const { connection } = this
    return this.state === "open" && this.toBeKept && this.wanted.reuse !== undefined && !this.hasMessages &&
      !this.isClosing && connection?.isFlushed === true
  }

  private giveBack(): void {
    const connection = this.connection!
    const { key, longestIdle } = this.wanted.reuse!
    this.connection = undefined
    this.over(101, true)
    connection.keep(key, longestIdle)
    this.shared.ledger.releaseConnection(this.host, connection)
    this.wakeAll()
  }

  private fail(error: PoolError, reason: CloseReason = "error"): void {
    if (this.state === "ended") return
    this.failure = error
    this.end(reason, false)
    this.tell((listener) => listener.onFailure(error))
  }

  /** Gives everything back. */
  private end(reason: CloseReason, isComplete: boolean, status?: number): void {
    const { connection, state } = this
    if (state === "ended") return
    const { exchanges, ledger } = this.shared
    if (state === "queued") {
      this.state = "ended"
      exchanges.delete(this)
      ledger.leave(this.host, this)
      this.acquireFailed(isPoolError(this.failure) ? this.failure : undefined)
      this.detachDeadline()
      return this.request.release()
    }
    this.cancelDial?.()
    this.cancelDial = undefined
    this.connection = undefined
    this.over(status ?? (state === "open" ? 101 : 0), isComplete)
    if (connection !== undefined) {
      connection.drop()
      ledger.discarded(this.host, connection, reason)
      connection.close()
    }
    ledger.releasePermit(this.host)
    this.wakeAll()
  }

  /** The lease is over, but for the connection and the permit. */
  private over(status: number, isComplete: boolean): void {
    const hadConnection = this.state === "opening" || this.state === "open"
    const { failure } = this
    this.state = "ended"
    this.shared.exchanges.delete(this)
    this.handshakeOver()
    if (hadConnection) {
      this.requestEnded(status, this.bytes, isComplete, isPoolError(failure) ? failure : undefined)
    }
    this.failure ??= this.connectionError("Reset", "the WebSocket's scope is closed")
    this.released()
    this.detachDeadline()
    this.request.release()
  }

  private wakeAll(): void {
    wake(this.readers)
    wake(this.writers)
    wake(this.closers)
  }

  private detachDeadline(): void {
    const { callDeadline } = this
    this.callDeadline = undefined
    try {
      callDeadline?.detach()
    } catch {
      // A deadline may be anybody's, and all has to be given back.
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Errors
  // ---------------------------------------------------------------------------------------------------------------

  private lostError(error: Error | undefined, isViolation: boolean): ConnectionError {
    if (error === undefined) {
      return this.connectionError("Truncated", "the peer ended the connection without a close frame")
    }
    if (isViolation) {
      return this.connectionError(
        "Truncated",
        `the peer broke the WebSocket protocol: ${error.message}`,
        causeOf(error)
      )
    }
    const { reason } = lossOf(error, false)
    return this.connectionError(reason, `the WebSocket broke off: ${error.message}`, causeOf(error))
  }

  private connectionError(reason: ConnectionError["reason"], description: string, cause?: unknown): ConnectionError {
    return new ConnectionError({
      reason,
      origin: this.request.origin,
      responseStarted: this.hasReceived,
      requestWritten: this.hasSent,
      description: this.wanted.hide(description),
      ...(cause === undefined ? undefined : { cause })
    })
  }

  private timeout(phase: RequestTimeout["phase"], millis: number): RequestTimeout {
    return new RequestTimeout({ phase, duration: Duration.millis(millis), requestWritten: this.hasSent })
  }

  private closedError(): ConnectionError {
    return this.connectionError("Closed", "the connection pool's scope is closed; make the call inside of it")
  }
}

const listen = (listeners: Array<() => void>, listener: () => void): () => void => {
  listeners.push(listener)
  return () => {
    const place = listeners.indexOf(listener)
    if (place >= 0) listeners.splice(place, 1)
  }
}

const wake = (listeners: Array<() => void>): void => {
  for (const listener of listeners.splice(0)) listener()
}

/** Of names and values in turn. @internal */
export const headersOf = (raw: ReadonlyArray<string>, hide: Hide): Headers.Headers => {
  const fields: Record<string, string> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = hide(raw[i + 1]!)
    fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`
  }
  return Headers.fromInput(fields)
}
