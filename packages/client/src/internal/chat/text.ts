/** The pieces of a stream's answer that have no structure: texts that grow, and fields of which the last counts. */

/** @internal */
export type Nullish<A> = A | null | undefined

/** @internal */
export const isNullish = (u: unknown): u is null | undefined => u === undefined || u === null

/** What comes last holds, but nothing does not undo something. @internal */
export const last = <A>(before: A, after: A): A => isNullish(after) && before !== undefined ? before : after

/** So many bytes are held for a piece besides those of its text. @internal */
export const overhead = 16

/** Pieces that are kept apart before they are joined. */
const mostPieces = 256

/**
 * A text that grows. `+=` alone would be linear too, since engines keep its result as a tree of pieces until somebody
 * reads it; but such a tree, one node per event, costs the garbage collector more than all else that a stream does.
 *
 * @internal
 */
export class Text {
  private before: Nullish<string> = undefined
  private pieces: Array<string> = []

  add(text: Nullish<string>): number {
    if (typeof text !== "string") {
      if (this.pieces.length === 0) this.before = last(this.before, text)
      return 0
    }
    if (this.pieces.push(text) === mostPieces) this.join()
    return overhead + 2 * text.length
  }

  get(): Nullish<string> {
    if (this.pieces.length > 0) this.join()
    return this.before
  }

  private join(): void {
    const [first = ""] = this.pieces
    this.before = (this.before ?? "") + (this.pieces.length === 1 ? first : this.pieces.join(""))
    this.pieces = []
  }
}

/** Fields that have no rule of their own: the last of each. @internal */
export class Rest {
  private fields: Map<string, unknown> | undefined

  add(name: string, value: unknown): void {
    this.fields ??= new Map()
    this.fields.set(name, last(this.fields.get(name), value))
  }

  /** As own properties, under any name. */
  get(): object | undefined {
    return this.fields === undefined ? undefined : Object.fromEntries(this.fields)
  }
}
