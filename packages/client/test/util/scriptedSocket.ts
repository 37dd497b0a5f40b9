/**
 * A server of WebSockets on loopback that does what a test tells it: for what a sound service never sends.
 */
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import type * as Net from "node:net"
import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import { WebSocketServer } from "ws"

export interface Received {
  readonly action: string
  readonly taskId: string
  readonly streaming: string
  readonly payload: { readonly [name: string]: unknown }
}

/** One WebSocket, as a script sees it. */
export interface Peer {
  readonly ws: WebSocket
  /** Beneath it. */
  readonly socket: Duplex
  readonly event: (
    taskId: string,
    event: string,
    more?: { readonly header?: object; readonly payload?: object }
  ) => void
  readonly audio: (bytes: Uint8Array) => void
}

export interface Script {
  readonly onMessage?: (peer: Peer, message: Received) => void
  readonly onAudio?: (peer: Peer, bytes: Buffer) => void
  /** Takes every text message as it is, for a protocol that is not the one of tasks. */
  readonly onText?: (peer: Peer, text: string) => void
  readonly onOpen?: (peer: Peer, request: Http.IncomingMessage) => void
  /** Answers the handshake instead of opening a WebSocket. */
  readonly refuse?: { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
}

export const serveScript = (script: Script) =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    const seen: { handshakes: Array<Http.IncomingMessage>; messages: Array<Received>; open: number } = {
      handshakes: [],
      messages: [],
      open: 0
    }
    const waiting = new Set<() => void>()
    const changed = () => {
      for (const look of [...waiting]) look()
    }
    const server = Http.createServer((_, response) => void response.end("{}"))
    const webSockets = new WebSocketServer({ noServer: true })
    server.on("connection", (socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    })
    server.on("upgrade", (request, socket, head) => {
      seen.handshakes.push(request)
      const { refuse } = script
      if (refuse !== undefined) {
        const headers = {
          connection: "close",
          "content-length": String(Buffer.byteLength(refuse.body)),
          ...refuse.headers
        }
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")
        socket.end(`HTTP/1.1 ${refuse.status} Refused\r\n${lines}\r\n${refuse.body}`)
        return
      }
      webSockets.handleUpgrade(request, socket, head, (ws) => {
        seen.open++
        const peer: Peer = {
          ws,
          socket,
          event: (task_id, event, { header, payload = {} } = {}) =>
            ws.send(JSON.stringify({ header: { task_id, event, attributes: {}, ...header }, payload })),
          audio: (bytes) => ws.send(bytes)
        }
        ws.on("error", () => {})
        ws.on("close", () => {
          seen.open--
          changed()
        })
        ws.on("message", (data: Buffer, isBinary) => {
          if (isBinary) {
            script.onAudio?.(peer, data)
          } else if (script.onText !== undefined) {
            script.onText(peer, data.toString())
          } else {
            const { header, payload } = JSON.parse(data.toString()) as {
              header: { action: string; task_id: string; streaming: string }
              payload: Record<string, unknown>
            }
            const message = { action: header.action, taskId: header.task_id, streaming: header.streaming, payload }
            seen.messages.push(message)
            script.onMessage?.(peer, message)
          }
          changed()
        })
        script.onOpen?.(peer, request)
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
    const { port } = server.address() as Net.AddressInfo
    return {
      /** The endpoint of a client. */
      url: `http://127.0.0.1:${port}/api/v1`,
      seen,
      /** Waits until what was seen is as asked. */
      waitFor: (condition: (is: typeof seen) => boolean) =>
        Effect.async<void>((resume) => {
          const look = () => {
            if (!condition(seen)) return
            waiting.delete(look)
            resume(Effect.void)
          }
          waiting.add(look)
          look()
          return Effect.sync(() => void waiting.delete(look))
        })
    }
  })
