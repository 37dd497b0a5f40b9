import type { PoolError } from "../../ConnectionError.js"
import { ConnectionError } from "../../ConnectionError.js"
import type { Destination } from "../config/destination.js"
import type { ExchangeListener } from "../exchange/exchange.js"
import { Exchange } from "../exchange/exchange.js"
import type { Owner } from "../exchange/request.js"
import { PoolRequest, Unsendable } from "../exchange/request.js"
import type { Shared } from "../exchange/shared.js"
import type { Coding } from "../http/codings.js"
import { codingsOf, mostCodings } from "../http/codings.js"
import { fetchFailed, terminated } from "./errors.js"
import type { FetchRequest } from "./request.js"
import { parseUrl } from "./request.js"
import { hasBody, makeResponse } from "./response.js"
import { BodySource } from "./responseBody.js"
import { follow, leave } from "./signals.js"

/** The limit of fetch. */
const mostRedirects = 20

/** What of an answer that nobody gets is read, so that its connection can go on, in bytes. */
const mostDrained = 64 * 1024

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Another origin must not have them. */
const credentials: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"])

/** Stops the requests of bodies that were dropped before they were read to their end. */
const dropped = new FinalizationRegistry<WeakRef<Call>>((call) => call.deref()?.drop())

const closedError = (origin: string): ConnectionError =>
  new ConnectionError({
    reason: "Closed",
    origin,
    responseStarted: false,
    requestWritten: false,
    description: "the scope of this fetch is closed; make the call inside of it"
  })

/** What a call needs of the fetch that it belongs to. @internal */
export interface CallHome {
  readonly shared: Shared
  /** It is about to ask for a permit; false where it may not. */
  began(call: Call): boolean
  /** Its permit is back. */
  ended(call: Call): void
}

/** What is told of a call while it waits for its response. @internal */
export interface CallSpan {
  /** To be sent with the request, beside its own. */
  readonly headers: Readonly<Record<string, string>>
  readonly responded: (response: Response) => void
  readonly failed: (reason: unknown) => void
  /** Its signal has ended it. */
  readonly interrupted: () => void
}

/** Who waits for the response. @internal */
export interface Caller {
  readonly resolve: (response: Response) => void
  readonly reject: (reason: unknown) => void
}

/**
 * One call of fetch, from the call until its body is read: one request, and more where it is redirected.
 *
 * @internal
 */
export class Call implements ExchangeListener {
  private exchange: Exchange | undefined = undefined
  private readonly method: string
  private readonly redirect: FetchRequest["redirect"]
  private readonly signal: AbortSignal | undefined
  /** Until its signal counts no more. */
  kept: unknown
  private destination: Destination
  /** Until there is a response: one that is kept must not keep the key and the body of its request too. */
  private headers: Readonly<Record<string, string>> | undefined
  private content: PoolRequest["body"]
  private redirected = 0
  /** Weakly: who can read the body leads to it, and what is in flight must not. */
  private source: WeakRef<BodySource> | undefined = undefined

  constructor(
    private readonly home: CallHome,
    { body, destination, headers, kept, method, redirect, signal }: FetchRequest,
    private readonly owner: Owner,
    /** Until it was told: its promise leads to the response, and so to the body. */
    private caller: Caller | undefined,
    /** Until then too. Nothing where nobody could see it. */
    private span: CallSpan | undefined
  ) {
    this.destination = destination
    this.headers = span === undefined ? headers : { ...headers, ...span.headers }
    this.content = body.content
    this.method = method
    this.redirect = redirect
    this.signal = signal
    this.kept = kept
  }

  start(): void {
    if (this.signal !== undefined) follow(this.signal, this)
    this.send()
  }

  private get isSettled(): boolean {
    return this.caller === undefined
  }

  /** Whether it waits for a permit. */
  get isWaiting(): boolean {
    return this.exchange?.heldSince === undefined
  }

  /** The scope is closed: whoever waits is told so. */
  close(): void {
    const error = closedError(this.destination.origin)
    if (this.isSettled) this.failBody(terminated(error))
    else this.give(fetchFailed(error))
  }

  /** Nobody can read its body any more. */
  drop(): void {
    this.release()
    this.exchange?.abort()
  }

  onResponse(exchange: Exchange): void {
    this.exchange = exchange
    try {
      this.respond(exchange)
    } catch (error) {
      this.give(fetchFailed(error))
    }
  }

  onFailure(error: PoolError | Unsendable): void {
    this.give(fetchFailed(error instanceof Unsendable ? error.cause : error))
  }

  private send(): void {
    const { content, headers = {}, home, method, owner } = this
    const { origin, path, target } = this.destination
    if (!home.began(this)) return this.close()
    this.content = undefined
    const request = new PoolRequest(origin, target, method, path, headers, content)
    const exchange = new Exchange(home.shared, request, owner, this)
    this.exchange = exchange
    exchange.onReleased = () => home.ended(this)
    exchange.start()
  }

  private respond(exchange: Exchange): void {
    const { head } = exchange
    const { destination: { url }, method, redirect, redirected } = this
    const location = redirects.has(head.status) ? head.header("location") : undefined
    if (location !== undefined && redirect === "error") throw new Error("the answer is a redirect")
    if (location !== undefined && redirect === "follow" && (method === "GET" || method === "HEAD")) {
      if (redirected === mostRedirects) throw new Error(`there were more than ${mostRedirects} redirects`)
      const next = parseUrl(location, url)
      return this.drain(exchange, () => this.follow(next))
    }
    const codings = codingsOf(head.header("content-encoding"))
    if (codings === undefined) throw new Error(`the answer names more than ${mostCodings} content codings`)
    const body = hasBody(method, head.status) ? this.bodyOf(exchange, codings) : null
    const response = makeResponse(head, body, url, redirected > 0)
    this.span?.responded(response)
    const caller = this.settle()
    if (body === null) {
      this.release()
      this.drain(exchange, () => {})
    }
    caller?.resolve(response)
  }

  private bodyOf(exchange: Exchange, codings: ReadonlyArray<Coding>): ReadableStream<Uint8Array> {
    const source = new BodySource(exchange, codings, () => this.release())
    this.source = new WeakRef(source)
    dropped.register(source, new WeakRef(this))
    return new ReadableStream(source)
  }

  private drain(exchange: Exchange, then: () => void): void {
    if (exchange.ended) return then()
    exchange.awaitAll(mostDrained, then)
  }

  private follow(next: Destination): void {
    if (this.isSettled) return
    if (next.origin !== this.destination.origin) {
      this.headers = Object.fromEntries(Object.entries(this.headers ?? {}).filter(([name]) => !credentials.has(name)))
    }
    this.destination = next
    this.redirected++
    this.send()
  }

  /** Its signal says so. */
  abort(reason: unknown): void {
    if (this.isSettled) this.failBody(reason)
    else this.give(reason, true)
  }

  private failBody(reason: unknown): void {
    this.release()
    const source = this.source?.deref()
    if (source === undefined) this.exchange?.abort()
    else source.fail(reason)
  }

  /** It is over without a response. */
  private give(reason: unknown, isInterrupted = false): void {
    if (isInterrupted) this.span?.interrupted()
    else this.span?.failed(reason)
    const caller = this.settle()
    if (caller === undefined) return
    this.release()
    this.exchange?.abort()
    caller.reject(reason)
  }

  private settle(): Caller | undefined {
    const { caller } = this
    this.caller = undefined
    this.span = undefined
    this.headers = undefined
    if (this.content !== undefined && "cancel" in this.content) this.content.cancel()
    this.content = undefined
    return caller
  }

  /** A signal that lives for long must not hold it. */
  private release(): void {
    this.kept = undefined
    if (this.signal !== undefined) leave(this.signal, this)
  }
}
