import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import { race } from "../../src/internal/sockets/race.js"

/** Listens on the given addresses of the loopback network; the others refuse. */
const listen = (...hosts: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    let port = 0
    for (const host of hosts) {
      const server = yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer((socket) => socket.on("error", () => {}))
          server.listen(port, host, () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
      )
      const address = server.address()
      if (typeof address === "object" && address !== null) port = address.port
    }
    return port
  })

interface Outcome {
  readonly winner: string | undefined
  readonly errors: number
  readonly attempts: number
  readonly open: number
}

const run = (port: number, hosts: ReadonlyArray<string>, attemptDelay: number) =>
  Effect.async<Outcome>((resume) => {
    const sockets: Array<Net.Socket> = []
    const end = (winner: string | undefined, errors: number) => {
      const open = sockets.filter(({ destroyed }) => !destroyed).length
      for (const socket of sockets) socket.destroy()
      resume(Effect.succeed({ winner, errors, attempts: sockets.length, open }))
    }
    race(hosts.map((address) => ({ address, family: 4 })), {
      port,
      socket: {},
      attemptDelay,
      schedule: (delay, task) => {
        const timer = setTimeout(task, delay)
        return () => clearTimeout(timer)
      }
    }, {
      opened: (socket) => sockets.push(socket.on("error", () => {})),
      won: (socket) => end(socket.remoteAddress, 0),
      lost: (error) => end(undefined, error instanceof AggregateError ? error.errors.length : 1)
    })
  })

describe("the race of addresses", () => {
  it.scopedLive("is won by the first that is connected, and the others are closed", () =>
    Effect.gen(function*() {
      const port = yield* listen("127.0.0.2", "127.0.0.3")
      const outcome = yield* run(port, ["127.0.0.2", "127.0.0.3"], 0)
      assert.include(["127.0.0.2", "127.0.0.3"], outcome.winner)
      assert.strictEqual(outcome.open, 1)
    }))

  it.scopedLive("goes on at once where one refuses, and does not wait for the delay", () =>
    Effect.gen(function*() {
      const port = yield* listen("127.0.0.4")
      assert.deepStrictEqual(yield* run(port, ["127.0.0.2", "127.0.0.3", "127.0.0.4"], 1_000_000), {
        winner: "127.0.0.4",
        errors: 0,
        attempts: 3,
        open: 1
      })
    }))

  it.scopedLive("is lost when all have failed, with the errors of all", () =>
    Effect.gen(function*() {
      const port = yield* listen("127.0.0.9")
      assert.deepStrictEqual(yield* run(port, ["127.0.0.2", "127.0.0.3"], 1_000_000), {
        winner: undefined,
        errors: 2,
        attempts: 2,
        open: 0
      })
    }))

  it.effect("forgets the longest unused session first, and what a server did not take", () =>
    Effect.gen(function*() {
      const { TlsSessions } = yield* Effect.promise(() => import("../../src/internal/sockets/tlsSessions.js"))
      const sessions = new TlsSessions(2)
      for (const host of ["a", "b", "a", "c"]) sessions.set(host, Buffer.from(host))
      assert.deepStrictEqual(["a", "b", "c"].map((host) => sessions.get(host)?.toString()), ["a", undefined, "c"])
      sessions.forget("a")
      assert.isUndefined(sessions.get("a"))
    }))
})
