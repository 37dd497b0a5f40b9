/**
 * What the server counted.
 *
 * Maxima are exact in the order in which a client did things: one that closes a connection and then opens another is
 * never counted as holding both, though the operating system may show the server the second first.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Counters {
  /** Connections accepted whose client has neither closed nor ended them. */
  readonly openConnections: number
  readonly maxOpenConnections: number
  /** Connections accepted since the start or the last reset. */
  readonly totalConnections: number
  /** Requests whose head has arrived and whose answer has not ended, nor their connection died. */
  readonly requestsInFlight: number
  readonly maxRequestsInFlight: number
  readonly totalRequests: number
  /** Requests whose connection died, from whichever side, before the answer ended. */
  readonly abortedRequests: number
  /** Bytes read from clients: headers and bodies, as they travelled (over TLS, encrypted). */
  readonly bytesReceived: number
  /** Bytes given to the operating system to send, as `bytesReceived`. It stands still while a client does not read. */
  readonly bytesSent: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stats extends Counters {
  /** The same for each port the server listens on. */
  readonly byPort: ReadonlyMap<number, Counters>
}
