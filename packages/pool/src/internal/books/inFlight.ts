/** Something that is in flight. @internal */
export interface Entry {
  /** `InFlight`'s own: where it is kept, or -1. */
  place: number
}

/**
 * What is in flight, in no order. It comes and goes with every request, and a `Set` copies its table every few
 * dozen such changes: each old table leads to the next, so once one of them is in the old generation, minor collections
 * keep them all, with everything that was in flight when they were copied.
 *
 * @internal
 */
export class InFlight<A extends Entry> implements Iterable<A> {
  private readonly entries: Array<A> = []

  add(entry: A): void {
    if (entry.place >= 0) return
    entry.place = this.entries.push(entry) - 1
  }

  delete(entry: A): void {
    const { place } = entry
    if (place < 0) return
    entry.place = -1
    const last = this.entries.pop()
    if (last === undefined || last === entry) return
    this.entries[place] = last
    last.place = place
  }

  [Symbol.iterator](): Iterator<A> {
    return this.entries[Symbol.iterator]()
  }
}
