import * as Redacted from "effect/Redacted"
import { createHash } from "node:crypto"
import { validateHeaderName, validateHeaderValue } from "node:http"
import type { Origin } from "../config/origin.js"
import { originOf } from "../config/origin.js"
import { messageOf } from "../sockets/foreign.js"

/** @internal */
export type HeaderInput = Readonly<Record<string, string | Redacted.Redacted | undefined>>

/** @internal */
export interface Destination {
  readonly origin: string
  /** What is dialled. */
  readonly target: Origin
  readonly path: string
  /** Without a fragment or credentials. */
  readonly url: string
}

const dialled: Readonly<Record<string, string>> = { "ws:": "http:", "wss:": "https:" }

/** Where a WebSocket is, or what is wrong with its URL, without the URL. @internal */
export const destinationOf = (input: string | URL): Destination | string => {
  if (typeof input === "string" && !URL.canParse(input)) return "this is no URL"
  const url = new URL(input)
  const protocol = dialled[url.protocol]
  if (protocol === undefined) return `${url.protocol} is not ws: or wss:`
  if (url.username !== "" || url.password !== "") return "credentials belong into a header, not into the URL"
  url.hash = ""
  return {
    origin: `${url.protocol}//${url.host}`,
    target: { ...originOf(url), protocol },
    path: url.pathname + url.search,
    url: url.href
  }
}

/** What the handshake says itself. */
const ownHeaders = /^(?:sec-websocket-.*|connection|upgrade|host|content-length|transfer-encoding|trailer|te|expect)$/

/** Headers whose values are secret, however they are given. */
const secretNames: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "x-api-key"])

/** @internal */
export interface HandshakeHeaders {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: ReadonlyArray<string>
}

/** The headers as they are sent, or what is wrong with them, without their values. @internal */
export const headersOf = (input: HeaderInput): HandshakeHeaders | string => {
  const headers: Record<string, string> = {}
  const secrets: Array<string> = []
  for (const [given, field] of Object.entries(input)) {
    if (field === undefined) continue
    const name = given.toLowerCase()
    const value = typeof field === "string" ? field : Redacted.value(field)
    if (ownHeaders.test(name)) return `the header ${name} is the handshake's own`
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      return messageOf(error)
    }
    headers[name] = value
    if (typeof field !== "string" || secretNames.has(name)) secrets.push(value)
  }
  return { headers, secrets }
}

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

/** What is wrong with subprotocols. @internal */
export const unfitProtocols = (protocols: ReadonlyArray<string>): string | undefined =>
  protocols.every((protocol) => token.test(protocol))
    ? new Set(protocols).size === protocols.length ? undefined : "a subprotocol is named twice"
    : "a subprotocol is not a token"

/** A name for all that has to be the same where a connection is used again. It tells nothing of what it was made of. @internal */
export const reuseKeyOf = (parts: ReadonlyArray<string>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64")
