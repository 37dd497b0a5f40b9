import type { Host, Waiter } from "./host.js"

/** All that wait for a permit, over all hosts, in the order in which they came and so in that of their deadlines. @internal */
export class Arrivals<C> {
  first: Waiter<C> | undefined = undefined
  size = 0
  private last: Waiter<C> | undefined = undefined

  add(waiter: Waiter<C>): void {
    waiter.earlier = this.last
    waiter.later = undefined
    if (this.last === undefined) this.first = waiter
    else this.last.later = waiter
    this.last = waiter
    this.size++
  }

  remove(waiter: Waiter<C>): void {
    if (waiter.earlier === undefined) this.first = waiter.later
    else waiter.earlier.later = waiter.later
    if (waiter.later === undefined) this.last = waiter.earlier
    else waiter.later.earlier = waiter.earlier
    waiter.earlier = waiter.later = undefined
    this.size--
  }
}

/**
 * The hosts with requests that wait, the one whose first request came first at the top: a heap, so that a grant
 * does not look at all hosts. A host that cannot be served leaves it when it comes to the top, and has to be offered again.
 *
 * @internal
 */
export class Turns<C> {
  private readonly heap: Array<Host<C>> = []

  constructor(private readonly permitsPerHost: number) {}

  offer(host: Host<C>): void {
    if (host.hasTurn || host.queue.head === undefined) return
    host.hasTurn = true
    host.turn = host.queue.head.ticket
    this.rise(this.heap.push(host) - 1)
  }

  /** The host whose first request is served next. */
  next(): Host<C> | undefined {
    for (let top = this.heap[0]; top !== undefined; top = this.heap[0]) {
      const first = top.queue.head
      if (first === undefined || top.permits >= this.permitsPerHost) {
        top.hasTurn = false
        const last = this.heap.pop()
        if (last === undefined || last === top) continue
        this.heap[0] = last
      } else if (first.ticket === top.turn) {
        return top
      } else {
        // The one that the host had its turn for has left or was served.
        top.turn = first.ticket
      }
      this.sink(0)
    }
    return undefined
  }

  /** How many requests could be served if only there were connections; not more than so many are counted. */
  servable(most: number): number {
    let count = 0
    for (let i = 0; i < this.heap.length && count < most; i++) {
      const host = this.heap[i]!
      count += Math.max(0, Math.min(host.queue.size, this.permitsPerHost - host.permits))
    }
    return Math.min(count, most)
  }

  private rise(from: number): void {
    const { heap } = this
    const host = heap[from]!
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      if (heap[above]!.turn <= host.turn) break
      heap[place] = heap[above]!
      place = above
    }
    heap[place] = host
  }

  private sink(from: number): void {
    const { heap } = this
    const host = heap[from]!
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1]!.turn < heap[below]!.turn) below++
      if (heap[below]!.turn >= host.turn) break
      heap[place] = heap[below]!
      place = below
    }
    heap[place] = host
  }
}
