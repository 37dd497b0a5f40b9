/**
 * Stands before a server and passes on what it gets, byte for byte, but for what it breaks: it resets connections in the
 * middle of a flight (all that one side says before the other does), and refuses handshakes that offer a TLS session.
 */
import { Effect } from "effect"
import * as Net from "node:net"
import type { Random } from "./random.js"

/**
 * Over TLS the client's hello is the first flight and the server's the second; with the third, the client's request goes
 * out, and with the fourth comes the answer.
 */
export const flights = 4

export class RelayCounts {
  /** Handshakes refused for the session that they offered. */
  refusedSessions = 0
  /** Connections reset in this flight, the first one first. */
  readonly resets: Array<number> = Array.from({ length: flights }, () => 0)

  add(other: RelayCounts): void {
    this.refusedSessions += other.refusedSessions
    other.resets.forEach((count, i) => this.resets[i]! += count)
  }
}

/** How often each happens to a connection. */
export interface RelayFaults {
  readonly refuseSessions: number
  readonly reset: number
}

/** Whether a ClientHello offers to resume a session: a pre-shared key (TLS 1.3), or a ticket that is not empty (1.2). */
const offersSession = (hello: Buffer): boolean => {
  if (hello.length < 44 || hello[0] !== 22) return false
  let at = 43
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  at += 2
  while (at + 4 <= hello.length) {
    const type = hello.readUInt16BE(at)
    const length = hello.readUInt16BE(at + 2)
    if (type === 41 || (type === 35 && length > 0)) return true
    at += 4 + length
  }
  return false
}

const handshakeFailure = Buffer.from([21, 3, 3, 0, 2, 2, 40])

class Passage {
  private flight = 0
  private side: Net.Socket | undefined = undefined

  constructor(
    private readonly client: Net.Socket,
    private readonly server: Net.Socket,
    /** The flight to be reset in. */
    private readonly fatal: number | undefined,
    private readonly refusesSession: boolean,
    private readonly counts: RelayCounts
  ) {
    this.pass(client, server)
    this.pass(server, client)
  }

  private pass(from: Net.Socket, to: Net.Socket): void {
    from.on("error", () => {})
    from.on("end", () => to.end())
    from.once("close", () => to.destroy())
    from.on("data", (data) => this.said(from, to, data))
  }

  private said(from: Net.Socket, to: Net.Socket, data: Buffer): void {
    if (this.side !== from) {
      this.side = from
      this.flight++
    }
    if (this.flight === 1 && this.refusesSession && offersSession(data)) {
      this.counts.refusedSessions++
      this.client.end(handshakeFailure)
      this.server.destroy()
    } else if (this.flight === this.fatal) {
      this.counts.resets[this.flight - 1]!++
      to.write(data.subarray(0, data.length >> 1))
      setImmediate(() => {
        this.client.resetAndDestroy()
        this.server.resetAndDestroy()
      })
    } else {
      to.write(data)
    }
  }
}

/** A relay to a port of this machine, for as long as the scope is open. Its own port. */
export const relay = (port: number, faults: RelayFaults, random: Random, counts: RelayCounts) =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    const keep = (socket: Net.Socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
      return socket
    }
    const server = Net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const behind = Net.connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true })
      const fatal = random.chance(faults.reset) ? random.integer(1, flights) : undefined
      new Passage(keep(client), keep(behind), fatal, random.chance(faults.refuseSessions), counts)
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
    return typeof address === "object" && address !== null ? address.port : 0
  })
