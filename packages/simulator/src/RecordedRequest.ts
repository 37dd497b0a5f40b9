/**
 * A request as the server saw it.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest {
  /** Counts the requests of this server from 1, in order of arrival, over all ports. */
  readonly index: number
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  /** Decoded as UTF-8; of a form, at most its first 64 KiB. */
  readonly body: string
  /** The port it came in on. */
  readonly port: number
  /** Counts the connections of this server from 1, over all ports. */
  readonly connection: number
  /** Counts the requests of its connection from 1. */
  readonly ordinal: number
  /** Milliseconds since the epoch at which its head had arrived. */
  readonly arrivedAt: number
}
