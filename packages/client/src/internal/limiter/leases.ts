import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Service as Store, Slots } from "../../RateLimitStore.js"
import type { AnyFiber } from "../effect/fiber.js"
import type { Plan } from "./plan.js"

/**
 * The places of the calls that run, which are renewed while they do. The fiber that does so lives as long as there are any.
 *
 * @internal
 */
export class Leases {
  private readonly alive = new Set<string>()
  /** From the decision to fork it on: other fibers may run before it does. */
  private isRenewing = false
  private renewing: AnyFiber | undefined = undefined

  constructor(
    private readonly store: Store,
    private readonly plan: Pick<Plan, "account" | "leaseMillis">,
    private readonly slots: ReadonlyArray<Slots>
  ) {}

  add(id: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.alive.add(id)
      if (this.isRenewing) return Effect.void
      this.isRenewing = true
      return Effect.asVoid(Effect.forkDaemon(this.renewal))
    })
  }

  delete(id: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.alive.delete(id)
      const { renewing } = this
      if (this.alive.size > 0 || renewing === undefined) return Effect.void
      this.renewing = undefined
      this.isRenewing = false
      return Fiber.interrupt(renewing)
    })
  }

  private get renewal(): Effect.Effect<void> {
    const { account, leaseMillis } = this.plan
    // One that is lost is renewed by the next.
    const renew = Effect.suspend(() =>
      this.store.renew({
        namespace: account,
        leases: Array.from(this.alive).flatMap((id) => this.slots.map(({ key }) => ({ key, id }))),
        leaseMillis
      })
    )
    const renewals = Effect.forever(
      Effect.zipRight(Effect.sleep(Duration.millis(leaseMillis / 3)), Effect.ignore(renew))
    )
    return Effect.withFiberRuntime<void>((fiber) => {
      if (this.alive.size === 0) {
        this.isRenewing = false
        return Effect.void
      }
      this.renewing = fiber
      return Effect.interruptible(renewals)
    })
  }
}
