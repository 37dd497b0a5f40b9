import type { Transform } from "node:stream"
import * as Zlib from "node:zlib"

/** One content coding, as a stream or of a body that is here as a whole. @internal */
export interface Coding {
  readonly stream: () => Transform
  readonly whole: (chunkSize: number) => Transform
}

/** Flushing what is there, instead of waiting for a full block, keeps compressed event streams alive. */
const flushed = { flush: Zlib.constants.Z_SYNC_FLUSH }
const gzip: Coding = {
  stream: () => Zlib.createGunzip(flushed),
  whole: (chunkSize) => Zlib.createGunzip({ chunkSize })
}
const known: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", {
    stream: () => Zlib.createInflate(flushed),
    whole: (chunkSize) => Zlib.createInflate({ chunkSize })
  }],
  ["br", {
    stream: () => Zlib.createBrotliDecompress({ flush: Zlib.constants.BROTLI_OPERATION_FLUSH }),
    whole: (chunkSize) => Zlib.createBrotliDecompress({ chunkSize })
  }]
])

/** The most codings of one answer that are undone: each multiplies what a few bytes can cost. @internal */
export const mostCodings = 3

const none: ReadonlyArray<Coding> = []

/**
 * What to undo, in that order; nothing where one of them is unknown, and the body is handed out as it is.
 * Undefined where there are too many.
 *
 * @internal
 */
export const codingsOf = (header: string | undefined): ReadonlyArray<Coding> | undefined => {
  if (header === undefined) return none
  // A header of 16 KiB names thousands.
  const names = header.split(",", 64).map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity")
  if (names.length > mostCodings) return undefined
  const found: Array<Coding> = []
  for (const name of names) {
    const coding = known.get(name)
    if (coding === undefined) return none
    found.unshift(coding)
  }
  return found
}

/** The body without its codings would be larger than this many bytes. @internal */
export class TooLarge extends Error {
  constructor(readonly most: number) {
    super(`the body is larger than ${most} bytes`)
  }
}

/**
 * Undoes codings one after another. The returned function stops it: then `done` is not called.
 *
 * @internal
 */
export const decode = (
  encoded: Uint8Array,
  codings: ReadonlyArray<Coding>,
  most: number,
  done: (error: Error | undefined, bytes: Uint8Array) => void
): () => void => {
  let engine: Transform | undefined
  let isOver = false
  const finish = (error: Error | undefined, bytes: Uint8Array) => {
    if (isOver) return
    isOver = true
    engine?.destroy()
    done(error, bytes)
  }
  const undo = (bytes: Uint8Array, next: number): void => {
    const coding = codings[next]
    if (coding === undefined || bytes.byteLength === 0) return finish(undefined, bytes)
    const pieces: Array<Uint8Array> = []
    let size = 0
    const current = coding.whole(bytes.byteLength > smallBody ? largeChunk : smallChunk)
    engine = current
    current.on("data", (piece: Uint8Array) => {
      if (isOver) return
      size += piece.byteLength
      if (size > most) finish(new TooLarge(most), nothing)
      else pieces.push(piece)
    })
    current.once("error", (error) => finish(error, nothing))
    current.once("end", () => {
      if (!isOver) undo(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size), next + 1)
    })
    current.end(bytes)
  }
  undo(encoded, 0)
  return () => {
    isOver = true
    engine?.destroy()
  }
}

const nothing = new Uint8Array(0)
const smallBody = 16 * 1024
const smallChunk = 16 * 1024
const largeChunk = 128 * 1024
