/**
 * Voices: `/services/audio/tts/customization`, made of a recording or of a description.
 */
import { pcmOf, wavOf } from "../core/audio.js"
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asNumber, asObject, asString } from "../core/json.js"
import { checkMedium } from "../core/media.js"
import { isServedAs } from "../core/models.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice, enveloped, inputOf, modelOf, modelRoute, parametersOf, urlError } from "../server/route.js"
import { resolver } from "../upload/service.js"
import type { Voice } from "./state.js"
import { voices } from "./state.js"

type Serve = (input: JsonObject, request: ApiRequest, incoming: Incoming) => Answer

const missing = (name: string): Failure => invalid(`The field ${name} is missing or wrong: input.${name}`)

const mostVoices = 1000

/** As `2026-01-02 03:04:05`. */
const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

const keep = (incoming: Incoming, voice: Omit<Voice, "created" | "modified">): Failure | undefined => {
  const all = voices(incoming.state)
  if (all.size >= mostVoices) {
    return failure(400, "Throttling.AllocationQuota", "Maximum voice-clone voice limit exceeded.")
  }
  all.set(voice.id, { ...voice, created: incoming.now, modified: incoming.now })
  return undefined
}

const checkAudio = (url: unknown, model: string, incoming: Incoming): Failure | undefined => {
  if (typeof url !== "string" || url === "") {
    return missing("url")
  }
  return checkMedium("audio", url, resolver(incoming, model))
}

/** Recordings whose URLs say what is wrong with them. */
const badAudio: ReadonlyArray<readonly [RegExp, string, string]> = [
  [/silent/, "Audio.AudioSilentError", "The audio holds no speech."],
  [/undecodable/, "Audio.DecoderError", "The audio could not be decoded."],
  [/too-large/, "Audio.FileSizeExceed", "The audio file is too large."]
]

const checkSpeech = (url: unknown, model: string, incoming: Incoming, status: 400 | 430): Failure | undefined => {
  const found = badAudio.find(([name]) => typeof url === "string" && name.test(url))
  return checkAudio(url, model, incoming) ?? (found === undefined ? undefined : failure(status, found[1], found[2]))
}

const listed = (all: ReadonlyArray<Voice>, input: JsonObject): ReadonlyArray<Voice> => {
  const size = asNumber(input.page_size) ?? 10
  const index = asNumber(input.page_index) ?? 0
  const prefix = asString(input.prefix) ?? ""
  return all.filter((voice) => voice.prefix.startsWith(prefix)).slice(index * size, (index + 1) * size)
}

const found = (
  incoming: Incoming,
  input: JsonObject,
  name: string,
  code: string,
  answer: (voice: Voice) => Answer
): Answer => {
  const id = asString(input[name])
  const voice = id === undefined ? undefined : voices(incoming.state).get(id)
  return id === undefined
    ? missing(name)
    : voice === undefined
    ? failure(400, code, `There is no voice ${JSON.stringify(id)}.`)
    : answer(voice)
}

const all = (incoming: Incoming, maker: string): ReadonlyArray<Voice> =>
  [...voices(incoming.state).values()].filter(({ told }) => told.maker === maker)

const prefixPattern = /^[a-zA-Z0-9]{1,10}$/

const enrollment: { readonly [action: string]: Serve } = {
  create_voice: (input, request, incoming) => {
    const model = asString(input.target_model) ?? ""
    const prefix = asString(input.prefix) ?? ""
    const wrong = model === ""
      ? missing("target_model")
      : !prefixPattern.test(prefix)
      ? missing("prefix")
      : checkSpeech(input.url, "voice-enrollment", incoming, 430)
    if (wrong !== undefined) {
      return wrong
    }
    const id = `${model}-${prefix}-${digest(incoming.state.nextId("voice")).slice(0, 12)}`
    const told = { maker: "voice-enrollment" }
    return keep(incoming, { id, model, prefix, url: asString(input.url), told }) ??
      enveloped({ voice_id: id }, { count: 1 }, request.requestId)
  },
  list_voice: (input, request, incoming) =>
    enveloped(
      {
        voice_list: listed(all(incoming, "voice-enrollment"), input).map((voice) => ({
          voice_id: voice.id,
          gmt_create: timeOf(voice.created),
          gmt_modified: timeOf(voice.modified),
          status: "OK"
        }))
      },
      { count: 0 },
      request.requestId
    ),
  query_voice: (input, request, incoming) =>
    found(incoming, input, "voice_id", "BadRequest.ResourceNotExist", (voice) =>
      enveloped(
        {
          gmt_create: timeOf(voice.created),
          resource_link: voice.url,
          target_model: voice.model,
          gmt_modified: timeOf(voice.modified),
          status: "OK"
        },
        { count: 0 },
        request.requestId
      )),
  update_voice: (input, request, incoming) =>
    found(incoming, input, "voice_id", "BadRequest.ResourceNotExist", (voice) => {
      const wrong = checkSpeech(input.url, "voice-enrollment", incoming, 430)
      if (wrong !== undefined) {
        return wrong
      }
      voices(incoming.state).set(voice.id, { ...voice, url: asString(input.url), modified: incoming.now })
      return enveloped({}, { count: 1 }, request.requestId)
    }),
  delete_voice: (input, request, incoming) =>
    found(incoming, input, "voice_id", "BadRequest.ResourceNotExist", (voice) => {
      voices(incoming.state).delete(voice.id)
      return enveloped({}, { count: 0 }, request.requestId)
    })
}

const namePattern = /^[a-zA-Z0-9_]{1,16}$/

const nameOf = (input: JsonObject): string => asString(input.preferred_name) ?? "voice"

const listOf = (maker: string): Serve => (input, request, incoming) =>
  enveloped(
    {
      voice_list: listed(all(incoming, maker), input).map((voice) => ({
        voice: voice.id,
        gmt_create: timeOf(voice.created),
        target_model: voice.model
      }))
    },
    { count: 0 },
    request.requestId
  )

const remove: Serve = (input, request, incoming) =>
  found(incoming, input, "voice", "BadRequest.VoiceNotFound", (voice) => {
    voices(incoming.state).delete(voice.id)
    return enveloped({}, { count: 0 }, request.requestId)
  })

const clone: { readonly [action: string]: Serve } = {
  create: (input, request, incoming) => {
    const model = asString(input.target_model) ?? ""
    const url = asObject(input.audio)?.data
    const wrong = model === ""
      ? missing("target_model")
      : !namePattern.test(nameOf(input))
      ? missing("preferred_name")
      : checkSpeech(url, "qwen-voice-enrollment", incoming, 400)
    if (wrong !== undefined) {
      return wrong
    }
    const id = `qwen-tts-vc-${nameOf(input)}-voice-${digest(incoming.state.nextId("voice")).slice(0, 12)}`
    const told = { maker: "qwen-voice-enrollment" }
    return keep(incoming, { id, model, prefix: nameOf(input), url: asString(url), told }) ??
      enveloped({ voice: id, target_model: model }, { count: 1 }, request.requestId)
  },
  list: listOf("qwen-voice-enrollment"),
  delete: remove
}

const design: { readonly [action: string]: Serve } = {
  create: (input, request, incoming) => {
    const model = asString(input.target_model) ?? ""
    const { response_format, sample_rate } = parametersOf(request)
    const preview = asString(input.preview_text) ?? ""
    const described = asString(input.voice_prompt) ?? ""
    const wrong = model === ""
      ? missing("target_model")
      : described === ""
      ? missing("voice_prompt")
      : preview === ""
      ? missing("preview_text")
      : !namePattern.test(nameOf(input))
      ? missing("preferred_name")
      : checkChoice({ response_format }, "response_format", ["wav", "pcm"])
    if (wrong !== undefined) {
      return wrong
    }
    const id = `qwen-tts-vd-${nameOf(input)}-voice-${digest(incoming.state.nextId("voice")).slice(0, 12)}`
    const rate = asNumber(sample_rate) ?? 24_000
    const format = asString(response_format) ?? "wav"
    const pcm = pcmOf(preview, rate)
    const told = {
      maker: "qwen-voice-design",
      language: asString(input.language) ?? "zh",
      voice_prompt: described,
      preview_text: preview
    }
    return keep(incoming, { id, model, prefix: nameOf(input), url: undefined, told }) ?? enveloped(
      {
        voice: id,
        preview_audio: {
          data: (format === "wav" ? wavOf(pcm, rate) : pcm).toString("base64"),
          sample_rate: rate,
          response_format: format
        },
        target_model: model
      },
      { count: 1 },
      request.requestId
    )
  },
  list: listOf("qwen-voice-design"),
  query: (input, request, incoming) =>
    found(incoming, input, "voice", "BadRequest.VoiceNotFound", (voice) => {
      const { maker: _, ...told } = voice.told
      return enveloped(
        {
          voice: voice.id,
          target_model: voice.model,
          ...told,
          gmt_create: timeOf(voice.created),
          gmt_modified: timeOf(voice.modified)
        },
        { count: 0 },
        request.requestId
      )
    }),
  delete: remove
}

const makers: { readonly [model: string]: { readonly [action: string]: Serve } } = {
  "voice-enrollment": enrollment,
  "qwen-voice-enrollment": clone,
  "qwen-voice-design": design
}

/** @internal */
export const customization = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const actions = Object.hasOwn(makers, model) ? makers[model] : undefined
  if (actions === undefined) {
    return isServedAs(model, "voices")
      ? failure(404, "ModelNotFound", `Model not exist: ${JSON.stringify(model)}.`)
      : urlError
  }
  const input = inputOf(request)
  const action = asString(input.action) ?? ""
  const serve = Object.hasOwn(actions, action) ? actions[action] : undefined
  return serve === undefined
    ? invalid(`The action should be one of ${Object.keys(actions).join(", ")}, and not ${JSON.stringify(action)}.`)
    : serve(input, request, incoming)
}

/** @internal */
export const voiceRoutes = [modelRoute("/api/v1/services/audio/tts/customization", customization)]
