/**
 * The counters. Current values are exact at once; maxima are computed three turns of the event loop later.
 *
 * Why: the operating system reports sockets in no particular order, and a batch of reports can be older than the accept
 * that is handled with it. So the server can learn of a new connection before it learns that the same client had closed
 * another one first, and a plain maximum would count one too many. Between an arrival and its third `setImmediate` lie
 * two whole polls of all sockets: the first reads what a client sent, the second that it closed right after that; so
 * what happened before that arrival is known by then. Regular ends wait in the same queue, so that what was at work
 * together is counted together; a death (the client closed) counts at once.
 */
import type { Counters } from "../../Stats.js"

/** What one connection or one request is to a gauge. */
interface Ticket {
  state: "arriving" | "counted" | "gone"
}

class Gauge {
  current = 0
  total = 0
  peak = 0
  /** What `peak` is the maximum of. */
  private settled = 0

  enter(): void {
    this.current++
    this.total++
  }

  settle(): void {
    this.settled++
    if (this.settled > this.peak) {
      this.peak = this.settled
    }
  }

  unsettle(): void {
    this.settled--
  }

  /** It came and died before it could be told which others it met: it counts alone. */
  glimpse(): void {
    this.peak = Math.max(this.peak, 1)
  }

  reset(): void {
    this.total = 0
    this.peak = this.settled
  }
}

/** The counters of one port, or of all of them. */
class Account {
  readonly connections = new Gauge()
  readonly requests = new Gauge()
  aborted = 0
  bytesReceived = 0
  bytesSent = 0

  counters(received: number, sent: number): Counters {
    return {
      openConnections: this.connections.current,
      maxOpenConnections: this.connections.peak,
      totalConnections: this.connections.total,
      requestsInFlight: this.requests.current,
      maxRequestsInFlight: this.requests.peak,
      totalRequests: this.requests.total,
      abortedRequests: this.aborted,
      bytesReceived: this.bytesReceived + received,
      bytesSent: this.bytesSent + sent
    }
  }

  reset(): void {
    this.connections.reset()
    this.requests.reset()
    this.aborted = 0
    this.bytesReceived = 0
    this.bytesSent = 0
  }
}

/** @internal */
export interface Snapshot {
  readonly all: Counters
  readonly byPort: ReadonlyMap<number, Counters>
}

/** A connection's traffic so far, as its socket tells it. */
interface Traffic {
  readonly received: number
  readonly sent: number
}

/** @internal */
export interface OpenConnection {
  readonly port: number
  /** Its read side ended, or it closed; whichever comes first, later calls do nothing. */
  readonly gone: () => void
  /** It closed: its bytes are final. Later calls do nothing. */
  readonly closed: () => void
}

/** @internal */
export interface OpenRequest {
  /** The answer ended (`true`) or its connection died before (`false`). Later calls do nothing. */
  readonly done: (answered: boolean) => void
}

type Movement = () => void

/** @internal */
export class Gauges {
  private readonly all = new Account()
  private readonly ports = new Map<number, Account>()
  private readonly live = new Map<OpenConnection, { readonly traffic: () => Traffic; received: number; sent: number }>()
  private arriving: Array<Movement> = []
  private maturing: Array<Movement> = []
  private ripe: Array<Movement> = []
  private scheduled = false
  private readonly listeners = new Set<() => void>()

  addPort(port: number): void {
    this.ports.set(port, new Account())
  }

  connectionOpened(port: number, traffic: () => Traffic): OpenConnection {
    const ticket = this.arrive(port, "connections")
    const connection: OpenConnection = {
      port,
      gone: () => this.die(port, "connections", ticket),
      closed: () => {
        this.die(port, "connections", ticket)
        const entry = this.live.get(connection)
        if (entry !== undefined) {
          this.live.delete(connection)
          const { received, sent } = traffic()
          for (const account of this.accounts(port)) {
            account.bytesReceived += received - entry.received
            account.bytesSent += sent - entry.sent
          }
        }
      }
    }
    this.live.set(connection, { traffic, received: 0, sent: 0 })
    return connection
  }

  requestArrived(port: number): OpenRequest {
    const ticket = this.arrive(port, "requests")
    let over = false
    return {
      done: (answered) => {
        if (over) {
          return
        }
        over = true
        if (answered) {
          this.end(port, "requests", ticket)
        } else {
          for (const account of this.accounts(port)) {
            account.aborted++
          }
          this.die(port, "requests", ticket)
        }
      }
    }
  }

  /** Whether the maxima lag behind what has arrived. */
  get unsettled(): boolean {
    return this.scheduled
  }

  /** Calls back once, when the maxima are up to date with all that has arrived by now. */
  whenSettled(callback: () => void): void {
    this.queue(callback)
  }

  /** Calls back after changes, when the maxima are up to date with them. */
  onChange(callback: () => void): () => void {
    this.listeners.add(callback)
    return () => this.listeners.delete(callback)
  }

  snapshot(): Snapshot {
    let received = 0
    let sent = 0
    const perPort = new Map<number, { received: number; sent: number }>()
    for (const [connection, entry] of this.live) {
      const now = entry.traffic()
      const of = perPort.get(connection.port) ?? { received: 0, sent: 0 }
      of.received += now.received - entry.received
      of.sent += now.sent - entry.sent
      perPort.set(connection.port, of)
      received += now.received - entry.received
      sent += now.sent - entry.sent
    }
    const byPort = new Map<number, Counters>()
    for (const [port, account] of this.ports) {
      const of = perPort.get(port)
      byPort.set(port, account.counters(of?.received ?? 0, of?.sent ?? 0))
    }
    return { all: this.all.counters(received, sent), byPort }
  }

  reset(): void {
    this.all.reset()
    for (const account of this.ports.values()) {
      account.reset()
    }
    for (const entry of this.live.values()) {
      const now = entry.traffic()
      entry.received = now.received
      entry.sent = now.sent
    }
  }

  private accounts(port: number): ReadonlyArray<Account> {
    const account = this.ports.get(port)
    return account === undefined ? [this.all] : [this.all, account]
  }

  private arrive(port: number, what: "connections" | "requests"): Ticket {
    const ticket: Ticket = { state: "arriving" }
    const own = this.ports.get(port)?.[what]
    const all = this.all[what]
    all.enter()
    own?.enter()
    this.queue(() => {
      if (ticket.state === "arriving") {
        ticket.state = "counted"
        all.settle()
        own?.settle()
      }
    })
    return ticket
  }

  /** A regular end: it takes its turn behind the arrivals before it. */
  private end(port: number, what: "connections" | "requests", ticket: Ticket): void {
    const own = this.ports.get(port)?.[what]
    const all = this.all[what]
    all.current--
    if (own !== undefined) {
      own.current--
    }
    this.queue(() => {
      if (ticket.state === "counted") {
        all.unsettle()
        own?.unsettle()
      }
      ticket.state = "gone"
    })
  }

  private die(port: number, what: "connections" | "requests", ticket: Ticket): void {
    if (ticket.state === "gone") {
      return
    }
    const own = this.ports.get(port)?.[what]
    const all = this.all[what]
    all.current--
    if (own !== undefined) {
      own.current--
    }
    if (ticket.state === "counted") {
      all.unsettle()
      own?.unsettle()
    } else {
      all.glimpse()
      own?.glimpse()
    }
    ticket.state = "gone"
    this.schedule()
  }

  private queue(movement: Movement): void {
    this.arriving.push(movement)
    this.schedule()
  }

  private schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true
      setImmediate(this.turn)
    }
  }

  private readonly turn = (): void => {
    const due = this.ripe
    this.ripe = this.maturing
    this.maturing = this.arriving
    this.arriving = []
    for (const movement of due) {
      movement()
    }
    // A movement may have brought the next ones.
    if (this.arriving.length > 0 || this.maturing.length > 0 || this.ripe.length > 0) {
      setImmediate(this.turn)
    } else {
      this.scheduled = false
    }
    for (const listener of this.listeners) {
      listener()
    }
  }
}
