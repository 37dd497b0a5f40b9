/**
 * A file that came to the storage host, as the server saw it.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Upload {
  /** Where it is: `oss://` and its key. A model reads it from there. */
  readonly url: string
  /** The model of its certificate; `undefined` where there was no certificate that holds. */
  readonly model: string | undefined
  /** What the form called it. */
  readonly fileName: string | undefined
  readonly contentType: string | undefined
  /** In bytes. */
  readonly size: number
  /** MD5 of the content, in hexadecimal digits. */
  readonly md5: string
  /** Whether the request had an `Authorization` header, which no client may send to another host. */
  readonly authorization: boolean
  /** The HTTP status of the answer: 200 or 204 where it was taken. */
  readonly status: number
}
