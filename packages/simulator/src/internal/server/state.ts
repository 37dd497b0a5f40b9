/**
 * What one simulator remembers between requests. Each service keeps its own part of it, in its own folder; nobody else
 * can see that part.
 */
import { digest, uuid } from "../core/hash.js"

/** @internal */
export class State {
  private readonly counts = new Map<string, number>()

  /** Counts from 1, for each kind by itself. */
  next(kind: string): number {
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    return count
  }

  /** The next id of a kind: the same ids in the same order for every simulator. */
  nextId(kind: string): string {
    return uuid(digest(`${kind}/${this.next(kind)}`))
  }
}

/**
 * A part of the state: made when a simulator first needs it, and gone with that simulator.
 *
 * @internal
 */
export const part = <A extends object>(make: () => A): (state: State) => A => {
  const parts = new WeakMap<State, A>()
  return (state) => {
    const before = parts.get(state)
    if (before !== undefined) {
      return before
    }
    const made = make()
    parts.set(state, made)
    return made
  }
}
