import type * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type { Shared } from "./exchange.js"

/**
 * The pools behind this library's own HTTP clients, for those above them: some things only a pool can do well, or knows.
 * A service of the context would show up in every layer's type.
 *
 * @internal
 */
export const pools = new WeakMap<PlatformHttpClient.HttpClient, Shared>()

/** @internal Ends when the pool begins to close. */
export const closingOf = ({ ledger }: Shared): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (ledger.closed) return resume(Effect.void)
    const listener = () => resume(Effect.void)
    ledger.closeListeners.add(listener)
    return Effect.sync(() => ledger.closeListeners.delete(listener))
  })
