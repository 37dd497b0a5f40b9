/**
 * Files at the storage host, as the results of tasks are: what a host may do while one is fetched, and what was asked of it.
 *
 * @since 0.1.0
 */
import { generatedBytes } from "./internal/core/bytes.js"

/**
 * How the host behaves when a file is asked for again, such as for the rest of it.
 *
 * - `same`: it has the same bytes.
 * - `changed`: it has other bytes, as many, under another ETag; it answers `If-Range` with all of them, and `If-Match` with 412.
 * - `mixed`: likewise, but it gives a part of them whatever `If-Range` and `If-Match` say.
 * - `longer`: it has more bytes, under the same ETag.
 * - `whole`: it knows no `Range`, and gives everything.
 * - `expired`: the URL's time is over.
 *
 * @since 0.1.0
 * @category models
 */
export type Again = "same" | "changed" | "mixed" | "longer" | "whole" | "expired"

/**
 * @since 0.1.0
 * @category models
 */
export interface ResultFile {
  /** The last segment of its URL. Default `file.bin`. */
  readonly name?: string | undefined
  /** Default `application/octet-stream`. */
  readonly contentType?: string | undefined
  /** The bytes; or how many, which are then made as they are sent, and never held: see {@link bytes}. */
  readonly content: Uint8Array | number
  /** Seconds in which its URL is good. Default: 24 hours. */
  readonly expiresInSeconds?: number | undefined
  /** An answer breaks off when so many of its bytes are out, ... */
  readonly breakAfter?: number | undefined
  /** ... so many times. Default 1. */
  readonly breakTimes?: number | undefined
  /** By a RST (the default), or by a FIN. */
  readonly breakBy?: "reset" | "close" | undefined
  /** Default `same`. */
  readonly again?: Again | undefined
  /** Says neither `ETag` nor `Last-Modified`. Default false. */
  readonly untagged?: boolean | undefined
  /** Sends its body in chunks, without a `Content-Length`. Default false. */
  readonly unmeasured?: boolean | undefined
}

/**
 * A request for a file, as the host saw it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Download {
  readonly method: string
  readonly name: string
  readonly range: string | undefined
  readonly ifRange: string | undefined
  readonly ifMatch: string | undefined
  /** Whether the request had an `Authorization` header, which no client may send to another host. */
  readonly authorization: boolean
  /** The HTTP status of the answer. */
  readonly status: number
}

/**
 * The bytes of a file of which only the size was given, from one position up to another, piece by piece.
 *
 * @example
 * import { ResultFile } from "effect-dashscope-simulator"
 * import { createHash } from "node:crypto"
 *
 * const hash = createHash("md5")
 * for (const piece of ResultFile.bytes(0, 300_000_000)) hash.update(piece)
 *
 * @since 0.1.0
 * @category constructors
 */
export const bytes = (from: number, to: number): Iterable<Uint8Array> => generatedBytes(from, to, 0)
