/**
 * Audio, however it is cut, as the frames that the service takes: about 100 milliseconds each, of 1 to 16 KB. Source: "Error
 * messages" (what too large ones end in), "Fun-ASR-Realtime client events".
 */

/** Of frames, in bytes. @internal */
export interface FrameSizes {
  /** Less than this waits for more. */
  readonly least: number
  /** What is cut is cut in so many. */
  readonly usual: number
  /** More than this is cut. */
  readonly most: number
  /** A frame is a multiple of this, so that no sample is cut. */
  readonly block: number
}

const kibibyte = 1024
const smallest = kibibyte
const largest = 16 * kibibyte

/** How long a frame is about, in milliseconds. @internal */
export const frameMillis = 100

/** Formats whose length in time follows from their length: samples of 16 bits, of one channel. */
const isSamples = (format: string): boolean => format === "pcm" || format === "wav"

const within = (bytes: number): number => Math.min(largest, Math.max(smallest, 2 * Math.round(bytes / 2)))

/** Of what is compressed nobody knows how long it is: 4 KiB are 100 milliseconds at 320 kbit/s, more than speech takes. */
const compressed: FrameSizes = { least: smallest, usual: 4 * kibibyte, most: 6 * kibibyte, block: 1 }

/** @internal */
export const sizesOf = (format: string, sampleRate: number): FrameSizes => {
  if (!isSamples(format)) return compressed
  const usual = sampleRate * 2 * frameMillis / 1000
  return { least: within(usual * 0.75), usual: within(usual), most: within(usual * 1.5), block: 2 }
}

/** How many bytes are a second. @internal */
export const bytesPerSecond = (format: string, sampleRate: number): number =>
  isSamples(format) ? sampleRate * 2 : compressed.usual * 1000 / frameMillis

/**
 * Cuts audio anew. A piece that is as large as a frame may be goes through as it is, a larger one is sliced; only what is
 * smaller is copied together.
 *
 * @internal
 */
export class FrameCutter {
  /** Not yet a frame; together they are smaller than one. */
  private held: Array<Uint8Array> = []
  private heldBytes = 0
  /** What is left of the piece that is cut just now. */
  private rest: Uint8Array | undefined = undefined

  constructor(private readonly sizes: FrameSizes) {}

  /** Takes a piece; `next` has to be asked until it has none before the next one. */
  push(piece: Uint8Array): void {
    if (piece.length > 0) this.rest = piece
  }

  /** The next frame, if there is enough for one. */
  next(): Uint8Array | undefined {
    const { rest } = this
    if (rest === undefined) return undefined
    const { block, least, most, usual } = this.sizes
    if (this.heldBytes > 0) {
      if (this.heldBytes + rest.length < least) {
        this.hold(rest)
        return undefined
      }
      const whole = Math.min(usual, this.heldBytes + rest.length)
      const length = whole - whole % block
      const frame = this.joined(rest, length)
      this.leave(rest, length - this.heldBytes)
      this.held = []
      this.heldBytes = 0
      return frame
    }
    if (rest.length < least) {
      this.hold(rest)
      return undefined
    }
    const length = rest.length > most ? usual : rest.length - rest.length % block
    this.leave(rest, length)
    return length === rest.length ? rest : rest.subarray(0, length)
  }

  /** What is held back, at the end or before a pause: all of it, or whole samples only. */
  flush(wholeSamples = false): Uint8Array | undefined {
    const length = wholeSamples ? this.heldBytes - this.heldBytes % this.sizes.block : this.heldBytes
    if (length === 0) return undefined
    const all = this.joined(nothing, this.heldBytes)
    const left = all.subarray(length)
    this.held = left.length === 0 ? [] : [left]
    this.heldBytes = left.length
    return left.length === 0 ? all : all.subarray(0, length)
  }

  private hold(piece: Uint8Array): void {
    this.held.push(piece)
    this.heldBytes += piece.length
    this.rest = undefined
  }

  private leave(piece: Uint8Array, from: number): void {
    this.rest = from === piece.length ? undefined : piece.subarray(from)
  }

  /** What is held, filled up from a piece. */
  private joined(piece: Uint8Array, length: number): Uint8Array {
    const frame = new Uint8Array(length)
    let at = 0
    for (const one of this.held) {
      frame.set(one, at)
      at += one.length
    }
    if (at < length) frame.set(piece.subarray(0, length - at), at)
    return frame
  }
}

const nothing = new Uint8Array(0)
