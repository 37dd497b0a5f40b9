/**
 * Hears audio: its own words where the simulator spoke them, and words of its own choice in any other sound.
 */
import {
  checkSum,
  frameBytes,
  markStart,
  partOfFrame,
  samplesPerByte,
  samplesPerToken,
  secondsPerToken
} from "./audio.js"
import { tokenize } from "./tokens.js"

/**
 * Times in milliseconds since the beginning of the audio.
 *
 * @internal
 */
export interface EarListener {
  readonly onToken: (text: string, begin: number, end: number) => void
  /** It is silent at this time, and has been since that one. */
  readonly onSilence: (now: number, since: number) => void
}

/** @internal */
export interface Ear {
  readonly hear: (bytes: Buffer) => void
  /** Nothing comes any more. */
  readonly end: () => void
  /** How much it has heard, in milliseconds. */
  readonly millis: () => number
}

/** What is heard where nobody knows the words: a token for so many milliseconds of sound. */
const perUnknown = 300

const phrases = {
  zh: tokenize("欢迎使用阿里云。"),
  en: tokenize("Welcome to Alibaba Cloud.")
}

class Unknown {
  private count = 0

  constructor(private readonly language: string) {}

  next(): string {
    const words = this.language === "en" ? phrases.en : phrases.zh
    return words[this.count++ % words.length] ?? ""
  }
}

const windowMillis = 20
/** The mean of the samples' absolute values, above which a window is no silence. */
const loud = 200

class PcmEar implements Ear {
  private kept: Buffer = Buffer.alloc(0)
  private isStart = true
  /** The number of samples so far. */
  private position = 0
  private register = 0
  private mark: { readonly start: number; readonly bytes: Array<number>; byte: number; bits: number } | undefined
  /** Up to here is known what was said. */
  private covered = 0
  private window = 0
  private windowSum = 0
  private unknown = 0
  private lastLoud = 0
  private readonly words: Unknown

  constructor(private sampleRate: number, language: string, private readonly listener: EarListener) {
    this.words = new Unknown(language)
  }

  readonly millis = (): number => this.at(this.position)

  readonly end = (): void => {}

  readonly hear = (given: Buffer): void => {
    const bytes = this.withoutHeader(this.kept.length === 0 ? given : Buffer.concat([this.kept, given]))
    if (bytes === undefined) {
      return
    }
    const even = bytes.length - bytes.length % 2
    this.kept = Buffer.from(bytes.subarray(even))
    for (let i = 0; i < even; i += 2) {
      this.sample(bytes.readInt16LE(i))
    }
  }

  /** What follows the head of a WAV file, once that has arrived. */
  private withoutHeader(bytes: Buffer): Buffer | undefined {
    if (!this.isStart) {
      return bytes
    }
    const isWav = "RIFF".startsWith(bytes.toString("latin1", 0, Math.min(4, bytes.length)))
    const data = isWav ? bytes.indexOf("data", 0, "latin1") : 0
    if (isWav && (bytes.length < 44 || data < 0 || bytes.length < data + 8)) {
      this.kept = bytes
      return undefined
    }
    this.isStart = false
    if (!isWav) {
      return bytes
    }
    this.sampleRate = bytes.readUInt32LE(24)
    return bytes.subarray(data + 8)
  }

  private at(position: number): number {
    return Math.round(1000 * position / this.sampleRate)
  }

  private sample(value: number): void {
    this.readMark(value & 3)
    this.position++
    this.windowSum += Math.abs(value)
    if (++this.window >= this.sampleRate * windowMillis / 1000) {
      this.endWindow()
    }
  }

  private readMark(bits: number): void {
    const { mark } = this
    if (mark === undefined) {
      this.register = ((this.register << 2) | bits) & 0xffff
      if (this.register === markStart && this.position >= this.covered) {
        this.mark = { start: this.position + 1 - 2 * samplesPerByte, bytes: [], byte: 0, bits: 0 }
        this.register = 0
      }
      return
    }
    mark.byte = (mark.byte << 2) | bits
    mark.bits += 2
    if (mark.bits < 8) {
      return
    }
    mark.bytes.push(mark.byte)
    mark.byte = 0
    mark.bits = 0
    const length = mark.bytes[0] ?? 0
    if (mark.bytes.length < length + 2) {
      return
    }
    this.mark = undefined
    const text = Uint8Array.from(mark.bytes.slice(1, length + 1))
    if (checkSum(text) === mark.bytes[length + 1]) {
      this.covered = mark.start + samplesPerToken(this.sampleRate)
      this.listener.onToken(Buffer.from(text).toString("utf8"), this.at(mark.start), this.at(this.covered))
      this.lastLoud = this.at(this.covered)
    }
  }

  private endWindow(): void {
    const isLoud = this.windowSum / this.window > loud
    const now = this.at(this.position)
    if (isLoud) {
      this.lastLoud = Math.max(this.lastLoud, now)
      // A token counts once its text is read, and a window may end before that.
      if (this.mark === undefined && this.position - this.window >= this.covered) {
        this.unknown += windowMillis
        if (this.unknown >= perUnknown) {
          this.listener.onToken(this.words.next(), now - this.unknown, now)
          this.unknown = 0
        }
      }
    } else if (now > this.lastLoud) {
      this.listener.onSilence(now, this.lastLoud)
    }
    this.window = 0
    this.windowSum = 0
  }
}

/** Its own MP3, frame by frame. */
class Mp3Ear implements Ear {
  private kept: Buffer = Buffer.alloc(0)
  private text: Buffer = Buffer.alloc(0)
  private time = 0
  private readonly words: Unknown

  constructor(language: string, private readonly listener: EarListener) {
    this.words = new Unknown(language)
  }

  readonly millis = (): number => Math.round(this.time)

  readonly hear = (given: Buffer): void => {
    let bytes = Buffer.concat([this.kept, given])
    while (bytes.length >= frameBytes) {
      const part = partOfFrame(bytes.subarray(0, frameBytes))
      if (part === undefined) {
        this.say(this.words.next())
      } else {
        this.text = Buffer.concat([this.text, part])
        // The frame after the last of a text holds nothing.
        if (part.length === 0) {
          this.sayAll()
        }
      }
      bytes = bytes.subarray(frameBytes)
    }
    this.kept = Buffer.from(bytes)
  }

  readonly end = (): void => this.sayAll()

  private sayAll(): void {
    const text = this.text.toString("utf8")
    this.text = Buffer.alloc(0)
    for (const token of text === "" ? [] : tokenize(text)) {
      this.say(token)
    }
  }

  private say(token: string): void {
    const begin = this.millis()
    this.time += 1000 * secondsPerToken
    this.listener.onToken(token, begin, this.millis())
  }
}

/** Bytes of a format that is not decoded here; enough for a word. */
const perWord = 2000

class OpaqueEar implements Ear {
  private bytes = 0
  private said = 0
  private readonly words: Unknown

  constructor(language: string, private readonly listener: EarListener) {
    this.words = new Unknown(language)
  }

  readonly millis = (): number => Math.round(perUnknown * this.bytes / perWord)

  readonly end = (): void => {}

  readonly hear = (bytes: Buffer): void => {
    this.bytes += bytes.length
    for (; this.said < Math.floor(this.bytes / perWord); this.said++) {
      this.listener.onToken(this.words.next(), this.said * perUnknown, (this.said + 1) * perUnknown)
    }
  }
}

/** @internal */
export const earFor = (format: string, sampleRate: number, language: string, listener: EarListener): Ear =>
  format === "pcm" || format === "wav"
    ? new PcmEar(sampleRate, language, listener)
    : format === "mp3"
    ? new Mp3Ear(language, listener)
    : new OpaqueEar(language, listener)
