/**
 * Sends audio into a task: cut into frames, at its pace, with silence in its pauses.
 */
import * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { AudioInput, AudioOptions } from "../../AudioInput.js"
import type { InputRequired } from "../../DashScopeError.js"
import type { DuplexTaskInput, Fields } from "../../DuplexTaskState.js"
import * as Pull from "../effect/pull.js"
import { invalid, isEmpty } from "../operation/params.js"
import { bytesPerSecond, FrameCutter, sizesOf } from "./frames.js"
import { SilenceMaker } from "./silence.js"
import type { Feed, Send, Unsent } from "./task.js"

/** Without input for so long, the service ends a task. */
const longestGap = 23_000

/** So long this side waits before it does something about it, in milliseconds. */
const gapMillis = 20_000

/** Of what is sent. @internal */
export interface Format {
  readonly format: string
  readonly sampleRate: number
}

/** What is wrong with the format, the options or the audio, before anything is sent. @internal */
export const problem = (
  { format, sampleRate }: Format,
  audio: Uint8Array | object,
  { gaps = "silence", pace = "none" }: AudioOptions = {}
): InputRequired | undefined => {
  if (isEmpty(format)) return invalid("format", "the format of the audio is required, such as \"pcm\"")
  if (!(Number.isInteger(sampleRate) && sampleRate > 0)) {
    return invalid("sampleRate", "the sample rate of the audio is required, in Hz, such as 16000")
  }
  if (!["realtime", "none"].includes(pace)) return invalid("pace", "must be \"realtime\" or \"none\"")
  if (!["silence", "fail"].includes(gaps)) return invalid("gaps", "must be \"silence\" or \"fail\"")
  return audio instanceof Uint8Array && audio.length === 0 ? invalid("audio", "there is no audio") : undefined
}

const gapError = (why: string): InputRequired =>
  invalid(
    "audio",
    `nothing was sent for ${gapMillis / 1000} seconds, the service ends a task after ${
      longestGap / 1000
    }, and no silence could be sent: ${why}`
  )

/** What is to be sent, and when something was sent last. */
class Feeder<A> {
  isSending = false
  sentAt: number
  private readonly cutter: FrameCutter
  private readonly silence: SilenceMaker | undefined
  private readonly speed: number
  private readonly startedAt: number
  private chunk: ReadonlyArray<Uint8Array | A> = []
  private at = 0
  private message: Fields | undefined = undefined
  private sentBytes = 0

  constructor(
    private readonly clock: Clock.Clock,
    { format, sampleRate }: Format,
    { gaps, pace }: AudioOptions,
    private readonly encode: (other: A) => Fields
  ) {
    this.startedAt = this.sentAt = this.now
    this.cutter = new FrameCutter(sizesOf(format, sampleRate))
    this.silence = gaps === "fail" ? undefined : new SilenceMaker(format, sampleRate)
    this.speed = pace === "realtime" ? bytesPerSecond(format, sampleRate) / 1000 : Infinity
  }

  get now(): number {
    return this.clock.unsafeCurrentTimeMillis()
  }

  push(chunk: ReadonlyArray<Uint8Array | A>): void {
    this.chunk = chunk
    this.at = 0
  }

  /** The next that is to be sent of what was pushed. */
  next(): DuplexTaskInput | undefined {
    const frame = this.cutter.next()
    if (frame !== undefined) return frame
    const { message } = this
    if (message !== undefined) {
      this.message = undefined
      return message
    }
    while (this.at < this.chunk.length) {
      // Within its bounds there is one.
      const piece = this.chunk[this.at++]!
      if (!(piece instanceof Uint8Array)) return this.afterAudio(this.encode(piece))
      this.silence?.passed(piece)
      this.cutter.push(piece)
      const frame = this.cutter.next()
      if (frame !== undefined) return frame
    }
    return undefined
  }

  /** What is held back, at the end. */
  last(): Uint8Array | undefined {
    return this.cutter.flush()
  }

  sent(message: DuplexTaskInput): void {
    this.sentAt = this.now
    if (message instanceof Uint8Array) this.sentBytes += message.length
  }

  /** How long to wait until this may be sent, in milliseconds. */
  waitFor(message: DuplexTaskInput): number {
    return this.speed === Infinity || !(message instanceof Uint8Array)
      ? 0
      : this.startedAt + this.sentBytes / this.speed - this.now
  }

  /** What to send in a pause, or why nothing can be. */
  gap(): ReadonlyArray<Uint8Array> | string {
    if (this.silence === undefined) return "`gaps` is \"fail\""
    const silence = this.silence.silence()
    if (typeof silence === "string") return silence
    const held = this.cutter.flush(true)
    return held === undefined ? [silence] : [held, silence]
  }

  /** What is held back belongs before it. */
  private afterAudio(message: Fields): DuplexTaskInput {
    const held = this.cutter.flush()
    if (held === undefined) return message
    this.message = message
    return held
  }
}

/** @internal */
export const feed = <A, E, R>(
  audio: Uint8Array | Stream.Stream<Uint8Array | A, E, R>,
  format: Format,
  options: AudioOptions,
  encode: (other: A) => Fields
): Feed<E | InputRequired, R> =>
(send: Send) =>
  Effect.flatMap(Effect.clock, (clock): Effect.Effect<void, E | InputRequired | Unsent, R> => {
    const feeder = new Feeder<A>(clock, format, options, encode)

    const sendOne = (message: DuplexTaskInput): Effect.Effect<void, Unsent> => {
      const wait = feeder.waitFor(message)
      return wait > 0 ? Effect.zipRight(Effect.sleep(wait), send(message)) : send(message)
    }

    let message: DuplexTaskInput | undefined
    const drain: Effect.Effect<void, Unsent> = Effect.whileLoop({
      while: () => feeder.isSending = (message = feeder.next()) !== undefined,
      body: () => sendOne(message!),
      step: () => feeder.sent(message!)
    })

    const sendChunk = (chunk: Chunk.Chunk<Uint8Array | A>): Effect.Effect<void, Unsent> => {
      feeder.push(Chunk.toReadonlyArray(chunk))
      return drain
    }

    const watch: Effect.Effect<never, InputRequired | Unsent> = Effect.suspend(() => {
      const wait = feeder.isSending ? gapMillis : feeder.sentAt + gapMillis - feeder.now
      if (wait > 0) return Effect.zipRight(Effect.sleep(wait), watch)
      const gap = feeder.gap()
      if (typeof gap === "string") return Effect.fail(gapError(gap))
      feeder.sentAt = feeder.now
      return Effect.zipRight(Effect.forEach(gap, send, { discard: true }), watch)
    })

    const all = Effect.zipRight(
      audio instanceof Uint8Array ? sendChunk(Chunk.of(audio)) : Pull.runForEachChunk(audio, sendChunk),
      Effect.suspend(() => {
        const last = feeder.last()
        return last === undefined ? Effect.void : sendOne(last)
      })
    )
    return Effect.raceFirst(all, watch)
  })

/** Of all audio alone. @internal */
export const feedOf = <E, R>(
  audio: AudioInput<E, R>,
  format: Format,
  options: AudioOptions
): Feed<E | InputRequired, R> => feed<never, E, R>(audio, format, options, (other) => other)
