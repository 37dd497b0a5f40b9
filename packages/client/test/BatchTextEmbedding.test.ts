import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { gzipSync } from "node:zlib"
import * as BatchTextEmbedding from "../src/BatchTextEmbedding.js"
import * as DashScope from "../src/DashScope.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Media from "../src/Media.js"
import { exchanges, hasCaptures } from "./util/captures.js"
import { jsonResponse, mockHttp, noUploads } from "./util/mock.js"
import { keeping } from "./util/platform.js"
import { serviceContract } from "./util/serviceContract.js"
import { idOf, never, plain, quick, submitted } from "./util/tasks.js"

const url = "https://example.com/texts.txt"

serviceContract("BatchTextEmbedding", {
  layer: Layer.provide(BatchTextEmbedding.layer, noUploads),
  samples: [{
    name: "submit",
    run: (options) =>
      plain(BatchTextEmbedding.submit({
        model: "text-embedding-async-v2",
        url,
        textType: "document",
        extra: { x: 1 }
      }, options)).pipe(Effect.map(idOf)),
    sends: {
      path: "/api/v1/services/embeddings/text-embedding/text-embedding",
      body: { model: "text-embedding-async-v2", input: { url }, parameters: { text_type: "document", x: 1 } }
    },
    answer: submitted,
    gives: "t-1",
    isRepeatable: false,
    observed: { operation: "submit_batch_text_embedding", model: "text-embedding-async-v2" }
  }],
  refuses: [
    ["model", never(BatchTextEmbedding.call({ model: "", url }))],
    ["model", never(BatchTextEmbedding.call({ model: "text-embedding-v4", url }))],
    ["url", never(BatchTextEmbedding.call({ model: "text-embedding-async-v1", url: "" }))],
    ["url", never(BatchTextEmbedding.call({ model: "text-embedding-async-v1", url: "./texts.txt" }))],
    ["result", never(Stream.runDrain(BatchTextEmbedding.vectors({ output: { taskStatus: "SUCCEEDED" } })))],
    ["url", never(Stream.runDrain(BatchTextEmbedding.vectors("vectors.txt.gz")))]
  ]
})

describe("a batch of vectors", () => {
  it.scopedLive("is made of a file at hand, which is uploaded however small, and read over breaks", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const texts = Array.from({ length: 40 }, (_, i) => `The cat number ${i}`)
        const result = yield* BatchTextEmbedding.call({
          model: "text-embedding-async-v2",
          url: Media.bytes(new TextEncoder().encode(texts.join("\n")), "text/plain")
        }, { poll: quick })
        assert.isAbove(result.usage?.totalTokens ?? 0, 40)
        assert.lengthOf(yield* simulator.uploads, 1)
        const rows = Chunk.toReadonlyArray(yield* Stream.runCollect(BatchTextEmbedding.vectors(result)))
        assert.deepStrictEqual(rows.map(({ index }) => index), texts.map((_, i) => i))
        for (const { embedding } of rows) assert.lengthOf(Either.getOrThrow(embedding), 1536)
        const [download] = yield* simulator.downloads
        assert.isDefined(download)

        const line = JSON.stringify({ output: { code: 200, text_index: 0, embedding: [0.25, 0.5], message: "" } })
        const broken = yield* simulator.publish({
          name: "vectors.txt.gz",
          content: gzipSync(`${line}\n\n${line}\n`),
          breakAfter: 30,
          breakTimes: 2
        })
        assert.lengthOf(yield* Stream.runCollect(BatchTextEmbedding.vectors(broken)), 2)
      }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
    }))

  it.effect("is read line by line, with errors in their places, up to a line that is none", () =>
    Effect.gen(function*() {
      const lines = [
        "{\"output\":{\"text_index\":0,\"embedding\":[1,2]}}",
        "{\"output\":{\"text_index\":1,\"code\":\"DataInspectionFailed\",\"message\":\"no\"}}",
        "<html>"
      ]
      const http = mockHttp(() => new Response(new Uint8Array(gzipSync(lines.join("\n")))))
      const seen: Array<readonly [number, boolean]> = []
      const error = yield* BatchTextEmbedding.vectors("https://example.com/v.txt.gz").pipe(
        Stream.runForEach(({ embedding, index }) => Effect.sync(() => seen.push([index, Either.isRight(embedding)]))),
        Effect.flip,
        Effect.provide(DashScope.layerWithoutHttpClient({ apiKey: "sk-secret-0123" })),
        Effect.provide(http.layer)
      )
      assert.deepStrictEqual(seen, [[0, true], [1, false]])
      assert.deepInclude({ ...error }, { _tag: "ApiError", reason: "UnexpectedResponse" })
      assert.match(error.message, /line 2 /)
      assert.notProperty(http.requests[0]?.headers, "authorization")
    }))

  it.runIf(hasCaptures)("reads the recorded result, and what was submitted, with nothing lost", () => {
    const recorded = exchanges.filter(({ name }) => name.startsWith("get-task-batch-text-embedding"))
    assert.lengthOf(recorded, 1)
    for (const { response } of recorded) {
      const json: unknown = JSON.parse(response.body)
      const result = Either.getOrThrow(Codec.decoder(BatchTextEmbedding.BatchTextEmbeddingResult)(json))
      assert.match(result.output.url ?? "", /\.txt\.gz\?/)
      assert.strictEqual(result.usage?.totalTokens, 28)
      assert.deepStrictEqual<unknown>(
        Schema.encodeUnknownSync(keeping(BatchTextEmbedding.BatchTextEmbeddingResult))(result),
        json
      )
    }
  })

  it.effect.runIf(hasCaptures)("submits what was recorded", () =>
    Effect.gen(function*() {
      const [recorded] = exchanges.filter(({ name }) => name === "batch-text-embedding-nosse")
      const http = mockHttp(() => jsonResponse(JSON.parse(recorded?.response.body ?? "")))
      const task = yield* BatchTextEmbedding.submit({
        model: "text-embedding-async-v2",
        url: "https://modelscope.oss-cn-beijing.aliyuncs.com/resource/text_embedding_file.txt",
        textType: "query"
      }).pipe(
        Effect.provide(DashScope.layerWithoutHttpClient({ apiKey: "sk-secret-0123" })),
        Effect.provide(http.layer)
      )
      assert.strictEqual(task.service, "BatchTextEmbedding")
      const [sent] = http.requests
      assert.strictEqual(
        sent?.body._tag === "Uint8Array" ? new TextDecoder().decode(sent.body.body) : "",
        JSON.stringify(recorded?.request.body)
      )
      assert.strictEqual(sent?.headers["x-dashscope-async"], "enable")
    }))
})
