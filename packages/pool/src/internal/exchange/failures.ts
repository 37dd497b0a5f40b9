import type { ConnectionErrorReason, PoolError } from "../../ConnectionError.js"
import { wordsOf } from "../sockets/tlsAlert.js"
import { Unsendable } from "./request.js"

interface SystemError extends Error {
  readonly code?: string
}

const invalidCodes: ReadonlySet<string | undefined> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"
])

/** The error as the request's own fault, where it is one. @internal */
export const unsendableOf = (error: SystemError): Unsendable | undefined =>
  error instanceof Unsendable ? error : invalidCodes.has(error.code) ? new Unsendable(error) : undefined

const resetCodes: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "ERR_CONNECTION_RESET"])

/** A server refuses a client's certificate with an alert that comes after the handshake. */
const tlsAlert = /^ERR_SSL_.*ALERT/

/** What it means that an established connection was lost. @internal */
export const lossOf = (
  error: SystemError,
  responseStarted: boolean
): { readonly reason: ConnectionErrorReason; readonly description: string } => {
  const { code = "", message } = error
  if (!responseStarted) {
    return tlsAlert.test(code)
      ? { reason: "Tls", description: wordsOf(error) }
      : { reason: "Reset", description: `the connection was lost before an answer came: ${message}` }
  }
  return resetCodes.has(code)
    ? { reason: "Reset", description: "the connection was reset while the answer was read" }
    : { reason: "Truncated", description: `the answer broke off: ${message}` }
}

/** Of an error of Node's or undici's: what says why, and nothing that holds what was sent or received. */
const kept = ["errno", "syscall", "address", "port", "hostname", "host", "reason"] as const

const causesKept = 4

/**
 * An error of Node's or undici's as it may be kept. Theirs can hold what went over the wire (undici's parser
 * keeps what it could not read, which a peer that echoes makes the request with its key), and its unread stack all that
 * the functions on it lead to.
 *
 * @internal
 */
export const causeOf = (error: unknown, depth = 0): Error | undefined => {
  if (!(error instanceof Error) || depth === causesKept) return undefined
  const copy = withoutStack(() =>
    error instanceof AggregateError
      ? new AggregateError(error.errors.flatMap((one: unknown) => causeOf(one, depth + 1) ?? []), error.message)
      : new Error(error.message)
  )
  copy.name = error.name
  const code: unknown = Reflect.get(error, "code")
  if (code !== undefined) Reflect.set(copy, "code", code === "ERR_CONNECTION_RESET" ? "ECONNRESET" : code)
  for (const key of kept) {
    const value: unknown = Reflect.get(error, key)
    if (typeof value === "string" || typeof value === "number") Reflect.set(copy, key, value)
  }
  const cause = causeOf(error.cause, depth + 1)
  if (cause !== undefined) copy.cause = cause
  return copy
}

/** Its stack would be this function's callers. */
const withoutStack = <A>(make: () => A): A => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** OpenTelemetry's `error.type` where the caller went away. @internal */
export const interrupted = "interrupted"

/** Why a request left the queue without a connection. @internal */
export const refusalOf = (failure: PoolError | undefined): "timeout" | "exhausted" | "closed" | "interrupted" =>
  // A deadline of the caller's own counts as its giving up, also where the pool watches it.
  failure === undefined || (failure._tag === "RequestTimeout" && failure.phase !== "acquire")
    ? "interrupted"
    : failure._tag === "RequestTimeout"
    ? "timeout"
    : failure._tag === "PoolExhausted"
    ? "exhausted"
    : "closed"
