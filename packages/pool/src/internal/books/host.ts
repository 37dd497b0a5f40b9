/** A request that wants a permit and a connection. Exactly one of its three methods is called. @internal */
export interface Waiter<C> {
  readonly host: Host<C>
  /** Of the idle connections it wants one with the same key. */
  readonly reuseKey: string | undefined
  /** Links of the queue it waits in, and of all that wait for a permit; the ledger's own. */
  queue: Queue<C> | undefined
  previous: Waiter<C> | undefined
  next: Waiter<C> | undefined
  earlier: Waiter<C> | undefined
  later: Waiter<C> | undefined
  ticket: number
  queuedAt: number
  grantConnection(connection: C): void
  grantSlot(): void
  refuse(reason: "timeout" | "closed"): void
}

/** A first-in, first-out queue with removal in constant time. @internal */
export class Queue<C> {
  head: Waiter<C> | undefined = undefined
  size = 0
  private tail: Waiter<C> | undefined = undefined

  push(waiter: Waiter<C>): void {
    waiter.queue = this
    waiter.previous = this.tail
    waiter.next = undefined
    if (this.tail === undefined) this.head = waiter
    else this.tail.next = waiter
    this.tail = waiter
    this.size++
  }

  remove(waiter: Waiter<C>): void {
    if (waiter.previous === undefined) this.head = waiter.next
    else waiter.previous.next = waiter.next
    if (waiter.next === undefined) this.tail = waiter.previous
    else waiter.next.previous = waiter.previous
    waiter.queue = waiter.previous = waiter.next = undefined
    this.size--
  }
}

/** Told of every change, so that metrics need no looking. @internal */
export interface HostGauges {
  addActive(delta: number): void
  addIdle(delta: number): void
  addInFlight(delta: number): void
  addWaiting(delta: number): void
}

/** One origin's share of the books. @internal */
export class Host<C> {
  permits = 0
  connecting = 0
  active = 0
  closing = 0
  /** Its place among those with requests that wait; `Turns`' own. */
  turn = 0
  hasTurn = false
  /** Most recently used last. */
  readonly idle: Array<C> = []
  readonly queue = new Queue<C>()

  constructor(readonly origin: string, readonly gauges: HostGauges) {}

  get open(): number {
    return this.connecting + this.active + this.idle.length + this.closing
  }

  get waiting(): number {
    return this.queue.size
  }
}
