import * as Chunk from "effect/Chunk"

const none: ReadonlyArray<Uint8Array> = []
const nothing = new Uint8Array(0)

/** @internal What has arrived of a body and was not taken yet. Mostly it is one piece, which takes no array. */
export class BodyBuffer {
  /** In bytes. */
  size = 0
  private first: Uint8Array | undefined = undefined
  private rest: Array<Uint8Array> | undefined = undefined

  add(piece: Uint8Array): void {
    this.size += piece.length
    if (this.first === undefined) {
      this.first = piece
    } else {
      this.rest ??= none.slice()
      this.rest.push(piece)
    }
  }

  /** Everything, as it arrived. */
  take(): Chunk.Chunk<Uint8Array> {
    const { first, rest } = this
    this.clear()
    if (first === undefined) return Chunk.empty()
    return rest === undefined ? Chunk.of(first) : Chunk.unsafeFromArray([first, ...rest])
  }

  /** Everything in one piece. */
  takeWhole(): Uint8Array {
    const { first, rest, size } = this
    this.clear()
    if (first === undefined) return nothing
    return rest === undefined ? first : Buffer.concat([first, ...rest], size)
  }

  private clear(): void {
    this.size = 0
    this.first = this.rest = undefined
  }
}
