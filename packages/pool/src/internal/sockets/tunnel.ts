import * as Http from "node:http"
import type * as Net from "node:net"
import type { ConnectionErrorReason } from "../../ConnectionError.js"
import type { Origin } from "../config/origin.js"

/** The proxy could not reach the target, or is not ready: it may another time. */
const unreachable: ReadonlySet<number | undefined> = new Set([502, 503, 504])

/**
 * Asks a proxy for a tunnel to the target (CONNECT).
 *
 * @internal
 */
export const tunnel = (
  socket: Net.Socket,
  target: Origin,
  authorization: string | undefined,
  listener: {
    readonly opened: (socket: Net.Socket) => void
    readonly refused: (reason: ConnectionErrorReason, description: string) => void
  }
): void => {
  const authority = `${target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname}:${target.port}`
  const request = Http.request({
    createConnection: () => socket,
    method: "CONNECT",
    path: authority,
    headers: {
      host: authority,
      ...(authorization === undefined ? undefined : { "proxy-authorization": authorization })
    }
  })
  request.once("connect", ({ statusCode, statusMessage }, _, head) => {
    if (statusCode === undefined || statusCode < 200 || statusCode >= 300) {
      return listener.refused(
        unreachable.has(statusCode) ? "Refused" : "Proxy",
        `the proxy answered ${statusCode} ${statusMessage}`
      )
    }
    if (head.length > 0) socket.unshift(head)
    listener.opened(socket)
  })
  request.once("error", (error: NodeJS.ErrnoException) =>
    listener.refused(
      // Node's parser speaks of an answer that is not HTTP.
      error.code?.startsWith("HPE_") === true ? "Proxy" : "Reset",
      `the proxy broke off: ${error.message}`
    ))
  request.end()
}
