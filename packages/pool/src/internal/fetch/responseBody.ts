import { pipeline, Readable } from "node:stream"
import type { Exchange } from "../exchange/exchange.js"
import type { Coding } from "../http/codings.js"
import { terminated } from "./errors.js"

/** What arrives, until its end. */
async function* arriving(exchange: Exchange): AsyncGenerator<Uint8Array> {
  for (;;) {
    if (exchange.hasMore) {
      yield exchange.takeWhole()
    } else if (exchange.ended) {
      if (exchange.error !== undefined) throw terminated(exchange.error)
      return
    } else {
      await new Promise<void>((resolve) => exchange.awaitSome(resolve))
    }
  }
}

/**
 * The body of a response as the source of its stream: read from the socket as it is asked for, and nothing before. An
 * exchange in flight does not lead to its body, so that one that nobody can read any more is seen.
 *
 * @internal
 */
export class BodySource implements UnderlyingByteSource {
  readonly type = "bytes"
  private controller: ReadableByteStreamController | undefined = undefined
  private pieces: AsyncIterator<Uint8Array> | undefined = undefined
  private decoder: Readable | undefined = undefined
  private isOver = false

  constructor(
    private readonly exchange: Exchange,
    private readonly codings: ReadonlyArray<Coding>,
    /** It was read to its end, or nobody will. */
    private readonly done: () => void
  ) {}

  start(controller: ReadableByteStreamController): void {
    this.controller = controller
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    this.pieces ??= this.begin()
    try {
      const piece = await this.pieces.next()
      if (this.isOver) return
      // A copy: the stream takes the whole buffer of what it is given, which others have a part in.
      if (piece.done !== true) controller.enqueue(new Uint8Array(piece.value))
      if (piece.done === true || this.isAllTaken) this.close(controller)
    } catch (error) {
      // The answer that is nothing may name a coding.
      if (this.exchange.isEmpty && !this.isOver) return this.close(controller)
      this.fail(this.exchange.error === undefined ? terminated(error) : terminated(this.exchange.error))
    }
  }

  cancel(): void {
    this.end()
  }

  /** Ends the stream with an error, and the exchange. */
  fail(reason: unknown): void {
    if (this.isOver) return
    this.end()
    this.controller?.error(reason)
  }

  /** Without a look at an end that is known. */
  private get isAllTaken(): boolean {
    const { codings, exchange } = this
    return codings.length === 0 && exchange.ended && !exchange.hasMore && exchange.error === undefined
  }

  private close(controller: ReadableByteStreamController): void {
    this.end()
    controller.close()
    // A reader with a buffer of its own waits for it.
    controller.byobRequest?.respond(0)
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    this.exchange.abort()
    this.decoder?.destroy()
    this.done()
  }

  private begin(): AsyncIterator<Uint8Array> {
    const { codings, exchange } = this
    if (codings.length === 0) return arriving(exchange)
    let decoded = Readable.from(arriving(exchange))
    for (const coding of codings) decoded = pipeline(decoded, coding.stream(), () => {})
    this.decoder = decoded
    return decoded[Symbol.asyncIterator]()
  }
}
