import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type * as Ws from "ws"

/** What is needed of the package `ws`, which is loaded with the first WebSocket. @internal */
export type Library = typeof Ws.WebSocket

/** An answer that opens no WebSocket. @internal */
export interface Refusal {
  readonly status: number
  readonly headers: ReadonlyArray<string>
  readonly body: Buffer
  readonly description: string
}

/** Exactly one of `opened`, `refused` and `failed` is called, unless it is abandoned first. @internal */
export interface HandshakeListener {
  /** The head of the answer is here. */
  answered(status: number): void
  opened(ws: Ws.WebSocket, headers: ReadonlyArray<string>): void
  refused(refusal: Refusal): void
  failed(error: Error): void
}

/** @internal */
export interface HandshakeRequest {
  /** Without a fragment or credentials. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: ReadonlyArray<string>
  /** In bytes. */
  readonly maxPayload: number
}

/** Of the body of a refusal, in bytes. */
const mostOfBody = 64 * 1024

/** How long the peer may take to end the connection after the close frames, in milliseconds. */
const closeTimeout = 1000

/**
 * Asks for a WebSocket over a socket that is connected. Another answer is read to its end, or as far as is reasonable.
 *
 * @internal
 */
export class Handshake {
  private isOver = false
  private answer: IncomingMessage | undefined = undefined
  private readonly body: Array<Buffer> = []
  private size = 0

  constructor(
    private readonly library: Library,
    private readonly socket: Socket,
    private readonly listener: HandshakeListener
  ) {}

  start({ headers, maxPayload, protocols, url }: HandshakeRequest): void {
    const options: Ws.ClientOptions & { readonly closeTimeout: number } = {
      createConnection: () => this.socket,
      headers,
      maxPayload,
      perMessageDeflate: false,
      followRedirects: false,
      closeTimeout
    }
    const ws = new this.library(url, [...protocols], options)
    // Stays: one without a listener would end the process.
    ws.on("error", (error) => this.fail(error))
    ws.once("upgrade", (answer) => {
      this.answer = answer
      this.listener.answered(answer.statusCode ?? 0)
    })
    ws.once("open", () => {
      if (this.finish()) this.listener.opened(ws, this.answer?.rawHeaders ?? [])
    })
    ws.once("unexpected-response", (_, answer) => this.refuse(answer))
  }

  /** Its time is over: whether it ends with what there is of a refusal. */
  conclude(): boolean {
    const { answer } = this
    if (answer === undefined || answer.statusCode === 101) return false
    this.conclusion(`it answered ${answer.statusCode} ${answer.statusMessage ?? ""}`.trimEnd())
    return true
  }

  abandon(): void {
    this.isOver = true
  }

  /** True the first time. */
  private finish(): boolean {
    if (this.isOver) return false
    return this.isOver = true
  }

  private refuse(answer: IncomingMessage): void {
    this.answer = answer
    // What breaks off is a refusal all the same.
    answer.on("error", () => {})
    if (this.isOver) return
    this.listener.answered(answer.statusCode ?? 0)
    answer.on("data", (chunk: Buffer) => {
      if (this.isOver) return
      this.body.push(chunk.subarray(0, mostOfBody - this.size))
      this.size += chunk.length
      if (this.size >= mostOfBody) this.conclude()
    })
    answer.once("end", () => this.conclude())
    answer.once("close", () => this.conclude())
  }

  private fail(error: Error): void {
    const { answer } = this
    // ws has looked at an answer that claims to open one.
    if (answer?.statusCode === 101) this.conclusion(`it answered 101, and ${error.message}`)
    else if (this.finish()) this.listener.failed(error)
  }

  private conclusion(description: string): void {
    const { answer } = this
    if (!this.finish()) return
    this.listener.refused({
      status: answer?.statusCode ?? 0,
      headers: answer?.rawHeaders ?? [],
      body: Buffer.concat(this.body),
      description
    })
  }
}
