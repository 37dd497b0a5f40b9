import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ApiError, ConnectionError } from "../../src/DashScopeError.js"
import * as Envelope from "../../src/Envelope.js"
import * as Results from "../../src/internal/batch/results.js"
import type { Client } from "../../src/internal/operation/endpoint.js"

const whole = "0123456789"

const reset = new ConnectionError({
  reason: "Reset",
  origin: "https://a.test",
  responseStarted: true,
  description: "the connection was reset"
})

const answer = (
  text: string,
  status = 200,
  headers: Record<string, string> = {},
  breaks = false,
  tag: Record<string, string> = { etag: "\"of-the-file\"" }
) =>
  Effect.succeed(Envelope.make({}, {
    status,
    headers: { ...tag, ...headers },
    content: Stream.concat(Stream.make(new TextEncoder().encode(text)), breaks ? Stream.fail(reset) : Stream.empty)
  }))

/** What is read where these answers come one after another, and the parts that were asked for. */
const read = (...answers: ReadonlyArray<ReturnType<Client["execute"]>>) => {
  const ranges: Array<unknown> = []
  const client: Client = {
    baseUrl: "https://a.test/api/v1",
    execute: ({ headers }) => {
      ranges.push(headers?.["range"])
      return answers[ranges.length - 1] ?? Effect.dieMessage("asked once more")
    },
    stream: () => Stream.empty
  }
  return Results.contentOf(client, "file-1", {}).pipe(
    Stream.decodeText(),
    Stream.mkString,
    Effect.map((text) => ({ text, ranges }))
  )
}

describe("a file of results", () => {
  it.live("goes on where it broke off, be it by a part or by the whole once more", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* read(
          answer("012", 200, {}, true),
          answer("3456", 206, { "content-range": "bytes 3-9/10" }, true),
          answer("789", 206, { "content-range": "bytes 7-9/10" })
        ),
        { text: whole, ranges: [undefined, "bytes=3-", "bytes=7-"] }
      )
      assert.deepStrictEqual(
        yield* read(answer("012", 200, {}, true), answer(whole)),
        { text: whole, ranges: [undefined, "bytes=3-"] }
      )
      // All was there but the end.
      const beyond = new ApiError({
        reason: "InvalidRequest",
        isRetryable: false,
        statusCode: 416,
        code: "",
        description: "InvalidRange"
      })
      assert.strictEqual((yield* read(answer(whole, 200, {}, true), Effect.fail(beyond))).text, whole)
    }))

  it.live("asks for the last bytes once more where no ETag vouches for them, and compares them", () =>
    Effect.gen(function*() {
      const begun = answer("012", 200, {}, true, {})
      const goesOn = (text: string) => answer(text, 206, { "content-range": "bytes 0-9/10" }, false, {})
      assert.deepStrictEqual(yield* read(begun, goesOn(whole)), { text: whole, ranges: [undefined, "bytes=0-"] })
      const error = yield* Effect.flip(read(begun, goesOn("0x23456789")))
      assert.deepInclude<object>({ ...error }, { _tag: "ApiError", reason: "UnexpectedResponse" })
    }))

  it.live("is an error where another part comes, or nothing more", () =>
    Effect.gen(function*() {
      const other = yield* Effect.flip(
        read(answer("012", 200, {}, true), answer("56", 206, { "content-range": "bytes 5-6/10" }))
      )
      assert.deepInclude<object>({ ...other }, { _tag: "ApiError", reason: "UnexpectedResponse" })
      const nothing = answer("", 206, { "content-range": "bytes 3-9/10" }, true)
      const none = yield* Effect.flip(read(answer("012", 200, {}, true), nothing, nothing, nothing))
      assert.strictEqual(none, reset)
    }))
})
