import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { pcmOf } from "../../src/internal/core/audio.js"
import { at } from "../helpers.js"
import type { Client, Task } from "../socketClient.js"
import { failureOf, finish, goOn, lastEvent, open, start } from "../socketClient.js"

const rate = 16_000

const talking = (mode: string): Task => ({
  group: "aigc",
  task: "multimodal-generation",
  function: "generation",
  model: "multimodal-dialog",
  input: { workspace_id: "w", app_id: "a", directive: "Start", dialog_id: null },
  parameters: {
    upstream: { type: "AudioOnly", mode, audio_format: "pcm", sample_rate: rate },
    downstream: { voice: "longxiaochun_v2", sample_rate: rate, audio_format: "pcm" }
  }
})

const outputs = ({ texts }: Client) => texts.map((text) => at(text, "payload", "output")).filter((one) => one != null)

const told = (client: Client) =>
  outputs(client).map((output) => String(at(output, "state") ?? at(output, "event") ?? at(output, "action")))

const directive = (directive: string, more: object = {}) => goOn({ directive, dialog_id: "d", ...more })

const heard = (client: Client, what: string) => client.until(() => told(client).at(-1) === what)

describe("a dialogue", () => {
  it.scopedLive("hears, answers in speech, and goes on when that was played", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* start(client, talking("push2talk"))
      yield* heard(client, "Listening")
      const dialog_id = at(outputs(client)[0], "dialog_id")
      yield* client.send(directive("SendSpeech"))
      yield* client.send(pcmOf("1+1?", rate))
      yield* client.send(directive("StopSpeech"))
      yield* heard(client, "RespondingEnded")
      const turn = [
        "SpeechStarted",
        "SpeechContent",
        "SpeechEnded",
        "SpeechContent",
        "Thinking",
        "Responding",
        "RespondingStarted",
        "RespondingContent",
        "RespondingContent",
        "RespondingEnded"
      ]
      assert.deepStrictEqual(told(client), ["Started", "Listening", ...turn])
      assert.deepStrictEqual(outputs(client).filter((one) => at(one, "event") === "RespondingContent")[1], {
        event: "RespondingContent",
        text: "1+1 equals 2.",
        spoken: "1+1 equals 2.",
        finished: true,
        extra_info: {},
        dialog_id
      })
      assert.deepStrictEqual(Buffer.concat(client.audio), pcmOf("1+1 equals 2.", rate))
      yield* client.send(directive("LocalRespondingStarted"))
      yield* client.send(directive("LocalRespondingEnded"))
      yield* heard(client, "Listening")
      yield* client.send(directive("HeartBeat"))
      yield* client.send(directive("RequestToRespond", { type: "transcript", text: "hi" }))
      yield* client.send(directive("RequestToSpeak"))
      yield* client.send(finish({ directive: "Stop" }))
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.includeMembers(told(client), ["HeartBeat", "RequestAccepted", "Stopped"])
      assert.isTrue(outputs(client).every((one) => at(one, "dialog_id") === dialog_id))
    }))

  it.scopedLive("without a button answers after a silence", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* start(client, talking("duplex"))
      yield* client.send(pcmOf("你是谁？", rate))
      for (let i = 0; i < 10; i++) {
        yield* client.send(Buffer.alloc(rate / 5))
      }
      yield* heard(client, "RespondingEnded")
      assert.include(
        outputs(client).map((one) => String(at(one, "text"))).join(),
        "通义千问"
      )
      yield* client.send(directive("Dance"))
      yield* client.until(() => client.ended() !== undefined)
      assert.include(failureOf(client), "continue-task/Dance")
    }))
})

describe("TingWu", () => {
  it.scopedLive("transcribes, and sums up at the end", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* start(client, {
        ...talking("duplex"),
        model: "tingwu-industrial-instruction",
        input: { appId: "a", directive: "start", dataId: "d" },
        parameters: { format: "pcm", sampleRate: rate }
      })
      yield* heard(client, "speech-listen")
      yield* client.send(pcmOf("一。二。", rate))
      yield* client.send(finish({ appId: "a", directive: "stop" }))
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.deepStrictEqual(told(client).slice(-2), ["ai-result", "speech-end"])
      assert.deepStrictEqual(at(outputs(client).at(-2), "summary"), "一。二。")
      const sentences = outputs(client).map((one) => at(one, "transcription"))
      assert.deepStrictEqual(
        sentences.filter((one) => at(one, "sentenceEnd") === true).map((one) => at(one, "text")),
        ["一。", "二。"]
      )
    }))
})
