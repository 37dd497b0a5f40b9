/**
 * The audio of sentences, in the pieces in which a WebSocket carries it.
 */
import type { SocketBehavior } from "../../Behavior.js"
import { mp3Of, pcmOf, secondsPerToken, wavHeader } from "../core/audio.js"
import { generatedBytes } from "../core/bytes.js"
import { OpusStream } from "../core/opus.js"
import { tokenize } from "../core/tokens.js"

const usualFrame = 8192

/** Of a file whose end nobody knows yet. */
const unknownLength = 0x7fff_ffff - 36

/**
 * How long a sentence takes to say, in milliseconds.
 *
 * @internal
 */
export const millisOf = (text: string): number => Math.round(1000 * secondsPerToken * tokenize(text).length)

/** @internal */
export class Sound {
  private readonly opus: OpusStream
  private hasBegun = false

  constructor(
    readonly format: "pcm" | "wav" | "mp3" | "opus",
    readonly sampleRate: number
  ) {
    this.opus = new OpusStream(sampleRate)
  }

  /** What is sent of a sentence; together, all are one file. */
  *framesOf(sentence: string, index: number, behavior: SocketBehavior): Generator<Uint8Array> {
    const { audioBytes, frameBytes = usualFrame } = behavior
    if (audioBytes !== undefined && index === 0) {
      for (let at = 0; at < audioBytes; at += frameBytes) {
        yield Buffer.concat([...generatedBytes(at, Math.min(audioBytes, at + frameBytes), 1)])
      }
      return
    }
    const bytes = this.bytesOf(sentence)
    for (let at = 0; at < bytes.length; at += frameBytes) {
      yield bytes.subarray(at, at + frameBytes)
    }
  }

  bytesOf(sentence: string): Buffer {
    const isFirst = !this.hasBegun
    this.hasBegun = true
    switch (this.format) {
      case "mp3":
        return mp3Of(sentence)
      case "opus":
        return this.opus.next(Math.ceil(millisOf(sentence) / 20))
      case "pcm":
        return pcmOf(sentence, this.sampleRate)
      case "wav": {
        const pcm = pcmOf(sentence, this.sampleRate)
        return isFirst ? Buffer.concat([wavHeader(unknownLength, this.sampleRate), pcm]) : pcm
      }
    }
  }
}
