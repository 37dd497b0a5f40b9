/**
 * Gummy: what is heard, and its translation beside it.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import type { HeardSentence } from "../core/sentence.js"
import { tokenize } from "../core/tokens.js"
import { translate } from "../generation/phrases.js"
import type { RunTask } from "../inference/protocol.js"
import type { Output, TaskOut, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import { invalid } from "../server/answer.js"
import type { SocketIncoming } from "../sockets/route.js"
import { checkAudio, Listening } from "./service.js"

interface Heard {
  readonly sentence_id: number
  readonly begin_time: number
  readonly end_time: number
  readonly text: string
}

const wordsOf = (
  words: ReadonlyArray<
    {
      readonly begin_time: number
      readonly end_time: number
      readonly text: string
      readonly punctuation: string
    }
  >,
  fixed: boolean
): ReadonlyArray<JsonObject> =>
  words.map(({ begin_time, end_time, punctuation, text }) => ({
    begin_time,
    end_time,
    text,
    punctuation,
    fixed,
    speaker_id: null
  }))

/** The words of a translation, evenly over the time of the sentence. */
const translatedWords = (text: string, { begin, end }: HeardSentence) => {
  const tokens = tokenize(text)
  const each = (end - begin) / Math.max(1, tokens.length)
  return tokens.map((token, i) => ({
    begin_time: Math.round(begin + i * each),
    end_time: Math.round(begin + (i + 1) * each),
    text: token,
    punctuation: ""
  }))
}

class Translation extends Listening {
  private isOver = false

  constructor(private readonly task: RunTask, out: TaskOut, incoming: SocketIncoming) {
    const { parameters } = task
    super(task, out, incoming, {
      language: asString(parameters.source_language) ?? "zh",
      maxSilence: asNumber(parameters.max_end_silence) ?? 700,
      heartbeat: parameters.heartbeat === true
    })
  }

  protected told(sentence: HeardSentence, isFinal: boolean): void {
    if (this.isOver) {
      return
    }
    const { parameters } = this.task
    const heard: Heard = {
      sentence_id: sentence.id - 1,
      begin_time: sentence.begin,
      end_time: sentence.end,
      text: sentence.text
    }
    const translated = parameters.translation_enabled === true
      ? { translations: this.languages().map((lang) => this.translation(sentence, heard, lang, isFinal)) }
      : {}
    const transcribed = parameters.transcription_enabled === false
      ? {}
      : {
        transcription: {
          ...heard,
          words: wordsOf(sentence.words, isFinal),
          sentence_end: isFinal,
          vad_pre_end: false
        }
      }
    this.out.push([resultOf({
      output: { ...translated, ...transcribed },
      usage: isFinal ? { duration: this.duration } : null
    })])
    // It takes one sentence, and ends by itself.
    if (isFinal && /^gummy-chat-/.test(this.task.model)) {
      this.isOver = true
      this.out.push([this.end()])
    }
  }

  private languages(): ReadonlyArray<string> {
    return (asArray(this.task.parameters.translation_target_languages) ?? [])
      .filter((one): one is string => typeof one === "string")
  }

  private translation(sentence: HeardSentence, heard: Heard, lang: string, isFinal: boolean): JsonObject {
    const source_lang = asString(this.task.parameters.source_language) ?? "auto"
    const text = translate(heard.text, { source_lang, target_lang: lang })
    return {
      ...heard,
      text,
      lang,
      vad_pre_end: false,
      words: wordsOf(translatedWords(text, sentence), isFinal),
      sentence_end: isFinal
    }
  }

  protected end(): Output {
    return finishedWith({ output: {}, usage: { duration: this.duration } })
  }
}

/** @internal */
export const gummy: TaskService = {
  serves: ({ group, model, task }) => group === "audio" && task === "asr" && model.startsWith("gummy-"),
  run: (task, out, incoming) => {
    const { translation_enabled, translation_target_languages } = task.parameters
    const targets = asArray(translation_target_languages) ?? []
    return checkAudio(task) ?? (translation_enabled === true && targets.length !== 1
      ? invalid("The parameter translation_target_languages should have one language.")
      : new Translation(task, out, incoming))
  }
}
