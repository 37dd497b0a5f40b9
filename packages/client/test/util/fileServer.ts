/** A storage host on loopback that serves one file of any size, and breaks off where it is told to. */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What one answer does. Those that are not named are whole. */
export interface Answering {
  /** The socket is reset after so many bytes of the body. */
  readonly breakAfter?: number
  /** The answer ends after so many bytes, as if that was all; without a length. */
  readonly endAfter?: number
  /** Nothing more is sent after so many bytes. */
  readonly stallAfter?: number
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Parts are not known: the whole comes. */
  readonly ignoresRange?: boolean
  /** Without `content-length`. */
  readonly isChunked?: boolean
  /** Other bytes than the file's. */
  readonly seed?: number
}

/** So that no two pieces of the usual sizes are alike. */
const blockSize = 65_521

const blockOf = (seed: number): Buffer => {
  const block = Buffer.alloc(blockSize)
  let at = 0
  for (let i = 0; at < blockSize; i++) at += createHash("sha512").update(`${seed}:${i}`).digest().copy(block, at)
  return block
}

const blocks = new Map<number, Buffer>()

/** A part of the file. */
export const bytesOf = (from: number, to: number, seed = 1): Buffer => {
  const block = blocks.get(seed) ?? blockOf(seed)
  blocks.set(seed, block)
  const start = from % blockSize
  if (to - from <= blockSize - start) return block.subarray(start, start + to - from)
  const out = Buffer.allocUnsafe(to - from)
  for (let at = from; at < to;) {
    const offset = at % blockSize
    at += block.copy(out, at - from, offset, Math.min(blockSize, offset + to - at))
  }
  return out
}

export const hashOf = (size: number): string => {
  const hash = createHash("sha256")
  for (let at = 0; at < size; at += blockSize) hash.update(bytesOf(at, Math.min(size, at + blockSize)))
  return hash.digest("hex")
}

export interface FileServer {
  readonly url: string
  readonly size: number
  /** The headers of each request. */
  readonly requests: ReadonlyArray<IncomingMessage["headers"]>
  /** Sockets that are open now. */
  readonly open: () => number
}

const rangeOf = (header: string | undefined): number | undefined => {
  const start = /^bytes=(\d+)-$/.exec(header ?? "")?.[1]
  return start === undefined ? undefined : Number(start)
}

const validators = { "etag": "\"tag-1\"", "last-modified": "Fri, 01 Mar 2024 02:38:04 GMT" }

const serve = (request: IncomingMessage, response: ServerResponse, size: number, answering: Answering) => {
  const { body, breakAfter, endAfter, headers = {}, ignoresRange, isChunked, seed, stallAfter } = answering
  const all: Record<string, string | undefined> = { ...validators, "content-type": "video/mp4", ...headers }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) response.setHeader(name, value)
  const condition = request.headers["if-range"]
  const isSame = condition === undefined || condition === all["etag"] || condition === all["last-modified"]
  const asked = ignoresRange === true || !isSame ? undefined : rangeOf(request.headers.range)
  if (body !== undefined || (answering.status ?? 200) >= 300) {
    response.writeHead(answering.status ?? 200)
    response.end(body ?? "")
    return
  }
  const from = asked ?? 0
  if (from >= size) {
    response.writeHead(416, { "content-range": `bytes */${size}` })
    response.end()
    return
  }
  if (asked !== undefined && headers["content-range"] === undefined) {
    response.setHeader("content-range", `bytes ${from}-${size - 1}/${size}`)
  }
  if (isChunked !== true && headers["content-length"] === undefined) response.setHeader("content-length", size - from)
  response.writeHead(answering.status ?? (asked === undefined ? 200 : 206))
  const stop = from + Math.min(size - from, breakAfter ?? endAfter ?? stallAfter ?? Infinity)
  let at = from
  const write = () => {
    while (at < stop) {
      const to = Math.min(stop, at + 64 * 1024)
      const goesOn = response.write(bytesOf(at, to, seed))
      at = to
      if (!goesOn) {
        response.once("drain", write)
        return
      }
    }
    if (stallAfter !== undefined) return
    if (breakAfter === undefined) response.end()
    // What was written has to get there before the reset.
    else response.write("", () => setTimeout(() => request.socket.resetAndDestroy(), 20))
  }
  write()
}

/** Answers one request after another as told, and further ones with the whole file. */
export const makeFileServer = (size: number, answers: ReadonlyArray<Answering> = [], rest: Answering = {}) =>
  Effect.acquireRelease(
    Effect.async<FileServer & { readonly server: Server }>((resume) => {
      const requests: Array<IncomingMessage["headers"]> = []
      let open = 0
      const server = createServer((request, response) => {
        requests.push(request.headers)
        response.on("error", () => {})
        serve(request, response, size, answers[requests.length - 1] ?? rest)
      })
      server.on("connection", (socket) => {
        open++
        socket.once("close", () => open--)
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const url = `http://127.0.0.1:${port}/results/film.mp4?Expires=1&Signature=secret-signature-1`
        resume(Effect.succeed({ url, size, requests, server, open: () => open }))
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )
