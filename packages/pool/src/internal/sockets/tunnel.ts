import * as Http from "node:http"
import type * as Net from "node:net"
import type { Origin } from "../config/origin.js"
import type { DialFailure } from "./dialFailure.js"
import { classify, refusedBy } from "./dialFailure.js"

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
    readonly opened: () => void
    readonly failed: (failure: DialFailure) => void
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
      return listener.failed(refusedBy(statusCode, statusMessage))
    }
    if (head.length > 0) socket.unshift(head)
    listener.opened()
  })
  // Node may have more than one to tell of.
  request.on("error", (error) => listener.failed(classify(error, "proxy")))
  request.end()
}
