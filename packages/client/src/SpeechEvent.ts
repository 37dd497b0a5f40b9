/**
 * Speech as it is spoken: pieces of audio, sentences, words and when they are said. `SpeechSynthesizer` exports all of it too,
 * and has the verbs.
 *
 * Source: "Qwen-Audio-TTS/CosyVoice server events", "Sambert WebSocket API".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Schema from "effect/Schema"
import { nullish, nullishFrom, preserve } from "./internal/core/fields.js"

/**
 * A sound of a word.
 *
 * @since 0.1.0
 * @category models
 */
export interface Phoneme extends Schema.Schema.Type<typeof Phoneme> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Phoneme = Schema.Struct({
  text: nullish(Schema.String),
  /** In milliseconds. */
  beginTime: nullishFrom("begin_time", Schema.Number),
  /** In milliseconds. */
  endTime: nullishFrom("end_time", Schema.Number),
  tone: nullish(Schema.Number)
}).annotations({ identifier: "Phoneme", ...preserve })

/**
 * A word and when it is spoken.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpokenWord extends Schema.Schema.Type<typeof SpokenWord> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SpokenWord = Schema.Struct({
  text: nullish(Schema.String),
  /** Where it begins in the text of its sentence. */
  beginIndex: nullishFrom("begin_index", Schema.Number),
  endIndex: nullishFrom("end_index", Schema.Number),
  /** In milliseconds. */
  beginTime: nullishFrom("begin_time", Schema.Number),
  /** In milliseconds. */
  endTime: nullishFrom("end_time", Schema.Number),
  /** Of Sambert, with `phonemeTimestampEnabled`. */
  phonemes: nullish(Schema.Array(Phoneme))
}).annotations({ identifier: "SpokenWord", ...preserve })

/**
 * A sentence as the service cut it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpokenSentence extends Schema.Schema.Type<typeof SpokenSentence> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SpokenSentence = Schema.Struct({
  /** Counts from 0. Sambert has none. */
  index: nullish(Schema.Number),
  /** Empty unless the timestamps of words are enabled. */
  words: nullish(Schema.Array(SpokenWord)),
  /** Of Sambert, in milliseconds. */
  beginTime: nullishFrom("begin_time", Schema.Number),
  /** Of Sambert, in milliseconds. */
  endTime: nullishFrom("end_time", Schema.Number)
}).annotations({ identifier: "SpokenSentence", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface SpeechUsage extends Schema.Schema.Type<typeof SpeechUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SpeechUsage = Schema.Struct({
  /** What is charged: a Chinese character counts as two, any other as one. */
  characters: nullish(Schema.Number)
}).annotations({ identifier: "SpeechUsage", ...preserve })

/**
 * A sentence in a stream of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface SentenceEvent<Tag extends string> {
  readonly _tag: Tag
  readonly sentence: SpokenSentence
  /** The text that was given, as far as the service says it. */
  readonly text: string | undefined
  /**
   * Which task of the stream it is of, from 0. There is more than one where a pause of the text made another necessary; indexes
   * and times count anew in each.
   */
  readonly task: number
}

/**
 * What comes while a text is spoken, in order. `Audio`: the next piece; all pieces together are the file. `SentenceBegin`:
 * the audio that follows is of this sentence. `SentenceTiming`: what is known of a sentence and its words, of services that do not say
 * where one ends; a later one of the same sentence replaces it. `SentenceEnd`: all is known of it. `Other`: what has no name here.
 * `Finished`: the last.
 *
 * @since 0.1.0
 * @category models
 */
export type SpeechEvent =
  | { readonly _tag: "Audio"; readonly bytes: Uint8Array }
  | SentenceEvent<"SentenceBegin">
  | SentenceEvent<"SentenceTiming">
  | SentenceEvent<"SentenceEnd">
  | { readonly _tag: "Other"; readonly output: Readonly<Record<string, unknown>> }
  | SpeechFinished

/**
 * All is spoken.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpeechFinished {
  readonly _tag: "Finished"
  /** Of all tasks of the stream. */
  readonly usage: SpeechUsage | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
  /** Of each task; none where there was nothing to say. */
  readonly taskIds: ReadonlyArray<string>
}

/**
 * A sentence of a text that was spoken.
 *
 * @since 0.1.0
 * @category models
 */
export interface SaidSentence extends Omit<SentenceEvent<"">, "_tag"> {}

/**
 * A text that was spoken: its audio as one file, its sentences, and what it cost.
 *
 * @since 0.1.0
 * @category models
 */
export interface Speech extends Omit<SpeechFinished, "_tag"> {
  /** In the format that was asked for. The head of a WAV file says how long it is, which that of the stream cannot. */
  readonly audio: Uint8Array
  readonly sentences: ReadonlyArray<SaidSentence>
}

/**
 * Has what was given so far spoken at once, though its last sentence is not complete.
 *
 * @since 0.1.0
 * @category models
 */
export interface Flush {
  readonly _tag: "Flush"
}

/**
 * What goes into a stream of speech.
 *
 * @since 0.1.0
 * @category models
 */
export type SpeechInput = string | Flush
