import type { Priority } from "../../RateLimitState.js"

/** Of so many turns, one is a batch's where both wait. */
const batchShare = 10

/** Something that waits. @internal */
export interface Queued {
  readonly priority: Priority
  /** For each limit. */
  readonly costs: ReadonlyArray<number>
}

/**
 * Who waits: first come, first served within a class, the interactive ones first, but for every tenth turn.
 *
 * @internal
 */
export class Queue<A extends Queued> {
  private readonly classes: { readonly [priority in Priority]: Set<A> } = { interactive: new Set(), batch: new Set() }
  private readonly sums: { readonly [priority in Priority]: Array<number> }
  private turns = 0

  constructor(limits: number) {
    const zeros = () => Array.from({ length: limits }, () => 0)
    this.sums = { interactive: zeros(), batch: zeros() }
  }

  get size(): number {
    return this.classes.interactive.size + this.classes.batch.size
  }

  sizeOf(priority: Priority): number {
    return this.classes[priority].size
  }

  has(item: A): boolean {
    return this.classes[item.priority].has(item)
  }

  add(item: A): void {
    this.classes[item.priority].add(item)
    this.sum(item, 1)
  }

  remove(item: A): boolean {
    if (!this.classes[item.priority].delete(item)) return false
    this.sum(item, -1)
    return true
  }

  /** Whose turn is next. */
  get next(): A | undefined {
    const { batch, interactive } = this.classes
    const first = batch.size > 0 && (interactive.size === 0 || this.turns >= batchShare - 1) ? batch : interactive
    for (const item of first) return item
    return undefined
  }

  /** It had its turn. */
  take(item: A): void {
    const { batch, interactive } = this.classes
    if (this.remove(item)) {
      this.turns = item.priority === "batch" || batch.size === 0 ? 0 : this.turns + 1
    }
    if (interactive.size === 0) this.turns = 0
  }

  /** What those who will go before a newcomer of this class want of one limit. */
  before(priority: Priority, limit: number): number {
    const { batch, interactive } = this.sums
    return interactive[limit]! + (priority === "batch" ? batch[limit]! : 0)
  }

  /** The place of a newcomer, as it looks now, from 1. */
  placeOf(priority: Priority): number {
    return this.classes.interactive.size + (priority === "batch" ? this.classes.batch.size : 0)
  }

  private sum({ costs, priority }: A, sign: 1 | -1): void {
    const sums = this.sums[priority]
    for (let i = 0; i < sums.length; i++) sums[i]! += sign * costs[i]!
    if (this.classes[priority].size === 0) sums.fill(0)
  }
}
