/**
 * Speech over WebSockets: the text comes in pieces, and each sentence is spoken as soon as it is complete.
 */
import { charactersOf } from "../core/characters.js"
import type { JsonObject } from "../core/json.js"
import { asNumber, asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import type { RunTask } from "../inference/protocol.js"
import { taskMissing } from "../inference/protocol.js"
import type { Output, Running, TaskOut, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import type { Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import { checkChoice, urlError } from "../server/route.js"
import type { State } from "../server/state.js"
import { between, hasVoice, rates } from "./request.js"
import { completeSentence, wordsOf } from "./sentences.js"
import { millisOf, Sound } from "./sound.js"

const mostOfMessage = 20_000
const mostOfTask = 200_000

const formats = ["pcm", "wav", "mp3", "opus", "Default"] as const

/** @internal */
export const invalidText = invalid("Please ensure input text is valid.")
const ssmlOnce = invalid("Text request limit violated, expected 1.")
const noSsml = invalid("SSML text is not supported at the moment!")
const foreignVoice = invalid("[tts:]Engine return error code: 418")

/**
 * What is asked of the audio, or why it is refused.
 *
 * @internal
 */
export const soundOf = (parameters: JsonObject, fallback: "mp3" | "pcm"): Sound | Failure => {
  const rate = parameters.sample_rate === 0 ? undefined : parameters.sample_rate
  const wrong = checkChoice(parameters, "format", formats) ??
    checkChoice({ sample_rate: rate }, "sample_rate", rates) ?? between(parameters, "volume", 0, 100) ??
    between(parameters, "rate", 0.5, 2) ?? between(parameters, "pitch", 0.5, 2)
  const format = formats.find((one) => one === parameters.format) ?? "Default"
  return wrong ?? new Sound(format === "Default" ? fallback : format, asNumber(rate) ?? 22_050)
}

const check = ({ model, parameters }: RunTask, state: State): Failure | undefined => {
  if (!isServedAs(model, "speech-synthesis")) {
    return urlError
  }
  const voice = asString(parameters.voice) ?? ""
  if (voice === "") {
    return invalid("Request voice is invalid!")
  }
  return hasVoice(model, voice, state)
    ? between(parameters, "seed", 0, 65_535) ?? between(parameters, "bit_rate", 6, 510)
    : foreignVoice
}

const withoutTags = (text: string): string => text.replace(/<[^>]*>/g, "")

/** @internal */
export class Synthesis implements Running {
  /** What is not spoken yet. */
  private text = ""
  private index = 0
  private characters = 0
  private millis = 0
  private received = 0
  private messages = 0

  constructor(
    private readonly task: RunTask,
    private readonly sound: Sound,
    private readonly out: TaskOut
  ) {}

  readonly onInput = (input: JsonObject): Failure | undefined => {
    if (input.flush === true && input.text === undefined) {
      this.speakAll()
      return undefined
    }
    const given = asString(input.text)
    if (given === undefined) {
      return invalidText
    }
    const isSsml = /^\s*<speak[\s>]/.test(given)
    const { enable_ssml } = this.task.parameters
    this.messages++
    if (enable_ssml === true && this.messages > 1) {
      return ssmlOnce
    }
    if (isSsml && enable_ssml !== true) {
      return noSsml
    }
    const text = isSsml ? withoutTags(given) : given
    const count = charactersOf(text)
    this.received += count
    if (count > mostOfMessage || this.received > mostOfTask) {
      return invalid(
        `Text is too long: a request may have ${mostOfMessage} characters, and a task ${mostOfTask}.`
      )
    }
    this.text += text
    for (let next = completeSentence(this.text); next !== undefined; next = completeSentence(this.text)) {
      this.text = this.text.slice(next.length)
      this.speak(next)
    }
    if (input.flush === true) {
      this.speakAll()
    }
    return undefined
  }

  readonly onFinish = (input: JsonObject): undefined => {
    if (input.directive === "cancel" && !/^cosyvoice-v1(?:-|$)/.test(this.task.model)) {
      this.out.clear()
    } else {
      this.speakAll()
    }
    this.out.push(this.end())
  }

  private *end(): Generator<Output> {
    yield finishedWith({ output: { sentence: { words: [] } }, usage: { characters: this.characters } })
  }

  private speakAll(): void {
    const rest = this.text
    this.text = ""
    if (rest.trim() !== "") {
      this.speak(rest)
    }
  }

  private speak(sentence: string): void {
    this.out.push(this.spoken(sentence))
  }

  /** Lazily: what is cancelled has not been spoken. */
  private *spoken(original_text: string): Generator<Output> {
    const { model, parameters } = this.task
    const { sampleRate } = this.sound
    const index = this.index++
    const isFirst = /^cosyvoice-v1(?:-|$)/.test(model)
    const output = (type: string, words: ReadonlyArray<object>, more: JsonObject = {}): JsonObject =>
      isFirst ? { sentence: { words } } : { type, ...more, sentence: { index, words } }
    const begun = { original_text }
    if (!isFirst) {
      yield resultOf({ output: output("sentence-begin", [], begun) })
    }
    for (const bytes of this.sound.framesOf(original_text, index, this.out.behavior)) {
      yield resultOf({ output: output("sentence-synthesis", []) })
      yield { _tag: "Audio", bytes }
    }
    this.characters += charactersOf(original_text)
    const words = parameters.word_timestamp_enabled === true ? wordsOf(original_text, this.millis, sampleRate) : []
    this.millis += millisOf(original_text)
    yield resultOf({
      output: output("sentence-end", words, begun),
      usage: { characters: this.characters }
    })
  }
}

/** @internal */
export const duplexSynthesis: TaskService = {
  serves: ({ function: name, group, model, task }) =>
    group === "audio" && task === "tts" && name === "SpeechSynthesizer" && !model.startsWith("sambert-"),
  isInterruptible: true,
  run: (task, out, incoming) => {
    const wrong = check(task, incoming.state)
    const sound = soundOf(task.parameters, "mp3")
    if (wrong !== undefined || isFailure(sound)) {
      return wrong ?? (isFailure(sound) ? sound : taskMissing)
    }
    const synthesis = new Synthesis(task, sound, out)
    if (task.streaming !== "out") {
      return synthesis
    }
    return {
      onStarted: () => {
        const refused = synthesis.onInput(task.input)
        if (refused === undefined) {
          synthesis.onFinish({})
        } else {
          out.fail(refused)
        }
      },
      onFinish: synthesis.onFinish
    }
  }
}
