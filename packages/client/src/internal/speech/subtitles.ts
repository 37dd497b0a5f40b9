/**
 * What was said, as subtitles and as plain text.
 *
 * @internal
 */

type Maybe<A> = A | null | undefined

/** @internal */
export interface Word {
  readonly beginTime?: Maybe<number>
  readonly endTime?: Maybe<number>
  readonly text?: Maybe<string>
  readonly punctuation?: Maybe<string>
}

/** @internal */
export interface Sentence {
  readonly beginTime?: Maybe<number>
  readonly endTime?: Maybe<number>
  readonly text?: Maybe<string>
  readonly speakerId?: Maybe<number>
  readonly words?: Maybe<ReadonlyArray<Word>>
}

/** @internal */
export interface Channel {
  readonly text?: Maybe<string>
  readonly sentences?: Maybe<ReadonlyArray<Sentence>>
}

/** One subtitle; times in milliseconds. @internal */
export interface Cue {
  readonly begin: number
  readonly end: number
  readonly text: string
  readonly speakerId: Maybe<number>
}

/** On one line, as a blank one would end a subtitle. */
const lineOf = (text: Maybe<string>): string => (text ?? "").replace(/\s+/g, " ").trim()

const isTime = (u: unknown): u is number => typeof u === "number" && Number.isFinite(u) && u >= 0

const timed = (begin: unknown, end: unknown, before: number): readonly [begin: number, end: number] => {
  const start = isTime(begin) ? begin : before
  return [start, isTime(end) && end > start ? end : start]
}

const wordText = ({ punctuation, text }: Word): string => `${text ?? ""}${punctuation ?? ""}`

/** A sentence cut between its words, where it has them and is too long for one subtitle. */
const cut = (sentence: Sentence, whole: Cue, maxCharacters: number): ReadonlyArray<Cue> => {
  const words = sentence.words ?? []
  // Without the words that make the text, there is nothing to cut by.
  if (whole.text.length <= maxCharacters || lineOf(words.map(wordText).join("")) !== whole.text) return [whole]
  const cues: Array<Cue> = []
  let text = ""
  let [begin, end] = [whole.begin, whole.begin]
  const close = () => {
    const line = lineOf(text)
    if (line !== "") cues.push({ begin, end, text: line, speakerId: whole.speakerId })
    text = ""
  }
  for (const word of words) {
    const more = wordText(word)
    if (text !== "" && lineOf(text + more).length > maxCharacters) close()
    const [wordBegin, wordEnd] = timed(word.beginTime, word.endTime, end)
    if (text === "") begin = Math.max(end, wordBegin)
    end = Math.max(begin, wordEnd)
    text += more
  }
  close()
  return cues
}

/** All sentences in the order of their times, whichever channel they are of. @internal */
export const cuesOf = (channels: ReadonlyArray<Channel>, maxCharacters = Infinity): ReadonlyArray<Cue> =>
  channels.flatMap(({ sentences }) => {
    let before = 0
    return (sentences ?? []).flatMap((sentence) => {
      const [begin, end] = timed(sentence.beginTime, sentence.endTime, before)
      before = end
      const text = lineOf(sentence.text)
      return text === "" ? [] : cut(sentence, { begin, end, text, speakerId: sentence.speakerId }, maxCharacters)
    })
  }).sort((a, b) => a.begin - b.begin || a.end - b.end)

const digits = (n: number, length: number): string => String(n).padStart(length, "0")

const timeOf = (millis: number): string => {
  const whole = Math.round(millis)
  const seconds = Math.floor(whole / 1000)
  return `${digits(Math.floor(seconds / 3600), 2)}:${digits(Math.floor(seconds / 60) % 60, 2)}:${
    digits(seconds % 60, 2)
  },${digits(whole % 1000, 3)}`
}

/** The arrow would be read as a line of times. */
const withoutArrows = (text: string): string => text.replaceAll("-->", "→")

const spoken = ({ speakerId, text }: Cue, namesSpeakers: boolean): string =>
  namesSpeakers && typeof speakerId === "number" ? `[${speakerId}] ${text}` : text

/** @internal */
export const toSrt = (cues: ReadonlyArray<Cue>, namesSpeakers: boolean): string =>
  cues.map((cue, i) =>
    `${i + 1}\n${timeOf(cue.begin)} --> ${timeOf(cue.end)}\n${withoutArrows(spoken(cue, namesSpeakers))}\n`
  ).join("\n")

/** A line for each channel; or, with speakers, one for each turn. @internal */
export const toText = (channels: ReadonlyArray<Channel>, namesSpeakers: boolean): string => {
  const cues = namesSpeakers ? cuesOf(channels) : []
  if (cues.some(({ speakerId }) => typeof speakerId === "number")) {
    const turns: Array<{ readonly speakerId: Maybe<number>; text: string }> = []
    for (const { speakerId, text } of cues) {
      const last = turns.at(-1)
      if (last !== undefined && last.speakerId === speakerId) last.text = joined(last.text, text)
      else turns.push({ speakerId, text })
    }
    return turns.map(({ speakerId, text }) => typeof speakerId === "number" ? `[${speakerId}] ${text}` : text)
      .join("\n")
  }
  return channels.map(({ sentences, text }) =>
    text ? text : (sentences ?? []).map(({ text }) => lineOf(text)).filter((text) => text !== "").reduce(joined, "")
  ).filter((text) => text !== "").join("\n")
}

/** Chinese and Japanese have no spaces between sentences. */
const isWide = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]$/

/** A text and what follows it. @internal */
export const joined = (before: string, after: string): string =>
  before === "" ? after : isWide.test(before) ? before + after : `${before} ${after}`
