/**
 * What a message over a WebSocket lease costs beside the same by `ws` alone, in CPU of one process: `npx tsx` this file.
 *
 * A server in a process of its own sends the messages, in bursts, or sends back each. The two are measured in turns, and the
 * middle of the rounds is told.
 */
import { Effect } from "effect"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { WebSocket, WebSocketServer } from "ws"
import * as ConnectionConfig from "../../src/ConnectionConfig.js"
import * as ConnectionPool from "../../src/ConnectionPool.js"
import * as Lease from "../../src/WebSocket.js"

const rounds = 7
const messages = 100_000
const echoes = 20_000

const serve = () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false })
  server.on("connection", (ws, request) => {
    const [, kind, size] = /^\/(\w+)\/(\d+)$/.exec(request.url ?? "") ?? []
    if (kind === "echo") {
      ws.on("message", (data, binary) => ws.send(data, { binary }))
      return
    }
    const message = kind === "text" ? "x".repeat(Number(size)) : new Uint8Array(Number(size))
    let left = messages
    const push = () => {
      for (let i = 0; i < 100 && left > 0; i++, left--) ws.send(message, left % 100 === 1 ? push : undefined)
    }
    ws.on("message", push)
  })
  server.on("listening", () => process.send?.(server.address()))
}

interface Case {
  readonly name: string
  readonly path: string
  readonly count: number
  readonly request: string | Uint8Array
  readonly echoes: boolean
}

const cases: ReadonlyArray<Case> = [
  { name: "receive text, 200 B", path: "/text/200", count: messages, request: "go", echoes: false },
  { name: "receive binary, 4 KiB", path: "/binary/4096", count: messages, request: "go", echoes: false },
  { name: "send and receive, 200 B", path: "/echo/0", count: echoes, request: "x".repeat(200), echoes: true }
]

const alone = (url: string, { count, echoes, request }: Case) =>
  new Promise<void>((resolve) => {
    const ws = new WebSocket(url, { perMessageDeflate: false })
    let seen = 0
    let length = 0
    ws.on("open", () => ws.send(request))
    ws.on("message", (data: Buffer, isBinary) => {
      length += isBinary ? data.length : data.toString().length
      if (++seen === count) ws.close()
      else if (echoes) ws.send(request)
    })
    ws.on("close", () => resolve())
    ws.on("error", (error) => {
      throw error
    })
    void length
  })

const leased = (pool: ConnectionPool.Service, url: string, { count, echoes, request }: Case) =>
  Effect.scoped(Effect.gen(function*() {
    const lease = yield* Lease.openWith(pool, { url })
    yield* lease.send(request)
    for (let seen = 0; seen < count;) {
      seen += (yield* lease.take).length
      if (echoes && seen < count) yield* lease.send(request)
    }
    yield* lease.close()
  }))

const cpuOf = async (run: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { system, user } = process.cpuUsage(before)
  return user + system
}

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const measure = (port: number) =>
  Effect.gen(function*() {
    const pool = yield* ConnectionPool.make(ConnectionConfig.make())
    for (const one of cases) {
      const url = `ws://127.0.0.1:${port}${one.path}`
      const ofWs: Array<number> = []
      const ofLease: Array<number> = []
      for (let round = 0; round < rounds; round++) {
        ofWs.push(yield* Effect.promise(() => cpuOf(() => alone(url, one))))
        ofLease.push(yield* Effect.promise(() => cpuOf(() => Effect.runPromise(leased(pool, url, one)))))
      }
      const [ws, lease] = [median(ofWs) / one.count, median(ofLease) / one.count]
      console.log(
        `${one.name.padEnd(26)} ws ${ws.toFixed(2)} µs  lease ${lease.toFixed(2)} µs  ${(lease / ws).toFixed(2)} times`
      )
    }
  })

if (process.argv[2] === "serve") {
  serve()
} else {
  const server = fork(fileURLToPath(import.meta.url), ["serve"])
  server.once("message", (address: { readonly port: number }) => {
    void Effect.runPromise(Effect.scoped(measure(address.port))).finally(() => server.kill())
  })
}
