import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Service as Store, Slots } from "../../RateLimitStore.js"
import type { Plan } from "./plan.js"

/**
 * The places of the calls that run, which are renewed while they do. The fiber that does so lives as long as there are any.
 *
 * @internal
 */
export class Leases {
  private readonly alive = new Set<string>()
  private renewing: Fiber.RuntimeFiber<unknown> | undefined = undefined

  constructor(
    private readonly store: Store,
    private readonly plan: Pick<Plan, "account" | "leaseMillis">,
    private readonly slots: ReadonlyArray<Slots>
  ) {}

  add(id: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.alive.add(id)
      if (this.renewing !== undefined) return Effect.void
      return Effect.map(Effect.forkDaemon(Effect.interruptible(this.renewal)), (fiber) => {
        this.renewing = fiber
      })
    })
  }

  delete(id: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.alive.delete(id)
      const { renewing } = this
      if (this.alive.size > 0 || renewing === undefined) return Effect.void
      this.renewing = undefined
      return Fiber.interrupt(renewing)
    })
  }

  private get renewal(): Effect.Effect<never> {
    const { account, leaseMillis } = this.plan
    // One that is lost is renewed by the next.
    const renew = Effect.suspend(() =>
      this.store.renew({
        namespace: account,
        leases: Array.from(this.alive).flatMap((id) => this.slots.map(({ key }) => ({ key, id }))),
        leaseMillis
      })
    )
    return Effect.forever(Effect.zipRight(Effect.sleep(Duration.millis(leaseMillis / 3)), Effect.ignore(renew)))
  }
}
