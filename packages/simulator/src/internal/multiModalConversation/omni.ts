/**
 * Answers that are spoken beside being written: after the text come the pieces of its audio, and then the reason to
 * finish.
 */
import { pcmOf, wavOf } from "../core/audio.js"
import { asArray, asObject, asString } from "../core/json.js"
import type { JsonObject } from "../core/json.js"
import { expiresAt, keepResult } from "../results/service.js"
import type { Answer, ApiRequest, Chunk, Success } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice } from "../server/route.js"
import { checkVoice } from "./voices.js"

/** @internal */
export const sampleRate = 24_000

/** Bytes of audio in one event. */
const pieceBytes = 9600

/** @internal */
export const piecesOf = (bytes: Buffer): ReadonlyArray<string> =>
  Array.from(
    { length: Math.ceil(bytes.length / pieceBytes) },
    (_, i) => bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes).toString("base64")
  )

const textIn = (chunk: Chunk): string => {
  const message = asObject(asObject(asArray(asObject(chunk.value.output)?.choices)?.[0])?.message)
  return (asArray(message?.content) ?? []).map((part) => asString(asObject(part)?.text) ?? "").join("")
}

const withAudio = (chunk: Chunk, audio: JsonObject): Chunk => ({
  ...chunk,
  value: { ...chunk.value, output: { ...asObject(chunk.value.output), audio } }
})

/** The same event without text, and without the reason to finish. */
const silent = (chunk: Chunk, finishes: boolean): Chunk => {
  const output = asObject(chunk.value.output)
  const choices = (asArray(output?.choices) ?? []).map((choice) => ({
    ...asObject(choice),
    message: { role: "assistant", content: [] },
    ...(finishes ? {} : { finish_reason: "null" })
  }))
  return { value: { ...chunk.value, output: { ...output, choices } }, finishes }
}

/** @internal */
export const spoken = (answer: Success, request: ApiRequest, incoming: Incoming, asked: JsonObject): Answer => {
  const wrong = checkVoice(asString(asked.voice) ?? "Cherry") ?? checkChoice(asked, "format", ["wav", "pcm"])
  if (wrong !== undefined) {
    return wrong
  }
  const written = answer.chunks
  if (written === undefined) {
    return invalid("'audio' output only support with stream=true")
  }
  const id = `audio_${request.requestId}`
  return {
    ...answer,
    chunks: function*(pieces) {
      let text = ""
      const incremental = asObject(request.body.parameters)?.incremental_output === true
      for (const chunk of written(pieces)) {
        const said = textIn(chunk)
        text = incremental ? text + said : said === "" ? text : said
        if (!chunk.finishes) {
          yield chunk
          continue
        }
        // The last text keeps its event; the finish waits for the audio.
        if (said !== "") {
          yield { value: { ...silent(chunk, false).value, output: unfinished(chunk) }, finishes: false }
        }
        const pcm = pcmOf(text, sampleRate)
        for (const data of piecesOf(pcm)) {
          yield withAudio(silent(chunk, false), { data, id, expires_at: expiresAt(incoming) })
        }
        const url = keepResult(incoming, `${id}.wav`, "audio/wav", () => wavOf(pcm, sampleRate))
        yield withAudio(silent(chunk, true), { data: "", url, id, expires_at: expiresAt(incoming) })
      }
    }
  }
}

const unfinished = (chunk: Chunk): JsonObject => {
  const output = asObject(chunk.value.output)
  return {
    ...output,
    choices: (asArray(output?.choices) ?? []).map((choice) => ({ ...asObject(choice), finish_reason: "null" }))
  }
}
