/**
 * Audio as it is spoken, as a WAV file: the service sends samples, and some models the head of a file before them, which
 * cannot say how long it will be.
 *
 * @internal
 */

/** What samples are. @internal */
export interface Format {
  /** 1 is PCM. */
  readonly code: number
  readonly channels: number
  /** In Hz. */
  readonly sampleRate: number
  /** Of one sample. */
  readonly bits: number
}

/** What speech models send where nothing else is said. @internal */
export const usual: Format = { code: 1, channels: 1, sampleRate: 24_000, bits: 16 }

/** @internal */
export const headBytes = 44

const text = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

const setText = (view: DataView, at: number, name: string): void => {
  for (let i = 0; i < 4; i++) view.setUint8(at + i, name.charCodeAt(i))
}

/** A field of 32 bits holds no more; players take the largest number for an unknown length. */
const size = (bytes: number): number => Math.min(bytes, 0xffff_ffff)

/** The head of a file with so many bytes of samples. @internal */
export const head = (bytes: number, { bits, channels, code, sampleRate }: Format): Uint8Array => {
  const view = new DataView(new ArrayBuffer(headBytes))
  const frame = channels * bits / 8
  setText(view, 0, "RIFF")
  view.setUint32(4, size(headBytes - 8 + bytes), true)
  setText(view, 8, "WAVE")
  setText(view, 12, "fmt ")
  view.setUint32(16, 16, true)
  view.setUint16(20, code, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * frame, true)
  view.setUint16(32, frame, true)
  view.setUint16(34, bits, true)
  setText(view, 36, "data")
  view.setUint32(40, size(bytes), true)
  return new Uint8Array(view.buffer)
}

/** @internal */
export const secondsOf = (bytes: number, { bits, channels, sampleRate }: Format): number =>
  bytes / (sampleRate * channels * bits / 8)

/** What bytes begin with. `Unknown`: more of them are needed to tell. @internal */
export type Head =
  | { readonly _tag: "Unknown" }
  | { readonly _tag: "None" }
  /** The samples begin at `end`; there are `bytes` of them, as the head says, who may not know. */
  | { readonly _tag: "Found"; readonly format: Format; readonly end: number; readonly bytes: number }

const unknown: Head = { _tag: "Unknown" }
const none: Head = { _tag: "None" }

/** Looks for the head of a file, which may have more in it than what all heads have. @internal */
export const find = (bytes: Uint8Array, format: Format): Head => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4) return isBegun(bytes) ? unknown : none
  if (text(view, 0) !== "RIFF") return none
  if (bytes.length < 12) return unknown
  if (text(view, 8) !== "WAVE") return none
  let found = format
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = text(view, at)
    const length = view.getUint32(at + 4, true)
    if (name === "data") return { _tag: "Found", format: found, end: at + 8, bytes: length }
    if (name === "fmt ") {
      if (at + 24 > bytes.length) return unknown
      found = {
        code: view.getUint16(at + 8, true),
        channels: view.getUint16(at + 10, true),
        sampleRate: view.getUint32(at + 12, true),
        bits: view.getUint16(at + 22, true)
      }
    }
    at += 8 + length + length % 2
  }
  // A head that does not end is none.
  return bytes.length > 65_536 ? none : unknown
}

const isBegun = (bytes: Uint8Array): boolean => bytes.every((byte, i) => byte === "RIFF".charCodeAt(i))

const nothing = new Uint8Array(0)

/** Takes the head of a file from before the samples, where there is one. @internal */
export class Samples {
  /** What the samples are: as was given, or as the head says. */
  format: Format
  /** What may be a head, until that is known. */
  private begun: Uint8Array | undefined = nothing

  constructor(format: Format) {
    this.format = format
  }

  /** The samples in a piece. */
  of(piece: Uint8Array): Uint8Array {
    if (this.begun === undefined) return piece
    const bytes = this.begun.length === 0 ? piece : concat(this.begun, piece)
    const head = find(bytes, this.format)
    if (head._tag === "Unknown") {
      this.begun = bytes
      return nothing
    }
    this.begun = undefined
    if (head._tag === "None") return bytes
    this.format = head.format
    return bytes.subarray(head.end)
  }

  /** What is left when no more comes. */
  end(): Uint8Array {
    const bytes = this.begun ?? nothing
    this.begun = undefined
    return bytes
  }
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
