import { Effect } from "effect"
import * as Http from "node:http"
import * as Https from "node:https"
import type * as Net from "node:net"
import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import { WebSocketServer } from "ws"

export interface ServerOptions {
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** What is done with each WebSocket. *Default*: what comes goes back. */
  readonly onOpen?: (ws: WebSocket, request: Http.IncomingMessage) => void
  /** Answers a handshake by itself where it returns true. */
  readonly onUpgrade?: (socket: Duplex, request: Http.IncomingMessage) => boolean
  readonly maxPayload?: number
  readonly protocols?: (offered: Set<string>) => string | false
}

export const echo = (ws: WebSocket): void => {
  ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }))
}

/** Three turns of the event loop: what a client did before it connected is known by then, in whatever order it is reported. */
const settled = (then: () => void) => setImmediate(() => setImmediate(() => setImmediate(then)))

/** An HTTP and WebSocket server on loopback that counts its sockets. */
export const serveWebSockets = ({ maxPayload, onOpen = echo, onUpgrade, protocols, tls }: ServerOptions = {}) =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    const counts = { open: 0, most: 0, total: 0, handshakes: 0, requests: 0 }
    const waiting = new Set<() => void>()
    const changed = () => {
      for (const look of [...waiting]) look()
    }
    const onRequest = (_: Http.IncomingMessage, response: Http.ServerResponse) => {
      counts.requests++
      setTimeout(() => response.end("hello"), 2)
    }
    const server = tls === undefined ? Http.createServer(onRequest) : Https.createServer(tls, onRequest)
    server.on("connection", (socket: Net.Socket) => {
      sockets.add(socket)
      counts.total++
      counts.open++
      settled(() => counts.most = Math.max(counts.most, counts.open))
      let isOpen = true
      const gone = () => {
        if (isOpen) counts.open--
        isOpen = false
        changed()
      }
      socket.on("error", gone)
      socket.once("end", gone)
      socket.once("close", () => {
        sockets.delete(socket)
        gone()
      })
      changed()
    })
    server.on("tlsClientError", () => {})
    server.on("secureConnection", (socket: Net.Socket) => socket.on("error", () => {}))
    const webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: true,
      ...(maxPayload === undefined ? undefined : { maxPayload }),
      ...(protocols === undefined ? undefined : { handleProtocols: protocols })
    })
    server.on("upgrade", (request, socket: Duplex, head) => {
      counts.handshakes++
      changed()
      if (onUpgrade?.(socket, request) === true) return
      webSockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on("error", () => {})
        onOpen(ws, request)
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const host = `${tls === undefined ? "" : "s"}://127.0.0.1:${port}`
    return {
      port,
      url: `ws${host}/speech`,
      http: `http${host}/`,
      counts,
      sockets,
      /** Waits until the counters are as asked. */
      waitFor: (condition: (seen: typeof counts) => boolean) =>
        Effect.async<void>((resume) => {
          const look = () => {
            if (!condition(counts)) return
            waiting.delete(look)
            resume(Effect.void)
          }
          waiting.add(look)
          look()
          return Effect.sync(() => waiting.delete(look))
        })
    }
  })

/** A whole answer to a handshake that is none. */
export const answer = (socket: Duplex, status: string, body = "", ...fields: ReadonlyArray<string>): true => {
  socket.end([`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, ...fields, "", body].join("\r\n"))
  return true
}
