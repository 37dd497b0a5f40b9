import type { Socket } from "node:net"
import type { WebSocket } from "ws"
import type { CloseReason } from "../../ConnectionEvent.js"
import type { Host } from "../books/host.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import type { Timers } from "../time/timers.js"
import type { FrameLimits } from "./frameDeadline.js"
import { FrameDeadline } from "./frameDeadline.js"

/** How a WebSocket ended. @internal */
export interface Ending {
  /** Of the close frame; 1006 where none came. */
  readonly code: number
  readonly reason: string
  /** What the socket's end was due to, or how the peer broke the protocol. */
  readonly error: Error | undefined
  /** Whether that was the protocol. */
  readonly isViolation: boolean
}

/** A lease, while a connection carries it. @internal */
export interface Holder {
  onMessage(data: Buffer, isBinary: boolean): void
  /** The socket has taken all that it was given. */
  onDrain(): void
  onTimeout(phase: "write" | "read"): void
  onEnding(ending: Ending): void
}

const open = 1

/** The close code that a peer is told where we close without waiting for it. */
const goodbyes: { readonly [reason in CloseReason]: number | undefined } = {
  idle: 1000,
  lifetime: 1000,
  evicted: 1000,
  ended: 1000,
  aborted: 1001,
  shutdown: 1001,
  peer: undefined,
  error: undefined
}

/**
 * A socket that is connected, and the WebSocket over it once its handshake is over.
 *
 * @internal
 */
export class WebSocketConnection implements PooledConnection {
  longestIdle = Infinity
  reuseKey: string | undefined = undefined
  idleSince = 0
  idleBefore: PooledConnection | undefined = undefined
  idleAfter: PooledConnection | undefined = undefined
  closeReason: CloseReason | undefined = undefined
  requests = 0
  /** Of the answer that opened it. */
  headers: ReadonlyArray<string> = []
  private holder: Holder | undefined = undefined
  private ws: WebSocket | undefined = undefined
  private error: Error | undefined = undefined
  private isViolation = false
  private hasLostPeer = false
  private readonly deadline: FrameDeadline

  constructor(
    readonly number: number,
    readonly host: Host<PooledConnection>,
    readonly socket: Socket,
    readonly openedAt: number,
    readonly expiresAt: number,
    timers: Timers
  ) {
    this.deadline = new FrameDeadline(socket, timers, (phase) => this.holder?.onTimeout(phase))
  }

  get usable(): boolean {
    return this.ws?.readyState === open && !this.socket.destroyed
  }

  get protocol(): string {
    return this.ws?.protocol ?? ""
  }

  /** The handshake is over: from now on the socket carries frames. */
  opened(ws: WebSocket, headers: ReadonlyArray<string>): void {
    const { deadline, socket } = this
    this.ws = ws
    this.headers = headers
    ws.on("message", (data, isBinary) => {
      const { holder } = this
      // ws gives a Buffer where nothing else is asked for.
      if (holder !== undefined) holder.onMessage(data as Buffer, isBinary)
      // Nobody asked: whatever it answers, the next lease must not get it.
      else socket.destroy()
    })
    ws.on("error", (error) => {
      this.error ??= error
      this.isViolation = true
      // The peer has been told, and need not be waited for.
      ws.terminate()
    })
    ws.once("close", (code, reason) => this.end(code, reason.toString()))
    socket.on("data", () => deadline.heard())
    socket.on("drain", () => this.holder?.onDrain())
    socket.on("error", (error) => this.error ??= error)
    socket.once("end", () => {
      // libuv takes a reset right behind data for an end.
      this.hasLostPeer = socket.localAddress !== undefined && socket.remoteAddress === undefined
    })
  }

  /** A lease begins. */
  take(holder: Holder, limits: FrameLimits): void {
    this.holder = holder
    this.socket.ref()
    this.deadline.begin(limits)
  }

  /** A lease is over, and the socket may carry another. */
  keep(reuseKey: string, longestIdle: number): void {
    this.holder = undefined
    this.reuseKey = reuseKey
    this.longestIdle = longestIdle
    this.deadline.clear()
    // An idle pool lets a program end.
    this.socket.unref()
  }

  /** A lease is over, and so is the connection. */
  drop(): void {
    this.holder = undefined
    this.deadline.dispose()
  }

  /** Whether nothing more is to be sent before the socket has taken some. */
  get isFull(): boolean {
    return this.socket.writableNeedDrain
  }

  /** Whether nothing is under way to the peer. */
  get isFlushed(): boolean {
    return this.socket.writableLength === 0
  }

  send(data: string | Uint8Array): void {
    const { deadline } = this
    deadline.sends()
    this.ws?.send(data)
    deadline.sent()
  }

  pause(): void {
    this.deadline.pause()
    this.ws?.pause()
  }

  resume(): void {
    this.deadline.resume()
    this.ws?.resume()
  }

  /** Says that it is to be closed, and waits for the peer for a moment. */
  startClosing(code: number, reason: string): void {
    this.deadline.clear()
    this.ws?.close(code, reason)
    // The peer's close frame has to be read.
    this.ws?.resume()
  }

  close(): void {
    const { closeReason, ws } = this
    this.drop()
    const code = closeReason === undefined ? undefined : goodbyes[closeReason]
    if (code !== undefined && this.usable && this.isFlushed) ws?.close(code)
    ws?.terminate()
    this.socket.destroy()
  }

  gone(): void {
    this.deadline.dispose()
    // ws tells what it still has to tell before.
    if (this.holder !== undefined) setImmediate(() => this.end(1006, ""))
  }

  private end(code: number, reason: string): void {
    const { holder, isViolation } = this
    this.drop()
    if (holder === undefined) return
    const error = this.error ??
      (this.hasLostPeer ? Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) : undefined)
    holder.onEnding({ code, reason, error, isViolation })
  }
}
