/**
 * What a session is set to by `session.update`, for each family of models.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, isObject } from "../core/json.js"
import type { State } from "../server/state.js"
import { hasVoice } from "../speechSynthesizer/request.js"
import { isVoiceOf } from "../voices/state.js"
import type { Refusal } from "./refusal.js"
import { isRefusal, listed, refusal } from "./refusal.js"

/** @internal */
export type Family = "omni" | "audio" | "asr" | "tts" | "translate"

/** @internal */
export const familyOf = (model: string): Family =>
  /-asr-/.test(model)
    ? "asr"
    : /-tts-/.test(model)
    ? "tts"
    : /livetranslate/.test(model)
    ? "translate"
    : model.startsWith("qwen-audio-")
    ? "audio"
    : "omni"

/** @internal */
export interface SettingsContext {
  readonly model: string
  readonly state: State
}

type Check = (value: unknown, param: string, context: SettingsContext) => Refusal | undefined

const oneOf = (...choices: ReadonlyArray<string | number>): Check => (value, param) =>
  choices.some((choice) => choice === value)
    ? undefined
    : refusal(`Invalid value: '${String(value)}'. Supported values are: ${listed(choices.map(String))}.`, param)

const between = (least: number, most: number): Check => (value, param) =>
  typeof value === "number" && value >= least && value <= most
    ? undefined
    : refusal(`Invalid value: '${String(value)}'. It should be between ${least} and ${most}.`, param)

const voice: Check = (value, param, { model, state }) =>
  typeof value === "string" && value !== "" && hasVoice(model, value, state)
    ? undefined
    : refusal(`The requested voice '${String(value)}' is not supported.`, param)

const modalities: Check = (value, param) => {
  const given = (asArray(value) ?? []).map(String)
  const known = new Set(given).size === given.length && given.includes("text") &&
    given.every((one) => one === "text" || one === "audio")
  return known
    ? undefined
    : refusal(
      `Invalid modalities: [${listed(given)}]. Supported combinations are: ['text'] and ['audio', 'text'].`,
      param
    )
}

/** Each field is checked; `null` is nothing to check. */
const fields = (checks: { readonly [name: string]: Check }): Check => (value, param, context) => {
  const given = asObject(value)
  if (given === undefined) {
    return refusal(`Invalid type for '${param}': expected an object.`, param, "invalid_type")
  }
  for (const [name, check] of Object.entries(checks)) {
    const one = given[name]
    const wrong = one === undefined || one === null ? undefined : check(one, `${param}.${name}`, context)
    if (wrong !== undefined) {
      return wrong
    }
  }
  return undefined
}

const detection = (...types: ReadonlyArray<string>): Check =>
  fields({
    type: oneOf(...types),
    threshold: between(-1, 1),
    silence_duration_ms: between(200, 6000),
    idle_timeout_ms: between(5000, 30_000)
  })

const format = fields({ type: oneOf("pcm", "wav"), sample_rate: oneOf(8000, 16_000, 24_000, 48_000) })

const audio = (input: { readonly [name: string]: Check } = {}): Check =>
  fields({ input: fields({ format, ...input }), output: fields({ format, voice }) })

const tools: Check = (value, param) =>
  Array.isArray(value) && value.every((tool) => typeof functionOf(tool).name === "string")
    ? undefined
    : refusal("Each of the tools has to be a function with a name.", param)

/**
 * A tool's function, inside or beside its type.
 *
 * @internal
 */
export const functionOf = (tool: unknown): JsonObject => asObject(asObject(tool)?.function) ?? asObject(tool) ?? {}

const sampling = {
  temperature: between(0, 2),
  top_p: between(0, 1),
  presence_penalty: between(-2, 2),
  max_tokens: between(1, Infinity)
}

const talking = {
  modalities,
  voice,
  input_audio_format: oneOf("pcm", "pcm16", "pcm24"),
  output_audio_format: oneOf("pcm", "pcm16", "pcm24", "wav"),
  audio: audio(),
  tools,
  ...sampling
}

const checks: { readonly [family in Family]: Check } = {
  omni: fields({ ...talking, turn_detection: detection("server_vad", "semantic_vad") }),
  audio: fields({ ...talking, turn_detection: detection("server_vad", "smart_turn") }),
  asr: fields({
    modalities,
    input_audio_format: oneOf("pcm", "opus"),
    sample_rate: oneOf(8000, 16_000),
    turn_detection: detection("server_vad")
  }),
  translate: fields({
    modalities,
    voice,
    input_audio_format: oneOf("pcm", "pcm16", "opus"),
    output_audio_format: oneOf("pcm", "pcm24"),
    sample_rate: oneOf(8000, 16_000),
    output_modalities: modalities,
    audio: audio({ turn_detection: detection("server_vad", "speaker_detection") }),
    turn_detection: detection("server_vad", "speaker_detection")
  }),
  tts: fields({
    voice,
    mode: oneOf("server_commit", "commit"),
    language_type: oneOf(
      "Auto",
      "Chinese",
      "English",
      "German",
      "Italian",
      "Portuguese",
      "Spanish",
      "Japanese",
      "Korean",
      "French",
      "Russian"
    ),
    response_format: (value, param, { model }) =>
      model.startsWith("qwen-tts-")
        ? oneOf("pcm")(value, param, { model } as SettingsContext)
        : oneOf("pcm", "wav", "mp3", "opus")(value, param, { model } as SettingsContext),
    sample_rate: oneOf(8000, 16_000, 24_000, 48_000),
    speech_rate: between(0.5, 2),
    pitch_rate: between(0.5, 2),
    volume: between(0, 100),
    bit_rate: between(6, 510)
  })
}

const vad = (threshold: number, silence: number, more: JsonObject = {}): JsonObject => ({
  type: "server_vad",
  threshold,
  ...more,
  silence_duration_ms: silence
})

const talkingDetection = {
  type: "server_vad",
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 800,
  create_response: true,
  interrupt_response: true
}

const talkingDefaults = (model: string, voice: string, transcriber: string): JsonObject => ({
  model,
  modalities: ["text", "audio"],
  voice,
  input_audio_format: "pcm",
  output_audio_format: "pcm",
  input_audio_transcription: { model: transcriber },
  turn_detection: talkingDetection,
  tools: [],
  tool_choice: "auto",
  temperature: 0.8
})

/** From this generation on, all that is said of audio stands in one object. */
const isNested = (model: string): boolean => /^qwen(?:3\.[89]|[4-9])/.test(model)

const nestedAudio = (input: JsonObject = {}): JsonObject => ({
  input: { format: { type: "pcm", sample_rate: 16_000 }, ...input },
  output: { format: { type: "pcm", sample_rate: 24_000 }, voice: "Tina" }
})

/** @internal */
export const voiceOf = (session: JsonObject): unknown =>
  asObject(asObject(session.audio)?.output)?.voice ?? session.voice

/**
 * How turns are detected; `undefined` where they are not.
 *
 * @internal
 */
export const detectionOf = (session: JsonObject): JsonObject | undefined => {
  const input = asObject(asObject(session.audio)?.input) ?? {}
  return asObject("turn_detection" in input ? input.turn_detection : session.turn_detection)
}

/** @internal */
export const modalitiesOf = (session: JsonObject): ReadonlyArray<string> =>
  (asArray(session.output_modalities) ?? asArray(session.modalities) ?? []).map(String)

/**
 * What `session.created` says, in its order.
 *
 * @internal
 */
export const defaultsOf = (family: Family, model: string, id: string): JsonObject => {
  const object = "realtime.session"
  switch (family) {
    case "omni": {
      if (isNested(model)) {
        const { input_audio_format: _, output_audio_format: __, voice: ___, ...rest } = talkingDefaults(
          model,
          "",
          "qwen3-asr-flash-realtime"
        )
        return { object, id, ...rest, audio: nestedAudio() }
      }
      const voice = /turbo/.test(model) ? "Chelsie" : /^qwen3-omni/.test(model) ? "Cherry" : "Tina"
      return { object, id, ...talkingDefaults(model, voice, "qwen3-asr-flash-realtime") }
    }
    case "audio":
      return { object, id, ...talkingDefaults(model, "longanqian", "fun-asr") }
    case "asr":
      return {
        id,
        object,
        model,
        modalities: ["text"],
        input_audio_format: "pcm",
        input_audio_transcription: null,
        turn_detection: vad(0.2, 800)
      }
    case "translate":
      return isNested(model) ?
        {
          id,
          object,
          model,
          output_modalities: ["text", "audio"],
          audio: nestedAudio({ turn_detection: { ...vad(0.2, 1000), type: "speaker_detection" } }),
          input_audio_transcription: { model: "qwen3-asr-flash-realtime", language: null },
          translation: { language: "en" }
        } :
        {
          id,
          object,
          model,
          modalities: ["text", "audio"],
          voice: model.startsWith("qwen3-") ? "Cherry" : "Tina",
          input_audio_format: "pcm",
          output_audio_format: "pcm",
          input_audio_transcription: { model: "qwen3-asr-flash-realtime", language: null },
          turn_detection: vad(0.2, 1000),
          translation: { language: "en" }
        }
    case "tts":
      return { object, mode: "server_commit", model, voice: "Cherry", response_format: "pcm", sample_rate: 24_000, id }
  }
}

/** Not to be changed by an update. */
const fixed: ReadonlySet<string> = new Set(["id", "object", "model"])

const isOff = (transcription: unknown): boolean => transcription === null || asObject(transcription)?.model === null

/** Objects are merged, anything else is replaced. */
const deepened = (before: unknown, given: unknown): unknown =>
  isObject(before) && isObject(given)
    ? {
      ...before,
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, deepened(before[name], value)]))
    }
    : given

/**
 * The session with what an update sets, or why that is refused.
 *
 * @internal
 */
export const merged = (
  family: Family,
  session: JsonObject,
  given: unknown,
  context: SettingsContext
): JsonObject | Refusal => {
  const wrong = checks[family](given, "session", context)
  if (isRefusal(wrong) || !isObject(given)) {
    return wrong ?? refusal("Invalid type for 'session': expected an object.", "session", "invalid_type")
  }
  if (family === "translate" && isNested(context.model) && isOff(given.input_audio_transcription)) {
    return refusal("The recognition of this model cannot be switched off.", "session.input_audio_transcription")
  }
  const next: Record<string, unknown> = { ...session }
  for (const [name, value] of Object.entries(given)) {
    if (!fixed.has(name)) {
      next[name] = name === "turn_detection" && isObject(value)
        ? { ...asObject(session[name]) ?? asObject(defaultsOf(family, context.model, "")[name]), ...value }
        : name === "audio"
        ? deepened(session[name], value)
        : value
    }
  }
  return family === "omni" || family === "audio" ? { max_response_output_token: "inf", ...next } : next
}

/**
 * Whether a model speaks with the voice: some do with voices that were made for them only.
 *
 * @internal
 */
export const speaksWith = ({ model, state }: SettingsContext, voice: string): boolean =>
  /-v[cd]-/.test(model) ? isVoiceOf(state, voice, model) : hasVoice(model, voice, state)
