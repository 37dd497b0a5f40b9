/**
 * TingWu in real time: a transcript while it grows, and a summary at the end. Of its results only `action` is the service's
 * own form; what stands beside it is the simulator's.
 */
import { asNumber, asString } from "../core/json.js"
import type { JsonObject } from "../core/json.js"
import type { HeardSentence } from "../core/sentence.js"
import { Hearing } from "../core/sentence.js"
import type { RunTask } from "../inference/protocol.js"
import type { Running, TaskOut, TaskService } from "../inference/task.js"
import { finishedWith, resultOf } from "../inference/task.js"
import { invalid } from "../server/answer.js"

class TingWu implements Running {
  private readonly hearing: Hearing
  private readonly dataId: string
  private text = ""

  constructor({ id, input, parameters }: RunTask, private readonly out: TaskOut) {
    this.dataId = asString(input.dataId) ?? id
    this.hearing = new Hearing({
      format: asString(parameters.format) ?? "pcm",
      sampleRate: asNumber(parameters.sampleRate) ?? 16_000,
      language: "zh",
      maxSilence: asNumber(parameters.maxEndSilence) ?? 800,
      endsBySign: true
    }, {
      onPart: (sentence) => this.recognised(sentence, false),
      onSentence: (sentence) => {
        this.text += sentence.text
        this.recognised(sentence, true)
      }
    })
  }

  readonly onStarted = (): void => this.tell("speech-listen")

  readonly onAudio = (bytes: Buffer): undefined => {
    this.hearing.hear(bytes)
  }

  readonly onFinish = (_: JsonObject): undefined => {
    this.hearing.end()
    this.tell("ai-result", { summary: this.text })
    this.tell("speech-end")
    this.out.push([finishedWith({})])
  }

  private recognised({ begin, end, id, text }: HeardSentence, isFinal: boolean): void {
    this.tell("recognize-result", {
      transcription: { sentenceId: id, beginTime: begin, endTime: end, text, sentenceEnd: isFinal }
    })
  }

  private tell(action: string, more: JsonObject = {}): void {
    this.out.push([resultOf({ output: { action, dataId: this.dataId, ...more } })])
  }
}

/** @internal */
export const tingwu: TaskService = {
  serves: ({ function: name, group, input, task }) =>
    group === "aigc" && task === "multimodal-generation" && name === "generation" && input.directive === "start",
  run: (task, out) =>
    typeof task.input.appId === "string" && task.input.appId !== ""
      ? new TingWu(task, out)
      : invalid("The input of a transcription needs an appId.")
}
