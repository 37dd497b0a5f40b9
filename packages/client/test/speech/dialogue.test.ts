import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as DashScope from "../../src/DashScope.js"
import * as DuplexTask from "../../src/DuplexTask.js"
import { joined } from "../../src/internal/operation/audio.js"
import * as Realtime from "../../src/Realtime.js"

const sampleRate = 16_000

const spoken = (text: string) =>
  Effect.map(
    Stream.runCollect(
      Realtime.speak(
        { model: "qwen3-tts-flash-realtime", voice: "Cherry", output: { type: "pcm", sampleRate } },
        Stream.make(text)
      )
    ),
    joined
  )

const heard = (audio: Uint8Array) =>
  Realtime.transcribe({ model: "qwen3-asr-flash-realtime", turnDetection: null }, Stream.make(audio)).pipe(
    Stream.runFold("", (_, { text }) => text)
  )

describe("a multimodal dialogue as a task", () => {
  it.scopedLive("is asked, answers in speech, and listens again when that was played", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const layer = DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url, retry: false })
      yield* Effect.gen(function*() {
        const question = yield* spoken("1+1?")
        const dialogue = yield* DuplexTask.open({
          model: "multimodal-dialog",
          taskGroup: "aigc",
          task: "multimodal-generation",
          function: "generation",
          input: { workspace_id: "workspace", app_id: "app", directive: "Start" },
          parameters: {
            upstream: { type: "AudioOnly", mode: "push2talk", audio_format: "pcm", sample_rate: sampleRate },
            downstream: { audio_format: "pcm", sample_rate: sampleRate }
          }
        })
        let id: unknown
        let hasAsked = false
        const audio: Array<Uint8Array> = []
        const said: Array<string> = []
        const say = (directive: string) =>
          Effect.suspend(() => {
            said.push(directive)
            return dialogue.send({ directive, dialog_id: id })
          })
        yield* Stream.runForEach(dialogue.events, (event) => {
          if (event._tag === "Audio") return Effect.sync(() => audio.push(event.bytes))
          const { output } = event
          id ??= output?.["dialog_id"]
          if (output?.["event"] === "RespondingStarted") return say("LocalRespondingStarted")
          if (output?.["event"] === "RespondingEnded") return say("LocalRespondingEnded")
          if (output?.["state"] !== "Listening") return Effect.void
          if (hasAsked) return dialogue.finish({ app_id: "app", directive: "Stop", dialog_id: id })
          hasAsked = true
          return say("SendSpeech").pipe(
            Effect.zipRight(dialogue.send(question)),
            Effect.zipRight(say("StopSpeech"))
          )
        })
        assert.deepStrictEqual(said, ["SendSpeech", "StopSpeech", "LocalRespondingStarted", "LocalRespondingEnded"])
        assert.strictEqual(yield* heard(joined(audio)), "1+1 equals 2.")
      }).pipe(Effect.scoped, Effect.provide(layer))
      const { tasksFinished } = yield* simulator.socketStats
      assert.strictEqual(tasksFinished, 1)
    }))
})
