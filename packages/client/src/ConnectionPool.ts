/**
 * The connection pool; see `effect-http-pool/ConnectionPool`.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/ConnectionPool"
