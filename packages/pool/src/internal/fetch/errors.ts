import type { PoolError } from "../../ConnectionError.js"
import { isPoolError } from "../../ConnectionError.js"

const codeIn = (cause: unknown): string | undefined => {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined
  return typeof code === "string" ? code : undefined
}

/**
 * The code that Node or undici has for it. By such codes the callers of a fetch decide whether to try again.
 *
 * @internal
 */
export const codeOf = (error: PoolError, hasResponded: boolean): string => {
  if (error._tag === "PoolExhausted") return "EAGAIN"
  if (error._tag === "RequestTimeout") {
    switch (error.phase) {
      case "acquire":
      case "connect":
        return "UND_ERR_CONNECT_TIMEOUT"
      case "read":
        return hasResponded ? "UND_ERR_BODY_TIMEOUT" : "UND_ERR_HEADERS_TIMEOUT"
      case "write":
      case "firstContent":
      case "content":
      case "total":
        return "ETIMEDOUT"
    }
  }
  switch (error.reason) {
    case "Closed":
      return "UND_ERR_CLOSED"
    case "Proxy":
      return "UND_ERR_ABORTED"
    case "Dns":
      return codeIn(error.cause) ?? "ENOTFOUND"
    case "Refused":
      return codeIn(error.cause) ?? "ECONNREFUSED"
    case "Tls":
      return codeIn(error.cause) ?? "EPROTO"
    case "Reset":
      return codeIn(error.cause) ?? "ECONNRESET"
    case "Truncated":
      return codeIn(error.cause) ?? "UND_ERR_SOCKET"
  }
}

const typeErrorOf = (message: string, cause: unknown, hasResponded: boolean): TypeError => {
  if (isPoolError(cause) && !("code" in cause)) {
    // Not enumerable: it is no field of the error.
    Object.defineProperty(cause, "code", { value: codeOf(cause, hasResponded), configurable: true })
  }
  return new TypeError(message, { cause })
}

/** What a fetch rejects with where it got no response. @internal */
export const fetchFailed = (cause: unknown): TypeError => typeErrorOf("fetch failed", cause, false)

/** What the reader of a body gets where it broke off. @internal */
export const terminated = (cause: unknown): TypeError => typeErrorOf("terminated", cause, true)
