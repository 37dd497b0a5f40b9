import type * as Undici from "@effect/platform-node/Undici"
import type * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { PoolError, PoolNumbers } from "../../ConnectionError.js"
import { ConnectionError, errorType, PoolExhausted, RequestTimeout } from "../../ConnectionError.js"
import type { CloseReason } from "../../ConnectionEvent.js"
import * as Deadline from "../../Deadline.js"
import * as Replay from "../../Replay.js"
import type { Entry, Registry } from "../books/inFlight.js"
import type { Host, Ledger, Queue, Waiter } from "../books/ledger.js"
import type { Origin } from "../config/proxy.js"
import type { HostMetrics } from "../observe/hostMetrics.js"
import type { Watch } from "../observe/leakWatch.js"
import type { Observer } from "../observe/observer.js"
import type { Carrier } from "../sockets/connection.js"
import { Connection, resetWhilePaused } from "../sockets/connection.js"
import type { Connector } from "../sockets/connector.js"
import type { Timers } from "../time/timers.js"
import { BodyBuffer } from "./responseBody.js"

/** @internal A body that is made while it is sent. `cancel` is called when nobody will ask for more. */
export interface StreamingBody {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Whether its source has been asked for anything. */
  readonly isBegun: () => boolean
  readonly cancel: () => void
}

/** @internal The request itself is at fault: its body's source failed, or it cannot be written as HTTP. */
export class Unsendable extends Error {
  constructor(override readonly cause: unknown) {
    super("the request cannot be sent")
  }
}

/**
 * @internal What is to be sent.
 *
 * A class and not a literal, as is all that a request leaves behind here: where the first objects of a literal have lived
 * for long, V8 comes to put all of them into the old generation, and there each holds what it leads to, such as the buffer
 * of its socket, until the next full collection.
 */
export class PoolRequest {
  constructor(
    readonly origin: string,
    readonly target: Origin,
    readonly method: string,
    readonly path: string,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: Uint8Array | StreamingBody | undefined
  ) {}
}

/** @internal Who asks, for warnings. */
export class Owner {
  constructor(
    readonly fiber: Fiber.RuntimeFiber<unknown, unknown>,
    /** Where the request was made; only while leaks are looked for. */
    readonly stack: string | undefined
  ) {}
}

/** @internal Exactly one of the two is called, unless the exchange is aborted first. */
export interface ExchangeListener {
  onResponse(exchange: Exchange): void
  onFailure(error: PoolError | Unsendable): void
}

/** @internal What exchanges of one pool share. Durations in milliseconds. */
export interface Shared {
  readonly ledger: Ledger<Connection>
  readonly connector: Connector
  readonly timers: Timers
  readonly connectTimeout: number
  readonly readTimeout: number
  readonly writeTimeout: number
  readonly connectionIdleTimeout: number
  readonly connectionMaxLifetime: number
  readonly resendOnStaleConnection: boolean
  /** Those that are in flight or wait, for the closing of the pool. */
  readonly exchanges: Registry<Exchange>
  readonly numbers: () => PoolNumbers
  readonly observer: Observer
  readonly watch: Watch
}

/** Bytes kept for a reader that has not asked for them, before the socket is left to fill up. */
const highWaterMark = 64 * 1024

/** What of an error answer is read without anybody asking for it, so that it does not hold its connection. */
const unreadErrorCap = 1024 * 1024

/** Bodies beyond this are written in slices, so that progress can be seen while they are. */
const sliceSize = 64 * 1024

/** How often a socket that has not yet taken all of a request is looked at, in milliseconds. */
const flushCheckInterval = 25

/** A connection made longer ago than its lifetime less this share, at random, is replaced: not all at once. */
const lifetimeJitter = 0.1

/** A burst may queue for a while; when requests have waited this long, in milliseconds, the log says so. */
const saturationWait = 5000

const noHeaders: ReadonlyArray<Buffer> = []

type State = "queued" | "connecting" | "sending" | "reading" | "ended"

/** Which wait the connection's deadline bounds. */
type Phase = "write" | "flush" | "read" | "unread"

/**
 * @internal One request from its arrival at the pool until its permit and connection are back, as undici's handler and
 * as a waiter of the ledger. Everything happens in callbacks: at this floor an Effect per step would cost more than the
 * step.
 */
export class Exchange
  implements Entry, Waiter<Connection>, Carrier, Deadline.Expirable, Undici.Dispatcher.DispatchHandler
{
  place = -1
  queue: Queue<Connection> | undefined = undefined
  previous: Waiter<Connection> | undefined = undefined
  next: Waiter<Connection> | undefined = undefined
  ticket = 0
  queuedAt = 0

  statusCode = 0
  rawHeaders: ReadonlyArray<Buffer> = noHeaders

  private readonly host: Host<Connection>
  private readonly metrics: HostMetrics
  /** For events: the same for a request that is sent again. */
  private number: number
  private arrivedAt = 0
  private acquiredAt = 0
  private sentAt = 0
  private bytes = 0
  /** Ends the leak detector's watch. */
  private cameBack: (() => void) | undefined = undefined
  private state: State = "queued"
  private phase: Phase = "write"
  private phaseSince = 0
  private connection: Connection | undefined = undefined
  private cancelDial: (() => void) | undefined = undefined
  private dialEnded: () => void = () => {}
  private reused = false
  private resent = false
  private successor: Exchange | undefined = undefined
  /** Something of the request has been written to a socket, of this attempt or an earlier one. */
  private written = false
  private responseStarted = false
  /** The listener has been told how it went, or wants to know no more. */
  private reported = false
  /** The last byte of the response has arrived. */
  private complete = false
  private failure: PoolError | undefined = undefined
  private settling = false

  private readonly body = new BodyBuffer()
  private begun = false
  private wantsAll = false
  private paused = false
  private resumeSocket: (() => void) | undefined = undefined
  /** Called when there is more of the body. */
  private someReader: (() => void) | undefined = undefined
  /** Called when there is all of the body. */
  private allReader: (() => void) | undefined = undefined
  private mostBytes = Infinity
  private requestSent = false
  /** Undefined once it was told: what it leads to, the fiber and its result, must not be held by a response. */
  private listener: ExchangeListener | undefined
  private owner: Owner | undefined
  private ownerName: string | undefined = undefined
  /** The caller's own deadlines. */
  private callDeadline: Deadline.Deadline | undefined = undefined

  constructor(
    private readonly shared: Shared,
    private readonly request: PoolRequest,
    owner: Owner | undefined,
    listener: ExchangeListener | undefined
  ) {
    this.owner = owner
    this.listener = listener
    this.host = shared.ledger.host(request.origin)
    this.metrics = shared.observer.metricsOf(request.origin, request.target)
    this.number = shared.observer.nextNumber()
  }

  // ---------------------------------------------------------------------------------------------------------------
  // From outside
  // ---------------------------------------------------------------------------------------------------------------

  start(): void {
    const { exchanges, ledger, observer, timers } = this.shared
    this.arrivedAt = timers.now()
    if (observer.listening) observer.emit({ _tag: "Queued", ...this.subject() })
    if (ledger.closed) return this.fail(this.closedError())
    exchanges.add(this)
    this.callDeadline = this.owner?.fiber.getFiberRef(Deadline.current)
    this.callDeadline?.attach(timers, this)
    const outcome = ledger.acquire(this.host, this)
    if (outcome === "exhausted") {
      this.fail(
        new PoolExhausted({
          maximumPendingRequests: ledger.limits.maximumPendingRequests,
          pool: this.shared.numbers()
        })
      )
    } else if (outcome === "queued" && this.arrivedAt - ledger.oldestWait() >= saturationWait) {
      this.shared.watch.saturated(() => this.describeSaturation())
    }
  }

  /** Ends the request now, whatever it is doing: its place, handshake or socket is freed at once. */
  abort(): void {
    const { state } = this
    this.reported = true
    this.end("aborted")
    // For those who still read.
    if (state === "reading") this.failure = this.connectionError("Reset", "the request was aborted by its caller")
    this.successor?.abort()
    // Of several readers one was interrupted.
    if (this.someReader !== undefined || this.allReader !== undefined) this.settle()
  }

  /** The response was dropped by its owner. Whoever reads its body already holds on to that himself. */
  abandon(): void {
    if (!this.begun) this.abort()
  }

  expire({ duration, phase }: RequestTimeout): void {
    const carrier = this.successor ?? this
    carrier.fail(carrier.timeout(phase, Duration.toMillis(duration)), "aborted")
  }

  /** The pool's scope is closed and its patience over. */
  shutDown(): void {
    this.fail(this.closedError(), "shutdown")
  }

  /** Whether the body is here to its end, or has failed. */
  get ended(): boolean {
    return this.state === "ended"
  }

  /** Calls the reader once more of the body has arrived, or it has failed. */
  awaitSome(reader: () => void): void {
    this.someReader = after(this.someReader, reader)
    this.begun = true
    this.unpause()
  }

  /** Calls the reader once the whole body has arrived, or it has failed: as it does when it gets larger than this. */
  awaitAll(mostBytes: number, reader: () => void): void {
    this.allReader = after(this.allReader, reader)
    this.begun = true
    this.wantsAll = true
    this.mostBytes = Math.min(this.mostBytes, mostBytes)
    this.unpause()
  }

  /** Takes what has arrived since the last time. */
  take(): Chunk.Chunk<Uint8Array> {
    const taken = this.body.take()
    this.begun = true
    this.unpause()
    return taken
  }

  /** Takes the same in one piece. */
  takeWhole(): Uint8Array {
    const taken = this.body.takeWhole()
    this.begun = true
    this.unpause()
    return taken
  }

  /** Whether the whole body is here, and is nothing. */
  get isEmpty(): boolean {
    return this.complete && this.bytes === 0
  }

  get hasMore(): boolean {
    return this.body.size > 0
  }

  get error(): PoolError | undefined {
    return this.failure
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Waiter
  // ---------------------------------------------------------------------------------------------------------------

  grantConnection(connection: Connection): void {
    this.reused = true
    this.acquired()
    this.send(connection)
  }

  grantSlot(): void {
    const { connectTimeout, connectionIdleTimeout, connectionMaxLifetime, connector, ledger, observer, timers } =
      this.shared
    const { host } = this
    this.state = "connecting"
    if (!this.resent) this.acquired()
    const number = observer.nextNumber()
    const subject = () => ({ at: observer.epochMillis(), origin: host.origin, connection: number })
    if (observer.listening) observer.emit({ _tag: "Connecting", ...subject(), request: this.number })
    const failed = (error?: ConnectionError | RequestTimeout) => {
      ledger.connectFailed(host)
      if (observer.listening) observer.emit({ _tag: "ConnectFailed", ...subject(), error })
      if (error !== undefined) this.fail(error)
    }
    let connection: Connection | undefined
    const cancelDial = connector.dial(this.request.target, {
      connected: (socket, timings) => {
        this.dialEnded()
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
        connection = new Connection(number, host, socket, openedAt, expiresAt, timers, connectionIdleTimeout)
        this.send(connection)
      },
      failed: ({ cause, description, reason }) => {
        this.dialEnded()
        failed(this.connectionError(reason, description, cause))
      },
      // undici's own listeners come first: it knows more about why.
      closed: () =>
        queueMicrotask(() => {
          if (connection !== undefined) {
            connection.deadline.dispose()
            connection.carrier?.onLost()
            ledger.removeIdle(host, connection, "peer")
            const lived = timers.now() - connection.openedAt
            this.metrics.connectionClosed(lived)
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
          ledger.slotFreed(host)
        })
    })
    const cancelTimeout = connectTimeout === Infinity ? undefined : timers.schedule(connectTimeout, () => {
      if (this.cancelDial === undefined) return
      this.dialEnded()
      cancelDial()
      failed(this.timeout("connect", connectTimeout))
    })
    this.dialEnded = () => {
      cancelTimeout?.()
      this.cancelDial = undefined
    }
    this.cancelDial = () => {
      this.dialEnded()
      cancelDial()
      failed()
    }
  }

  refuse(reason: "timeout" | "closed"): void {
    this.fail(
      reason === "closed" ? this.closedError() : new RequestTimeout({
        phase: "acquire",
        duration: Duration.millis(this.shared.ledger.limits.acquireTimeout),
        pool: this.shared.numbers(),
        requestWritten: this.written
      })
    )
  }

  // ---------------------------------------------------------------------------------------------------------------
  // undici's handler. `onConnect` … `onComplete` is the interface its core calls; the newer one is a wrapper around it
  // that does not tell when a request has been written.
  // ---------------------------------------------------------------------------------------------------------------

  onConnect(): void {
    if (this.state !== "sending") return
    const { body } = this.request
    // undici writes a head at once, but that of a body that is made while it is sent together with its first piece.
    if (body === undefined || body instanceof Uint8Array) this.written = true
    // A small body is written within this turn, and `onRequestSent` follows at once.
    if (body === undefined || isSmall(body)) this.phaseSince = this.shared.timers.now()
    else this.enter("write")
  }

  onBodySent(): void {
    this.written = true
    if (this.phase === "write" && this.state === "sending") this.phaseSince = this.shared.timers.now()
  }

  onRequestSent(): void {
    if (this.state !== "sending") return
    this.written = true
    this.requestSent = true
    const { observer } = this.shared
    if (observer.listening) observer.emit({ _tag: "RequestSent", ...this.subject() })
    this.enter(this.connection!.socket.writableLength === 0 ? "read" : "flush")
  }

  onResponseStarted(): void {
    this.responseStarted = true
    if (this.state === "sending") this.enter("read")
  }

  onHeaders(statusCode: number, rawHeaders: Array<Buffer>, resume: () => void): boolean {
    this.progress()
    if (this.state !== "sending") return true
    if (statusCode < 200) {
      // The answer proper is still to come, and maybe half of the request to go.
      if (!this.requestSent) this.enter("write")
      return true
    }
    this.state = "reading"
    this.statusCode = statusCode
    // undici makes its array from a literal; see PoolRequest.
    this.rawHeaders = rawHeaders.splice(0)
    this.resumeSocket = resume
    const { observer } = this.shared
    if (observer.listening) observer.emit({ _tag: "ResponseStarted", ...this.subject(), status: statusCode })
    this.settle()
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.state !== "reading") return true
    this.progress()
    this.body.add(chunk)
    this.bytes += chunk.length
    if (this.someReader !== undefined) this.settle()
    if (this.wantsAll && this.body.size > this.mostBytes) {
      this.fail(this.connectionError("Truncated", `the answer is larger than ${this.mostBytes} bytes`), "aborted")
      return true
    }
    if (this.wantsAll || this.body.size < highWaterMark) return true
    if (!this.begun && this.statusCode >= 400) {
      if (this.body.size < unreadErrorCap) return true
      this.fail(this.connectionError("Truncated", "nobody read this error answer, and it did not end"), "aborted")
      return true
    }
    this.paused = true
    // While nobody has begun to read, silence is the reader's, and it is bounded all the same.
    if (this.begun) this.connection!.deadline.clear()
    else this.enter("unread")
    return false
  }

  onComplete(): void {
    if (this.state !== "reading") return
    this.complete = true
    // undici decides after this call whether the socket can go on; `settle` looks once it has.
    this.settle()
  }

  onError(error: Error): void {
    if (this.state === "ended" || this.complete) return
    const unsendable = error instanceof Unsendable ? error : isInvalid(error) ? new Unsendable(error) : undefined
    if (unsendable !== undefined && this.state === "reading") {
      this.fail(this.connectionError("Truncated", "the request's own body failed meanwhile", unsendable.cause))
    } else if (unsendable !== undefined) {
      this.reported = true
      this.end("error")
      this.tell((listener) => listener.onFailure(unsendable))
    } else if (this.canResend()) {
      this.resend(this.lostError(error))
    } else {
      this.fail(this.lostError(error), "error")
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Steps
  // ---------------------------------------------------------------------------------------------------------------

  private send(connection: Connection): void {
    const { body, headers, method, path } = this.request
    this.state = "sending"
    this.connection = connection
    connection.carrier = this
    const { observer, timers } = this.shared
    this.sentAt = timers.now()
    if (observer.listening) {
      observer.emit({ _tag: "RequestStarted", ...this.subject(), connection: connection.number })
    }
    connection.dispatch({
      method,
      path,
      headers,
      // undici takes any iterable; its types name only some.
      body: (body instanceof Uint8Array ? (isSmall(body) ? body : slices(body)) : body?.chunks ?? null) as
        | Uint8Array
        | null
    }, this)
  }

  /**
   * The rule of OkHttp and Go: only a connection that was kept can be stale, and only before it has answered. What was
   * not written can be sent again in any case.
   */
  private canResend(): boolean {
    if (this.state !== "sending" || !this.reused || this.resent || this.responseStarted) return false
    const { body } = this.request
    if (!this.written) return body === undefined || body instanceof Uint8Array || !body.isBegun()
    return this.shared.resendOnStaleConnection && (body === undefined || body instanceof Uint8Array) &&
      this.owner?.fiber.getFiberRef(Replay.current) !== "unsent"
  }

  /** A second exchange takes over the permit: undici may still have something to say about the first. */
  private resend(error: ConnectionError): void {
    const { exchanges, ledger, observer } = this.shared
    this.failure = error
    this.state = "ended"
    this.requestEnded()
    this.dropConnection("peer")
    exchanges.delete(this)
    const successor = new Exchange(this.shared, this.request, this.owner, this.listener)
    successor.resent = true
    successor.written = this.written
    successor.number = this.number
    successor.acquiredAt = this.acquiredAt
    successor.cameBack = this.cameBack
    successor.callDeadline = this.callDeadline
    this.successor = successor
    exchanges.add(successor)
    ledger.totals.resent++
    if (observer.listening) observer.emit({ _tag: "Resent", ...this.subject() })
    ledger.acquireSlot(this.host, successor)
  }

  private describeSaturation(): string {
    const { exchanges, timers } = this.shared
    let oldest: Exchange | undefined
    for (const exchange of exchanges) {
      if (exchange.state !== "queued" && (oldest === undefined || exchange.acquiredAt < oldest.acquiredAt)) {
        oldest = exchange
      }
    }
    const holder = oldest === undefined
      ? ""
      : `; longest in flight: ${Math.round(timers.now() - oldest.acquiredAt)} ms ${oldest.describeOwner()}`
    return `The pool is saturated; a request to ${this.request.origin} waits: ${this.shared.numbers().toString()}${holder}`
  }

  private describeOwner(): string {
    const { owner } = this
    if (owner === undefined) return this.ownerName ?? ""
    const { method, origin, path } = this.request
    const spans: Array<string> = []
    for (
      let span = owner.fiber.currentSpan;
      span !== undefined && span._tag === "Span";
      span = Option.getOrUndefined(span.parent)
    ) spans.push(span.name)
    return `by ${method} ${origin}${path.split("?", 1)[0]} in fiber #${owner.fiber.id().id}` +
      (spans.length === 0 ? "" : `, spans ${spans.join(" < ")}`) +
      (owner.stack === undefined || owner.stack === "" ? "" : `, made\n${owner.stack}`)
  }

  /** The permit is here. */
  private acquired(): void {
    const { observer, timers } = this.shared
    this.acquiredAt = timers.now()
    const waited = this.acquiredAt - this.arrivedAt
    observer.wait.record(waited)
    if (this.shared.watch.findsLeaks) this.cameBack = this.shared.watch.held(() => this.describeOwner())
    this.metrics.acquired(waited)
    if (observer.listening) {
      observer.emit({ _tag: "Acquired", ...this.subject(), waited: Duration.millis(waited), reused: this.reused })
    }
  }

  /** It left the queue without. */
  private acquireFailed(): void {
    const { observer, timers } = this.shared
    const reason = reasonOf(this.failure)
    if (reason !== "interrupted") this.metrics.rejected(reason)
    if (observer.listening) {
      observer.emit({
        _tag: "AcquireFailed",
        ...this.subject(),
        waited: Duration.millis(timers.now() - this.arrivedAt),
        reason
      })
    }
  }

  /** The exchange with the server is over, one way or the other. */
  private requestEnded(): void {
    const { observer, timers } = this.shared
    const { bytes, failure, statusCode } = this
    this.metrics.requestEnded(
      this.request.method,
      statusCode,
      this.complete
        ? (statusCode < 400 ? undefined : String(statusCode))
        : failure === undefined
        ? interrupted
        : errorType(failure),
      timers.now() - this.sentAt
    )
    if (!observer.listening) return
    if (this.complete) observer.emit({ _tag: "ResponseEnded", ...this.subject(), bytes })
    else observer.emit({ _tag: "RequestFailed", ...this.subject(), error: failure })
  }

  private released(): void {
    const { observer, timers } = this.shared
    const used = timers.now() - this.acquiredAt
    observer.use.record(used)
    this.cameBack?.()
    if (observer.listening) observer.emit({ _tag: "Released", ...this.subject(), used: Duration.millis(used) })
  }

  private subject() {
    return { at: this.shared.observer.epochMillis(), origin: this.request.origin, request: this.number }
  }

  /** Reports a response or its end, once undici's parser has let go of the socket. */
  private settle(): void {
    if (this.settling) return
    this.settling = true
    queueMicrotask(this.settled)
  }

  private readonly settled = (): void => {
    this.settling = false
    if (this.complete && this.state === "reading") {
      const connection = this.connection!
      this.connection = undefined
      this.state = "ended"
      connection.carrier = undefined
      connection.deadline.clear()
      this.callDeadline?.detach()
      this.shared.exchanges.delete(this)
      this.cancelBody()
      this.requestEnded()
      this.released()
      const { ledger } = this.shared
      if (connection.usable) {
        ledger.releaseConnection(this.host, connection)
      } else {
        ledger.discarded(this.host, connection, "peer")
        ledger.releasePermit(this.host)
      }
    }
    if (!this.reported && this.statusCode !== 0 && this.failure === undefined) {
      this.reported = true
      this.tell((listener) => listener.onResponse(this))
    }
    const isOver = this.state === "ended"
    const { allReader, someReader } = this
    if (someReader !== undefined && (isOver || this.hasMore)) {
      this.someReader = undefined
      someReader()
    }
    if (allReader !== undefined && isOver) {
      this.allReader = undefined
      allReader()
    }
  }

  /** Tells the listener, and forgets it and the fiber it belongs to. */
  private tell(say: (listener: ExchangeListener) => void): void {
    const { listener } = this
    if (this.state !== "ended") this.ownerName = this.describeOwner()
    this.listener = undefined
    this.owner = undefined
    if (listener !== undefined) say(listener)
  }

  private fail(error: PoolError, reason: CloseReason = "error"): void {
    if (this.state === "ended") return
    this.failure = error
    this.end(reason)
    if (this.reported) this.settle()
    else this.tell((listener) => listener.onFailure(error))
  }

  /** Gives everything back. */
  private end(reason: CloseReason): void {
    const { state } = this
    if (state === "ended") return
    this.state = "ended"
    const { ledger } = this.shared
    this.callDeadline?.detach()
    this.shared.exchanges.delete(this)
    this.cancelBody()
    if (state === "queued") {
      ledger.leave(this.host, this)
      // Only a resent request holds its permit while it waits.
      if (!this.resent) return this.acquireFailed()
    }
    this.cancelDial?.()
    if (this.connection !== undefined) this.requestEnded()
    this.released()
    this.dropConnection(reason)
    ledger.releasePermit(this.host)
  }

  private cancelBody(): void {
    const { body } = this.request
    if (body !== undefined && !(body instanceof Uint8Array)) body.cancel()
  }

  private dropConnection(reason: CloseReason): void {
    const { connection } = this
    if (connection === undefined) return
    this.connection = undefined
    connection.carrier = undefined
    this.shared.ledger.discarded(this.host, connection, reason)
    connection.close()
  }

  private unpause(): void {
    if (!this.paused || this.state !== "reading") return
    if (!this.wantsAll && this.body.size >= highWaterMark) return
    this.paused = false
    this.enter("read")
    this.resumeSocket?.()
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Deadlines
  // ---------------------------------------------------------------------------------------------------------------

  private enter(phase: Phase): void {
    const now = this.shared.timers.now()
    // Writing has stalled since its last progress, not since all of it was handed over.
    if (phase !== "flush") this.phaseSince = now
    this.phase = phase
    this.connection!.deadline.set(this.dueAt(now))
  }

  private progress(): void {
    if (this.phase !== "read" || this.connection === undefined) return
    this.phaseSince = this.shared.timers.now()
    this.connection.deadline.set(this.phaseSince + this.shared.readTimeout)
  }

  private dueAt(now: number): number {
    switch (this.phase) {
      case "write":
        return this.phaseSince + this.shared.writeTimeout
      case "flush":
        return Math.min(this.phaseSince + this.shared.writeTimeout, now + flushCheckInterval)
      case "read":
      case "unread":
        return this.phaseSince + this.shared.readTimeout
    }
  }

  onDeadline(): void {
    const { connection } = this
    if (connection === undefined) return
    const now = this.shared.timers.now()
    const isWriting = this.phase === "write" || this.phase === "flush"
    if (isWriting && connection.socket.writableLength === 0) {
      // Flushed, or the body's own source is slow: the peer owes nothing.
      this.enter(this.phase === "flush" ? "read" : "write")
    } else if (now < this.phaseSince + (isWriting ? this.shared.writeTimeout : this.shared.readTimeout)) {
      connection.deadline.set(this.dueAt(now))
    } else {
      this.fail(
        isWriting ? this.timeout("write", this.shared.writeTimeout) : this.timeout("read", this.shared.readTimeout),
        "error"
      )
    }
  }

  get isPaused(): boolean {
    return this.paused
  }

  onEnd(): void {
    // The rest is here already; undici would pause again with each piece of it.
    const { mostBytes, wantsAll } = this
    this.wantsAll = true
    this.mostBytes = Infinity
    this.paused = false
    this.resumeSocket?.()
    this.wantsAll = wantsAll
    this.mostBytes = mostBytes
  }

  onLost(): void {
    this.onError(new Error("the socket was closed"))
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Errors
  // ---------------------------------------------------------------------------------------------------------------

  private connectionError(reason: ConnectionError["reason"], description: string, cause?: unknown): ConnectionError {
    return new ConnectionError({
      reason,
      origin: this.request.origin,
      responseStarted: this.responseStarted,
      requestWritten: this.written,
      description,
      ...(cause === undefined ? undefined : { cause })
    })
  }

  private timeout(phase: RequestTimeout["phase"], millis: number): RequestTimeout {
    return new RequestTimeout({ phase, duration: Duration.millis(millis), requestWritten: this.written })
  }

  private closedError(): ConnectionError {
    return this.connectionError("Closed", "the connection pool's scope is closed; make the call inside of it")
  }

  private lostError(error: Error & { readonly code?: string }): ConnectionError {
    if (!this.responseStarted) {
      return this.connectionError("Reset", `the connection was lost before an answer came: ${error.message}`, error)
    }
    return error.code === "ECONNRESET" || error.code === resetWhilePaused
      ? this.connectionError("Reset", `the connection was reset while the answer was read`, error)
      : this.connectionError("Truncated", `the answer broke off: ${error.message}`, error)
  }
}

const durationOf = (millis: number | undefined) => millis === undefined ? undefined : Duration.millis(millis)

/** OpenTelemetry's `error.type` where the caller went away. */
const interrupted = "interrupted"

const reasonOf = (failure: PoolError | undefined) =>
  // A deadline of the caller's own is its giving up, whoever watches it.
  failure === undefined || (failure._tag === "RequestTimeout" && failure.phase !== "acquire")
    ? "interrupted"
    : failure._tag === "RequestTimeout"
    ? "timeout"
    : failure._tag === "PoolExhausted"
    ? "exhausted"
    : "closed"

const invalidCodes: ReadonlySet<string | undefined> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"
])

const isInvalid = (error: Error & { readonly code?: string }) => invalidCodes.has(error.code)

const after = (earlier: (() => void) | undefined, reader: () => void): () => void =>
  earlier === undefined ? reader : () => {
    earlier()
    reader()
  }

const isSmall = (body: Uint8Array | StreamingBody): body is Uint8Array =>
  body instanceof Uint8Array && body.byteLength <= sliceSize

function* slices(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.byteLength; start += sliceSize) {
    yield body.subarray(start, start + sliceSize)
  }
}
