/**
 * Multimodal dialogue: a conversation in speech, whose turns are told by directives.
 */
import { mp3Of, pcmOf, wavOf } from "../core/audio.js"
import { digest, uuid } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asNumber, asObject, asString } from "../core/json.js"
import { Hearing } from "../core/sentence.js"
import { chinese, plainAnswer } from "../generation/phrases.js"
import type { RunTask } from "../inference/protocol.js"
import { invalidAction } from "../inference/protocol.js"
import type { Output, Running, TaskOut, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import type { Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"

const modes: ReadonlyArray<string> = ["tap2talk", "push2talk", "duplex"]
const frameBytes = 8192
/** Silence that ends what the user says, in milliseconds. */
const maxSilence = 800

class Dialogue implements Running {
  private readonly dialogId: string
  private readonly upstream: JsonObject
  private readonly downstream: JsonObject
  private state = ""
  private hearing: Hearing | undefined
  private said = ""

  constructor(task: RunTask, private readonly out: TaskOut) {
    this.dialogId = asString(task.input.dialog_id) ?? uuid(digest(`dialog/${task.id}`))
    this.upstream = asObject(task.parameters.upstream) ?? {}
    this.downstream = asObject(task.parameters.downstream) ?? {}
  }

  readonly onStarted = (): void => {
    this.tell("Started")
    this.turnTo("Listening")
    if (this.upstream.mode !== "push2talk") {
      this.listen()
    }
  }

  readonly onAudio = (bytes: Buffer): undefined => {
    this.hearing?.hear(bytes)
  }

  readonly onInput = (input: JsonObject): Failure | undefined => {
    switch (input.directive) {
      case "SendSpeech":
        this.listen()
        return undefined
      case "StopSpeech":
        this.stopListening()
        return undefined
      case "RequestToSpeak":
        // Who interrupts wants to hear no more.
        this.out.clear()
        this.tell("RequestAccepted")
        this.turnTo("Listening")
        this.listen()
        return undefined
      case "RequestToRespond":
        return this.respondTo(input)
      case "LocalRespondingStarted":
      case "UpdateInfo":
        return undefined
      case "LocalRespondingEnded":
        this.turnTo("Listening")
        if (this.upstream.mode !== "push2talk") {
          this.listen()
        }
        return undefined
      case "HeartBeat":
        this.tell("HeartBeat")
        return undefined
      default:
        return invalidAction(`continue-task/${String(input.directive)}`)
    }
  }

  readonly onFinish = (_: JsonObject): undefined => {
    this.tell("Stopped")
    this.out.push([finishedWith({})])
  }

  private respondTo({ text, type }: JsonObject): Failure | undefined {
    if (typeof text !== "string" || (type !== "transcript" && type !== "prompt")) {
      return invalid("RequestToRespond needs a type, transcript or prompt, and a text.")
    }
    this.answer(type === "transcript" ? text : plainAnswer(text, chinese.test(text)))
    return undefined
  }

  private tell(event: string, more: JsonObject = {}): void {
    this.out.push([resultOf({ output: this.event(event, more) })])
  }

  private event(event: string, more: JsonObject = {}): JsonObject {
    return { event, ...more, dialog_id: this.dialogId }
  }

  private turnTo(state: string): void {
    if (this.state !== state) {
      this.state = state
      this.tell("DialogStateChanged", { state })
    }
  }

  private listen(): void {
    this.said = ""
    const content = (text: string, finished: boolean) => this.tell("SpeechContent", { text, finished })
    this.hearing = new Hearing({
      format: asString(this.upstream.audio_format) ?? "pcm",
      sampleRate: asNumber(this.upstream.sample_rate) ?? 16_000,
      language: "zh",
      maxSilence,
      endsBySign: false
    }, {
      onBegin: () => {
        if (this.said === "") {
          this.tell("SpeechStarted")
        }
      },
      onPart: ({ text }) => content(this.said + text, false),
      onSentence: ({ text }) => {
        this.said += text
        if (this.upstream.mode !== "push2talk") {
          this.stopListening()
        }
      }
    })
  }

  private stopListening(): void {
    const { hearing } = this
    this.hearing = undefined
    hearing?.end()
    if (hearing === undefined || this.said === "") {
      return
    }
    this.tell("SpeechEnded")
    this.tell("SpeechContent", { text: this.said, finished: true })
    this.answer(plainAnswer(this.said, chinese.test(this.said)))
  }

  private answer(text: string): void {
    this.hearing = undefined
    this.turnTo("Thinking")
    this.turnTo("Responding")
    this.out.push(this.spoken(text))
  }

  private *spoken(text: string): Generator<Output> {
    const content = (finished: boolean) =>
      resultOf({ output: this.event("RespondingContent", { text, spoken: text, finished, extra_info: {} }) })
    yield resultOf({ output: this.event("RespondingStarted") })
    yield content(false)
    const audio = this.audioOf(text)
    for (let at = 0; at < audio.length; at += frameBytes) {
      yield { _tag: "Audio", bytes: audio.subarray(at, at + frameBytes) }
    }
    yield content(true)
    yield resultOf({ output: this.event("RespondingEnded") })
  }

  private audioOf(text: string): Buffer {
    const sampleRate = asNumber(this.downstream.sample_rate) ?? 24_000
    switch (this.downstream.audio_format) {
      case "mp3":
        return mp3Of(text)
      case "wav":
        return wavOf(pcmOf(text, sampleRate), sampleRate)
      default:
        return pcmOf(text, sampleRate)
    }
  }
}

/** @internal */
export const dialogue: TaskService = {
  serves: ({ function: name, group, input, task }) =>
    group === "aigc" && task === "multimodal-generation" && name === "generation" && input.directive === "Start",
  run: (task, out) => {
    const { app_id, workspace_id } = task.input
    const mode = asObject(task.parameters.upstream)?.mode
    if (typeof app_id !== "string" || app_id === "" || typeof workspace_id !== "string") {
      return invalid("The input of a dialogue needs a workspace_id and an app_id.")
    }
    return mode === undefined || (typeof mode === "string" && modes.includes(mode))
      ? new Dialogue(task, out)
      : invalid(`The parameter upstream.mode should be one of ${modes.join(", ")}.`)
  }
}
