/**
 * Transcribes recordings, and prints each as subtitles.
 *
 * `npm run example -- transcribe talk.wav https://example.com/b.mp3` transcribes yours: files are uploaded, and URLs fetched by the
 * service. What cannot be transcribed is told with its reason, and costs nothing of the others.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { DashScope, Media, Transcription } from "effect-dashscope"
import * as Service from "./internal/service.js"

const samples = "https://dashscope.oss-cn-beijing.aliyuncs.com/samples/audio/paraformer"

const given = process.argv.slice(2)
const recordings = given.length > 0 ? given : [
  `${samples}/hello_world_female2.wav`,
  `${samples}/hello_world_male2.wav`,
  "https://nowhere.invalid/lost.wav"
]

/** What is on the disk is named as such; nothing is taken for a file only because there is one of that name. */
const mediumOf = (recording: string) => /^https?:/.test(recording) ? Media.url(recording) : Media.file(recording)

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  const result = yield* Transcription.call({
    model: "paraformer-v2",
    fileUrls: recordings.map(mediumOf),
    languageHints: ["zh", "en"],
    diarizationEnabled: true
  }, { waitTimeout: "1 hour" })
  for (const recording of Transcription.recordings(result)) {
    yield* Console.log(`\n${recording.fileUrl}`)
    yield* Transcription.transcript(recording).pipe(
      Effect.flatMap((transcript) =>
        Console.log(Transcription.toSrt(transcript, { maxCharacters: 42, speakers: true }).trimEnd())
      ),
      Effect.catchAll((error) => Console.log(`${error._tag}: ${error.message}`))
    )
  }
  yield* Console.log(`\nPaid: ${result.usage?.duration} s`)
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
  Effect.provide(Service.layer({ tasks: { pending: 200, running: 500 } })),
  NodeRuntime.runMain
)
