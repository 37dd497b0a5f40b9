import * as Duration from "effect/Duration"
import type { Socket } from "node:net"
import type * as Undici from "undici"
import type { PoolError } from "../../ConnectionError.js"
import { ConnectionError, PoolExhausted, RequestTimeout } from "../../ConnectionError.js"
import type { CloseReason } from "../../ConnectionEvent.js"
import type * as Deadline from "../../Deadline.js"
import type { Queue, Waiter } from "../books/host.js"
import type { Carried } from "../sockets/connection.js"
import { Connection } from "../sockets/connection.js"
import type { DialFailure } from "../sockets/dialFailure.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import type { Dialler } from "./dial.js"
import { dial } from "./dial.js"
import { causeOf, lossOf, unsendableOf } from "./failures.js"
import { Report } from "./report.js"
import type { Owner, PoolRequest, Unsendable } from "./request.js"
import { ResponseBody } from "./responseBody.js"
import { ResponseHead } from "./responseHead.js"
import type { Shared } from "./shared.js"

/** Exactly one of the two is called, unless the exchange is aborted first. @internal */
export interface ExchangeListener {
  onResponse(exchange: Exchange): void
  onFailure(error: PoolError | Unsendable): void
}

/** What of an error answer is read without anybody asking for it, so that it does not hold its connection. */
const unreadErrorCap = 1024 * 1024

/** Of an answer that has not begun: one for all, which nothing is added to. */
const noHead = new ResponseHead(0, [], "")
const noBody = new ResponseBody()

type State = "queued" | "connecting" | "sending" | "reading" | "ended"

/**
 * One request from its arrival at the pool until its permit and connection are back, as undici's handler and
 * as a waiter of the ledger. Everything happens in callbacks: at this floor an Effect per step would cost more than the
 * step.
 *
 * @internal
 */
export class Exchange extends Report
  implements
    Waiter<PooledConnection>,
    Dialler<Connection>,
    Carried,
    Deadline.Expirable,
    Undici.Dispatcher.DispatchHandler
{
  readonly reuseKey = undefined
  queue: Queue<PooledConnection> | undefined = undefined
  previous: Waiter<PooledConnection> | undefined = undefined
  next: Waiter<PooledConnection> | undefined = undefined
  earlier: Waiter<PooledConnection> | undefined = undefined
  later: Waiter<PooledConnection> | undefined = undefined
  ticket = 0
  queuedAt = 0

  /** For the listener to take when it is told, and to keep. */
  head = noHead
  /** Called once permit and connection are back. */
  onReleased: (() => void) | undefined = undefined

  private state: State = "queued"
  private connection: Connection | undefined = undefined
  private cancelDial: (() => void) | undefined = undefined
  private reused = false
  private resent = false
  private successor: Exchange | undefined = undefined
  /** Something of the request has been written to a socket, by this attempt or an earlier one. */
  private written = false
  private allSent = false
  private responseStarted = false
  /** The listener has been told how it went, or wants to know no more. */
  private reported = false
  /** The last byte of the response has arrived. */
  private complete = false
  private failure: PoolError | undefined = undefined
  private settling = false
  private body = noBody
  private resumeSocket: (() => void) | undefined = undefined
  /** The caller's own deadlines. */
  private callDeadline: Deadline.Deadline | undefined = undefined
  /** Ends the decompression of a body that has arrived. */
  private endDecoding: ((error: RequestTimeout) => void) | undefined = undefined

  constructor(
    shared: Shared,
    request: PoolRequest,
    owner: Owner | undefined,
    /** Undefined once it was told. */
    private listener: ExchangeListener | undefined
  ) {
    super(shared, request, owner)
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

  /** Ends the request now, in any state: its place, handshake or socket is freed at once. */
  abort(): void {
    const { state } = this
    if (!this.written && !this.reported) this.owner?.unsent()
    this.reported = true
    this.decoded()
    this.end("aborted")
    // For those who still read.
    if (state === "reading") this.failure = this.connectionError("Reset", "the request was aborted by its caller")
    this.successor?.abort()
    // Of several readers one was interrupted.
    if (this.body.hasReader) this.settle()
  }

  /** The response was dropped by its owner. A reader of its body keeps the body itself. */
  abandon(): void {
    if (!this.body.isBegun) this.abort()
  }

  expire({ duration, phase }: RequestTimeout): void {
    const current = this.successor ?? this
    const error = current.timeout(phase, Duration.toMillis(duration))
    if (current.state === "ended") current.endDecoding?.(error)
    else current.fail(error, "aborted")
  }

  shutDown(): void {
    this.fail(this.closedError(), "shutdown")
  }

  get heldSince(): number | undefined {
    return this.state === "queued" ? undefined : this.acquiredAt
  }

  /** Whether the body is here to its end, or has failed. */
  get ended(): boolean {
    return this.state === "ended"
  }

  /** Calls the reader once more of the body has arrived, or it has failed. */
  awaitSome(reader: () => void): void {
    this.body.awaitSome(reader)
    this.unpause()
  }

  /** Calls the reader once the whole body has arrived, or it has failed: as it does when it gets larger than this. */
  awaitAll(mostBytes: number, reader: () => void): void {
    this.body.awaitAll(mostBytes, reader)
    this.unpause()
  }

  /** Takes what has arrived since the last time. */
  take(): ReadonlyArray<Uint8Array> {
    const taken = this.body.take()
    this.body.isBegun = true
    this.unpause()
    return taken
  }

  /** Takes the same in one piece. */
  takeWhole(): Uint8Array {
    const taken = this.body.takeWhole()
    this.body.isBegun = true
    this.unpause()
    return taken
  }

  /** Whether the whole body is here, and is nothing. */
  get isEmpty(): boolean {
    return this.complete && this.body.total === 0
  }

  get hasMore(): boolean {
    return this.body.size > 0
  }

  get error(): PoolError | undefined {
    return this.failure
  }

  /** The body is decompressed from now on: the caller's deadline ends that too. */
  decoding(end: (error: RequestTimeout) => void): void {
    this.endDecoding = end
  }

  /** It is no more. */
  decoded(): void {
    this.endDecoding = undefined
    if (this.state === "ended") this.detachDeadline()
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Waiter, Dialler
  // ---------------------------------------------------------------------------------------------------------------

  /** A host of http: or https: has no others. */
  grantConnection(connection: Connection): void {
    this.reused = true
    this.acquired(true)
    this.send(connection)
  }

  grantSlot(): void {
    this.state = "connecting"
    if (!this.resent) this.acquired(false)
    this.cancelDial = dial(this.shared, this.host, this.request.target, this.metrics, this)
  }

  refuse(reason: "timeout" | "closed"): void {
    const { ledger, numbers } = this.shared
    this.fail(
      reason === "closed" ? this.closedError() : new RequestTimeout({
        phase: "acquire",
        duration: Duration.millis(ledger.limits.acquireTimeout),
        pool: numbers(),
        requestWritten: this.written
      })
    )
  }

  connect(number: number, socket: Socket, openedAt: number, expiresAt: number): Connection {
    const { connectionIdleTimeout, timers } = this.shared
    return new Connection(
      number,
      this.host,
      socket,
      openedAt,
      expiresAt,
      timers,
      this.shared,
      connectionIdleTimeout
    )
  }

  dialled(connection: Connection): void {
    this.cancelDial = undefined
    this.send(connection)
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

  // ---------------------------------------------------------------------------------------------------------------
  // undici's handler. `onConnect` … `onComplete` is the interface its core calls; the newer one is a wrapper around it
  // that does not tell when a request has been written. What throws here comes back by `onError`.
  // ---------------------------------------------------------------------------------------------------------------

  onConnect(): void {
    if (this.state !== "sending") return
    // undici writes a head at once, but that of a body that is made while it is sent together with its first piece.
    if (this.request.isWhole) this.written = true
    this.connection!.transfer.begin(this.request.isBrief)
  }

  onBodySent(): void {
    this.written = true
    if (this.state === "sending") this.connection!.transfer.wrote()
  }

  onRequestSent(): void {
    if (this.state !== "sending") return
    this.written = true
    this.allSent = true
    this.requestSent()
    this.connection!.transfer.sent()
  }

  onResponseStarted(): void {
    this.responseStarted = true
    if (this.state === "sending") this.connection!.transfer.enter("read")
  }

  onHeaders(statusCode: number, rawHeaders: Array<Buffer>, resume: () => void, statusText: string): boolean {
    const { connection } = this
    if (this.state !== "sending" || connection === undefined) return true
    if (statusCode < 200) {
      this.onSign(true)
      return true
    }
    connection.transfer.progress()
    connection.headCame()
    this.state = "reading"
    // undici makes its array from a literal; see PoolRequest.
    this.head = new ResponseHead(statusCode, rawHeaders.splice(0), statusText)
    this.body = new ResponseBody()
    this.resumeSocket = resume
    this.responded(statusCode)
    if (this.head.hidesBody) this.complete = true
    this.settle()
    return true
  }

  onData(chunk: Buffer): boolean {
    const { body, connection } = this
    if (this.state !== "reading" || connection === undefined) return true
    connection.transfer.progress()
    body.add(chunk)
    if (body.awaitsMore) this.settle()
    if (body.exceeded !== undefined) {
      this.fail(this.connectionError("Truncated", `the answer is larger than ${body.exceeded} bytes`), "aborted")
      return true
    }
    if (!body.isFull) return true
    if (!body.isBegun && this.head.status >= 400) {
      if (body.size < unreadErrorCap) return true
      this.fail(this.connectionError("Truncated", "nobody read this error answer, and it did not end"), "aborted")
      return true
    }
    body.isPaused = true
    // While nobody has begun to read, silence is the reader's, and it is bounded all the same.
    if (body.isBegun) connection.transfer.clear()
    else connection.transfer.enter("unread")
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
    const unsendable = unsendableOf(error)
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
  // Carried
  // ---------------------------------------------------------------------------------------------------------------

  onTimeout(phase: "write" | "read"): void {
    const { readTimeout, writeTimeout } = this.shared
    this.fail(this.timeout(phase, phase === "write" ? writeTimeout : readTimeout), "error")
  }

  onSign(isWhole: boolean): void {
    if (this.state !== "sending") return
    this.responseStarted = true
    // The answer proper is still to come, and maybe half of the request to go.
    this.connection?.transfer.enter(isWhole && !this.allSent ? "write" : "read")
  }

  onLost(error: Error): void {
    this.onError(error)
  }

  get isPaused(): boolean {
    return this.body.isPaused
  }

  onEnd(): void {
    // undici would pause again with each piece of the rest.
    this.body.withoutLimits(() => this.resumeSocket?.())
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Steps
  // ---------------------------------------------------------------------------------------------------------------

  private send(connection: Connection): void {
    const { request } = this
    this.state = "sending"
    this.connection = connection
    connection.carried = this
    this.started(connection.number)
    connection.dispatch({
      method: request.method,
      path: request.path,
      headers: request.headers,
      // undici takes any iterable; its types name only some.
      body: request.content as Uint8Array | null,
      // Or it would close the connection after each HEAD.
      reset: false
    }, this)
  }

  /**
   * The rule of OkHttp and Go: only a connection that was kept can be stale, and only before it has answered. What was
   * not written can be sent again in any case.
   */
  private canResend(): boolean {
    if (this.state !== "sending" || !this.reused || this.resent || this.responseStarted) return false
    const { body, isWhole } = this.request
    if (!this.written) return isWhole || (body !== undefined && "isBegun" in body && !body.isBegun())
    return this.shared.resendOnStaleConnection && isWhole && this.owner?.replay !== "unsent"
  }

  /** A second exchange takes over the permit: undici may still have something to say about the first. */
  private resend(error: ConnectionError): void {
    const { exchanges, ledger } = this.shared
    this.failure = error
    this.state = "ended"
    this.attemptEnded()
    this.dropConnection("peer")
    exchanges.delete(this)
    const successor = new Exchange(this.shared, this.request, this.owner, this.listener)
    successor.goOnFrom(this)
    successor.resent = true
    successor.written = this.written
    successor.callDeadline = this.callDeadline
    successor.onReleased = this.onReleased
    this.successor = successor
    exchanges.add(successor)
    this.resentAgain()
    ledger.acquireSlot(successor)
  }

  private attemptEnded(): void {
    this.requestEnded(this.head.status, this.body.total, this.complete, this.failure)
  }

  /** Reports a response or its end, once undici's parser has let go of the socket. */
  private settle(): void {
    if (this.settling) return
    this.settling = true
    // Its function is made now, and not kept by those that wait.
    queueMicrotask(() => this.settled())
  }

  private settled(): void {
    this.settling = false
    if (this.complete && this.state === "reading") this.giveBack()
    if (!this.reported && this.head !== noHead && this.failure === undefined) {
      this.reported = true
      this.tell((listener) => listener.onResponse(this))
    }
    this.body.notify(this.state === "ended")
    if (this.state === "ended") this.forgetAnswer()
  }

  /**
   * What has waited for long is old by then for the collector, which takes what an old record leads to for alive until the next full
   * collection. So it leads to nothing of its answer.
   */
  private forgetAnswer(): void {
    this.head = noHead
    this.resumeSocket = undefined
  }

  /** The answer is here to its end. */
  private giveBack(): void {
    const connection = this.connection!
    const { exchanges, ledger } = this.shared
    this.connection = undefined
    this.state = "ended"
    connection.carried = undefined
    connection.transfer.clear()
    exchanges.delete(this)
    this.attemptEnded()
    this.released()
    if (connection.usable && !this.head.hidesBody) {
      ledger.releaseConnection(this.host, connection)
    } else {
      ledger.discarded(this.host, connection, "peer")
      connection.close()
      ledger.releasePermit(this.host)
    }
    this.request.release()
    // What has come compressed has yet to be decompressed in time.
    if (this.isEmpty || this.head.header("content-encoding") === undefined) this.detachDeadline()
    this.onReleased?.()
  }

  /** Tells the listener, and forgets it and the fiber it belongs to. */
  private tell(say: (listener: ExchangeListener) => void): void {
    const { listener } = this
    this.forgetOwner(this.state !== "ended")
    this.listener = undefined
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
    const { exchanges, ledger } = this.shared
    exchanges.delete(this)
    if (state === "queued") {
      ledger.leave(this.host, this)
      // Only a resent request holds its permit while it waits.
      if (!this.resent) {
        this.acquireFailed(this.failure)
        this.detachDeadline()
        this.request.release()
        this.onReleased?.()
        return
      }
    }
    this.cancelDial?.()
    this.cancelDial = undefined
    if (this.connection !== undefined) this.attemptEnded()
    this.released()
    this.dropConnection(reason)
    ledger.releasePermit(this.host)
    this.detachDeadline()
    this.request.release()
    this.onReleased?.()
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

  private dropConnection(reason: CloseReason): void {
    const { connection } = this
    if (connection === undefined) return
    this.connection = undefined
    connection.carried = undefined
    this.shared.ledger.discarded(this.host, connection, reason)
    connection.close()
  }

  private unpause(): void {
    const { body, connection } = this
    if (!body.isPaused || this.state !== "reading" || connection === undefined || body.isFull) return
    body.isPaused = false
    connection.transfer.enter("read")
    try {
      this.resumeSocket?.()
    } catch (error) {
      // An assertion of undici's.
      this.onError(error instanceof Error ? error : new Error(String(error)))
    }
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

  private lostError(error: Error): ConnectionError {
    const { description, reason } = lossOf(error, this.responseStarted)
    return this.connectionError(reason, description, causeOf(error))
  }
}
