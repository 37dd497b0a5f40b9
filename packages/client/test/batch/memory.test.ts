import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import * as Batch from "../../src/Batch.js"
import * as DashScope from "../../src/DashScope.js"
import { collectGarbage } from "../util/garbage.js"
import { key } from "../util/mock.js"

const mebibyte = 1024 * 1024

/** As large as the service takes; of what is read a share of it in `npm test`. */
const sent = 500 * mebibyte
const read = casesOf(500, 0.04) * mebibyte

/** What may be held of either, of all sizes the same. Of what is sent the simulator keeps 4 MB a file. */
const mostOfSent = 30 * mebibyte
const mostOfRead = 14 * mebibyte

const live = (url: string) =>
  DashScope.layer({
    endpoint: url,
    apiKey: key,
    connection: ConnectionConfig.make({ shutdownTimeout: "0 seconds" })
  })

/** What is held after a collection, looked at every so many times. */
const watch = (every: number) => {
  const held = () => {
    collectGarbage()
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    return arrayBuffers + heapUsed
  }
  const before = held()
  let count = 0
  let highest = 0
  return {
    tick: () => {
      if (++count % every === 0) highest = Math.max(highest, held() - before)
    },
    highest: () => highest
  }
}

const lineBytes = 40_000

const prompt = "你好，世界".repeat(lineBytes / 15)

const requestsIn = (bytes: number) => Math.floor(bytes / (lineBytes + 200))

/** Made anew for each request, as one from a file is. */
const requestOf = (n: number) => Batch.generation(`request-${n}`, { model: "qwen-plus", prompt: `${n}${prompt}` })

const resultLine = (n: number): string => {
  const body = {
    id: "c",
    choices: [{ finish_reason: "stop", index: 0, message: { role: "assistant", content: `${n}${prompt}` } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  }
  const response = { status_code: 200, request_id: "r", body }
  return `${JSON.stringify({ id: "r", custom_id: `request-${n}`, response, error: null })}\n`
}

/** Answers everything with a file of results, made while it is sent. */
const resultServer = (requests: number) =>
  Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer((_, response) => {
        function* lines() {
          for (let n = 0; n < requests; n++) yield Buffer.from(resultLine(n))
        }
        Readable.from(lines(), { highWaterMark: 1 }).pipe(response)
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

describe("Batch, of 500 MB", () => {
  it.scopedLive.runIf(isThorough)("holds little of the file that it sends", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ record: 0 })
      const requests = requestsIn(sent)
      const seen = watch(Math.ceil(requests / 8))
      function* requestsOf() {
        for (let n = 0; n < requests; n++) {
          seen.tick()
          yield requestOf(n)
        }
      }
      // One at a time: a chunk that `Stream.map` has made would be held until it is sent.
      const stream = Stream.mapEffect(Stream.range(1, requests), (n) =>
        Effect.sync(() => {
          seen.tick()
          return requestOf(n)
        }))
      // What is read again goes the same way.
      const all: ReadonlyArray<Batch.Requests> = [stream, { [Symbol.iterator]: requestsOf }]
      const files = yield* Effect.provide(
        Effect.forEach(all, (requests) => Batch.upload(requests)),
        live(simulator.url)
      )
      for (const file of files) {
        assert.strictEqual(file.requests, requests)
        assert.isAbove(file.bytes, 0.98 * sent)
      }
      assert.isBelow(seen.highest(), mostOfSent)
    }), 600_000)

  it.scopedLive("holds little of the results that it reads", () =>
    Effect.gen(function*() {
      const requests = requestsIn(read)
      const server = yield* resultServer(requests)
      const { port } = server.address() as AddressInfo
      const baseUrl = `http://127.0.0.1:${port}/api/v1`
      const batch: Batch.Batch = {
        id: "batch_1",
        endpoint: "/v1/chat/completions",
        status: "completed",
        outputFileId: "file-1",
        baseUrl
      }
      const seen = watch(Math.ceil(requests / 8))
      let next = 0
      yield* Stream.runForEach(Batch.results(batch), ({ answer, customId }) =>
        Effect.sync(() => {
          if (customId !== `request-${next}` || Either.isLeft(answer)) assert.fail(`no result for ${next}`)
          next++
          seen.tick()
        })).pipe(Effect.provide(live(baseUrl)))
      assert.strictEqual(next, requests)
      assert.isBelow(seen.highest(), mostOfRead)
    }), 600_000)
})
