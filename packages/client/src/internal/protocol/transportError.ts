import * as Duration from "effect/Duration"
import type { ConnectionErrorReason } from "../../DashScopeError.js"
import * as DashScopeError from "../../DashScopeError.js"
import { lean, released } from "../core/lean.js"
import { excerpt, scrub } from "../core/secrets.js"

/** @internal What was going on when the HTTP client failed. */
export interface Situation {
  readonly origin: string
  /** Whether the head of a response had arrived. */
  readonly responseStarted: boolean
  readonly elapsed: Duration.Duration
  readonly secrets: ReadonlyArray<string>
}

type Timeout = "connect" | "read" | "total"

type Verdict = ConnectionErrorReason | Timeout

const isTimeout = (verdict: Verdict | undefined): verdict is Timeout =>
  verdict === "connect" || verdict === "read" || verdict === "total"

/** Codes of Node, undici and Bun. */
const byCode: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ["ENOTFOUND", "Dns"],
  ["EAI_AGAIN", "Dns"],
  ["EAI_NODATA", "Dns"],
  ["EAI_NONAME", "Dns"],
  ["EAI_FAIL", "Dns"],
  ["ENODATA", "Dns"],
  ["ESERVFAIL", "Dns"],
  ["ECONNREFUSED", "Refused"],
  ["EHOSTUNREACH", "Refused"],
  ["EHOSTDOWN", "Refused"],
  ["ENETUNREACH", "Refused"],
  ["ENETDOWN", "Refused"],
  ["EADDRNOTAVAIL", "Refused"],
  ["EACCES", "Refused"],
  ["ConnectionRefused", "Refused"],
  ["FailedToOpenSocket", "Refused"],
  ["ECONNRESET", "Reset"],
  ["ECONNABORTED", "Reset"],
  ["EPIPE", "Reset"],
  ["ENOTCONN", "Reset"],
  ["ConnectionReset", "Reset"],
  ["ConnectionClosed", "Reset"],
  ["UND_ERR_SOCKET", "Reset"],
  ["UND_ERR_REQ_CONTENT_LENGTH_MISMATCH", "Reset"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "Truncated"],
  ["Z_BUF_ERROR", "Truncated"],
  ["Z_DATA_ERROR", "Truncated"],
  ["UND_ERR_PRX_TLS", "Proxy"],
  ["UND_ERR_CLOSED", "Closed"],
  ["UND_ERR_DESTROYED", "Closed"],
  ["UND_ERR_CONNECT_TIMEOUT", "connect"],
  ["ETIMEDOUT", "connect"],
  ["UND_ERR_HEADERS_TIMEOUT", "read"],
  ["UND_ERR_BODY_TIMEOUT", "read"],
  ["EPROTO", "Tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "Tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "Tls"],
  ["HOSTNAME_MISMATCH", "Tls"],
  ["INVALID_CA", "Tls"]
])

/** The kernel gives these for established connections too. */
const brokenLater = new Set(["ETIMEDOUT", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN"])

const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_)/
const proxyMessage = /proxy response|http tunneling|tunnel/i

/** Fetch in Deno, Bun, browsers and workers gives words instead of codes. */
const byMessage: ReadonlyArray<readonly [RegExp, Verdict]> = [
  [proxyMessage, "Proxy"],
  [/getaddrinfo|dns error|name not resolved|failed to lookup/i, "Dns"],
  [/certificate|\btls\b|\bssl\b|handshake/i, "Tls"],
  [/refused|unreachable/i, "Refused"]
]

const property = (u: unknown, key: string): unknown =>
  typeof u === "object" && u !== null ? Reflect.get(u, key) : undefined

const textOf = (u: unknown): string => typeof u === "string" ? u : ""

/** The error, what caused it, and what an AggregateError (several addresses tried) holds; each once. */
const chain = (error: unknown): ReadonlyArray<unknown> => {
  const found = new Set<unknown>()
  const visit = (u: unknown): void => {
    if (u === undefined || u === null || found.has(u) || found.size >= 16) return
    found.add(u)
    const errors = property(u, "errors")
    if (Array.isArray(errors)) errors.forEach(visit)
    visit(property(u, "cause"))
  }
  visit(error)
  return Array.from(found)
}

const judge = (errors: ReadonlyArray<unknown>): Verdict | undefined => {
  for (const error of errors) {
    const code = textOf(property(error, "code"))
    // undici gives this one to a proxy's refusal as well.
    if (code === "UND_ERR_ABORTED" && proxyMessage.test(textOf(property(error, "message")))) return "Proxy"
    if (brokenLater.has(code) && /^(?:read|write)$/.test(textOf(property(error, "syscall")))) return "Reset"
    const verdict = byCode.get(code) ?? (tlsCode.test(code) ? "Tls" : undefined)
    if (verdict !== undefined) return verdict
    if (textOf(property(error, "_tag")) === "TimeoutException" || textOf(property(error, "name")) === "TimeoutError") {
      return "total"
    }
  }
  for (const error of errors) {
    const message = textOf(property(error, "message"))
    const found = byMessage.find(([pattern]) => pattern.test(message))
    if (found !== undefined) return found[1]
  }
  return undefined
}

/** @internal An error and its causes in words, without secrets; empty where there are none. */
export const describe = (error: unknown, secrets: ReadonlyArray<string>): string => {
  const words: Array<string> = []
  for (const part of chain(error)) {
    const code = textOf(property(part, "code"))
    const message = textOf(property(part, "message")) || textOf(part)
    const text = code === "" || message.includes(code) ? message : `${message} (${code})`
    if (text !== "" && !words.includes(text)) words.push(text)
  }
  return excerpt(scrub(words.join(": "), secrets), 300)
}

/**
 * The message, name, code and stack of an error and of its causes, without secrets. The error itself is not kept: other
 * HTTP clients hang the whole request, with its headers, on theirs.
 */
const copy = (error: unknown, secrets: ReadonlyArray<string>, depth: number): Error | undefined => {
  if (typeof error === "string") return new Error(scrub(error, secrets))
  if (typeof error !== "object" || error === null) return undefined
  const cause = depth === 0 ? undefined : copy(property(error, "cause"), secrets, depth - 1)
  const out = new Error(
    scrub(textOf(property(error, "message")), secrets),
    cause === undefined ? undefined : { cause }
  )
  out.name = scrub(textOf(property(error, "name")), secrets) || "Error"
  const stack = textOf(property(error, "stack"))
  if (stack !== "") out.stack = scrub(stack, secrets)
  const code = property(error, "code")
  return typeof code === "string" ? Object.assign(out, { code: scrub(code, secrets) }) : out
}

/** undici says how long it waited, nobody else does. */
const waited = (errors: ReadonlyArray<unknown>, elapsed: Duration.Duration): Duration.Duration => {
  for (const error of errors) {
    const millis = /timeout: (\d+)ms/.exec(textOf(property(error, "message")))?.[1]
    if (millis !== undefined) return Duration.millis(Number(millis))
  }
  return elapsed
}

/** @internal The first of this library's errors among an error's causes. */
export const findOwn = (error: unknown): DashScopeError.DashScopeError | undefined =>
  chain(error).find(DashScopeError.isDashScopeError)

/** Codes that are given before there is a connection, and never after. */
const beforeConnected = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_NODATA",
  "EAI_NONAME",
  "EAI_FAIL",
  "ECONNREFUSED",
  "ConnectionRefused",
  "UND_ERR_CONNECT_TIMEOUT"
])

/** Whether the failure certainly came before anything of the request was written. Words alone do not tell. */
const isBeforeWriting = (errors: ReadonlyArray<unknown>): boolean => {
  const coded = errors.filter((error) => textOf(property(error, "code")) !== "")
  return coded.length > 0 && coded.every((error) =>
    beforeConnected.has(textOf(property(error, "code"))) ||
    /^(?:connect|getaddrinfo)$/.test(textOf(property(error, "syscall")))
  )
}

/**
 * An error of the pool, whose cause may hold what a peer that echoes sent back: the request, with its key and its question.
 */
const withoutSecrets = (
  error: DashScopeError.DashScopeError,
  secrets: ReadonlyArray<string>
): DashScopeError.DashScopeError => {
  if (error._tag !== "ConnectionError") return released(error)
  const description = scrub(error.description, secrets)
  if (error.cause === undefined && description === error.description) return released(error)
  const { cause: given, ...fields } = error
  const cause = copy(given, secrets, 4)
  return lean(() =>
    new DashScopeError.ConnectionError({
      ...fields,
      description,
      ...(cause === undefined ? undefined : { cause })
    })
  )
}

/**
 * What another HTTP client's failure means here.
 *
 * @internal
 */
export const fromForeign = (error: unknown, situation: Situation): DashScopeError.DashScopeError => {
  const own = findOwn(error)
  if (own !== undefined) return withoutSecrets(own, situation.secrets)
  const errors = chain(error)
  const verdict = judge(errors)
  const requestWritten = !situation.responseStarted && isBeforeWriting(errors) ? { requestWritten: false } : undefined
  if (isTimeout(verdict)) {
    const duration = waited(errors, situation.elapsed)
    return lean(() => new DashScopeError.RequestTimeout({ phase: verdict, duration, ...requestWritten }))
  }
  const { origin, responseStarted, secrets } = situation
  const cause = copy(error, secrets, 4)
  return lean(() =>
    new DashScopeError.ConnectionError({
      // A connection that breaks under an answer cuts it off.
      reason: verdict === undefined || verdict === "Reset" ? responseStarted ? "Truncated" : "Reset" : verdict,
      origin,
      responseStarted,
      ...requestWritten,
      description: describe(error, secrets) || "the HTTP client gave no reason",
      ...(cause === undefined ? undefined : { cause })
    })
  )
}
