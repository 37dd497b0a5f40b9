/**
 * An HTTP proxy on loopback that tunnels with `CONNECT`, and nothing else.
 *
 * @since 0.1.0
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import type { Duplex } from "node:stream"
import * as Certificates from "./Certificates.js"
import { portOf } from "./internal/server/address.js"

/**
 * What the proxy does instead of tunnelling.
 *
 * - `authenticate`: answers 407 to any credentials.
 * - `badGateway`: answers 502.
 * - `stall`: answers nothing.
 * - `reset`: resets the connection.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = "authenticate" | "badGateway" | "stall" | "reset"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Asks for these credentials; one who has them not is answered 407. Default: lets everyone in. */
  readonly auth?: { readonly username: string; readonly password: string } | undefined
  /** Clients speak TLS with the proxy itself. Default false. */
  readonly tls?: boolean | undefined
  readonly fault?: Fault | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stats {
  /** Connections to the proxy that have not ended. */
  readonly openConnections: number
  /** `CONNECT` requests that arrived. */
  readonly attempts: number
  /** `CONNECT` requests that were answered 407. */
  readonly refused: number
  readonly openTunnels: number
  readonly totalTunnels: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Such as `http://127.0.0.1:4711`. */
  readonly url: string
  readonly port: number
  /** The authority to trust, as PEM; `undefined` without TLS. */
  readonly ca: string | undefined
  readonly stats: Effect.Effect<Stats>
  /** Waits until the counters are as asked, and returns them. */
  readonly waitFor: (predicate: (stats: Stats) => boolean) => Effect.Effect<Stats>
  /** The targets of all `CONNECT` requests in order, such as `127.0.0.1:443`. */
  readonly targets: Effect.Effect<ReadonlyArray<string>>
  readonly setFault: (fault: Fault | undefined) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ProxySimulator
  extends Context.Tag("effect-dashscope-simulator/ProxySimulator")<ProxySimulator, Service>()
{}

const host = "127.0.0.1"

const noop = () => {}

const refusal = (status: string, headers = ""): string => `HTTP/1.1 ${status}\r\n${headers}content-length: 0\r\n\r\n`

class Proxy {
  private readonly sockets = new Set<Duplex>()
  private readonly listeners = new Set<() => void>()
  private attempts = 0
  private refused = 0
  private openTunnels = 0
  private totalTunnels = 0
  readonly targets: Array<string> = []
  fault: Fault | undefined
  private readonly expected: string | undefined

  constructor(options: Options) {
    this.fault = options.fault
    this.expected = options.auth === undefined
      ? undefined
      : `Basic ${Buffer.from(`${options.auth.username}:${options.auth.password}`).toString("base64")}`
  }

  readonly stats = (): Stats => ({
    openConnections: this.sockets.size,
    attempts: this.attempts,
    refused: this.refused,
    openTunnels: this.openTunnels,
    totalTunnels: this.totalTunnels
  })

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private changed(): void {
    for (const listener of [...this.listeners]) {
      listener()
    }
  }

  readonly onConnection = (socket: Duplex): void => {
    this.sockets.add(socket)
    socket.on("error", noop)
    socket.once("close", () => {
      this.sockets.delete(socket)
      this.changed()
    })
    this.changed()
  }

  readonly onConnect = (request: Http.IncomingMessage, client: Duplex, head: Buffer): void => {
    this.attempts++
    this.targets.push(request.url ?? "")
    client.on("error", noop)
    if (this.fault === "authenticate" || !this.lets(request)) {
      this.refused++
      client.write(refusal("407 Proxy Authentication Required", "proxy-authenticate: Basic realm=\"simulator\"\r\n"))
      client.end()
    } else if (this.fault === "badGateway") {
      client.end(refusal("502 Bad Gateway"))
    } else if (this.fault === "stall") {
      client.once("end", () => client.destroy())
      client.resume()
    } else if (this.fault === "reset") {
      this.tcpOf(request)?.resetAndDestroy()
      client.destroy()
    } else {
      this.tunnel(request.url ?? "", client, head)
    }
    this.changed()
  }

  /** Beneath TLS too, which cannot be reset itself. */
  private tcpOf(request: Http.IncomingMessage): Net.Socket | undefined {
    for (const socket of this.sockets) {
      if (socket instanceof Net.Socket && socket.remotePort === request.socket.remotePort) return socket
    }
    return undefined
  }

  private lets(request: Http.IncomingMessage): boolean {
    return this.expected === undefined || request.headers["proxy-authorization"] === this.expected
  }

  private tunnel(target: string, client: Duplex, head: Buffer): void {
    const colon = target.lastIndexOf(":")
    const upstream = Net.connect({
      host: target.slice(0, colon).replace(/^\[|\]$/g, ""),
      port: Number(target.slice(colon + 1)),
      noDelay: true
    })
    let established = false
    upstream.once("connect", () => {
      established = true
      this.openTunnels++
      this.totalTunnels++
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      upstream.write(head)
      client.pipe(upstream)
      upstream.pipe(client)
      this.changed()
    })
    upstream.on("error", () => {
      if (!established) {
        client.end(refusal("502 Bad Gateway"))
      }
    })
    upstream.once("close", () => {
      if (established) {
        this.openTunnels--
        client.destroy()
        this.changed()
      }
    })
    client.once("close", () => upstream.destroy())
  }

  close(): void {
    for (const socket of this.sockets) {
      socket.destroy()
    }
  }
}

/**
 * Starts a proxy that ends with its scope. Fails where the port is taken.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, HttpServerError.ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const authority = options.tls === true ? yield* Certificates.make : undefined
    const pair = authority === undefined ? undefined : yield* authority.server
    const proxy = new Proxy(options)
    const node = pair === undefined ? Http.createServer() : Https.createServer({ cert: pair.cert, key: pair.key })
    node.on("connection", proxy.onConnection)
    node.on("connect", proxy.onConnect)
    yield* NodeHttpServer.make(() => node, { host, port: options.port ?? 0 })
    yield* Effect.addFinalizer(() => Effect.sync(() => proxy.close()))
    const port = portOf(node)
    return {
      url: `${pair === undefined ? "http" : "https"}://${host}:${port}`,
      port,
      ca: authority?.ca,
      stats: Effect.sync(proxy.stats),
      waitFor: (predicate) =>
        Effect.async<Stats>((resume) => {
          const check = () => {
            const stats = proxy.stats()
            if (predicate(stats)) {
              off()
              resume(Effect.succeed(stats))
            }
          }
          const off = proxy.onChange(check)
          check()
          return Effect.sync(off)
        }),
      targets: Effect.sync(() => [...proxy.targets]),
      setFault: (fault) =>
        Effect.sync(() => {
          proxy.fault = fault
        })
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<ProxySimulator, HttpServerError.ServeError> =>
  Layer.scoped(ProxySimulator, make(options))
