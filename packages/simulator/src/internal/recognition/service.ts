/**
 * Speech recognition over WebSockets: audio comes, and sentences go out while they grow.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import type { HeardSentence } from "../core/sentence.js"
import { Hearing } from "../core/sentence.js"
import type { RunTask } from "../inference/protocol.js"
import { invalidAction } from "../inference/protocol.js"
import type { Output, Running, TaskOut, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import type { Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import { urlError } from "../server/route.js"
import type { SocketIncoming } from "../sockets/route.js"
import { filterOf } from "./filter.js"

const formats: ReadonlyArray<string> = ["pcm", "wav", "mp3", "opus", "speex", "aac", "amr"]

/** Between the heartbeats of a silent stream, in milliseconds of audio. */
const betweenHeartbeats = 1000

const noInput = failure(400, "NO_INPUT_AUDIO_ERROR", "NO_INPUT_AUDIO_ERROR")
const noSpeech = failure(400, "NO_VALID_AUDIO_ERROR", "NO_VALID_AUDIO_ERROR")

/** @internal */
export const checkAudio = ({ model, parameters }: RunTask): Failure | undefined => {
  const { format, sample_rate } = parameters
  if (typeof format !== "string" || !formats.includes(format)) {
    return invalid(`unsupported audio format:${String(format)}`)
  }
  const isNarrow = /-8k(?:-|$)/.test(model)
  return typeof sample_rate !== "number" || sample_rate < 8000 || (isNarrow && sample_rate !== 8000)
    ? invalid(`unsupported sample rate:${String(sample_rate)}`)
    : undefined
}

/** What is the same of all that listens. */
export interface ListenerOptions {
  readonly maxSilence: number | undefined
  readonly language: string
  readonly heartbeat: boolean
}

/**
 * A task that hears, and fails where there is nothing to hear.
 *
 * @internal
 */
export abstract class Listening implements Running {
  protected readonly hearing: Hearing
  private hasInput = false
  private beats = 0

  constructor(
    { parameters }: RunTask,
    protected readonly out: TaskOut,
    { sockets }: SocketIncoming,
    options: ListenerOptions
  ) {
    this.hearing = new Hearing({
      format: asString(parameters.format) ?? "pcm",
      sampleRate: asNumber(parameters.sample_rate) ?? 16_000,
      language: options.language,
      maxSilence: options.maxSilence,
      endsBySign: true
    }, {
      onPart: (sentence) => this.told(sentence, false),
      onSentence: (sentence) => this.told(sentence, true),
      onSilence: (millis) => {
        if (options.heartbeat) {
          this.beat(millis)
        } else if (millis >= sockets.silenceTimeout) {
          out.fail(
            failure(
              400,
              "CLIENT_ERROR",
              `request timeout after ${Math.round(sockets.silenceTimeout / 1000)} seconds of silence.`
            )
          )
        }
      }
    })
  }

  protected abstract told(sentence: HeardSentence, isFinal: boolean): void
  protected abstract end(): Output
  protected heartbeat(): void {}

  /** Seconds, as they are charged. */
  protected get duration(): number {
    return Math.ceil(this.hearing.millis / 1000)
  }

  readonly onAudio = (bytes: Buffer): undefined => {
    this.hasInput ||= bytes.length > 0
    this.hearing.hear(bytes)
  }

  readonly onFinish = (_: JsonObject): Failure | undefined => {
    this.hearing.end()
    if (this.hearing.sentences === 0) {
      return this.hasInput ? noSpeech : noInput
    }
    this.out.push([this.end()])
    return undefined
  }

  private beat(millis: number): void {
    const due = Math.floor(millis / betweenHeartbeats)
    if (due > this.beats) {
      this.heartbeat()
    }
    this.beats = due
  }
}

const languageOf = (parameters: JsonObject): string => {
  const [first] = asArray(parameters.language_hints) ?? []
  return asString(first) ?? "zh"
}

class Recognition extends Listening {
  private readonly filter: (text: string) => string

  constructor(private readonly task: RunTask, out: TaskOut, incoming: SocketIncoming) {
    const { parameters } = task
    super(task, out, incoming, {
      language: languageOf(parameters),
      maxSilence: parameters.semantic_punctuation_enabled === true
        ? undefined
        : asNumber(parameters.max_sentence_silence) ?? 1300,
      heartbeat: parameters.heartbeat === true
    })
    this.filter = filterOf(parameters)
  }

  /** New context, which nothing depends on here. */
  readonly onInput = (input: JsonObject): Failure | undefined =>
    asArray(input.context) === undefined ? invalidAction("continue-task") : undefined

  protected told({ begin, end, id, text, words }: HeardSentence, isFinal: boolean): void {
    const isPunctuated = this.task.parameters.punctuation_prediction_enabled !== false
    const said = isPunctuated ? text : text.replace(/[\p{P}\p{S}]/gu, "")
    this.out.push([resultOf({
      output: {
        sentence: {
          begin_time: begin,
          end_time: isFinal ? end : null,
          text: this.filter(said),
          heartbeat: false,
          sentence_end: isFinal,
          sentence_id: id,
          words: words.map((word) => ({
            begin_time: word.begin_time,
            end_time: word.end_time,
            text: this.filter(word.text),
            punctuation: isPunctuated ? word.punctuation : ""
          }))
        }
      },
      usage: isFinal ? { duration: this.duration } : null
    })])
  }

  protected override heartbeat(): void {
    this.out.push([resultOf({
      output: {
        sentence: {
          begin_time: this.hearing.millis,
          end_time: null,
          text: "",
          heartbeat: true,
          sentence_end: false,
          words: []
        }
      },
      usage: null
    })])
  }

  protected end(): Output {
    return finishedWith({ output: {} })
  }
}

/** @internal */
export const recognition: TaskService = {
  serves: ({ function: name, group, model, task }) =>
    group === "audio" && task === "asr" && name === "recognition" && !model.startsWith("gummy-"),
  run: (task, out, incoming) =>
    isServedAs(task.model, "recognition")
      ? checkAudio(task) ?? new Recognition(task, out, incoming)
      : urlError
}
