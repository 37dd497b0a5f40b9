import type * as Duration from "effect/Duration"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import { RequestTimeout } from "../DashScopeError.js"
import type { Timers } from "./timers.js"

/** @internal What carries a call out, and can be ended. */
export interface Carrier {
  /** The call's time is up. */
  expire(error: RequestTimeout): void
}

/**
 * The deadlines of a call, watched by the exchange that carries it: a timer there costs next to nothing, while a fiber
 * that races it (`Effect.timeout`) costs as much as the call.
 *
 * @internal
 */
export interface Expiry {
  /** The call begins to be carried out; until `detach`. */
  attach(timers: Timers, carrier: Carrier): void
  detach(): void
}

/** @internal The deadlines of the request that this fiber is about to make. */
export const current: FiberRef.FiberRef<Expiry | undefined> = globalValue(
  "effect-dashscope/expiry/current",
  () => FiberRef.unsafeMake<Expiry | undefined>(undefined)
)

/** @internal A deadline, and what is left of it in milliseconds. */
export interface Limit {
  readonly phase: "total" | "firstContent" | "content"
  readonly duration: Duration.Duration
  readonly remaining: number
}

/** @internal */
export const timeoutOf = ({ duration, phase }: Limit): RequestTimeout => new RequestTimeout({ phase, duration })

/** @internal The deadlines of one attempt of a call that is not streamed. */
export class AttemptExpiry implements Expiry {
  private cancelHead: (() => void) | undefined = undefined
  private cancelWhole: (() => void) | undefined = undefined

  constructor(
    private readonly head: Limit | undefined,
    private readonly whole: Limit | undefined
  ) {}

  attach(timers: Timers, carrier: Carrier): void {
    const schedule = (limit: Limit | undefined) =>
      limit === undefined ? undefined : timers.schedule(limit.remaining, () => carrier.expire(timeoutOf(limit)))
    this.cancelHead = schedule(this.head)
    this.cancelWhole = schedule(this.whole)
  }

  /** The head of the answer is here. */
  responded(): void {
    this.cancelHead?.()
    this.cancelHead = undefined
  }

  detach(): void {
    this.responded()
    this.cancelWhole?.()
    this.cancelWhole = undefined
  }
}
