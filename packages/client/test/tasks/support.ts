/** Tasks over a pool to a simulator. */
import type { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
import * as BatchTextEmbedding from "../../src/BatchTextEmbedding.js"
import type { CallOptions } from "../../src/CallOptions.js"
import * as DashScope from "../../src/DashScope.js"
import * as ImageGeneration from "../../src/ImageGeneration.js"
import * as ImageSynthesis from "../../src/ImageSynthesis.js"
import type { SubmitError, Task } from "../../src/Task.js"
import * as Transcription from "../../src/Transcription.js"
import * as VideoSynthesis from "../../src/VideoSynthesis.js"

export const key = "sk-0123456789abcdef0123456789abcdef"

export const live = (
  { url }: Simulator.Service,
  connection: ConnectionConfig.Input = { connectionPoolSize: 4 },
  retry: DashScope.Options["retry"] = false
) => DashScope.layer({ apiKey: key, endpoint: url, retry, connection: ConnectionConfig.make(connection) })

export const cat = (prompt: string): ImageSynthesis.ImageSynthesisParams => ({
  model: "wan2.2-t2i-flash",
  prompt,
  n: 1
})

/** A submission by each service, which the server knows again by its name. */
export const submissions: ReadonlyArray<
  (name: string, options: CallOptions) => Effect.Effect<
    Task,
    SubmitError,
    | BatchTextEmbedding.BatchTextEmbedding
    | ImageGeneration.ImageGeneration
    | ImageSynthesis.ImageSynthesis
    | Transcription.Transcription
    | VideoSynthesis.VideoSynthesis
  >
> = [
  (name, options) => ImageSynthesis.submit(cat(name), options),
  (name, options) => ImageGeneration.submit({ model: "wan2.6-t2i", prompt: name, n: 1 }, options),
  (name, options) => VideoSynthesis.submit({ model: "wan2.5-t2v-preview", prompt: name }, options),
  (name, options) => Transcription.submit({ model: "fun-asr", fileUrls: [urlOf(name)] }, options),
  (name, options) => BatchTextEmbedding.submit({ model: "text-embedding-async-v2", url: urlOf(name) }, options)
]

const urlOf = (name: string) => `https://example.com/${name}`

interface Input {
  readonly prompt?: string
  readonly url?: string
  readonly file_urls?: ReadonlyArray<string>
  readonly messages?: ReadonlyArray<{ readonly content: ReadonlyArray<{ readonly text: string }> }>
}

const nameOf = ({ file_urls, messages, prompt, url }: Input): string =>
  prompt ?? messages?.[0]?.content[0]?.text ?? (url ?? file_urls?.[0] ?? "").replace(urlOf(""), "")

/** The ids of the tasks that the server has made, by their names. */
export const tasksByName = ({ tasks }: Simulator.Service) =>
  Effect.map(tasks, (all) => {
    const byName = new Map<string, Array<string>>()
    for (const { id, input } of all) {
      const name = nameOf(input as Input)
      byName.set(name, [...byName.get(name) ?? [], id])
    }
    return byName
  })
