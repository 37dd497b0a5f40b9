/**
 * qwen-tts: a text becomes audio, in one file or in pieces.
 */
import { pcmOf, wavHeader, wavOf } from "../core/audio.js"
import { charactersOf } from "../core/characters.js"
import { asString } from "../core/json.js"
import type { JsonObject } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import { expiresAt, keepResult } from "../results/service.js"
import type { Answer, ApiRequest, Chunk } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice, inputOf, modelOf } from "../server/route.js"
import { isVoiceOf } from "../voices/state.js"
import { piecesOf, sampleRate } from "./omni.js"
import { checkVoice } from "./voices.js"

const languages: ReadonlyArray<string> = [
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
]

/** The first generation counts tokens, and begins its stream with the head of a WAV file. */
const isFirst = (model: string): boolean => /^qwen-tts/.test(model)

const usageOf = (model: string, text: string): JsonObject => {
  if (!isFirst(model)) {
    return { characters: charactersOf(text) }
  }
  const input = countTokens(text)
  const output = input * 3
  return {
    input_tokens: input,
    output_tokens: output,
    input_tokens_details: { text_tokens: input },
    output_tokens_details: { audio_tokens: output, text_tokens: 0 },
    total_tokens: input + output
  }
}

const checkOwnVoice = (model: string, voice: string, incoming: Incoming): Answer | undefined =>
  /-v[cd](?:-|$)/.test(model)
    ? isVoiceOf(incoming.state, voice, model)
      ? undefined
      : failure(400, "BadRequest.VoiceNotFound", `There is no voice ${JSON.stringify(voice)} of the model ${model}.`)
    : checkVoice(voice)

/** @internal */
export const speech = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const input = inputOf(request)
  const text = asString(input.text) ?? ""
  if (text === "") {
    return invalid("The text is missing: input.text should be a text that is not empty.")
  }
  const voice = asString(input.voice)
  const wrong = voice === undefined
    ? invalid("The voice is missing: input.voice")
    : checkOwnVoice(model, voice, incoming) ?? checkChoice(input, "language_type", languages)
  if (wrong !== undefined) {
    return wrong
  }
  const id = `audio_${request.requestId}`
  const audio = (data: string) => ({ data, expires_at: expiresAt(incoming), id })
  const chunk = (data: JsonObject, said: string, finishes: boolean): Chunk => ({
    value: {
      output: { audio: data, finish_reason: finishes ? "stop" : "null" },
      usage: usageOf(model, said),
      request_id: request.requestId
    },
    finishes
  })
  const url = (said: string) =>
    keepResult(incoming, `${id}.wav`, "audio/wav", () => wavOf(pcmOf(said, sampleRate), sampleRate))
  const last = (said: string) => chunk({ ...audio(""), url: url(said) }, said, true)
  return {
    _tag: "Success",
    whole: (padding = "") => last(text + padding).value,
    chunks: function*(pieces) {
      if (pieces !== undefined) {
        for (const piece of pieces()) {
          yield chunk(audio(piece === "" ? "" : pcmOf(piece, sampleRate).toString("base64")), text, false)
        }
        yield last(text)
        return
      }
      const pcm = pcmOf(text, sampleRate)
      const bytes = isFirst(model) ? Buffer.concat([wavHeader(pcm.length, sampleRate), pcm]) : pcm
      for (const data of piecesOf(bytes)) {
        yield chunk(audio(data), text, false)
      }
      yield last(text)
    }
  }
}
