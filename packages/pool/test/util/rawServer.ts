import { Effect } from "effect"
import * as Net from "node:net"

/** A server of your own on loopback: what it does with each of its sockets. Its origin. */
export const serve = (onSocket: (socket: Net.Socket) => void, host = "127.0.0.1") =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    const server = Net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.once("close", () => sockets.delete(socket))
      socket.on("end", () => socket.end())
      onSocket(socket)
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, host, () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  })

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly head: string
  readonly body: Buffer
}

/** Tells of each request of a socket once it is whole: by its content-length, or its last chunk. */
export const onRequests = (socket: Net.Socket, answer: (request: RawRequest) => void) => {
  let kept = Buffer.alloc(0)
  socket.on("data", (data) => {
    kept = Buffer.concat([kept, data])
    for (;;) {
      const end = kept.indexOf("\r\n\r\n")
      if (end < 0) return
      const head = kept.subarray(0, end).toString("latin1")
      let length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (/transfer-encoding: chunked/i.test(head)) {
        const last = kept.indexOf("0\r\n\r\n", end + 4)
        if (last < 0) return
        length = last + 5 - (end + 4)
      }
      if (kept.length < end + 4 + length) return
      const body = kept.subarray(end + 4, end + 4 + length)
      kept = kept.subarray(end + 4 + length)
      const [method = "", path = ""] = head.split(" ", 2)
      answer({ method, path, head, body })
    }
  })
}

/** A whole answer with its length. */
export const answerOf = (body: string | Uint8Array, ...fields: ReadonlyArray<string>): Buffer =>
  Buffer.concat([headOf("200 OK", `content-length: ${Buffer.byteLength(body)}`, ...fields), Buffer.from(body)])

export const headOf = (status: string, ...fields: ReadonlyArray<string>): Buffer =>
  Buffer.from([`HTTP/1.1 ${status}`, ...fields].join("\r\n") + "\r\n\r\n")
