/**
 * The server that all clients talk to, in a process of its own.
 *
 * It must cost far less than any client, or it would be what is measured. So it is no HTTP server but a socket server that
 * knows just enough: it finds the end of each request and writes bytes that were made before. Nothing is decoded, and
 * nothing but bookkeeping is allocated per request.
 */
import { createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer } from "node:tls"
import { answerBody, frames, paths, type Shape, shapes } from "../answers.js"
import { type Behaviour, read } from "./behaviour.js"

/** What the parent process is told when it asks. Counters only grow; `peak` is since the last `mark`. */
export interface Snapshot {
  readonly cpuMicros: number
  readonly wallMicros: number
  readonly requests: number
  readonly requestBytes: number
  readonly connections: number
  readonly open: number
  readonly peak: number
  readonly held: number
}

export type Command = "snapshot" | "mark" | "hold" | "release"

const totals = { requests: 0, requestBytes: 0, connections: 0, open: 0, peak: 0 }

let holding = false
let held: Array<() => void> = []

// About as many headers as the service sends.
const headers = [
  "x-request-id: 5f2c9d7a-3b41-9e60-8c1d-7a90b4e2f613",
  "x-dashscope-call-gateway: true",
  "req-cost-time: 412",
  "req-arrive-time: 1760000000000",
  "resp-start-time: 1760000000412",
  "x-envoy-upstream-service-time: 409",
  "vary: Origin,Accept-Encoding",
  "date: Thu, 09 Oct 2025 08:53:20 GMT",
  "server: istio-envoy"
].join("\r\n")

const wholeAnswer = (shape: Shape): Buffer => {
  const body = Buffer.from(answerBody(shape))
  const head =
    `HTTP/1.1 200 OK\r\n${headers}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

const streamHead = Buffer.from(
  `HTTP/1.1 200 OK\r\n${headers}\r\ncontent-type: text/event-stream;charset=UTF-8\r\ntransfer-encoding: chunked\r\n\r\n`
)
const streamEnd = Buffer.from("0\r\n\r\n")

const httpChunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")])

/** What one read of a TLS connection gives at most; events and characters are cut where it falls. */
const blockSize = 16 * 1024

const blocks = (body: Buffer): ReadonlyArray<Buffer> => {
  const out: Array<Buffer> = []
  for (let at = 0; at < body.length; at += blockSize) out.push(httpChunk(body.subarray(at, at + blockSize)))
  return out
}

/** The head is that of the request. */
type Responder = (socket: Socket, head: string) => void

const answerer = (shape: Shape, delayMillis: number): Responder => {
  const answer = wholeAnswer(shape)
  return delayMillis === 0
    ? (socket) => void socket.write(answer)
    : (socket) => void setTimeout(() => socket.write(answer), delayMillis)
}

const holder = (shape: Shape): Responder => {
  const answer = wholeAnswer(shape)
  return (socket) => {
    if (holding) held.push(() => socket.write(answer))
    else socket.write(answer)
  }
}

const burst = (shape: Shape, events: number): Responder => {
  const parts = [streamHead, ...blocks(Buffer.from(frames(shape, events).join(""))), streamEnd]
  return (socket) => {
    let next = 0
    const write = () => {
      while (next < parts.length) {
        const part = parts[next++]
        if (part !== undefined && !socket.write(part) && next < parts.length) {
          socket.once("drain", write)
          return
        }
      }
    }
    write()
  }
}

const paced = (shape: Shape, events: number, intervalMillis: number): Responder => {
  const parts = frames(shape, events).map((frame) => httpChunk(Buffer.from(frame)))
  return (socket) => {
    const started = performance.now()
    let sent = 0
    const send = () => {
      // A late timer sends what is due, so that the pace holds.
      const due = Math.min(parts.length, 1 + Math.floor((performance.now() - started) / intervalMillis))
      while (sent < due) {
        const part = parts[sent++]
        if (part !== undefined) socket.write(part)
      }
      if (sent === parts.length) {
        stop()
        socket.write(streamEnd)
      }
    }
    const timer = setInterval(send, intervalMillis)
    const stop = () => {
      clearInterval(timer)
      socket.off("close", stop)
    }
    socket.on("close", stop)
    socket.write(streamHead)
    send()
  }
}

const either = (shape: Shape, events: number): Responder => {
  const [answer, stream] = [answerer(shape, 0), burst(shape, events)]
  return (socket, head) => head.includes("text/event-stream") ? stream(socket, head) : answer(socket, head)
}

const responder = (shape: Shape, behaviour: Behaviour): Responder => {
  switch (behaviour._tag) {
    case "Answer":
      return answerer(shape, behaviour.delayMillis)
    case "Either":
      return either(shape, behaviour.events)
    case "Hold":
      return holder(shape)
    case "Stream":
      return behaviour.intervalMillis === 0
        ? burst(shape, behaviour.events)
        : paced(shape, behaviour.events, behaviour.intervalMillis)
  }
}

const responders = new Map<string, Responder>()

const notFound: Responder = (socket) => {
  socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

/** By request line: `POST /d0/api/v1/services/aigc/text-generation/generation HTTP/1.1`. */
const responderOf = (requestLine: string): Responder => {
  const known = responders.get(requestLine)
  if (known !== undefined) return known
  const path = requestLine.split(" ")[1] ?? ""
  const shape = shapes.find((shape) => path.endsWith(paths[shape]))
  const behaviour = read(path.split("/")[1] ?? "")
  const found = shape === undefined || behaviour === undefined ? notFound : responder(shape, behaviour)
  responders.set(requestLine, found)
  return found
}

const contentLength = /\r\ncontent-length: *(\d+)/i

const serve = (socket: Socket) => {
  totals.connections++
  totals.open++
  totals.peak = Math.max(totals.peak, totals.open)
  socket.setNoDelay(true)
  let rest: Buffer | undefined
  socket.on("data", (chunk) => {
    let bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    rest = undefined
    while (bytes.length > 0) {
      const headEnd = bytes.indexOf("\r\n\r\n")
      if (headEnd === -1) break
      const head = bytes.toString("latin1", 0, headEnd)
      const length = contentLength.exec(head)
      if (length === null) {
        socket.end("HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        return
      }
      const end = headEnd + 4 + Number(length[1])
      if (bytes.length < end) break
      totals.requests++
      totals.requestBytes += end
      responderOf(head.slice(0, head.indexOf("\r\n")))(socket, head)
      bytes = bytes.subarray(end)
    }
    if (bytes.length > 0) rest = bytes
  })
  // Clients may leave as they like.
  socket.on("error", () => socket.destroy())
  socket.on("close", () => {
    totals.open--
  })
}

const snapshot = (): Snapshot => {
  const { system, user } = process.cpuUsage()
  return { ...totals, cpuMicros: system + user, wallMicros: performance.now() * 1000, held: held.length }
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })

const { BENCH_CERT: cert, BENCH_KEY: key } = process.env

Promise.all([
  listening(createServer(serve)),
  listening(createTlsServer({ cert, key }, serve))
]).then(([port, tlsPort]) => process.send?.({ port, tlsPort }), (error: unknown) => {
  console.error(error)
  process.exit(1)
})

process.on("message", (command: Command) => {
  switch (command) {
    case "snapshot":
      break
    case "mark":
      totals.peak = totals.open
      break
    case "hold":
      holding = true
      break
    case "release": {
      holding = false
      const answers = held
      held = []
      for (const answer of answers) answer()
      break
    }
  }
  process.send?.(snapshot())
})

// The parent is gone, however it went.
process.on("disconnect", () => process.exit(0))
