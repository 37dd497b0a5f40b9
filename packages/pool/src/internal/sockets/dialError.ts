import type { ConnectionErrorReason } from "../../ConnectionError.js"

/** @internal */
export interface DialFailure {
  readonly reason: ConnectionErrorReason
  readonly description: string
  readonly cause: unknown
}

/** What is being made when an error strikes. @internal */
export type Stage = "tcp" | "proxy" | "tls"

const dnsCodes = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME", "ENODATA", "ESERVFAIL"])
const brokenCodes = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"])

/** What a socket's error during connecting means. @internal */
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
  // A connection that breaks may hold another time, be it that to a proxy.
  const isBroken = brokenCodes.has(code)
  return stage === "proxy"
    ? { reason: isBroken ? "Reset" : "Proxy", description: `the proxy broke off: ${description}` }
    : { reason: isBroken ? "Reset" : "Tls", description }
}
