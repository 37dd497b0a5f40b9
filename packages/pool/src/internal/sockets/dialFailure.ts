import type { ConnectionErrorReason } from "../../ConnectionError.js"
import { wordsOf } from "./tlsAlert.js"

/** Why no connection was made. @internal */
export interface DialFailure {
  readonly reason: ConnectionErrorReason
  readonly description: string
  readonly cause: unknown
}

/** What is being made when an error strikes. @internal */
export type Stage = "tcp" | "proxyTcp" | "proxyTls" | "proxy" | "tls"

const dnsCodes = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME", "ENODATA", "ESERVFAIL"])
const brokenCodes = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"])

/** Every address of a host failed: the first says why, and all are told of. */
const firstOf = (error: NodeJS.ErrnoException): NodeJS.ErrnoException =>
  error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error

const describe = (error: Error): string =>
  error instanceof AggregateError
    ? [...new Set(error.errors.map((one: unknown) => one instanceof Error ? wordsOf(one) : String(one)))].join("; ")
    : wordsOf(error)

/** What an error during connecting means. @internal */
export const classify = (error: NodeJS.ErrnoException, stage: Stage): DialFailure => {
  const { code = "", syscall } = firstOf(error)
  const words = describe(error)
  const failure = (reason: ConnectionErrorReason, description: string) => ({ reason, description, cause: error })
  if (stage === "tcp" || stage === "proxyTcp") {
    return failure(
      dnsCodes.has(code) || syscall === "getaddrinfo" ? "Dns" : "Refused",
      stage === "tcp" ? words : `the proxy cannot be reached: ${words}`
    )
  }
  const isBroken = brokenCodes.has(code)
  if (stage === "tls") return failure(isBroken ? "Reset" : "Tls", words)
  // A proxy that breaks off may hold another time; one that is not trusted or speaks no HTTP stays so.
  return isBroken ? failure("Reset", `the proxy broke off: ${words}`) : failure("Proxy", `the proxy failed: ${words}`)
}

/** The peer is gone, and no error says so. @internal */
export const closedAt = (stage: Stage): DialFailure => ({
  reason: stage === "tcp" || stage === "proxyTcp" ? "Refused" : "Reset",
  description: stage.startsWith("proxy")
    ? "the proxy broke off: it closed the connection"
    : "the connection was closed while it was being made",
  cause: undefined
})

/** What a proxy answers where it would let the request through, and cannot at this moment. */
const passing: ReadonlySet<number | undefined> = new Set([408, 425, 429, 500, 502, 503, 504])

const hints: ReadonlyMap<number | undefined, string> = new Map([
  [403, "; it does not allow this host or port"],
  [405, "; it does not allow this host or port"],
  [407, "; give the proxy's username and password"]
])

/**
 * What a proxy's refusal means. A gateway that does not reach the host is to the caller what a host is that refuses: another
 * attempt may do. What it forbids, or wants credentials for, it will forbid again.
 *
 * @internal
 */
export const refusedBy = (status: number | undefined, text: string | undefined): DialFailure => ({
  reason: passing.has(status) ? "Refused" : "Proxy",
  description: `${`the proxy answered ${status} ${text ?? ""}`.trimEnd()}${hints.get(status) ?? ""}`,
  cause: undefined
})
