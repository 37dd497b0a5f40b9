/**
 * Makes sentences of what is heard.
 */
import type { Ear } from "./ear.js"
import { earFor } from "./ear.js"

/** @internal */
export interface HeardWord {
  readonly begin_time: number
  readonly end_time: number
  readonly text: string
  punctuation: string
}

/** @internal */
export interface HeardSentence {
  /** Counts from 1. */
  readonly id: number
  readonly text: string
  readonly begin: number
  readonly end: number
  readonly words: ReadonlyArray<HeardWord>
}

/** @internal */
export interface HearingOptions {
  readonly format: string
  readonly sampleRate: number
  /** Of sounds that say nothing known: `en`, or anything else for Chinese. */
  readonly language: string
  /** Silence that ends a sentence, in milliseconds; `undefined` where only its sign does. */
  readonly maxSilence: number | undefined
  /** Whether a sign at its end ends a sentence. */
  readonly endsBySign: boolean
}

/** @internal */
export interface HearingListener {
  readonly onBegin?: ((begin: number) => void) | undefined
  /** The sentence so far has changed, once for each message that was heard. */
  readonly onPart: (sentence: HeardSentence) => void
  readonly onSentence: (sentence: HeardSentence) => void
  /** How long it has been silent, in milliseconds. */
  readonly onSilence?: ((millis: number) => void) | undefined
}

const isSign = /^[\s\p{P}\p{S}]+$/u
const endsSentence = /[。！？.!?\n]\s*$/

/** @internal */
export class Hearing {
  private tokens: Array<{ readonly text: string; readonly begin: number; readonly end: number }> = []
  private count = 0
  private hasChanged = false
  private readonly ear: Ear

  constructor(private readonly options: HearingOptions, private readonly listener: HearingListener) {
    this.ear = earFor(options.format, options.sampleRate, options.language, {
      onToken: (text, begin, end) => this.token(text, begin, end),
      onSilence: (now, since) => this.silence(now, since)
    })
  }

  /** How many sentences have ended. */
  get sentences(): number {
    return this.count
  }

  get isSpeaking(): boolean {
    return this.tokens.length > 0
  }

  /** How much was heard, in milliseconds. */
  get millis(): number {
    return this.ear.millis()
  }

  hear(bytes: Buffer): void {
    this.ear.hear(bytes)
    this.part()
  }

  /** Nothing comes any more: the sentence ends as it is. */
  end(): void {
    this.ear.end()
    this.endSentence()
  }

  private part(): void {
    if (this.hasChanged && this.tokens.length > 0) {
      this.hasChanged = false
      this.listener.onPart(this.sentence())
    }
  }

  private token(text: string, begin: number, end: number): void {
    const last = this.tokens.at(-1)
    if (last === undefined) {
      this.listener.onBegin?.(begin)
    } else if (this.options.endsBySign && endsSentence.test(last.text) && !isSign.test(text)) {
      // Its last sign may have been followed by others.
      this.endSentence()
      this.listener.onBegin?.(begin)
    }
    this.tokens.push({ text, begin, end })
    this.hasChanged = true
  }

  private silence(now: number, since: number): void {
    const { maxSilence } = this.options
    if (this.tokens.length > 0 && maxSilence !== undefined && now - since >= maxSilence) {
      this.endSentence()
    }
    this.listener.onSilence?.(now - since)
  }

  private endSentence(): void {
    if (this.tokens.length > 0) {
      // What is final was told as a part before.
      this.part()
      const sentence = this.sentence()
      this.tokens = []
      this.hasChanged = false
      this.count++
      this.listener.onSentence(sentence)
    }
  }

  private sentence(): HeardSentence {
    const words: Array<HeardWord> = []
    for (const { begin, end, text } of this.tokens) {
      const last = words.at(-1)
      if (isSign.test(text) && last !== undefined) {
        last.punctuation += text
      } else {
        words.push({ begin_time: begin, end_time: end, text: text.trim(), punctuation: "" })
      }
    }
    return {
      id: this.count + 1,
      text: this.tokens.map(({ text }) => text).join(""),
      begin: this.tokens[0]?.begin ?? 0,
      end: this.tokens.at(-1)?.end ?? 0,
      words
    }
  }
}
