import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Effect from "effect/Effect"

const closings = new WeakMap<HttpClient.HttpClient, Effect.Effect<void>>()

/**
 * @internal Says when the pool of an HTTP client begins to close, for those above it who wait for something that is then
 * in vain. A service of the context would show up in every layer's type.
 */
export const set = (client: HttpClient.HttpClient, closing: Effect.Effect<void>): void => {
  closings.set(client, closing)
}

/** @internal Ends when the pool of a client begins to close; undefined where nothing is known of a pool. */
export const of = (client: HttpClient.HttpClient): Effect.Effect<void> | undefined => closings.get(client)
