import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { ConnectionConfig, TlsConfig } from "../../ConnectionConfig.js"
import type { ConnectionErrorReason } from "../../ConnectionError.js"
import type { Origin } from "../config/proxy.js"
import { bypassesProxy, proxyFromEnvironment, proxyFromUrl } from "../config/proxy.js"
import { secureContext } from "../config/tls.js"

/** @internal How long each step took, in milliseconds; absent where there was no such step. */
export interface DialTimings {
  dns?: number
  tcp?: number
  proxy?: number
  tls?: number
}

/** @internal */
export interface DialFailure {
  readonly reason: ConnectionErrorReason
  readonly description: string
  readonly cause: unknown
}

/** @internal One attempt to connect. Exactly one of `connected` and `failed` is called, unless it is cancelled first. */
export interface DialListener {
  connected(socket: Net.Socket, timings: DialTimings): void
  failed(failure: DialFailure): void
  /** All sockets of the attempt are closed; called once, whatever happened before. */
  closed(): void
}

/** @internal */
export interface Connector {
  /** Starts to connect. The returned function destroys whatever there is of the connection, at once. */
  readonly dial: (origin: Origin, listener: DialListener, now: () => number) => () => void
}

interface ProxyTarget {
  readonly origin: Origin
  readonly authorization: string | undefined
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 }

/** @internal */
export const originOf = (url: URL): Origin => ({
  protocol: url.protocol,
  hostname: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
  port: url.port === "" ? defaultPorts[url.protocol] ?? 0 : Number(url.port)
})

/**
 * Of several addresses the next is tried after this long, in milliseconds. Node's default of 250 gives up on links as
 * slow as those between continents.
 */
const addressAttemptTimeout = 1000

/** @internal */
export const make = (config: ConnectionConfig): Connector => {
  const keepAlive = config.tcpKeepAlive === false ? undefined : config.tcpKeepAlive
  const tcpOptions = {
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: addressAttemptTimeout,
    ...(keepAlive === undefined ? undefined : {
      keepAlive: true,
      keepAliveInitialDelay: Duration.toMillis(keepAlive)
    })
  }
  const tlsOptions = tlsOptionsOf(config.tls)
  const { servername: _, ...proxyTlsOptions } = tlsOptions
  // A resumed TLS session saves a round trip and most of the handshake's work.
  const sessions = new Map<string, Buffer>()

  const proxyFor = (target: Origin): ProxyTarget | "unusable" | undefined => {
    const { proxy } = config
    if (proxy === undefined) return undefined
    if (proxy === "environment") {
      const url = proxyFromEnvironment(target, process.env)
      if (url === undefined) return undefined
      const found = proxyFromUrl(url.includes("://") ? url : `http://${url}`)
      return found === undefined ? "unusable" : proxyTarget(found.url, found.username, found.password)
    }
    return bypassesProxy(target, proxy.noProxy ?? [])
      ? undefined
      : proxyTarget(proxy.url, proxy.username, proxy.password)
  }

  return {
    dial: (target, listener, now) => {
      const key = `${target.hostname}:${target.port}`
      const timings: DialTimings = {}
      const sockets = new Set<Net.Socket>()
      let settled = false

      const fail = (reason: ConnectionErrorReason, description: string, cause: unknown) => {
        if (settled) return
        settled = true
        for (const socket of sockets) socket.destroy()
        listener.failed({ reason, description, cause })
      }
      const succeed = (socket: Net.Socket) => {
        if (settled) return
        settled = true
        listener.connected(socket, timings)
      }
      let stage: Stage = "tcp"
      const track = <S extends Net.Socket>(socket: S): S => {
        sockets.add(socket)
        // Stays for the life of the socket: after the handover an error without a listener would end the process.
        socket.on("error", (error: NodeJS.ErrnoException) => {
          const { description, reason } = classify(error, stage)
          fail(reason, description, error)
        })
        socket.once("close", () => {
          sockets.delete(socket)
          fail(stage === "proxy" ? "Proxy" : "Reset", "the connection was closed while it was being made", undefined)
          if (sockets.size === 0) listener.closed()
        })
        return socket
      }
      const tcp = (to: Origin): Net.Socket => {
        const started = now()
        let resolved = started
        const socket = track(Net.connect({ ...tcpOptions, host: to.hostname, port: to.port }))
        socket.once("lookup", () => {
          resolved = now()
          timings.dns = resolved - started
        })
        socket.once("connect", () => timings.tcp = now() - resolved)
        return socket
      }
      const tls = (transport: Net.Socket, to: Origin, options: Tls.ConnectionOptions): Tls.TLSSocket => {
        const started = now()
        const session = sessions.get(key)
        const socket = track(
          Tls.connect({
            // SNI must not be an IP address.
            ...(Net.isIP(to.hostname) === 0 ? { servername: to.hostname } : undefined),
            host: to.hostname,
            ALPNProtocols: ["http/1.1"],
            ...options,
            ...(session === undefined || options !== tlsOptions ? undefined : { session }),
            socket: transport
          })
        )
        if (options === tlsOptions) socket.on("session", (session) => sessions.set(key, session))
        socket.once("secureConnect", () => timings.tls = now() - started)
        return socket
      }
      const handOver = (transport: Net.Socket) => {
        if (target.protocol !== "https:") return succeed(transport)
        stage = "tls"
        const secure = tls(transport, target, tlsOptions)
        secure.once("secureConnect", () => succeed(secure))
      }

      const proxy = proxyFor(target)
      if (proxy === "unusable") {
        // To go directly would be to go around what somebody wanted.
        queueMicrotask(() => {
          fail("Proxy", "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the URL of an HTTP or HTTPS proxy", undefined)
          listener.closed()
        })
      } else if (proxy === undefined) {
        const socket = tcp(target)
        socket.once("connect", () => handOver(socket))
      } else {
        const socket = tcp(proxy.origin)
        socket.once("connect", () => stage = "proxy")
        const toProxy = proxy.origin.protocol === "https:" ? tls(socket, proxy.origin, proxyTlsOptions) : socket
        toProxy.once(proxy.origin.protocol === "https:" ? "secureConnect" : "connect", () => {
          const started = now()
          tunnel(toProxy, target, proxy, {
            refused: (description) => fail("Proxy", description, undefined),
            opened: (transport) => {
              timings.proxy = now() - started
              handOver(transport)
            }
          })
        })
      }

      return () => {
        settled = true
        for (const socket of sockets) socket.destroy()
      }
    }
  }
}

const tunnel = (
  socket: Net.Socket,
  target: Origin,
  proxy: ProxyTarget,
  listener: { readonly opened: (socket: Net.Socket) => void; readonly refused: (description: string) => void }
): void => {
  const authority = `${target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname}:${target.port}`
  const request = Http.request({
    createConnection: () => socket,
    method: "CONNECT",
    path: authority,
    headers: {
      host: authority,
      ...(proxy.authorization === undefined ? undefined : { "proxy-authorization": proxy.authorization })
    }
  })
  request.once("connect", (response, _, head) => {
    if (response.statusCode === undefined || response.statusCode < 200 || response.statusCode >= 300) {
      return listener.refused(`the proxy answered ${response.statusCode} ${response.statusMessage}`)
    }
    if (head.length > 0) socket.unshift(head)
    listener.opened(socket)
  })
  request.once("error", (error) => listener.refused(`the proxy broke off: ${error.message}`))
  request.end()
}

const proxyTarget = (
  url: string,
  username: string | undefined,
  password: Redacted.Redacted | undefined
): ProxyTarget => ({
  origin: originOf(new URL(url)),
  authorization: username === undefined && password === undefined
    ? undefined
    : `Basic ${
      Buffer.from(`${username ?? ""}:${password === undefined ? "" : Redacted.value(password)}`).toString("base64")
    }`
})

const tlsOptionsOf = (config: TlsConfig | undefined): Tls.ConnectionOptions =>
  config === undefined ? {} : {
    secureContext: Either.getOrThrow(secureContext(config)),
    ...(config.servername === undefined ? undefined : { servername: config.servername }),
    ...(config.dangerouslyAcceptAnyCertificate === true ? { rejectUnauthorized: false } : undefined)
  }

const dnsCodes = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME", "ENODATA", "ESERVFAIL"])
const brokenCodes = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"])

/** @internal What is being made when an error strikes. */
export type Stage = "tcp" | "proxy" | "tls"

/** @internal What a socket's error during connecting means. */
export const classify = (
  error: NodeJS.ErrnoException | AggregateError,
  stage: Stage
): { readonly reason: ConnectionErrorReason; readonly description: string } => {
  // Every address of the host failed; the first says why.
  const first: NodeJS.ErrnoException = error instanceof AggregateError && error.errors[0] instanceof Error
    ? error.errors[0]
    : error
  const code = first.code ?? ""
  const description = first.message === "" ? code : first.message
  if (dnsCodes.has(code) || first.syscall === "getaddrinfo") return { reason: "Dns", description }
  if (stage === "tcp") return { reason: "Refused", description }
  if (stage === "proxy") return { reason: "Proxy", description: `the proxy broke off: ${description}` }
  return { reason: brokenCodes.has(code) ? "Reset" : "Tls", description }
}
