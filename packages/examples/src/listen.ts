/**
 * Recognises speech while it is spoken, as live subtitles.
 *
 * `npm run example -- listen talk.wav` listens to a recording of yours, of one channel and 16 kHz. Without one, a text is spoken first.
 */
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, Recognition } from "effect-dashscope"
import { recording, sampleRate } from "./internal/recording.js"
import * as Service from "./internal/service.js"

const audio = recording(process.argv[2], "好，我知道了。今天天气怎么样？It is twenty degrees. The cat is on the mat!")

const isTerminal = process.stdout.isTTY

/** Written over by the next one, where there is a terminal; else only what is complete is written. */
const show = (sentence: Recognition.Sentence) => {
  const line = `${((sentence.beginTime ?? 0) / 1000).toFixed(1).padStart(6)} s  ${sentence.text}`
  if (isTerminal) process.stdout.write(`\r\u001b[K${line}${Recognition.isFinal(sentence) ? "\n" : ""}`)
  else if (Recognition.isFinal(sentence)) process.stdout.write(`${line}\n`)
}

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  let growths = 0
  const sentences: Array<Recognition.Sentence> = []
  yield* Recognition.stream({ model: "fun-asr-realtime", format: "wav", sampleRate }, audio, { pace: "realtime" }).pipe(
    Stream.runForEach(({ output: { sentence } }) =>
      Effect.sync(() => {
        if (!sentence) return
        show(sentence)
        if (Recognition.isFinal(sentence)) sentences.push(sentence)
        else growths++
      })
    )
  )
  yield* Console.log(`Seen growing: ${growths > sentences.length ? "yes" : "no"}, ${sentences.length} sentences\n`)
  yield* Console.log(Recognition.toSrt(sentences, { maxCharacters: 42 }).trimEnd())
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
