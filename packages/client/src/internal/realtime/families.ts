/**
 * What the models of a family have in common, and what sets them apart, in one table.
 *
 * @internal
 */
import type { Family } from "../../RealtimeParams.js"

/** What a session can be sent. @internal */
export type Input = "audio" | "image" | "text" | "response" | "cancel" | "item" | "itemById"

/** @internal */
export interface Traits {
  readonly family: Family
  readonly takes: ReadonlySet<Input>
  /**
   * What audio formats are called: `audio.input.format` and `audio.output.format`; or `input_audio_format` and
   * `output_audio_format`; or those and the input's `sample_rate`; or `response_format` and the output's `sample_rate`.
   */
  readonly formats: "nested" | "flat" | "flatWithRate" | "response"
  /**
   * How a session ends: by `session.finish`, which `session.finished` answers, always or perhaps; or without, when what was
   * asked for has been answered.
   */
  readonly end: "finished" | "perhapsFinished" | "unasked"
  /** The largest image, in bytes as they are, and in characters of base64. */
  readonly image: { readonly bytes: number; readonly encoded: number }
  /** Whether a commit is answered by a response, without `response.create`. */
  readonly answersCommit: boolean
}

const unlimited = { bytes: Infinity, encoded: Infinity }

const omni: Traits = {
  family: "omni",
  takes: new Set<Input>(["audio", "image", "response", "cancel", "item"]),
  formats: "flat",
  end: "finished",
  image: { bytes: Infinity, encoded: 256 * 1024 },
  answersCommit: false
}

const translate: Traits = {
  family: "translate",
  takes: new Set<Input>(["audio", "image"]),
  formats: "flatWithRate",
  end: "finished",
  image: { bytes: 500 * 1024, encoded: Infinity },
  answersCommit: true
}

const families: { readonly [F in Family]: Traits } = {
  omni,
  asr: {
    family: "asr",
    takes: new Set<Input>(["audio"]),
    formats: "flatWithRate",
    end: "finished",
    image: unlimited,
    answersCommit: false
  },
  tts: {
    family: "tts",
    takes: new Set<Input>(["text", "cancel"]),
    formats: "response",
    end: "finished",
    image: unlimited,
    answersCommit: true
  },
  translate,
  audio: {
    family: "audio",
    takes: new Set<Input>(["audio", "response", "cancel", "item", "itemById"]),
    formats: "flat",
    end: "unasked",
    image: unlimited,
    answersCommit: false
  }
}

/** In this order; what matches none is `omni`, as in the official SDK. */
const patterns: ReadonlyArray<readonly [RegExp, Traits]> = [
  [/^qwen-audio-/, families.audio],
  [/^qwen3\.[89]-livetranslate/, { ...translate, formats: "nested" }],
  [/livetranslate/, translate],
  [/(?:^|-)asr-/, families.asr],
  [/(?:^|-)tts-/, families.tts],
  [/^qwen3\.[89]-omni/, { ...omni, formats: "nested", end: "perhapsFinished" }],
  [/^qwen3\.[5-7]-omni/, { ...omni, formats: "nested" }]
]

/** @internal */
export const traitsOf = (model: string, family?: Family): Traits => {
  const byName = patterns.find(([pattern]) => pattern.test(model))?.[1] ?? omni
  return family === undefined || family === byName.family ? byName : families[family]
}
