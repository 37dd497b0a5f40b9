import { assert, describe, it } from "@effect/vitest"
import { type Mode, pathOf, problemOf, type Service } from "../../src/internal/operation/taskModels.js"

type Row = readonly [model: string, ...ways: ReadonlyArray<string>]

/** How each is asked: the service, and the mode. */
const table: ReadonlyArray<Row> = [
  ["wanx-v1", "ImageSynthesis task"],
  ["wan2.2-t2i-flash", "ImageSynthesis task"],
  ["wan2.5-t2i-preview", "ImageSynthesis task"],
  ["wanx2.1-imageedit", "ImageSynthesis task"],
  ["wan2.5-i2i-preview", "ImageSynthesis task"],
  ["qwen-mt-image", "ImageSynthesis task"],
  ["qwen-image", "ImageSynthesis task", "ImageGeneration call", "MultiModalConversation call"],
  ["qwen-image-plus-2026-01-09", "ImageSynthesis task", "ImageGeneration call", "MultiModalConversation call"],
  ["qwen-image-max", "ImageGeneration call", "MultiModalConversation call"],
  ["qwen-image-2.0-pro", "ImageGeneration call", "MultiModalConversation call"],
  ["qwen-image-edit-plus", "ImageGeneration call", "MultiModalConversation call"],
  ["z-image-turbo", "ImageGeneration call", "MultiModalConversation call"],
  ["wan2.6-t2i", "ImageGeneration call", "ImageGeneration task", "MultiModalConversation call"],
  ["wan2.6-image", "ImageGeneration call", "ImageGeneration task", "MultiModalConversation call"],
  ["wan2.7-image-pro", "ImageGeneration call", "ImageGeneration task", "MultiModalConversation call"],
  ["wan2.5-t2v-preview", "VideoSynthesis task"],
  ["wan2.7-i2v", "VideoSynthesis task"],
  ["wan2.2-kf2v-flash", "VideoSynthesis task"],
  ["wanx-kf2v", "VideoSynthesis task"],
  ["wan3.0-video", "VideoSynthesis task"],
  ["paraformer-v2", "Transcription task"],
  ["fun-asr", "Transcription task"],
  ["fun-asr-mtl-2025-08-25", "Transcription task"],
  ["sensevoice-v1", "Transcription task"],
  ["qwen3-asr-flash-filetrans", "Transcription task"],
  ["qwen-audio-3.1-asr-flash-filetrans", "Transcription task"],
  ["qwen3-asr-flash", "MultiModalConversation call"],
  ["qwen-audio-3.0-asr-flash", "MultiModalConversation call"],
  ["fun-asr-flash-2026-06-15", "MultiModalConversation call"],
  ["paraformer-realtime-v2"],
  ["fun-asr-realtime"],
  ["qwen3-asr-flash-realtime"],
  ["qwen-audio-3.0-asr-flash-streaming"],
  ["text-embedding-async-v2", "BatchTextEmbedding task"],
  ["text-embedding-v4", "TextEmbedding call"]
]

const services: ReadonlyArray<Service> = [
  "BatchTextEmbedding",
  "ImageGeneration",
  "ImageSynthesis",
  "MultiModalConversation",
  "TextEmbedding",
  "Transcription",
  "VideoSynthesis"
]
const ways = services.flatMap((service) => (["call", "task"] as const).map((mode) => [service, mode] as const))

describe("how a model is asked", () => {
  for (const [model, ...expected] of table) {
    it(`${model}: ${expected.join(", ") || "over WebSocket only"}`, () => {
      const found = ways.filter(([service, mode]) => problemOf(model, service, mode) === undefined)
      assert.sameMembers(found.map((way) => way.join(" ")), expected)
    })
  }

  it("is not known of a model that is new", () => {
    for (const model of ["qwen9-vl", "somebody/else", "flux-dev", ""]) {
      for (const [service, mode] of ways) assert.isUndefined(problemOf(model, service, mode), model)
    }
  })

  const refused: ReadonlyArray<readonly [model: string, service: Service, mode: Mode, said: RegExp]> = [
    [
      "wan2.6-t2i",
      "ImageSynthesis",
      "task",
      /^wan2\.6-t2i has no tasks of ImageSynthesis: use ImageGeneration\.call or ImageGeneration\.submit or/
    ],
    ["z-image-turbo", "ImageGeneration", "task", /use ImageGeneration\.call or MultiModalConversation\.call$/],
    [
      "wanx-v1",
      "MultiModalConversation",
      "call",
      /^wanx-v1 gives no answer at once by .*: use ImageSynthesis\.submit \(or \.call, which waits\)$/
    ],
    ["paraformer-v2", "MultiModalConversation", "call", /use Transcription\.submit/],
    ["paraformer-realtime-v2", "Transcription", "task", /WebSocket only.*paraformer-v2/],
    ["text-embedding-async-v1", "TextEmbedding", "call", /use BatchTextEmbedding\.submit/],
    ["text-embedding-v4", "BatchTextEmbedding", "task", /use TextEmbedding\.call$/]
  ]
  for (const [model, service, mode, said] of refused) {
    it(`is said where ${model} is asked by a ${mode} of ${service}`, () => {
      const problem = problemOf(model, service, mode)
      assert.strictEqual(problem?.field, "model")
      assert.match(problem?.description ?? "", said)
    })
  }

  it("tells the path of its tasks", () => {
    assert.deepStrictEqual(
      ([
        ["wan2.2-t2i-flash", "ImageSynthesis"],
        ["wanx2.1-imageedit", "ImageSynthesis"],
        ["new", "ImageSynthesis"],
        ["wan2.7-i2v", "VideoSynthesis"],
        ["wan2.2-kf2v-flash", "VideoSynthesis"],
        ["wan2.6-t2i", "ImageGeneration"],
        ["paraformer-v2", "Transcription"],
        ["text-embedding-async-v2", "BatchTextEmbedding"]
      ] as const).map(([model, service]) => pathOf(model, service).replace("/services/", "")),
      [
        "aigc/text2image/image-synthesis",
        "aigc/image2image/image-synthesis",
        "aigc/text2image/image-synthesis",
        "aigc/video-generation/video-synthesis",
        "aigc/image2video/video-synthesis",
        "aigc/image-generation/generation",
        "audio/asr/transcription",
        "embeddings/text-embedding/text-embedding"
      ]
    )
  })
})
