/**
 * What is asked of a speech synthesizer, or why it is refused.
 */
import type { JsonObject } from "../core/json.js"
import { asNumber, asString } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import { checkChoice } from "../server/route.js"
import type { State } from "../server/state.js"
import { voices } from "../voices/state.js"

/** @internal */
export interface Synthesis {
  readonly text: string
  readonly format: "mp3" | "wav" | "pcm"
  readonly sampleRate: number
  readonly words: boolean
}

/** @internal */
export const rates: ReadonlyArray<number> = [8000, 16_000, 22_050, 24_000, 44_100, 48_000]
const formats = ["mp3", "wav", "pcm"] as const
const mostCharacters = 20_000

/** @internal */
export const between = (input: JsonObject, name: string, least: number, most: number): Failure | undefined => {
  const value = input[name]
  return value === undefined || value === null || (typeof value === "number" && value >= least && value <= most)
    ? undefined
    : invalid(`Range of ${name} should be [${least}, ${most}]`)
}

/**
 * Whether a model has a voice: one that was made here speaks with its own model only; of all others, any name is one.
 *
 * @internal
 */
export const hasVoice = (model: string, voice: string, state: State): boolean => {
  const own = voices(state).get(voice)
  return own === undefined ? !voice.startsWith("unknown") : own.model === model
}

const checkVoice = (voice: string | undefined, model: string, state: State): Failure | undefined => {
  if (voice === undefined || voice === "") {
    return invalid("The voice is missing: input.voice")
  }
  return !hasVoice(model, voice, state)
    ? failure(400, "BadRequest.VoiceNotFound", `There is no voice ${JSON.stringify(voice)} of the model ${model}.`)
    : undefined
}

/** @internal */
export const readSynthesis = (model: string, input: JsonObject, state: State): Synthesis | Failure => {
  const text = asString(input.text) ?? ""
  if (text === "" || text.length > mostCharacters) {
    return invalid(`Range of text length should be [1, ${mostCharacters}]: input.text`)
  }
  const wrong = checkVoice(asString(input.voice), model, state) ?? checkChoice(input, "format", formats) ??
    checkChoice(input, "sample_rate", rates) ?? between(input, "volume", 0, 100) ?? between(input, "rate", 0.5, 2) ??
    between(input, "pitch", 0.5, 2) ?? between(input, "seed", 0, 65_535)
  return wrong ?? {
    text,
    format: formats.find((one) => one === input.format) ?? "mp3",
    sampleRate: asNumber(input.sample_rate) ?? 22_050,
    words: input.word_timestamp_enabled === true
  }
}
