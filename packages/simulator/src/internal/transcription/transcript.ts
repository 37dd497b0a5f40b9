/**
 * What was said in a recording, made from its URL.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import { tokenize } from "../core/tokens.js"

const nameOf = (url: string): string => url.replace(/[?#].*$/, "").split("/").pop() ?? ""

/** Milliseconds of each word. */
const perWord = 200
/** Of silence between sentences. */
const between = 300

const sentencesOf = (url: string, language: string): ReadonlyArray<string> =>
  language === "en"
    ? [`Hello world, this is ${nameOf(url)}.`, "It ends here."]
    : [`欢迎使用阿里云，这是 ${nameOf(url)}。`, "到此结束。"]

interface Word {
  readonly begin_time: number
  readonly end_time: number
  readonly text: string
  readonly punctuation: string
}

const isSign = /^[\p{P}\p{S}]+$/u

/** The words of a sentence, each with the sign after it. */
const wordsOf = (sentence: string, begin: number): ReadonlyArray<Word> => {
  const words: Array<Word> = []
  for (const token of tokenize(sentence)) {
    const last = words[words.length - 1]
    if (isSign.test(token.trim()) && last !== undefined) {
      words[words.length - 1] = { ...last, punctuation: last.punctuation + token.trim() }
    } else if (token.trim() !== "") {
      const start = begin + words.length * perWord
      words.push({ begin_time: start, end_time: start + perWord, text: token, punctuation: "" })
    }
  }
  return words
}

interface Sentence {
  readonly text: string
  readonly begin: number
  readonly end: number
  readonly words: ReadonlyArray<Word>
}

const saidIn = (url: string, language: string): ReadonlyArray<Sentence> => {
  let at = 100
  return sentencesOf(url, language).map((text) => {
    const words = wordsOf(text, at)
    const sentence = { text, begin: at, end: at + words.length * perWord, words }
    at = sentence.end + between
    return sentence
  })
}

const millisOf = (url: string): number => (saidIn(url, "zh").at(-1)?.end ?? 0) + between

/**
 * Seconds of a recording.
 *
 * @internal
 */
export const secondsOf = (url: string): number => Math.ceil(millisOf(url) / 1000)

const languageOf = (parameters: JsonObject): string =>
  asString(parameters.language) ?? asString(asArray(parameters.language_hints)?.[0]) ?? "zh"

const formatOf = (url: string): string => /\.(\w{2,4})$/.exec(nameOf(url))?.[1] ?? "wav"

/**
 * As Paraformer and Fun-ASR write it.
 *
 * @internal
 */
export const transcript = (url: string, parameters: JsonObject): JsonObject => {
  const channels = (asArray(parameters.channel_id) ?? [0]).map((channel) => asNumber(channel) ?? 0)
  const sentences = saidIn(url, languageOf(parameters))
  const speakers = parameters.diarization_enabled === true ? asNumber(parameters.speaker_count) ?? 2 : undefined
  return {
    file_url: url,
    properties: {
      audio_format: formatOf(url) === "wav" ? "pcm_s16le" : formatOf(url),
      channels,
      original_sampling_rate: 16_000,
      original_duration_in_milliseconds: millisOf(url)
    },
    transcripts: channels.map((channel_id) => ({
      channel_id,
      content_duration_in_milliseconds: sentences.reduce((sum, { begin, end }) => sum + end - begin, 0),
      text: sentences.map(({ text }) => text).join(""),
      sentences: sentences.map(({ begin, end, text, words }, i) => ({
        begin_time: begin,
        end_time: end,
        text,
        sentence_id: i + 1,
        ...(speakers === undefined ? {} : { speaker_id: i % speakers }),
        words
      }))
    }))
  }
}

const emotions = ["neutral", "happy", "surprised", "sad"] as const

/**
 * As `qwen3-asr-flash-filetrans` writes it.
 *
 * @internal
 */
export const transcriptOfQwen = (url: string, parameters: JsonObject): JsonObject => {
  const language = languageOf(parameters)
  const sentences = saidIn(url, language)
  return {
    file_url: url,
    audio_info: { format: formatOf(url), sample_rate: 22_050 },
    transcripts: [{
      channel_id: asNumber(asArray(parameters.channel_id)?.[0]) ?? 0,
      text: sentences.map(({ text }) => text).join(""),
      sentences: sentences.map(({ begin, end, text, words }, sentence_id) => ({
        sentence_id,
        begin_time: begin,
        end_time: end,
        language,
        emotion: emotions[fnv(url) % emotions.length],
        text,
        ...(parameters.enable_words === true ? { words } : {})
      }))
    }]
  }
}
