/**
 * `fetch` over the connection pool; see `effect-http-pool/Fetch`.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/Fetch"
