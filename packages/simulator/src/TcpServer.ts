/**
 * Servers of nothing but TCP, for the deadlines of connecting.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import { Worker } from "node:worker_threads"

/**
 * @since 0.1.0
 * @category models
 */
export interface TcpServer {
  readonly host: string
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: Effect.Effect<number>
  /** Connections accepted that neither side has ended. */
  readonly open: Effect.Effect<number>
  /** Waits until so many connections are open. */
  readonly awaitOpen: (open: number) => Effect.Effect<void>
}

const host = "127.0.0.1"

/**
 * Accepts connections, reads what comes, and never says a word: a TLS handshake with it does not end, and no request
 * is answered. Dies where it cannot listen.
 *
 * @since 0.1.0
 * @category constructors
 */
export const silent: Effect.Effect<TcpServer, never, Scope.Scope> = Effect.gen(function*() {
  const sockets = new Set<Net.Socket>()
  const changed = new Set<() => void>()
  let accepted = 0
  const change = () => {
    for (const listener of [...changed]) {
      listener()
    }
  }
  const server = Net.createServer((socket) => {
    accepted++
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => {
      sockets.delete(socket)
      change()
    })
    // Only reading shows that the client has gone.
    socket.resume()
    change()
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => {
      server.once("error", (cause) => resume(Effect.die(cause)))
      server.listen(0, host, () => resume(Effect.void))
    }),
    () =>
      Effect.async<void>((resume) => {
        for (const socket of sockets) {
          socket.destroy()
        }
        server.close(() => resume(Effect.void))
      })
  )
  return {
    host,
    port: portOf(server),
    accepted: Effect.sync(() => accepted),
    open: Effect.sync(() => sockets.size),
    awaitOpen: (open) =>
      Effect.async<void>((resume) => {
        const check = () => {
          if (sockets.size === open) {
            changed.delete(check)
            resume(Effect.void)
          }
        }
        changed.add(check)
        check()
        return Effect.sync(() => {
          changed.delete(check)
        })
      })
  }
})

const portOf = (server: Net.Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/**
 * A port on which no connection gets established: the attempt neither succeeds nor fails, until its owner gives up.
 *
 * A thread listens with the smallest queue there is and then sleeps, so it never accepts; connections of our own fill
 * the queue. That the kernel then ignores further attempts is how Linux does it, whose answer to a full queue is
 * silence; other systems may refuse them. The only way that it fails to hold is a queue that is not full, and that is
 * checked: it is filled until one connection has not come about for 200 milliseconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fullQueue: Effect.Effect<
  { readonly host: string; readonly port: number },
  never,
  Scope.Scope
> = Effect.gen(function*() {
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(sleeper, { eval: true, workerData: { flag, host } })),
    (worker) =>
      Effect.promise(() => {
        Atomics.store(flag, 0, 1)
        Atomics.notify(flag, 0)
        return worker.terminate()
      })
  )
  const port = yield* Effect.async<number>((resume) => {
    worker.once("message", (message: unknown) => resume(Effect.succeed(Number(message))))
    worker.once("error", (cause) => resume(Effect.die(cause)))
  })
  let connected = true
  while (connected) {
    connected = yield* fill(port)
  }
  return { host, port }
})

/** Runs in a thread of its own, as a script: in CommonJS, so that it needs no file. */
const sleeper = `
const { parentPort, workerData } = require("node:worker_threads")
const server = require("node:net").createServer()
server.listen(0, workerData.host, 1, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(workerData.flag, 0, 0)
  process.exit()
})
`

/** Whether one more connection came about; it is kept, or goes on trying, until the scope closes. */
const fill = (port: number): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.gen(function*() {
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => Net.connect({ host, port })),
      (socket) => Effect.sync(() => socket.destroy())
    )
    return yield* Effect.async<boolean>((resume) => {
      const timer = setTimeout(() => resume(Effect.succeed(false)), 200)
      // The end of the thread resets what is in the queue; by then nobody waits for that.
      socket.on("error", () => {})
      socket.once("connect", () => {
        clearTimeout(timer)
        resume(Effect.succeed(true))
      })
      return Effect.sync(() => clearTimeout(timer))
    })
  })
