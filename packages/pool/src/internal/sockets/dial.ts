import * as Net from "node:net"
import * as Tls from "node:tls"
import type { Origin } from "../config/origin.js"
import type { Timers } from "../time/timers.js"
import * as Addresses from "./addresses.js"
import type { DialFailure, Stage } from "./dialFailure.js"
import { classify, closedAt } from "./dialFailure.js"
import { errorOf } from "./foreign.js"
import { race } from "./race.js"
import type { TlsSessions } from "./tlsSessions.js"
import { tunnel } from "./tunnel.js"

/** How long each step took, in milliseconds; absent where there was no such step. @internal */
export interface DialTimings {
  dns?: number
  tcp?: number
  proxy?: number
  tls?: number
}

/** After the handover an error without a listener would end the process. */
const ignore = (): void => {}

// What stays with a socket for its life is set here: a listener made in a method of the dial would keep the dial.

const tellClosed = (socket: Net.Socket, listener: DialListener): void => {
  socket.on("close", () => listener.closed())
}

const destroyWith = (stream: Tls.TLSSocket, transport: Net.Socket): void => {
  stream.on("close", () => transport.destroy())
}

const keepSessions = (stream: Tls.TLSSocket, sessions: TlsSessions, key: string): void => {
  stream.on("session", (session) => sessions.set(key, session))
  // After the handshake too: TLS 1.3 refuses a client's certificate only then.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith("ERR_SSL_") === true) sessions.forget(key)
  })
}

/** One attempt to connect. Exactly one of `connected` and `failed` is called, unless it is cancelled first. @internal */
export interface DialListener {
  connected(socket: Net.Socket, timings: DialTimings): void
  failed(failure: DialFailure): void
  /** All sockets of the attempt are closed; called once, also after a failure. */
  closed(): void
}

/** @internal */
export interface ProxyTarget {
  readonly origin: Origin
  readonly authorization: string | undefined
}

/** What all dials of a pool have in common. @internal */
export interface DialSettings {
  readonly socket: Omit<Net.TcpNetConnectOpts, "port" | "host">
  readonly tls: Tls.ConnectionOptions
  /** Without the name that is the target's. */
  readonly proxyTls: Tls.ConnectionOptions
  readonly sessions: TlsSessions
  /** Of several addresses the next is tried after this long, in milliseconds. */
  readonly attemptDelay: number
  readonly timers: Pick<Timers, "now" | "schedule">
}

/**
 * The making of one connection: name, TCP, the proxy's tunnel, TLS. It ends by telling its listener; `cancel` ends it
 * without.
 *
 * The sockets that count are those of TCP. TLS streams lie above them, and are taken down first, from the innermost: a
 * stream that loses what it stands on does not always say so.
 *
 * @internal
 */
export class Dial {
  private readonly timings: DialTimings = {}
  /** Those that are not closed, with what is told of their close. */
  private readonly sockets = new Map<Net.Socket, () => void>()
  /** Ends the watch over a socket or a stream above it. */
  private readonly watches: Array<() => void> = []
  private readonly streams: Array<Tls.TLSSocket> = []
  private stage: Stage = "tcp"
  private isSettled = false
  private isClosed = false
  private stopRace: (() => void) | undefined = undefined
  private offersSession = true
  /** Counts how often it was begun anew; what an earlier attempt leaves behind says nothing of this one. */
  private attempt = 0
  private startsAnew = false

  constructor(
    private readonly settings: DialSettings,
    private readonly target: Origin,
    private readonly proxy: ProxyTarget | undefined,
    private readonly listener: DialListener
  ) {}

  start(): void {
    const { proxy, target } = this
    this.stage = proxy === undefined ? "tcp" : "proxyTcp"
    this.connect(proxy?.origin ?? target, (socket) => {
      if (proxy === undefined) return this.handOver(socket)
      if (proxy.origin.protocol !== "https:") return this.tunnel(socket, proxy)
      this.stage = "proxyTls"
      const { proxyTls } = this.settings
      const secure = this.secure(socket, proxy.origin, proxyTls, undefined)
      secure?.once("secureConnect", () => this.tunnel(secure, proxy))
    })
  }

  /** Destroys what there is of the connection, at once. */
  readonly cancel = (): void => {
    this.isSettled = true
    this.tearDown()
  }

  fail(failure: DialFailure): void {
    if (this.isSettled) return
    this.isSettled = true
    this.tearDown()
    this.listener.failed(failure)
  }

  private tearDown(): void {
    this.stopRace?.()
    this.destroyAll()
    queueMicrotask(this.checkClosed)
  }

  private destroyAll(): void {
    for (const stream of this.streams.splice(0).reverse()) stream.destroy()
    for (const socket of this.sockets.keys()) socket.destroy()
  }

  private readonly checkClosed = (): void => {
    if (this.isClosed || this.sockets.size > 0) return
    if (!this.isSettled) {
      if (!this.startsAnew) return
      this.startsAnew = false
      return this.start()
    }
    this.isClosed = true
    this.listener.closed()
  }

  private connect(to: Origin, connected: (socket: Net.Socket) => void): void {
    const { attemptDelay, socket, timers } = this.settings
    const started = timers.now()
    Addresses.resolve(to.hostname, (error, addresses) => {
      if (this.isSettled) return
      if (error !== undefined) return this.fail({ ...classify(error, this.stage), reason: "Dns" })
      const resolved = timers.now()
      if (Net.isIP(to.hostname) === 0) this.timings.dns = resolved - started
      this.stopRace = race(addresses, { port: to.port, socket, attemptDelay, schedule: timers.schedule }, {
        opened: (socket) => this.track(socket),
        won: (socket) => {
          this.stopRace = undefined
          this.timings.tcp = timers.now() - resolved
          this.watch(socket)
          connected(socket)
        },
        lost: (error) => this.fail(classify(error, this.stage))
      }).stop
    })
  }

  /** Counts a socket of TCP until it is closed. */
  private track(socket: Net.Socket): void {
    const closed = () => {
      this.sockets.delete(socket)
      this.checkClosed()
    }
    this.sockets.set(socket, closed)
    socket.on("error", ignore)
    socket.on("close", closed)
  }

  /** Fails with what happens to a socket or a stream above it, until it is handed over. */
  private watch(socket: Net.Socket): void {
    const { attempt } = this
    const failed = (error: NodeJS.ErrnoException) => {
      if (attempt === this.attempt) this.broken(classify(error, this.stage))
    }
    const closed = () => {
      if (attempt === this.attempt) this.broken(closedAt(this.stage))
    }
    socket.on("error", failed)
    socket.on("close", closed)
    this.watches.push(() => {
      socket.off("error", failed)
      socket.off("close", closed)
    })
  }

  private broken(failure: DialFailure): void {
    if (this.isSettled) return
    if (this.stage === "tls" && this.offersSession && this.settings.sessions.get(this.key) !== undefined) {
      // After any failure: the server may not like the session that it was offered: once more without.
      this.settings.sessions.forget(this.key)
      this.offersSession = false
      this.attempt++
      // The slot is for one socket: the next begins when this one is closed.
      this.startsAnew = true
      return this.destroyAll()
    }
    this.fail(failure)
  }

  private tunnel(socket: Net.Socket, { authorization }: ProxyTarget): void {
    const { now } = this.settings.timers
    const started = now()
    this.stage = "proxy"
    tunnel(socket, this.target, authorization, {
      failed: (failure) => this.fail(failure),
      opened: () => {
        this.timings.proxy = now() - started
        this.handOver(socket)
      }
    })
  }

  private handOver(transport: Net.Socket): void {
    if (this.isSettled) return
    if (this.target.protocol !== "https:") return this.succeed(transport)
    this.stage = "tls"
    const { sessions, timers, tls } = this.settings
    const session = this.offersSession ? sessions.get(this.key) : undefined
    const started = timers.now()
    const secure = this.secure(transport, this.target, tls, session)
    if (secure === undefined) return
    keepSessions(secure, sessions, this.key)
    secure.once("secureConnect", () => {
      this.timings.tls = timers.now() - started
      this.succeed(secure)
    })
  }

  private secure(
    transport: Net.Socket,
    to: Origin,
    options: Tls.ConnectionOptions,
    session: Buffer | undefined
  ): Tls.TLSSocket | undefined {
    const stream = this.startTls({
      // SNI must not be an IP address.
      ...(Net.isIP(to.hostname) === 0 ? { servername: to.hostname } : undefined),
      host: to.hostname,
      ALPNProtocols: ["http/1.1"],
      ...options,
      ...(session === undefined ? undefined : { session }),
      socket: transport
    })
    if (stream === undefined) return undefined
    this.streams.push(stream)
    stream.on("error", ignore)
    this.watch(stream)
    destroyWith(stream, transport)
    return stream
  }

  /** Node throws where a name or a session cannot be used. */
  private startTls(options: Tls.ConnectionOptions): Tls.TLSSocket | undefined {
    try {
      return Tls.connect(options)
    } catch (error) {
      this.broken(classify(errorOf(error), this.stage))
      return undefined
    }
  }

  private succeed(socket: Net.Socket): void {
    if (this.isSettled) return
    this.isSettled = true
    this.streams.length = 0
    this.letGo()
    this.listener.connected(socket, this.timings)
  }

  /** A connection keeps nothing of how it was made, unless other sockets are still to be closed. */
  private letGo(): void {
    for (const stop of this.watches.splice(0)) stop()
    const [last, ...others] = this.sockets
    if (last === undefined || others.length > 0) return
    const [socket, closed] = last
    socket.off("close", closed)
    tellClosed(socket, this.listener)
  }

  private get key(): string {
    return `${this.target.hostname}:${this.target.port}`
  }
}
