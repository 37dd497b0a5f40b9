import type * as PlatformHttpClient from "@effect/platform/HttpClient"
import type { Shared } from "./exchange.js"

/**
 * The pools behind this library's own HTTP clients. What the layers above could only do dearly over any client, they
 * leave to the pool where they stand on one directly.
 *
 * @internal
 */
export const pools = new WeakMap<PlatformHttpClient.HttpClient, Shared>()
