import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import * as Deadline from "../../src/Deadline.js"
import { codingsOf, mostCodings } from "../../src/internal/http/codings.js"
import { reasonOf } from "../util/platform.js"
import { answerOf, onRequests, serve } from "../util/rawServer.js"
import { assertAllBack, makePool, poolErrorOf } from "../util/support.js"

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes)
}
const encode = (text: string, names: ReadonlyArray<string>) =>
  names.reduce<Buffer>((bytes, name) => encoders[name]?.(bytes) ?? bytes, Buffer.from(text))

const answering = (bytes: Uint8Array, names: ReadonlyArray<string>) =>
  serve((socket) => onRequests(socket, () => socket.write(answerOf(bytes, `content-encoding: ${names.join(", ")}`))))

describe("content codings", () => {
  it("are known or not, and bounded", () => {
    assert.lengthOf(codingsOf(undefined) ?? [], 0)
    assert.lengthOf(codingsOf("GZIP, br") ?? [], 2)
    assert.lengthOf(codingsOf("identity, gzip,") ?? [], 1)
    assert.lengthOf(codingsOf("zstd, gzip") ?? [], 0)
    assert.isUndefined(codingsOf(Array(mostCodings + 1).fill("gzip").join()))
    assert.isUndefined(codingsOf("br,".repeat(5000)))
  })

  const texts = { "small": "压缩", "large": "压缩".repeat(50_000), "none": "" }
  for (const names of [["gzip"], ["deflate"], ["br"], ["gzip", "br", "deflate"], ["identity"], ["identity", "gzip"]]) {
    for (const [size, text] of Object.entries(texts)) {
      it.scopedLive(`${names.join(", ")} are undone: ${size}`, () =>
        Effect.gen(function*() {
          const origin = yield* answering(encode(text, names), names)
          const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
          const whole = yield* client.get(origin)
          assert.isTrue((yield* whole.text) === text)
          const streamed = yield* client.get(origin)
          assert.isTrue((yield* Stream.mkString(Stream.decodeText(streamed.stream))) === text)
          assertAllBack(yield* stats)
        }))
    }
  }

  it.scopedLive("beyond the limit fail at once, whole and streamed, and hold no place", () =>
    Effect.gen(function*() {
      const origin = yield* answering(Buffer.from("x"), Array<string>(1000).fill("br"))
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      for (let i = 0; i < 2; i++) {
        const whole = yield* Effect.flip(Effect.flatMap(client.get(origin), (response) => response.text))
        assert.include(whole.message, "content codings")
        const streamed = yield* Effect.flip(
          Effect.flatMap(client.get(origin), (response) => Stream.runDrain(response.stream))
        )
        assert.strictEqual(reasonOf(streamed), "Decode")
      }
      assertAllBack(yield* stats)
    }))

  it.scopedLive(
    "are undone within the deadline of the request, and no longer than anybody wants it",
    () =>
      Effect.gen(function*() {
        const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 1 })
        const origin = yield* answering(bomb, ["gzip"])
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        const read = Effect.flatMap(client.get(origin), (response) => response.arrayBuffer)
        const late = yield* poolErrorOf(Deadline.within(read, "40 millis"))
        assert.deepInclude({ ...late }, { _tag: "RequestTimeout", phase: "total" })
        const lateStream = yield* poolErrorOf(
          Effect.flatMap(client.get(origin), (response) => Stream.runDrain(response.stream)).pipe(
            Deadline.within("40 millis")
          )
        )
        assert.deepInclude({ ...lateStream }, { _tag: "RequestTimeout", phase: "total" })
        const left = yield* Effect.timeoutOption(read, "40 millis")
        assert.strictEqual(left._tag, "None")
        assertAllBack(yield* stats)
      }),
    30_000
  )
})
