import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Client } from "./endpoint.js"

/**
 * Lets questions go one after another, in the order in which they came, and none too soon after another. Effect's semaphore
 * would look at everybody who waits each time that one goes on, which is felt where a thousand do.
 *
 * @internal
 */
export class Pace {
  private next = -Infinity
  private isTaken = false
  /** In their order; each is run when its turn has come. */
  private readonly waiting = new Set<() => void>()

  /** @param spacing in milliseconds. */
  constructor(private readonly spacing: number) {}

  private readonly turn = Effect.async<void>((resume) => {
    if (!this.isTaken) {
      this.isTaken = true
      resume(Effect.void)
      return
    }
    const go = () => resume(Effect.void)
    this.waiting.add(go)
    return Effect.sync(() => {
      this.waiting.delete(go)
    })
  })

  private readonly pass = Effect.sync(() => {
    for (const go of this.waiting) {
      this.waiting.delete(go)
      go()
      return
    }
    this.isTaken = false
  })

  private readonly spaced = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    // A clock that was set back must not stop everything.
    const millis = Math.min(this.spacing, this.next - now)
    if (millis <= 0) {
      this.next = now + this.spacing
      return Effect.void
    }
    return Effect.flatMap(Effect.sleep(Duration.millis(millis)), () =>
      // A timer that was late must not bring the next one nearer.
      Effect.map(Clock.currentTimeMillis, (now) => {
        this.next = now + this.spacing
      }))
  })

  /** Ends when the next question may go. */
  readonly wait: Effect.Effect<void> = Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(restore(this.turn), Effect.ensuring(restore(this.spaced), this.pass))
  )
}

/** That of a client, which all its services share. */
const pacesOf = (spacing: number): (client: Client) => Pace => {
  const paces = new WeakMap<Client, Pace>()
  return (client) => {
    const known = paces.get(client)
    if (known !== undefined) return known
    const pace = new Pace(spacing)
    paces.set(client, pace)
    return pace
  }
}

/** The service answers 20 questions about tasks in a second. They take a little more than their share: not all travel alike. @internal */
export const paceOf = pacesOf(52)

/** And 1000 about batches in a minute. @internal */
export const batchPaceOf = pacesOf(60)
