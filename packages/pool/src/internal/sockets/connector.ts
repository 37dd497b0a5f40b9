import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as Tls from "node:tls"
import type { ConnectionConfig, TlsConfig } from "../../ConnectionConfig.js"
import * as NoProxy from "../config/noProxy.js"
import type { Origin } from "../config/origin.js"
import { originOf } from "../config/origin.js"
import { proxyFromEnvironment, proxyFromUrl } from "../config/proxy.js"
import { secureContext } from "../config/tls.js"
import type { Timers } from "../time/timers.js"
import type { DialListener, DialSettings, ProxyTarget } from "./dial.js"
import { Dial } from "./dial.js"
import { TlsSessions } from "./tlsSessions.js"

/** @internal */
export interface Connector {
  /** Starts to connect. The returned function destroys what there is of the connection, at once. */
  readonly dial: (origin: Origin, listener: DialListener) => () => void
}

/** RFC 8305's recommendation, in milliseconds. */
const attemptDelay = 250

/** @internal */
export const make = (config: ConnectionConfig, timers: Timers): Connector => {
  const keepAlive = config.tcpKeepAlive === false ? undefined : config.tcpKeepAlive
  const tls = tlsOptionsOf(config.tls)
  const { servername: _, ...proxyTls } = tls
  const settings: DialSettings = {
    socket: {
      noDelay: true,
      ...(keepAlive === undefined ? undefined : {
        keepAlive: true,
        keepAliveInitialDelay: Duration.toMillis(keepAlive)
      })
    },
    tls,
    proxyTls,
    sessions: new TlsSessions(),
    attemptDelay,
    timers
  }
  const proxyFor = proxyChooser(config)

  return {
    dial: (target, listener) => {
      const proxy = proxyFor(target)
      const dial = new Dial(settings, target, proxy === "unusable" ? undefined : proxy, listener)
      if (proxy !== "unusable") {
        dial.start()
      } else {
        // A direct connection would go around the proxy that the program asked for.
        queueMicrotask(() =>
          dial.fail({
            reason: "Proxy",
            description: "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the URL of an HTTP or HTTPS proxy",
            cause: undefined
          })
        )
      }
      return dial.cancel
    }
  }
}

const proxyChooser = ({ proxy }: ConnectionConfig): (target: Origin) => ProxyTarget | "unusable" | undefined => {
  if (proxy === undefined) return () => undefined
  if (proxy === "environment") {
    return (target) => {
      const url = proxyFromEnvironment(target, process.env)
      if (url === undefined) return undefined
      const found = proxyFromUrl(url.includes("://") ? url : `http://${url}`)
      return found === undefined ? "unusable" : proxyTarget(found.url, found.username, found.password)
    }
  }
  const noProxy = NoProxy.make(proxy.noProxy ?? [])
  const always = proxyTarget(proxy.url, proxy.username, proxy.password)
  return (target) => noProxy.covers(target) ? undefined : always
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
