/**
 * What a task says of the speech: its events, and all of them together.
 */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import type { Fields } from "../../DuplexTaskState.js"
import type { SaidSentence, Speech, SpeechEvent, SpeechUsage } from "../../SpeechEvent.js"
import { SpeechUsage as UsageSchema, SpokenSentence } from "../../SpeechEvent.js"
import * as Codec from "../core/codec.js"
import { isRecord } from "../core/record.js"
import { joined } from "../operation/audio.js"
import * as Wav from "../operation/wav.js"

const decodeSentence = Codec.decoder(SpokenSentence)
const decodeUsage = Codec.decoder(UsageSchema)

const orUndefined = <A>(decoded: Either.Either<A, ParseResult.ParseError>): A | undefined =>
  Either.isRight(decoded) ? decoded.right : undefined

const tags = { "sentence-begin": "SentenceBegin", "sentence-end": "SentenceEnd" } as const

/** What a result says of the speech, where that is more than that audio follows. @internal */
export const eventOf = (output: Fields | undefined, task: number): SpeechEvent | undefined => {
  if (output === undefined) return undefined
  const { original_text: text, sentence: told, type } = output
  const tag = type === "sentence-begin" || type === "sentence-end"
    ? tags[type]
    : type === undefined || type === null || type === "sentence-synthesis"
    ? "SentenceTiming"
    : undefined
  const sentence = isRecord(told) ? orUndefined(decodeSentence(told)) : undefined
  if (tag === undefined || sentence === undefined) {
    return Object.keys(output).length === 0 ? undefined : { _tag: "Other", output }
  }
  if (tag === "SentenceTiming" && !sentence.words?.length && typeof sentence.endTime !== "number") return undefined
  return { _tag: tag, sentence, text: typeof text === "string" ? text : undefined, task }
}

/** Adds up what the tasks of a stream say; a task counts up. @internal */
export class Usages {
  private before = 0
  private last: SpeechUsage | undefined = undefined

  /** Of the task that runs, all so far. */
  add(usage: Fields | undefined): void {
    if (usage === undefined || Object.keys(usage).length === 0) return
    this.last = orUndefined(decodeUsage(usage)) ?? this.last
  }

  /** The task is over. */
  next(): void {
    this.before += this.last?.characters ?? 0
    if (this.last !== undefined) this.last = { ...this.last, characters: 0 }
  }

  get(): SpeechUsage | undefined {
    const { before, last } = this
    return last === undefined ? undefined : { ...last, characters: before + (last.characters ?? 0) }
  }
}

/** Events of a stream, put together. @internal */
export class Total {
  /** In bytes. */
  size = 0
  private readonly pieces: Array<Uint8Array> = []
  private readonly sentences = new Map<string, SaidSentence>()
  private finished: Omit<Speech, "audio" | "sentences"> = { usage: undefined, requestId: undefined, taskIds: [] }
  private isEmpty = true

  constructor(private readonly isWav: boolean) {}

  add(event: SpeechEvent): void {
    this.isEmpty = false
    switch (event._tag) {
      case "Audio":
        this.pieces.push(event.bytes)
        this.size += event.bytes.length
        break
      case "SentenceBegin":
      case "SentenceTiming":
      case "SentenceEnd": {
        const { sentence, task, text } = event
        const key = `${task} ${sentence.index ?? `at ${sentence.beginTime ?? this.sentences.size}`}`
        this.sentences.set(key, { sentence, text: text ?? this.sentences.get(key)?.text, task })
        break
      }
      case "Finished": {
        const { requestId, taskIds, usage } = event
        this.finished = { usage, requestId, taskIds }
        break
      }
      case "Other":
        break
    }
  }

  /** Nothing where nothing came. */
  get(): Speech | undefined {
    return this.isEmpty ? undefined : {
      audio: whole(this.pieces, this.isWav),
      sentences: [...this.sentences.values()],
      ...this.finished
    }
  }
}

/** Pieces as one file. The head of a WAV file is written anew. @internal */
export const whole = (pieces: ReadonlyArray<Uint8Array>, isWav: boolean): Uint8Array => {
  if (!isWav || pieces.length === 0) return joined(pieces)
  const samples = new Wav.Samples(Wav.usual)
  const all = joined([...pieces.map((piece) => samples.of(piece)), samples.end()])
  return joined([Wav.head(all.length, samples.format), all])
}
