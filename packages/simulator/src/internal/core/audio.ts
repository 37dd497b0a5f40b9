/**
 * Audio that any player takes: tones that depend on the text, as PCM, WAV or MP3.
 */
import { fnv } from "./hash.js"
import { tokenize } from "./tokens.js"

/**
 * Seconds of sound for each token.
 *
 * @internal
 */
export const secondsPerToken = 0.06

/**
 * A tone for each token, 16 bit, mono.
 *
 * @internal
 */
export const pcmOf = (text: string, sampleRate: number): Buffer => {
  const tokens = tokenize(text)
  const each = Math.round(sampleRate * secondsPerToken)
  const pcm = Buffer.alloc(Math.max(1, tokens.length) * each * 2)
  tokens.forEach((token, i) => {
    const step = 2 * Math.PI * (220 + fnv(token) % 440) / sampleRate
    for (let n = 0; n < each; n++) {
      // Fades in and out, so that tones do not click.
      const volume = Math.min(n, each - n, each / 8) / (each / 8)
      pcm.writeInt16LE(Math.round(8000 * volume * Math.sin(step * n)), (i * each + n) * 2)
    }
  })
  return pcm
}

/** @internal */
export const wavHeader = (bytes: number, sampleRate: number): Buffer => {
  const header = Buffer.alloc(44)
  header.write("RIFF", 0, "latin1")
  header.writeUInt32LE(36 + bytes, 4)
  header.write("WAVEfmt ", 8, "latin1")
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write("data", 36, "latin1")
  header.writeUInt32LE(bytes, 40)
  return header
}

/** @internal */
export const wavOf = (pcm: Buffer, sampleRate: number): Buffer =>
  Buffer.concat([wavHeader(pcm.length, sampleRate), pcm])

/** MPEG-2 layer III, 22,050 Hz, 32 kbit/s, mono, no CRC. */
const frameHead = Uint8Array.of(0xff, 0xf3, 0x40, 0xc4)
const frameBytes = 104
const frameSeconds = 576 / 22_050
/** Where a frame's side information ends. */
const sideEnd = 13

/**
 * Silence as long as the text, in frames of MP3. What a frame does not need holds a mark of the text.
 *
 * @internal
 */
export const mp3Of = (text: string): Buffer => {
  const count = Math.ceil(Math.max(1, tokenize(text).length) * secondsPerToken / frameSeconds)
  const frames = Buffer.alloc(count * frameBytes)
  for (let i = 0; i < count; i++) {
    frames.set(frameHead, i * frameBytes)
    frames.writeUInt32LE(fnv(`${i}/${text}`) & 0x7f7f7f7f, i * frameBytes + sideEnd)
  }
  return frames
}

/** @internal */
export const secondsOf = (pcm: Buffer, sampleRate: number): number => pcm.length / 2 / sampleRate
