/**
 * From a session's parameters to the record of `session.update`.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import type {
  AudioFormat,
  Family,
  InputTranscription,
  RealtimeParams,
  SessionParams,
  Translation,
  TurnDetection
} from "../../RealtimeParams.js"
import * as Params from "../operation/params.js"
import type { Traits } from "./families.js"

type Named = Omit<SessionParams, "input" | "output">

const turnDetection: Params.Names<TurnDetection> = {
  type: "type",
  threshold: "threshold",
  prefixPaddingMs: "prefix_padding_ms",
  silenceDurationMs: "silence_duration_ms",
  createResponse: "create_response",
  interruptResponse: "interrupt_response",
  idleTimeoutMs: "idle_timeout_ms"
}

const inputTranscription: Params.Names<InputTranscription> = { model: "model", language: "language", corpus: "corpus" }

const writeTranslation = ({ language, phrases, sameLanguageSkip }: Translation): unknown => ({
  language,
  corpus: phrases === undefined ? undefined : { phrases },
  same_language_skip_options: sameLanguageSkip === undefined
    ? undefined
    : { skip_text: sameLanguageSkip.text, skip_audio: sameLanguageSkip.audio }
})

const fields: Params.Fields<Named> = {
  modalities: Params.top("modalities"),
  voice: Params.top("voice"),
  instructions: Params.top("instructions"),
  turnDetection: Params.struct(Params.top<TurnDetection>("turn_detection"), turnDetection),
  inputTranscription: Params.struct(Params.top<InputTranscription>("input_audio_transcription"), inputTranscription),
  temperature: Params.top("temperature"),
  topP: Params.top("top_p"),
  topK: Params.top("top_k"),
  presencePenalty: Params.top("presence_penalty"),
  repetitionPenalty: Params.top("repetition_penalty"),
  maxTokens: Params.top("max_tokens"),
  seed: Params.top("seed"),
  tools: Params.top("tools"),
  toolChoice: Params.top("tool_choice"),
  enableSearch: Params.top("enable_search"),
  searchOptions: Params.top("search_options"),
  smoothOutput: Params.top("smooth_output"),
  mode: Params.top("mode"),
  languageType: Params.top("language_type"),
  speechRate: Params.top("speech_rate"),
  pitchRate: Params.top("pitch_rate"),
  volume: Params.top("volume"),
  bitRate: Params.top("bit_rate"),
  optimizeInstructions: Params.top("optimize_instructions"),
  enableTextNormalization: Params.top("enable_tn"),
  translation: Params.top("translation", writeTranslation),
  enableVoiceClone: Params.top("enable_voice_clone"),
  voiceCloneFrequency: Params.top("voice_clone_options", (frequency: string) => ({ frequency }))
}

const talks: ReadonlyArray<Family> = ["omni", "audio"]
const speaks: ReadonlyArray<Family> = ["tts"]
const interprets: ReadonlyArray<Family> = ["translate"]
const listens: ReadonlyArray<Family> = ["omni", "audio", "asr", "translate"]

/** Parameters that mean nothing to other families: the service would leave them out without a word. */
const only: { readonly [K in keyof SessionParams]?: ReadonlyArray<Family> } = {
  input: listens,
  turnDetection: listens,
  inputTranscription: listens,
  instructions: ["omni", "audio", "tts"],
  temperature: talks,
  topP: talks,
  topK: talks,
  presencePenalty: talks,
  repetitionPenalty: talks,
  maxTokens: talks,
  seed: talks,
  tools: talks,
  toolChoice: talks,
  enableSearch: talks,
  searchOptions: talks,
  smoothOutput: talks,
  mode: speaks,
  languageType: speaks,
  speechRate: speaks,
  pitchRate: speaks,
  volume: speaks,
  bitRate: speaks,
  optimizeInstructions: speaks,
  enableTextNormalization: speaks,
  translation: interprets,
  enableVoiceClone: interprets,
  voiceCloneFrequency: interprets
}

type Session = Readonly<Record<string, unknown>>

const nested = ({ sampleRate, type = "pcm" }: AudioFormat) => ({ format: { type, sample_rate: sampleRate } })

const formatsOf = (
  formats: Traits["formats"],
  input: AudioFormat | undefined,
  output: AudioFormat | undefined
): Session => {
  switch (formats) {
    case "nested":
      return input === undefined && output === undefined ? {} : {
        audio: {
          ...(input === undefined ? undefined : { input: nested(input) }),
          ...(output === undefined ? undefined : { output: nested(output) })
        }
      }
    case "flat":
      return { input_audio_format: input?.type, output_audio_format: output?.type }
    case "flatWithRate":
      return { input_audio_format: input?.type, output_audio_format: output?.type, sample_rate: input?.sampleRate }
    case "response":
      return { response_format: output?.type, sample_rate: output?.sampleRate }
  }
}

/** A rate that there is no field for would be left out without a word, and the sound be wrong. */
const rateProblem = (
  { formats }: Traits,
  input: AudioFormat | undefined,
  output: AudioFormat | undefined
): InputRequired | undefined => {
  const fixed = (field: string, rate: number) =>
    Params.invalid(field, `the model's audio has ${rate} Hz, and there is no field for another rate`)
  const isOther = (format: AudioFormat | undefined, rate: number) =>
    format?.sampleRate !== undefined && format.sampleRate !== rate
  if (formats === "flat" && isOther(input, 16_000)) return fixed("input.sampleRate", 16_000)
  if ((formats === "flat" || formats === "flatWithRate") && isOther(output, 24_000)) {
    return fixed("output.sampleRate", 24_000)
  }
  return undefined
}

/** What `session.update` says of a session. @internal */
export const update = (params: SessionParams, traits: Traits): Either.Either<Session, InputRequired> => {
  const { extra, input, output, ...named } = params
  for (const [key, families] of Object.entries(only)) {
    if (params[key as keyof SessionParams] !== undefined && !families.includes(traits.family)) {
      return Either.left(
        Params.invalid(key, `is for models of ${families.join(", ")}, and this one is of ${traits.family}`)
      )
    }
  }
  const wrong = rateProblem(traits, input, output)
  if (wrong !== undefined) return Either.left(wrong)
  return Either.map(Params.encode<Named>(named, fields), (session) =>
    Object.fromEntries(
      Object.entries({ ...formatsOf(traits.formats, input, output), ...session, ...extra }).filter(([, value]) =>
        value !== undefined
      )
    ))
}

/** What has to be right before a socket is opened. @internal */
export const problem = ({ model, voice }: RealtimeParams, traits: Traits): InputRequired | undefined =>
  traits.family === "tts" && Params.isEmpty(voice)
    ? Params.invalid("voice", `${model} needs a voice, such as "Cherry"`)
    : undefined

/** Such a session as the model's. @internal */
export const opening = (params: RealtimeParams, traits: Traits): Either.Either<Session, InputRequired> => {
  const { family: _, model, ...session } = params
  const wrong = Params.modelRequired(model, "qwen3.5-omni-flash-realtime") ?? problem(params, traits)
  return wrong === undefined ? update(session, traits) : Either.left(wrong)
}
