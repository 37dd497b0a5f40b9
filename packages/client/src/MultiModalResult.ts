/**
 * How to read what models that see, hear, speak or paint answer, beside their text. Results are those of text generation
 * (`GenerationResult`), whose other fields these have.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Annotation, GenerationResult, ResultAudio } from "./GenerationResult.js"
import * as Codec from "./internal/core/codec.js"
import { listOf, nullish, nullishFrom, preserve } from "./internal/core/fields.js"
import { isRecord } from "./internal/core/record.js"

/**
 * A line that was read, and where it stands, in pixels.
 *
 * @since 0.1.0
 * @category models
 */
export interface OcrWords extends Schema.Schema.Type<typeof OcrWords> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const OcrWords = Schema.Struct({
  text: nullish(Schema.String),
  /** The corners: x and y of each, clockwise from the upper left. */
  location: nullish(Schema.Array(Schema.Number)),
  /** The same as a rectangle that is turned: x and y of its middle, width, height, angle in degrees. */
  rotateRect: nullishFrom("rotate_rect", Schema.Array(Schema.Number))
}).annotations({ identifier: "OcrWords", ...preserve })

/**
 * What an OCR model read.
 *
 * @since 0.1.0
 * @category models
 */
export interface OcrResult extends Schema.Schema.Type<typeof OcrResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const OcrResult = Schema.Struct({
  /** Of `key_information_extraction`: the fields that were asked for, with what was found. */
  kvResult: nullishFrom("kv_result", Schema.Unknown),
  /** Of `advanced_recognition`: the lines. */
  wordsInfo: nullishFrom("words_info", listOf(OcrWords, {}))
}).annotations({ identifier: "OcrResult", ...preserve })

const decodeOcr = Codec.decoder(OcrResult)

/** The parts of a choice. */
const partsOf = (content: string | ReadonlyArray<unknown> | null | undefined): ReadonlyArray<unknown> =>
  typeof content === "object" && content !== null ? content : []

/**
 * What an OCR model read, of the tasks whose answer is more than text; nothing for others.
 *
 * @example
 * import { MultiModalConversation } from "effect-dashscope"
 *
 * export const lines = (result: MultiModalConversation.MultiModalConversationResult) =>
 *   MultiModalConversation.ocrResult(result)?.wordsInfo?.map(({ text }) => text) ?? []
 *
 * @since 0.1.0
 * @category accessors
 */
export const ocrResult = (result: GenerationResult): OcrResult | undefined => {
  for (const part of partsOf(result.output.choices[0].message.content)) {
    if (!isRecord(part) || !isRecord(part["ocr_result"])) continue
    const decoded = decodeOcr(part["ocr_result"])
    if (Either.isRight(decoded)) return decoded.right
  }
  return undefined
}

/**
 * The URLs of the pictures that a model made, of all choices. They expire: fetch them soon.
 *
 * @since 0.1.0
 * @category accessors
 */
export const images = (result: GenerationResult): ReadonlyArray<string> =>
  result.output.choices.flatMap(({ message }) =>
    partsOf(message.content).flatMap((part) =>
      isRecord(part) && typeof part["image"] === "string" ? [part["image"]] : []
    )
  )

/**
 * What a speech model noticed of a recording: its language, the emotion in it.
 *
 * @since 0.1.0
 * @category accessors
 */
export const annotations = (result: GenerationResult): ReadonlyArray<Annotation> =>
  result.output.choices[0].message.annotations ?? []

/**
 * The speech in an answer: a piece of it in a stream, and where the whole is. `MultiModalConversation.audioOf` has the bytes
 * of a stream.
 *
 * @since 0.1.0
 * @category accessors
 */
export const audio = (result: GenerationResult): ResultAudio | undefined => result.output.audio ?? undefined
