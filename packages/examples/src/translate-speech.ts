/**
 * Translates speech while it is spoken.
 *
 * `npm run example -- translate-speech talk.wav` translates a recording of yours from Chinese, of one channel and 16 kHz. Without one,
 * a text is spoken first.
 */
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, TranslationRecognizer } from "effect-dashscope"
import { recording, sampleRate } from "./internal/recording.js"
import * as Service from "./internal/service.js"

const audio = recording(process.argv[2], "你好。", "今天天气怎么样？")

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  yield* TranslationRecognizer.sentences({
    model: "gummy-realtime-v1",
    format: "wav",
    sampleRate,
    sourceLanguage: "zh",
    translationEnabled: true,
    translationTargetLanguages: ["en"]
  }, audio).pipe(
    Stream.runForEach(({ transcription, translations }) =>
      Effect.gen(function*() {
        if (transcription !== undefined) yield* Console.log(`zh  ${transcription.text}`)
        for (const { lang, text } of translations) yield* Console.log(`${lang}  ${text}`)
      })
    )
  )
})

program.pipe(
  Effect.catchAll((error) =>
    Effect.zipRight(
      Console.error(`${error._tag}: ${error.message}`),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  Effect.provide(NodeFileSystem.layer),
  NodeRuntime.runMain
)
