/**
 * What is decided about a download that may break off: where to go on, and whether what comes then is of the same file.
 *
 * @internal
 */

/** Headers by their names in lower case. @internal */
export type Headers = Readonly<Record<string, string | undefined>>

/** What is known of a file, from the first answer that had some of it. @internal */
export interface Known {
  readonly total: number | undefined
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly mediaType: string | undefined
  /** Whether its bytes come under a coding, and are not counted by the host as they are here. */
  readonly isEncoded: boolean
}

/** What to do with an answer: read it but for what is there already, stop, or not believe it. @internal */
export type Verdict =
  | { readonly _tag: "Body"; readonly known: Known; readonly skip: number }
  | { readonly _tag: "Complete" }
  | { readonly _tag: "Changed"; readonly description: string }

const changed = (description: string): Verdict => ({ _tag: "Changed", description })

const isEncoded = (headers: Headers): boolean => {
  const coding = headers["content-encoding"]?.trim().toLowerCase()
  return coding !== undefined && coding !== "" && coding !== "identity"
}

const lengthOf = (headers: Headers): number | undefined => {
  const length = headers["content-length"]
  return length !== undefined && /^\d+$/.test(length) && !isEncoded(headers) ? Number(length) : undefined
}

const knownOf = (headers: Headers): Known => ({
  total: lengthOf(headers),
  etag: headers["etag"],
  lastModified: headers["last-modified"],
  mediaType: headers["content-type"],
  isEncoded: isEncoded(headers)
})

/** A weak tag does not vouch for bytes. */
const strong = (etag: string | undefined): string | undefined => etag?.startsWith("W/") === true ? undefined : etag

/** So many bytes are asked for once more where no ETag vouches for them. */
const overlap = 1024

/** Whether nothing but the bytes themselves tells that a file is the same: times of change are whole seconds. @internal */
export const isCompared = ({ etag }: Known): boolean => strong(etag) === undefined

/** Where to go on. */
const startOf = (known: Known, received: number): number =>
  isCompared(known) ? Math.max(0, received - overlap) : received

/** The last bytes there are, to be compared. @internal */
export const tailOf = (before: Uint8Array, piece: Uint8Array): Uint8Array => {
  if (piece.length >= overlap) return piece.slice(-overlap)
  const out = new Uint8Array(before.length + piece.length)
  out.set(before)
  out.set(piece, before.length)
  return out.slice(-overlap)
}

/** Leaves out what is there already, and compares its end. @internal */
export class Skip {
  /** What is left of it. */
  private remaining: number

  constructor(bytes: number, private readonly tail: Uint8Array) {
    this.remaining = bytes
  }

  /** What of a piece is new. Nothing where what is there already comes otherwise. */
  rest(piece: Uint8Array): Uint8Array | undefined {
    if (this.remaining === 0) return piece
    const known = Math.min(this.remaining, piece.length)
    const offset = this.tail.length - this.remaining
    for (let i = Math.max(0, -offset); i < known; i++) {
      if (piece[i] !== this.tail[offset + i]) return undefined
    }
    this.remaining -= known
    return piece.subarray(known)
  }
}

/** Headers that ask for what is missing. @internal */
export const headersOf = (known: Known | undefined, received: number): Record<string, string> => {
  const headers: Record<string, string> = { accept: "*/*", "accept-encoding": "identity" }
  if (known === undefined || received === 0) return headers
  headers["range"] = `bytes=${startOf(known, received)}-`
  const condition = strong(known.etag) ?? known.lastModified
  // Without it a host that has another file by now would send the end of that.
  if (condition !== undefined) headers["if-range"] = condition
  return headers
}

/** Whether what would follow could be told to be of the same file. @internal */
export const isResumable = (known: Known | undefined, received: number): boolean =>
  known === undefined || received === 0 ||
  (!known.isEncoded && (known.total !== undefined || known.etag !== undefined || known.lastModified !== undefined))

const contentRange = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/

/** Whether an answer is of another file, by what tells files apart. */
const differs = (known: Known, headers: Headers): string | undefined => {
  if (known.etag !== headers["etag"]) return "the file has changed (its ETag is another)"
  return known.etag === undefined && known.lastModified !== headers["last-modified"]
    ? "the file has changed (Last-Modified is another)"
    : undefined
}

/** @internal */
export const judge = (known: Known | undefined, received: number, status: number, headers: Headers): Verdict => {
  if (known === undefined || received === 0) {
    return status === 206
      ? changed("the host sent a part of the file, and all of it was asked for")
      : { _tag: "Body", known: knownOf(headers), skip: 0 }
  }
  const [, start, length] = contentRange.exec(headers["content-range"] ?? "") ?? []
  const total = length === undefined || length === "*" ? undefined : Number(length)
  if (status === 416) {
    // Of a host that did not tell the length, when only the end of its answer was missing.
    return total === received && known.total === undefined
      ? { _tag: "Complete" }
      : changed("the host does not have so much of the file any more")
  }
  const difference = differs(known, headers)
  if (difference !== undefined) return changed(difference)
  if (isEncoded(headers)) return changed("the host sends the file under a coding now")
  if (status !== 206) {
    // The host knows no parts: what is there already comes once more.
    return known.total === lengthOf(headers)
      ? { _tag: "Body", known, skip: received }
      : changed("the file has changed (its length is another)")
  }
  const from = startOf(known, received)
  if (Number(start) !== from) return changed("the host sent another part of the file than was asked for")
  return total === undefined || known.total === undefined || total === known.total
    ? { _tag: "Body", known: total === undefined ? known : { ...known, total }, skip: received - from }
    : changed("the file has changed (its length is another)")
}

const shortestPause = 100
const longestPause = 10_000

/** Milliseconds before the n-th attempt in a row that follows a break, from 0; `random` is from 0 to 1. @internal */
export const pauseMillis = (n: number, random: number): number =>
  Math.min(longestPause, shortestPause * 2 ** Math.min(n, 16)) * (0.75 + random / 2)
