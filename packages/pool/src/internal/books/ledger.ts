import type { CloseReason } from "../../ConnectionEvent.js"
import { DeadlineTimer } from "../time/deadlineTimer.js"
import type { Timers } from "../time/timers.js"
import type { HostGauges, Waiter } from "./host.js"
import { Host, Queue } from "./host.js"
import type { Pooled } from "./idleConnections.js"
import { IdleConnections, lastIdle } from "./idleConnections.js"
import { Arrivals, Turns } from "./turns.js"

/**
 * The books of a pool: who may send, over which connection, and who waits. It plans and counts; opening and closing is
 * done by those it tells to (`Waiter`, `Pooled`). Every method runs to its end in one turn, so no interleaving can lose
 * a permit, a slot or a place in the queue.
 *
 * - A *permit* lets one request be in flight; it is held from grant to `releasePermit`.
 * - A *slot* lets one connection be open; it is held from `grantSlot` until its socket is closed (`slotFreed`).
 */

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

/** Of those that wait so many are refused in one go; then others get a turn. Each is an error to make, and a fiber to run. */
const sliceSize = 100

/** @internal */
export class Ledger<C extends Pooled<C>> {
  readonly hosts = new Map<string, Host<C>>()
  permits = 0
  connecting = 0
  active = 0
  closing = 0
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
    closed: { idle: 0, lifetime: 0, peer: 0, error: 0, aborted: 0, shutdown: 0, evicted: 0, ended: 0 } satisfies Record<
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
  private readonly arrivals = new Arrivals<C>()
  private readonly turns: Turns<C>
  private readonly idleConnections = new IdleConnections<C>()
  private ticket = 0
  private pumping = false
  private readonly acquireDeadline: DeadlineTimer
  private readonly idleDeadline: DeadlineTimer
  /** When the idle timer is due; Infinity while nothing is idle. */
  private idleDue = Infinity

  constructor(
    readonly limits: Limits,
    private readonly timers: Timers,
    private readonly gaugesOf: (origin: string) => HostGauges,
    /** Runs a task once others have had their turn. */
    private readonly defer: (task: () => void) => void = setImmediate
  ) {
    this.turns = new Turns(limits.maximumAsyncRequestsPerHost)
    this.acquireDeadline = new DeadlineTimer(timers, () => this.refuseLate())
    this.idleDeadline = new DeadlineTimer(timers, () => this.closeExpired())
  }

  get open(): number {
    return this.connecting + this.active + this.idle + this.closing
  }

  get idle(): number {
    return this.idleConnections.size
  }

  get waiting(): number {
    return this.arrivals.size
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
    this.arrivals.add(waiter)
    this.turns.offer(host)
    host.gauges.addWaiting(1)
    this.pump()
    if (waiter.queue === undefined) return "granted"
    if (this.pending() > this.limits.maximumPendingRequests) {
      this.dequeue(waiter)
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

  /** How many wait; who waits only for a socket to be closed, with a permit to be had, does not count. */
  private pending(): number {
    if (this.waiting <= this.limits.maximumPendingRequests) return this.waiting
    const freeSoon = Math.min(this.closing, this.limits.maximumAsyncRequests - this.permits)
    return this.waiting - this.turns.servable(freeSoon)
  }

  /** Another connection for a request that keeps its permit. */
  acquireSlot(waiter: Waiter<C>): void {
    if (this.closed) return waiter.refuse("closed")
    this.slotQueue.push(waiter)
    this.pump()
  }

  /** A waiter goes away: its fiber was interrupted. */
  leave(host: Host<C>, waiter: Waiter<C>): void {
    if (waiter.queue === this.slotQueue) {
      this.slotQueue.remove(waiter)
    } else if (waiter.queue !== undefined) {
      this.dequeue(waiter)
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

  /** A connection that carried a request is closing. Says nothing new where it is already. */
  discarded(host: Host<C>, connection: C, reason: CloseReason): void {
    if (connection.closeReason !== undefined) return
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
    if (!this.idleConnections.remove(connection)) return false
    host.gauges.addIdle(-1)
    connection.closeReason = reason
    host.closing++
    this.closing++
    this.totals.closed[reason]++
    return true
  }

  /** The sockets of a slot are closed: those of this connection, or of one that was never made. */
  slotFreed(host: Host<C>, connection?: C): void {
    if (connection !== undefined && !this.removeIdle(host, connection, "peer")) {
      this.discarded(host, connection, "peer")
    }
    host.closing--
    this.closing--
    this.pump()
    this.forget(host)
    this.checkDrained()
  }

  /** The request has ended; its connection can carry another. */
  releaseConnection(host: Host<C>, connection: C): void {
    const now = this.timers.now()
    if (connection.closeReason !== undefined) return this.releasePermit(host)
    if (this.closed || connection.expiresAt <= now) {
      this.discarded(host, connection, this.closed ? "shutdown" : "lifetime")
      connection.close()
    } else {
      host.active--
      this.active--
      host.gauges.addActive(-1)
      connection.idleSince = now
      this.idleConnections.add(connection)
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
    this.turns.offer(host)
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
    for (let connection = this.idleConnections.first; connection !== undefined;) {
      const { host, idleAfter } = connection
      this.removeIdle(host, connection, "shutdown")
      connection.close()
      this.forget(host)
      connection = idleAfter
    }
    for (let waiter = this.slotQueue.head; waiter !== undefined; waiter = this.slotQueue.head) {
      this.slotQueue.remove(waiter)
      waiter.refuse("closed")
    }
    this.refuseAll()
  }

  private refuseAll(): void {
    for (let refused = 0; this.arrivals.first !== undefined; refused++) {
      if (refused === sliceSize) return this.defer(() => this.refuseAll())
      this.refuse(this.arrivals.first, "closed")
    }
    this.checkDrained()
  }

  private refuse(waiter: Waiter<C>, reason: "timeout" | "closed"): void {
    this.dequeue(waiter)
    waiter.refuse(reason)
    this.forget(waiter.host)
  }

  private checkDrained(): void {
    if (this.permits === 0 && this.open === 0 && this.waiting === 0) this.onDrained?.()
  }

  /** Hands out what is free, oldest request first among the hosts below their limit. */
  private pump(): void {
    // A grant may fail at once and come back here; the loop below sees what it gave back.
    if (this.pumping || this.closed) return
    this.pumping = true
    try {
      for (let waiter = this.slotQueue.head; waiter !== undefined; waiter = this.slotQueue.head) {
        if (!this.reserveSlot(waiter.host)) break
        this.slotQueue.remove(waiter)
        waiter.grantSlot()
      }
      while (this.waiting > 0 && this.permits < this.limits.maximumAsyncRequests) {
        const host = this.turns.next()
        const waiter = host?.queue.head
        if (host === undefined || waiter === undefined || !this.grant(host, waiter)) break
      }
    } finally {
      this.pumping = false
    }
  }

  /** Gives a request its permit and a connection, if both are to be had. */
  private grant(host: Host<C>, waiter: Waiter<C>): boolean {
    if (
      this.permits >= this.limits.maximumAsyncRequests ||
      host.permits >= this.limits.maximumAsyncRequestsPerHost
    ) return false
    const connection = this.takeIdle(host, waiter.reuseKey)
    if (connection === undefined && (this.slotQueue.head !== undefined || !this.reserveSlot(host))) return false
    if (waiter.queue !== undefined) this.dequeue(waiter)
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

  private takeIdle(host: Host<C>, reuseKey: string | undefined): C | undefined {
    for (
      let connection = lastIdle(host, reuseKey);
      connection !== undefined;
      connection = lastIdle(host, reuseKey)
    ) {
      const now = this.timers.now()
      if (connection.usable && this.expiryOf(connection) > now) {
        this.idleConnections.remove(connection)
        host.gauges.addIdle(-1)
        host.active++
        this.active++
        host.gauges.addActive(1)
        return connection
      }
      this.removeIdle(host, connection, connection.usable ? this.expiryReason(connection, now) : "peer")
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
    // Those of the slot queue hold their permits; others are worth a place only as far as they could get one.
    const free = Math.min(this.limits.maximumAsyncRequests - this.permits, this.limits.connectionPoolSize)
    const wanted = Math.max(1, this.slotQueue.size + this.turns.servable(free))
    while (this.closing < wanted && this.evictLeastRecentlyUsed()) {
      // Each closing connection frees a slot, and `slotFreed` comes back to the queue.
    }
    return false
  }

  private evictLeastRecentlyUsed(): boolean {
    const victim = this.idleConnections.first
    if (victim === undefined) return false
    this.removeIdle(victim.host, victim, "evicted")
    victim.close()
    return true
  }

  private dequeue(waiter: Waiter<C>): void {
    const { host } = waiter
    host.queue.remove(waiter)
    this.arrivals.remove(waiter)
    host.gauges.addWaiting(-1)
  }

  /** When the request that has waited longest came; Infinity where nobody waits. */
  oldestWait(): number {
    return this.arrivals.first?.queuedAt ?? Infinity
  }

  private refuseLate(): void {
    const late = this.timers.now() - this.limits.acquireTimeout
    for (let refused = 0; this.oldestWait() <= late && refused < sliceSize; refused++) {
      this.totals.timedOut++
      this.refuse(this.arrivals.first!, "timeout")
    }
    const oldest = this.oldestWait()
    if (oldest !== Infinity && !this.closed) this.acquireDeadline.set(oldest + this.limits.acquireTimeout)
  }

  /** Which of the two limits it has come to first. */
  private expiryReason(connection: C, now: number): CloseReason {
    return connection.expiresAt <= Math.min(now, this.idleUntil(connection)) ? "lifetime" : "idle"
  }

  private expiryOf(connection: C): number {
    return Math.min(this.idleUntil(connection), connection.expiresAt)
  }

  private idleUntil(connection: C): number {
    return connection.idleSince + Math.min(this.limits.connectionIdleTimeout, connection.longestIdle)
  }

  private closeExpired(): void {
    const now = this.timers.now()
    this.idleDue = Infinity
    for (let connection = this.idleConnections.first; connection !== undefined;) {
      const { idleAfter } = connection
      const expiry = this.expiryOf(connection)
      if (expiry <= now) {
        this.removeIdle(connection.host, connection, this.expiryReason(connection, now))
        connection.close()
      } else {
        this.idleDue = Math.min(this.idleDue, expiry)
      }
      connection = idleAfter
    }
    if (this.idleDue !== Infinity) this.idleDeadline.set(this.idleDue)
  }

  /** A service may talk to many hosts in its life; only those in use are kept. */
  private forget(host: Host<C>): void {
    if (host.permits === 0 && host.open === 0 && host.waiting === 0) this.hosts.delete(host.origin)
  }
}
