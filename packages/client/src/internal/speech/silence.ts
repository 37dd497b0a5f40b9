/**
 * Silence for the pauses of live audio, in which the service would end the task.
 */
import * as Wav from "../operation/wav.js"
import { frameMillis } from "./frames.js"

/** Silence, or why there can be none. @internal */
export type Silence = Uint8Array | string

const pcm = 1
const float = 3
const extensible = 0xfffe

/** Heads of files that are still written say that they are empty, or as long as can be. */
const isOpen = (bytes: number): boolean => bytes === 0 || bytes >= 0x7fff_0000

const of = ({ bits, channels, code, sampleRate }: Wav.Format): Silence => {
  if (code !== pcm && code !== float && code !== extensible) return "its samples are not PCM"
  const samples = Math.round(sampleRate * frameMillis / 1000)
  // Samples of 8 bits have no sign.
  return new Uint8Array(samples * channels * bits / 8).fill(bits === 8 ? 0x80 : 0)
}

const wavSilence = (head: Wav.Head): Silence => {
  switch (head._tag) {
    case "Unknown":
      return "the head of the WAV file has not come"
    case "None":
      return "the audio does not begin with the head of a WAV file"
    case "Found":
      return isOpen(head.bytes) ? of(head.format) : "the head of the WAV file says how long it is"
  }
}

/** Looks at the audio that passes, and knows what its silence is. @internal */
export class SilenceMaker {
  /** The beginning of a WAV file, until its head is known. */
  private begun: Uint8Array | undefined = new Uint8Array(0)
  private head: Wav.Head = { _tag: "Unknown" }

  constructor(private readonly format: string, private readonly sampleRate: number) {
    if (format !== "wav") this.begun = undefined
  }

  passed(piece: Uint8Array): void {
    if (this.begun === undefined) return
    const bytes = new Uint8Array(this.begun.length + piece.length)
    bytes.set(this.begun)
    bytes.set(piece, this.begun.length)
    this.head = Wav.find(bytes, Wav.usual)
    this.begun = this.head._tag === "Unknown" ? bytes : undefined
  }

  silence(): Silence {
    switch (this.format) {
      case "pcm":
        return of({ code: pcm, channels: 1, bits: 16, sampleRate: this.sampleRate })
      case "wav":
        return wavSilence(this.head)
      default:
        return `nothing can be put into audio of the format ${this.format}`
    }
  }
}
