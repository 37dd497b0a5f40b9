/**
 * What happens in the connection pool; see `effect-http-pool/ConnectionEvent`.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/ConnectionEvent"
