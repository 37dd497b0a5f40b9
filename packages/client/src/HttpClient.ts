/**
 * The `HttpClient` over the connection pool; see `effect-http-pool/HttpClient`.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/HttpClient"
