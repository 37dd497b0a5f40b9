/**
 * Does what a plan says to a response of Node's. Plain callbacks instead of fibers: this is the hot path of benchmarks,
 * and a connection's end already tells when to stop.
 */
import type { ServerResponse } from "node:http"
import type { Step } from "./step.js"

/**
 * Milliseconds in which a client can read what was sent before a reset. A client on libuv that finds data and a reset in
 * the same poll takes the reset for an ordinary end; one in this process polls at least once between the timer and its
 * immediate.
 */
const untilRead = 15

/**
 * What becomes of a connection's own socket, below TLS.
 *
 * @internal
 */
export interface Breakable {
  destroy(): void
  resetAndDestroy(): void
}

/** @internal */
export const perform = (steps: Iterable<Step>, response: ServerResponse, connection: Breakable): void => {
  const iterator = steps[Symbol.iterator]()
  let timer: NodeJS.Timeout | undefined
  let over = false
  const stop = () => {
    over = true
    clearTimeout(timer)
  }

  const advance = (): void => {
    while (!over) {
      const next = iterator.next()
      if (next.done === true) {
        return
      }
      const step = next.value
      switch (step._tag) {
        case "Reply": {
          const { body } = step
          response.writeHead(step.status, {
            ...step.headers,
            "content-length": typeof body === "string" ? Buffer.byteLength(body) : body.length
          })
          response.end(body)
          return
        }
        case "Wait":
          flushHead()
          timer = setTimeout(advance, step.millis)
          return
        case "Informational":
          response.writeEarlyHints({ link: "</>; rel=preload" })
          break
        case "Head":
          response.writeHead(step.status, step.headers)
          break
        case "Write":
          if (step.bytes.length > 0 && !response.write(step.bytes)) {
            response.once("drain", advance)
            return
          }
          break
        case "End":
          response.end()
          return
        case "Stall":
          flushHead()
          return
        case "Close":
          flushHead()
          response.socket?.end(() => connection.destroy())
          return
        case "Reset":
          if (response.headersSent) {
            flushHead()
            // Behind what is written, because a reset throws away what has not left yet.
            response.socket?.write("", () => {
              timer = setTimeout(() => setImmediate(() => connection.resetAndDestroy()), untilRead)
            })
          } else {
            connection.resetAndDestroy()
          }
          return
      }
    }
  }

  // Node holds the head back until the first byte of the body.
  const flushHead = (): void => {
    if (response.headersSent) {
      response.flushHeaders()
    }
  }

  response.once("close", stop)
  advance()
}
