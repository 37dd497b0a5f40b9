/**
 * Speech over HTTP: `/services/audio/tts/SpeechSynthesizer`, a file, or sentence by sentence with pieces of it.
 */
import { mp3Of, pcmOf, secondsOf, wavHeader, wavOf } from "../core/audio.js"
import type { JsonObject } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { expiresAt, keepResult } from "../results/service.js"
import type { Answer, ApiRequest, Chunk } from "../server/answer.js"
import { isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { inputOf, modelOf, modelRoute, synchronousOnly, urlError } from "../server/route.js"
import type { Synthesis } from "./request.js"
import { readSynthesis } from "./request.js"
import { sentencesOf, wordsOf } from "./sentences.js"

const pieceBytes = 8192

/** The audio of each sentence; together they are the file. */
const audioOf = ({ format, sampleRate, text }: Synthesis): ReadonlyArray<Buffer> => {
  const sentences = sentencesOf(text)
  if (format === "mp3") {
    return sentences.map(mp3Of)
  }
  const sounds = sentences.map((sentence) => pcmOf(sentence, sampleRate))
  const [first, ...rest] = sounds
  return format === "pcm" || first === undefined
    ? sounds
    : [Buffer.concat([wavHeader(sounds.reduce((sum, { length }) => sum + length, 0), sampleRate), first]), ...rest]
}

const types = { mp3: "audio/mpeg", wav: "audio/wav", pcm: "audio/pcm" } as const

const fileOf = (synthesis: Synthesis): Buffer => {
  const { format, sampleRate } = synthesis
  const sounds = audioOf({ ...synthesis, format: format === "wav" ? "pcm" : format })
  return format === "wav" ? wavOf(Buffer.concat(sounds), sampleRate) : Buffer.concat(sounds)
}

/** @internal */
export const synthesize = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "speech-synthesis")) {
    return urlError
  }
  const synthesis = readSynthesis(model, inputOf(request), incoming.state)
  if (isFailure(synthesis)) {
    return synthesis
  }
  const id = `audio_${request.requestId}`
  const { format, text } = synthesis
  const event = (output: JsonObject, characters: number, finishes: boolean): Chunk => ({
    value: {
      request_id: request.requestId,
      output: { finish_reason: finishes ? "stop" : "null", ...output },
      usage: { characters }
    },
    finishes
  })
  const last = () => {
    const url = keepResult(incoming, `${id}.${format}`, types[format], () => fileOf(synthesis))
    return event({ audio: { data: "", url, id, expires_at: expiresAt(incoming) } }, text.length, true)
  }
  return {
    _tag: "Success",
    whole: () => last().value,
    chunks: function*(pieces) {
      if (pieces === undefined) {
        yield* sentenceEvents(synthesis, id, event)
      } else {
        for (const piece of pieces()) {
          const data = piece === "" ? "" : pcmOf(piece, synthesis.sampleRate).toString("base64")
          yield event({ type: "sentence-synthesis", audio: { data, id } }, text.length, false)
        }
      }
      yield last()
    }
  }
}

function* sentenceEvents(
  synthesis: Synthesis,
  id: string,
  event: (output: JsonObject, characters: number, finishes: boolean) => Chunk
): Generator<Chunk> {
  const { sampleRate, text, words } = synthesis
  const sounds = audioOf(synthesis)
  let characters = 0
  let time = 0
  for (const [index, original_text] of sentencesOf(text).entries()) {
    const audio = (data: string) => ({ audio: { data, id } })
    yield event(
      { type: "sentence-begin", original_text, sentence: { index, words: [] }, ...audio("") },
      characters,
      false
    )
    const sound = sounds[index] ?? Buffer.alloc(0)
    for (let at = 0; at < sound.length; at += pieceBytes) {
      const data = sound.subarray(at, at + pieceBytes).toString("base64")
      yield event({ type: "sentence-synthesis", sentence: { index, words: [] }, ...audio(data) }, characters, false)
    }
    characters += original_text.length
    const said = words ? wordsOf(original_text, time, sampleRate) : []
    time += Math.round(1000 * secondsOf(pcmOf(original_text, sampleRate), sampleRate))
    yield event(
      { type: "sentence-end", original_text, sentence: { index, words: said }, ...audio("") },
      characters,
      false
    )
  }
}

/** @internal */
export const speechSynthesizerRoutes = [
  modelRoute(
    "/api/v1/services/audio/tts/SpeechSynthesizer",
    (request, incoming) => synchronousOnly(incoming) ?? synthesize(request, incoming)
  )
]
