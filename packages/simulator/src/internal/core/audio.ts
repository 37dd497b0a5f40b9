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

/** In the two lowest bits of samples, four of them to a byte: where a token begins, and what it says. */
const markBits = 2

/**
 * The two bytes that a mark begins with; the length, the text and a check sum follow.
 *
 * @internal
 */
export const markStart = 0xa5c3

/** @internal */
export const samplesPerByte = 8 / markBits

/** @internal */
export const samplesPerToken = (sampleRate: number): number => Math.round(sampleRate * secondsPerToken)

/** @internal */
export const checkSum = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (sum * 31 + byte) & 0xff, 7)

/** As many bytes as fit, and no half character. */
const cut = (text: string, most: number): Buffer => {
  let short = text
  while (Buffer.byteLength(short) > most) {
    short = short.slice(0, -1)
  }
  return Buffer.from(short)
}

const markOf = (token: string, samples: number): Buffer => {
  const text = cut(token, Math.min(255, Math.floor(samples / samplesPerByte) - 4))
  return Buffer.concat([Buffer.of(markStart >> 8, markStart & 0xff, text.length), text, Buffer.of(checkSum(text))])
}

/**
 * A tone for each token, 16 bit, mono. What a token says is marked in it, where nobody hears it, so that the simulator can
 * recognise its own speech.
 *
 * @internal
 */
export const pcmOf = (text: string, sampleRate: number): Buffer => {
  const tokens = tokenize(text)
  const each = samplesPerToken(sampleRate)
  const pcm = Buffer.alloc(Math.max(1, tokens.length) * each * 2)
  tokens.forEach((token, i) => {
    const step = 2 * Math.PI * (220 + fnv(token) % 440) / sampleRate
    const mark = markOf(token, each)
    for (let n = 0; n < each; n++) {
      // Fades in and out, so that tones do not click.
      const volume = Math.min(n, each - n, each / 8) / (each / 8)
      const sample = Math.round(8000 * volume * Math.sin(step * n))
      const byte = mark[Math.floor(n / samplesPerByte)]
      const bits = byte === undefined ? sample & 3 : (byte >> (6 - markBits * (n % samplesPerByte))) & 3
      pcm.writeInt16LE((sample & ~3) | bits, (i * each + n) * 2)
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
/** @internal */
export const frameBytes = 104
const frameSeconds = 576 / 22_050
/** Where a frame's side information ends. */
const sideEnd = 13
/** Where the part of the text begins that a frame holds, and how much that can be. */
const textStart = sideEnd + 4
const mostOfFrame = frameBytes - textStart - 1

/**
 * Silence as long as the text, in frames of MP3. What a frame does not need holds a part of the text.
 *
 * @internal
 */
export const mp3Of = (text: string): Buffer => {
  const count = Math.ceil(Math.max(1, tokenize(text).length) * secondsPerToken / frameSeconds)
  const frames = Buffer.alloc(count * frameBytes)
  const said = Buffer.from(text)
  for (let i = 0; i < count; i++) {
    const part = said.subarray(i * mostOfFrame, (i + 1) * mostOfFrame)
    frames.set(frameHead, i * frameBytes)
    frames.writeUInt32LE(fnv(`${i}/${text}`) & 0x7f7f7f7f, i * frameBytes + sideEnd)
    frames.writeUInt8(part.length, i * frameBytes + textStart)
    frames.set(part, i * frameBytes + textStart + 1)
  }
  return frames
}

/**
 * What a frame of such an MP3 holds of the text; `undefined` where it is no such frame.
 *
 * @internal
 */
export const partOfFrame = (frame: Buffer): Buffer | undefined => {
  const length = frame[textStart] ?? 0
  return frame.length === frameBytes && frameHead.every((byte, i) => frame[i] === byte) && length <= mostOfFrame
    ? frame.subarray(textStart + 1, textStart + 1 + length)
    : undefined
}

/** @internal */
export const secondsOf = (pcm: Buffer, sampleRate: number): number => pcm.length / 2 / sampleRate
