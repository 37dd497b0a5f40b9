import type { CloseReason } from "../../ConnectionEvent.js"
import type { Host } from "./host.js"

/** A connection, as far as the books care. @internal */
export interface Pooled<C> {
  readonly host: Host<C>
  /** When it is to be replaced at the latest, on the Timers' clock. */
  readonly expiresAt: number
  /** How long it may be idle, in milliseconds, where that is less than for all. */
  readonly longestIdle: number
  /** It is only for those who want the same; undefined for those who do not mind. */
  readonly reuseKey: string | undefined
  idleSince: number
  /** Links of the idle ones; the ledger's own. */
  idleBefore: C | undefined
  idleAfter: C | undefined
  /** False once its socket is closing. */
  readonly usable: boolean
  /** Set by the ledger when it begins to close. */
  closeReason: CloseReason | undefined
  /** Begins to close it; `slotFreed` follows when its socket is closed. */
  close(): void
}

/** Of a host's idle connections with this key that which was used last. @internal */
export const lastIdle = <C extends Pooled<C>>({ idle }: Host<C>, reuseKey: string | undefined): C | undefined => {
  for (let i = idle.length - 1; i >= 0; i--) if (idle[i]!.reuseKey === reuseKey) return idle[i]
  return undefined
}

/** The idle connections of all hosts, the one that has been idle longest first. @internal */
export class IdleConnections<C extends Pooled<C>> {
  first: C | undefined = undefined
  size = 0
  private last: C | undefined = undefined

  add(connection: C): void {
    connection.host.idle.push(connection)
    connection.idleBefore = this.last
    connection.idleAfter = undefined
    if (this.last === undefined) this.first = connection
    else this.last.idleAfter = connection
    this.last = connection
    this.size++
  }

  /** False where it was not idle. */
  remove(connection: C): boolean {
    const { idle } = connection.host
    // The last one is what is looked for most.
    const index = idle.lastIndexOf(connection)
    if (index < 0) return false
    idle.splice(index, 1)
    const { idleAfter, idleBefore } = connection
    if (idleBefore === undefined) this.first = idleAfter
    else idleBefore.idleAfter = idleAfter
    if (idleAfter === undefined) this.last = idleBefore
    else idleAfter.idleBefore = idleBefore
    connection.idleBefore = connection.idleAfter = undefined
    this.size--
    return true
  }
}
