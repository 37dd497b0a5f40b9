/**
 * One WebSocket, from the side of the server: what can be sent, and how it can end.
 */
import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import type { Breakable } from "../server/perform.js"
import type { SocketCounts } from "./counts.js"

/** Milliseconds in which a client can read what was sent before a reset, as of HTTP's. */
const untilRead = 15

/** The code of a close frame, if it is one that may be sent. */
const codeOf = (code: number): number =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)
    ? code
    : 1011

/** The reason of a close frame has 123 bytes at the most. */
const reasonOf = (reason: string): string => {
  let short = reason
  while (Buffer.byteLength(short) > 123) {
    short = short.slice(0, -1)
  }
  return short
}

/** @internal */
export class Peer {
  /** Nothing is sent any more; what arrives is ignored. */
  isOver = false
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Duplex,
    private readonly connection: Breakable,
    private readonly counts: SocketCounts
  ) {
    ws.once("close", () => {
      this.isOver = true
      for (const timer of this.timers) {
        clearTimeout(timer)
      }
    })
  }

  text(text: string): void {
    if (!this.isOver) {
      this.counts.numbers.messagesSent++
      this.ws.send(text)
    }
  }

  binary(bytes: Uint8Array): void {
    if (!this.isOver) {
      this.counts.numbers.messagesSent++
      this.ws.send(bytes)
    }
  }

  /** The client reads too slowly for more to be written. */
  get isFull(): boolean {
    return this.socket.writableNeedDrain
  }

  onDrain(callback: () => void): void {
    this.socket.once("drain", callback)
  }

  /** In real time; not after the WebSocket is closed. */
  after(millis: number, callback: () => void): void {
    if (this.ws.readyState === this.ws.CLOSED) {
      return
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      callback()
    }, millis)
    this.timers.add(timer)
  }

  ping(): void {
    if (!this.isOver) {
      this.ws.ping()
    }
  }

  /** With a close frame. */
  close(code: number, reason = ""): void {
    if (!this.isOver) {
      this.isOver = true
      this.ws.close(codeOf(code), reasonOf(reason))
    }
  }

  /** A FIN without a close frame. */
  end(): void {
    this.isOver = true
    this.socket.end(() => this.connection.destroy())
  }

  /** A RST, behind what is written. */
  reset(): void {
    this.isOver = true
    this.socket.write("", () => this.after(untilRead, () => setImmediate(() => this.connection.resetAndDestroy())))
  }

  /** Silence: reads, and says nothing any more. */
  stall(): void {
    this.isOver = true
  }
}
