const none: ReadonlyArray<Uint8Array> = []
const nothing = new Uint8Array(0)

/** Bytes kept for a reader that has not asked for them, before the socket is left to fill up. */
const highWaterMark = 64 * 1024

const after = (earlier: (() => void) | undefined, reader: () => void): () => void =>
  earlier === undefined ? reader : () => {
    earlier()
    reader()
  }

/**
 * What has arrived of a body and was not taken yet, and who waits for it. Mostly it is one piece, which takes no
 * array.
 *
 * @internal
 */
export class ResponseBody {
  /** In bytes. */
  size = 0
  /** Of all that has arrived. */
  total = 0
  /** Whether anybody has begun to read. */
  isBegun = false
  /** The socket is left to fill up. */
  isPaused = false
  /** Whether it is read as a whole: then it is never paused. */
  private isWhole = false
  private most = Infinity
  private first: Uint8Array | undefined = undefined
  private rest: Array<Uint8Array> | undefined = undefined
  /** Called when there is more of it. */
  private someReader: (() => void) | undefined = undefined
  /** Called when there is all of it. */
  private allReader: (() => void) | undefined = undefined

  add(piece: Uint8Array): void {
    this.size += piece.length
    this.total += piece.length
    if (this.first === undefined) {
      this.first = piece
    } else {
      this.rest ??= none.slice()
      this.rest.push(piece)
    }
  }

  /** Everything, as it arrived. */
  take(): ReadonlyArray<Uint8Array> {
    const { first, rest } = this
    this.clear()
    if (first === undefined) return none
    return rest === undefined ? [first] : [first, ...rest]
  }

  /** Everything in one piece. */
  takeWhole(): Uint8Array {
    const { first, rest, size } = this
    this.clear()
    if (first === undefined) return nothing
    return rest === undefined ? first : Buffer.concat([first, ...rest], size)
  }

  /** Calls the reader once more has arrived, or nothing more will. */
  awaitSome(reader: () => void): void {
    this.someReader = after(this.someReader, reader)
    this.isBegun = true
  }

  /** Calls the reader once all has arrived, or nothing more will; it is to be no larger than this. */
  awaitAll(mostBytes: number, reader: () => void): void {
    this.allReader = after(this.allReader, reader)
    this.isBegun = true
    this.isWhole = true
    this.most = Math.min(this.most, mostBytes)
  }

  get hasReader(): boolean {
    return this.someReader !== undefined || this.allReader !== undefined
  }

  get awaitsMore(): boolean {
    return this.someReader !== undefined
  }

  /** Whether its reader has enough for now. */
  get isFull(): boolean {
    return !this.isWhole && this.size >= highWaterMark
  }

  /** The limit that it has grown beyond. */
  get exceeded(): number | undefined {
    return this.isWhole && this.size > this.most ? this.most : undefined
  }

  /** Calls those who wait for what there is now. */
  notify(isOver: boolean): void {
    const { allReader, someReader } = this
    if (someReader !== undefined && (isOver || this.size > 0)) {
      this.someReader = undefined
      someReader()
    }
    if (allReader !== undefined && isOver) {
      this.allReader = undefined
      allReader()
    }
  }

  /** Runs what adds the rest, which is here already, however much it is. */
  withoutLimits(run: () => void): void {
    const { isWhole, most } = this
    this.isWhole = true
    this.most = Infinity
    this.isPaused = false
    run()
    this.isWhole = isWhole
    this.most = most
  }

  private clear(): void {
    this.size = 0
    this.first = this.rest = undefined
  }
}
