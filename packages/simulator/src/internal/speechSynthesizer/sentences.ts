/**
 * Sentences, and where their words are.
 */
import { pcmOf, secondsOf } from "../core/audio.js"
import { tokenize } from "../core/tokens.js"

const ends = "。！？.!?\n"

/**
 * The sentences of a text, with their signs.
 *
 * @internal
 */
export const sentencesOf = (text: string): ReadonlyArray<string> =>
  text.match(/[^。！？.!?\n]+[。！？.!?\n]*|[。！？.!?\n]+/g) ?? [text]

/**
 * The first sentence that is complete, with the signs at its end, of a text that goes on; `undefined` where there is none.
 * Signs alone are none: they belong to what follows.
 *
 * @internal
 */
export const completeSentence = (text: string): string | undefined => {
  let hasWords = false
  let isEnding = false
  let at = 0
  for (const sign of text) {
    const isEnd = ends.includes(sign)
    if (isEnding && !isEnd) {
      return text.slice(0, at)
    }
    isEnding = isEnd && hasWords
    hasWords ||= !isEnd && sign.trim() !== ""
    at += sign.length
  }
  return isEnding ? text : undefined
}

/** @internal */
export interface Word {
  readonly text: string
  readonly begin_index: number
  readonly end_index: number
  readonly begin_time: number
  readonly end_time: number
}

/**
 * Where each word is, in the text and in time, which begins so many milliseconds before.
 *
 * @internal
 */
export const wordsOf = (sentence: string, before: number, sampleRate: number): ReadonlyArray<Word> => {
  let index = 0
  return tokenize(sentence).map((text, i) => {
    const each = Math.round(1000 * secondsOf(pcmOf(text, sampleRate), sampleRate))
    const word = {
      text,
      begin_index: index,
      end_index: index + text.length,
      begin_time: before + i * each,
      end_time: before + (i + 1) * each
    }
    index += text.length
    return word
  })
}
