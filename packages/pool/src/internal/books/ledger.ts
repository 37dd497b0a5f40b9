import type { CloseReason } from "../../ConnectionEvent.js"
import { DeadlineTimer } from "../time/deadlineTimer.js"
import type { Timers } from "../time/timers.js"

/**
 * The books of a pool: who may send, over which connection, and who waits. It plans and counts; opening and closing is
 * done by those it tells to (`Waiter`, `Pooled`). Every method runs to its end in one turn, so no interleaving can lose
 * a permit, a slot or a place in the queue.
 *
 * - A *permit* lets one request be in flight; it is held from grant to `releasePermit`.
 * - A *slot* lets one connection be open; it is held from `grantSlot` until its socket is closed (`slotFreed`).
 */

/** @internal A connection, as far as the books care. */
export interface Pooled {
  /** When it is to be replaced at the latest, on the Timers' clock. */
  readonly expiresAt: number
  idleSince: number
  /** False once its socket is closing. */
  readonly usable: boolean
  closeReason: CloseReason | undefined
  /** Begins to close it; `slotFreed` follows when its socket is closed. */
  close(): void
}

/** @internal A request that wants a permit and a connection. Exactly one of its three methods is called. */
export interface Waiter<C> {
  /** Links of the queue it waits in; the ledger's own. */
  queue: Queue<C> | undefined
  previous: Waiter<C> | undefined
  next: Waiter<C> | undefined
  ticket: number
  queuedAt: number
  grantConnection(connection: C): void
  grantSlot(): void
  refuse(reason: "timeout" | "closed"): void
}

/** @internal A first-in, first-out queue with removal in constant time. */
export class Queue<C> {
  head: Waiter<C> | undefined = undefined
  private tail: Waiter<C> | undefined = undefined

  push(waiter: Waiter<C>): void {
    waiter.queue = this
    waiter.previous = this.tail
    waiter.next = undefined
    if (this.tail === undefined) this.head = waiter
    else this.tail.next = waiter
    this.tail = waiter
  }

  remove(waiter: Waiter<C>): void {
    if (waiter.previous === undefined) this.head = waiter.next
    else waiter.previous.next = waiter.next
    if (waiter.next === undefined) this.tail = waiter.previous
    else waiter.next.previous = waiter.previous
    waiter.queue = waiter.previous = waiter.next = undefined
  }
}

/** @internal Told of every change, so that metrics need no looking. */
export interface HostGauges {
  addActive(delta: number): void
  addIdle(delta: number): void
  addInFlight(delta: number): void
  addWaiting(delta: number): void
}

/** @internal One origin's share of the books. */
export class Host<C> {
  permits = 0
  connecting = 0
  active = 0
  closing = 0
  waiting = 0
  /** Most recently used last. */
  readonly idle: Array<C> = []
  readonly queue = new Queue<C>()

  constructor(readonly origin: string, readonly gauges: HostGauges) {}

  get open(): number {
    return this.connecting + this.active + this.idle.length + this.closing
  }
}

/** @internal */
export interface Limits {
  readonly connectionPoolSize: number
  readonly maximumAsyncRequests: number
  readonly maximumAsyncRequestsPerHost: number
  readonly maximumPendingRequests: number
  /** In milliseconds, as are those below; Infinity for none. */
  readonly acquireTimeout: number
  readonly connectionIdleTimeout: number
}

/** @internal */
export class Ledger<C extends Pooled> {
  readonly hosts = new Map<string, Host<C>>()
  permits = 0
  connecting = 0
  active = 0
  idle = 0
  closing = 0
  waiting = 0
  closed = false
  /** Since the pool was made. */
  readonly totals = {
    opened: 0,
    acquired: 0,
    reused: 0,
    waited: 0,
    timedOut: 0,
    rejected: 0,
    resent: 0,
    closed: { idle: 0, lifetime: 0, peer: 0, error: 0, aborted: 0, shutdown: 0, evicted: 0 } satisfies Record<
      CloseReason,
      number
    >
  }
  /** Called whenever nothing is open and nothing is in flight any more. */
  onDrained: (() => void) | undefined = undefined
  /** Called when it is closed. */
  readonly closeListeners = new Set<() => void>()

  /** Requests that hold a permit already and want a slot for a second connection. They go before all others. */
  private readonly slotQueue = new Queue<C>()
  private readonly slotHosts = new Map<Waiter<C>, Host<C>>()
  private readonly waitingHosts = new Set<Host<C>>()
  private ticket = 0
  private pumping = false
  private readonly acquireDeadline: DeadlineTimer
  private readonly idleDeadline: DeadlineTimer
  /** When the idle timer is due; Infinity while nothing is idle. */
  private idleDue = Infinity

  constructor(
    readonly limits: Limits,
    private readonly timers: Timers,
    private readonly gaugesOf: (origin: string) => HostGauges
  ) {
    this.acquireDeadline = new DeadlineTimer(timers, () => this.refuseLate())
    this.idleDeadline = new DeadlineTimer(timers, () => this.closeExpired())
  }

  get open(): number {
    return this.connecting + this.active + this.idle + this.closing
  }

  host(origin: string): Host<C> {
    let host = this.hosts.get(origin)
    if (host === undefined) {
      host = new Host(origin, this.gaugesOf(origin))
      if (!this.closed) this.hosts.set(origin, host)
    }
    return host
  }

  /** Grants at once, queues, or says that too many wait already. */
  acquire(host: Host<C>, waiter: Waiter<C>): "granted" | "queued" | "exhausted" {
    // While others wait, arrival order decides, so the newcomer goes through the queue.
    if (this.waiting === 0 && this.slotQueue.head === undefined && this.grant(host, waiter)) return "granted"
    waiter.ticket = this.ticket++
    waiter.queuedAt = this.timers.now()
    host.queue.push(waiter)
    host.waiting++
    this.waiting++
    host.gauges.addWaiting(1)
    this.waitingHosts.add(host)
    this.pump()
    if (waiter.queue === undefined) return "granted"
    // Who waits only for a socket to be closed, with a permit to be had, does not count as pending.
    const served = Math.min(this.closing, this.limits.maximumAsyncRequests - this.permits)
    if (this.waiting > this.limits.maximumPendingRequests + served) {
      this.dequeue(host, waiter)
      this.forget(host)
      this.totals.rejected++
      return "exhausted"
    }
    this.totals.waited++
    if (this.limits.acquireTimeout !== Infinity) {
      this.acquireDeadline.set(this.oldestWait() + this.limits.acquireTimeout)
    }
    return "queued"
  }

  /** Another connection for a request that keeps its permit. */
  acquireSlot(host: Host<C>, waiter: Waiter<C>): void {
    if (this.closed) return waiter.refuse("closed")
    this.slotQueue.push(waiter)
    this.slotHosts.set(waiter, host)
    this.pump()
  }

  /** A waiter goes away: its fiber was interrupted. */
  leave(host: Host<C>, waiter: Waiter<C>): void {
    if (waiter.queue === this.slotQueue) {
      this.slotQueue.remove(waiter)
      this.slotHosts.delete(waiter)
    } else if (waiter.queue !== undefined) {
      this.dequeue(host, waiter)
      this.forget(host)
    }
  }

  /** The slot's connection is up and carries its first request. */
  connected(host: Host<C>): void {
    host.connecting--
    this.connecting--
    host.active++
    this.active++
    host.gauges.addActive(1)
    this.totals.opened++
  }

  /** The slot's connection could not be made; its sockets are closing. */
  connectFailed(host: Host<C>): void {
    host.connecting--
    this.connecting--
    host.closing++
    this.closing++
  }

  /** A connection that carried a request is closing. */
  discarded(host: Host<C>, connection: C, reason: CloseReason): void {
    connection.closeReason = reason
    host.active--
    this.active--
    host.gauges.addActive(-1)
    host.closing++
    this.closing++
    this.totals.closed[reason]++
  }

  /** An idle connection is closing. Returns false if it was not idle. */
  removeIdle(host: Host<C>, connection: C, reason: CloseReason): boolean {
    const index = host.idle.indexOf(connection)
    if (index < 0) return false
    host.idle.splice(index, 1)
    this.idle--
    host.gauges.addIdle(-1)
    connection.closeReason = reason
    host.closing++
    this.closing++
    this.totals.closed[reason]++
    return true
  }

  /** The connection's sockets are closed. */
  slotFreed(host: Host<C>): void {
    host.closing--
    this.closing--
    this.pump()
    this.forget(host)
    this.checkDrained()
  }

  /** The request has ended; its connection can carry another. */
  releaseConnection(host: Host<C>, connection: C): void {
    const now = this.timers.now()
    if (this.closed || connection.expiresAt <= now) {
      this.discarded(host, connection, this.closed ? "shutdown" : "lifetime")
      connection.close()
    } else {
      host.active--
      this.active--
      host.gauges.addActive(-1)
      connection.idleSince = now
      host.idle.push(connection)
      this.idle++
      host.gauges.addIdle(1)
      const expiry = this.expiryOf(connection)
      if (expiry < this.idleDue) {
        this.idleDue = expiry
        this.idleDeadline.set(expiry)
      }
    }
    this.releasePermit(host)
  }

  /** The request has ended. */
  releasePermit(host: Host<C>): void {
    host.permits--
    this.permits--
    host.gauges.addInFlight(-1)
    this.pump()
    this.forget(host)
    this.checkDrained()
  }

  /** Refuses all who wait, closes what is idle, and grants nothing any more. */
  close(): void {
    this.closed = true
    for (const listener of this.closeListeners) listener()
    this.closeListeners.clear()
    this.acquireDeadline.dispose()
    this.idleDeadline.dispose()
    for (const host of [...this.hosts.values()]) {
      for (let waiter = host.queue.head; waiter !== undefined; waiter = host.queue.head) {
        this.dequeue(host, waiter)
        waiter.refuse("closed")
      }
      for (const connection of [...host.idle]) {
        this.removeIdle(host, connection, "shutdown")
        connection.close()
      }
      this.forget(host)
    }
    for (let waiter = this.slotQueue.head; waiter !== undefined; waiter = this.slotQueue.head) {
      this.slotQueue.remove(waiter)
      this.slotHosts.delete(waiter)
      waiter.refuse("closed")
    }
    this.checkDrained()
  }

  private checkDrained(): void {
    if (this.permits === 0 && this.open === 0) this.onDrained?.()
  }

  /** Hands out what is free, oldest request first among the hosts below their limit. */
  private pump(): void {
    // A grant may fail at once and come back here; the loop below sees what it gave back.
    if (this.pumping || this.closed) return
    this.pumping = true
    try {
      for (let waiter = this.slotQueue.head; waiter !== undefined; waiter = this.slotQueue.head) {
        const host = this.slotHosts.get(waiter)
        if (host === undefined || !this.reserveSlot(host)) break
        this.slotQueue.remove(waiter)
        this.slotHosts.delete(waiter)
        waiter.grantSlot()
      }
      while (this.waiting > 0 && this.permits < this.limits.maximumAsyncRequests) {
        const host = this.nextHost()
        const waiter = host?.queue.head
        if (host === undefined || waiter === undefined) break
        if (!this.grant(host, waiter)) break
      }
    } finally {
      this.pumping = false
    }
  }

  private nextHost(): Host<C> | undefined {
    let next: Host<C> | undefined
    for (const host of this.waitingHosts) {
      if (
        host.permits < this.limits.maximumAsyncRequestsPerHost &&
        (next === undefined || host.queue.head!.ticket < next.queue.head!.ticket)
      ) next = host
    }
    return next
  }

  /** Gives a request its permit and a connection, if both are to be had. */
  private grant(host: Host<C>, waiter: Waiter<C>): boolean {
    if (
      this.permits >= this.limits.maximumAsyncRequests ||
      host.permits >= this.limits.maximumAsyncRequestsPerHost
    ) return false
    const connection = this.takeIdle(host)
    if (connection === undefined && (this.slotQueue.head !== undefined || !this.reserveSlot(host))) return false
    if (waiter.queue !== undefined) this.dequeue(host, waiter)
    host.permits++
    this.permits++
    host.gauges.addInFlight(1)
    this.totals.acquired++
    if (connection === undefined) {
      waiter.grantSlot()
    } else {
      this.totals.reused++
      waiter.grantConnection(connection)
    }
    return true
  }

  private takeIdle(host: Host<C>): C | undefined {
    for (let connection = host.idle.at(-1); connection !== undefined; connection = host.idle.at(-1)) {
      if (connection.usable && this.expiryOf(connection) > this.timers.now()) {
        host.idle.pop()
        this.idle--
        host.gauges.addIdle(-1)
        host.active++
        this.active++
        host.gauges.addActive(1)
        return connection
      }
      this.removeIdle(host, connection, connection.usable ? "idle" : "peer")
      connection.close()
    }
    return undefined
  }

  /** Takes a free slot, or closes idle connections of other hosts so that slots come free. */
  private reserveSlot(host: Host<C>): boolean {
    if (this.open < this.limits.connectionPoolSize) {
      host.connecting++
      this.connecting++
      return true
    }
    const wanted = Math.max(1, Math.min(this.waiting, this.limits.maximumAsyncRequests - this.permits))
    while (this.closing < wanted && this.evictLeastRecentlyUsed()) {
      // Each closing connection frees a slot, and `slotFreed` comes back to the queue.
    }
    return false
  }

  private evictLeastRecentlyUsed(): boolean {
    let victim: C | undefined
    let victimHost: Host<C> | undefined
    for (const host of this.hosts.values()) {
      const oldest = host.idle[0]
      if (oldest !== undefined && (victim === undefined || oldest.idleSince < victim.idleSince)) {
        victim = oldest
        victimHost = host
      }
    }
    if (victim === undefined || victimHost === undefined) return false
    this.removeIdle(victimHost, victim, "evicted")
    victim.close()
    return true
  }

  private dequeue(host: Host<C>, waiter: Waiter<C>): void {
    host.queue.remove(waiter)
    host.waiting--
    this.waiting--
    host.gauges.addWaiting(-1)
    if (host.waiting === 0) this.waitingHosts.delete(host)
  }

  /** When the request that has waited longest came; Infinity where nobody waits. */
  oldestWait(): number {
    let oldest = Infinity
    for (const host of this.waitingHosts) oldest = Math.min(oldest, host.queue.head!.queuedAt)
    return oldest
  }

  /** The oldest of a host's queue waits longest, so only heads need to be looked at. */
  private refuseLate(): void {
    const late = this.timers.now() - this.limits.acquireTimeout
    for (const host of [...this.waitingHosts]) {
      for (let waiter = host.queue.head; waiter !== undefined && waiter.queuedAt <= late; waiter = host.queue.head) {
        this.totals.timedOut++
        this.dequeue(host, waiter)
        waiter.refuse("timeout")
      }
      this.forget(host)
    }
    const oldest = this.oldestWait()
    if (oldest !== Infinity) this.acquireDeadline.set(oldest + this.limits.acquireTimeout)
  }

  private expiryOf(connection: C): number {
    return Math.min(connection.idleSince + this.limits.connectionIdleTimeout, connection.expiresAt)
  }

  private closeExpired(): void {
    const now = this.timers.now()
    this.idleDue = Infinity
    for (const host of this.hosts.values()) {
      for (const connection of [...host.idle]) {
        const expiry = this.expiryOf(connection)
        if (expiry <= now) {
          this.removeIdle(host, connection, connection.expiresAt <= now ? "lifetime" : "idle")
          connection.close()
        } else {
          this.idleDue = Math.min(this.idleDue, expiry)
        }
      }
    }
    if (this.idleDue !== Infinity) this.idleDeadline.set(this.idleDue)
  }

  /** A service may talk to many hosts in its life; only those in use are kept. */
  private forget(host: Host<C>): void {
    if (host.permits === 0 && host.open === 0 && host.waiting === 0) this.hosts.delete(host.origin)
  }
}
