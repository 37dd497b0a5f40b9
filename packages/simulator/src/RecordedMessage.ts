/**
 * A message that a client sent over a WebSocket, as the server saw it.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface RecordedMessage {
  /** Counts the connections of this server from 1, over all ports. */
  readonly connection: number
  /** Of the handshake, with its query. */
  readonly path: string
  /** Of a text message, at most its first 64 KiB; `undefined` of a binary one. */
  readonly text: string | undefined
  /** Its size in bytes. */
  readonly bytes: number
  /** Milliseconds since the epoch at which it had arrived. */
  readonly arrivedAt: number
}
