import type { Replay } from "../../Replay.js"
import { callerOf, PlainOwner } from "../exchange/request.js"
import type { Shared } from "../exchange/shared.js"
import type { CallHome, CallSpan } from "./call.js"
import { Call } from "./call.js"
import type { FetchRequest } from "./request.js"
import { readRequest } from "./request.js"

/** Makes the span of a call, or none. @internal */
export type BeginSpan = (request: FetchRequest) => CallSpan | undefined

/** The calls of one fetch, of which those that hold something are known. @internal */
export class Calls implements CallHome {
  private readonly running = new Set<Call>()
  private isClosed = false
  private onDrained: (() => void) | undefined = undefined
  private readonly owner: PlainOwner

  constructor(
    readonly shared: Shared,
    private readonly replay: Replay,
    /** Nothing where nobody could see a span. */
    private readonly beginSpan: BeginSpan | undefined
  ) {
    this.owner = new PlainOwner(replay, undefined)
  }

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    // Still on the caller's stack here.
    const owner = this.shared.watch.findsLeaks
      ? new PlainOwner(this.replay, callerOf(new Error().stack))
      : this.owner
    return new Promise((resolve, reject) => {
      const request = readRequest(input, init)
      if (request instanceof Promise) {
        request.then((request) => this.start(request, owner, resolve, reject)).catch(reject)
      } else this.start(request, owner, resolve, reject)
    })
  }

  began(call: Call): boolean {
    if (!this.isClosed) this.running.add(call)
    return !this.isClosed
  }

  ended(call: Call): void {
    this.running.delete(call)
    if (this.running.size === 0) this.onDrained?.()
  }

  /** Takes no more, and refuses those that wait. Calls back once nothing is held any more. */
  close(drained: () => void): void {
    this.isClosed = true
    for (const call of [...this.running]) if (call.isWaiting) call.close()
    if (this.running.size === 0) drained()
    else this.onDrained = drained
  }

  /** Ends what still runs. */
  abort(): void {
    for (const call of [...this.running]) call.close()
  }

  private start(
    request: FetchRequest,
    owner: PlainOwner,
    resolve: (response: Response) => void,
    reject: (reason: unknown) => void
  ): void {
    const { body: { content }, signal } = request
    if (signal?.aborted === true) {
      if (content !== undefined && "cancel" in content) content.cancel()
      return reject(signal.reason)
    }
    new Call(this, request, owner, { resolve, reject }, this.beginSpan?.(request)).start()
  }
}
