/**
 * Sambert over WebSockets: the whole text comes with `run-task`, and nothing after it.
 */
import type { JsonObject } from "../core/json.js"
import { asString } from "../core/json.js"
import type { Output, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import { invalid, isFailure } from "../server/answer.js"
import { checkChoice } from "../server/route.js"
import { invalidText, soundOf } from "./duplex.js"
import type { Word } from "./sentences.js"
import { sentencesOf, wordsOf } from "./sentences.js"
import { millisOf } from "./sound.js"

const mostCharacters = 10_000

const withPhonemes = ({ begin_time, end_time, text }: Word, phonemes: boolean): JsonObject => ({
  text,
  begin_time,
  end_time,
  ...(phonemes ? { phonemes: [{ begin_time, end_time, text: "a_c", tone: 1 + text.length % 4 }] } : {})
})

/** @internal */
export const sambert: TaskService = {
  serves: ({ group, model, task }) => group === "audio" && task === "tts" && model.startsWith("sambert-"),
  run: ({ input, parameters, streaming }, out) => {
    const given = asString(input.text) ?? ""
    const text = parameters.text_type === "SSML" ? given.replace(/<[^>]*>/g, "") : given
    const sound = soundOf(parameters, "pcm")
    if (streaming !== "out") {
      return invalid("The streaming of this task should be out.")
    }
    if (isFailure(sound)) {
      return sound
    }
    if (text.trim() === "" || text.length > mostCharacters) {
      return invalidText
    }
    const spoken = function*(): Generator<Output> {
      let before = 0
      for (const [index, sentence] of sentencesOf(text).entries()) {
        const end_time = before + millisOf(sentence)
        if (parameters.word_timestamp_enabled === true) {
          const words = wordsOf(sentence, before, sound.sampleRate)
            .map((word) => withPhonemes(word, parameters.phoneme_timestamp_enabled === true))
          yield resultOf({ output: { sentence: { begin_time: before, end_time, words } }, usage: null })
        }
        for (const bytes of sound.framesOf(sentence, index, out.behavior)) {
          yield { _tag: "Audio", bytes }
        }
        before = end_time
      }
      yield finishedWith({ output: null, usage: { characters: text.length } })
    }
    return checkChoice(parameters, "text_type", ["PlainText", "SSML"]) ??
      { onStarted: () => out.push(spoken()), onFinish: () => undefined }
  }
}
