import type * as Response from "@effect/ai/Response"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Decoded from "../../src/internal/decoded.js"
import * as Made from "../../src/internal/made.js"
import * as Core from "../util/core.js"

/** Each alone, so that one that is decoded takes none of the others with it. */
const eachAlone = <I, A>(encoded: ReadonlyArray<I>, make: (parts: ReadonlyArray<I>) => A): ReadonlyArray<A> =>
  encoded.map((part) => make([part]))

const metadata = { dashscope: { siteName: "Wiki", index: 1 } }

const shared = [
  { type: "response-metadata", id: "r-1", modelId: "qwen-plus", timestamp: "2026-01-02T03:04:05.678Z" },
  { type: "response-metadata" },
  { type: "source", sourceType: "url", id: "s", url: "https://wiki/a?b#c", title: "Wiki", metadata },
  { type: "source", sourceType: "document", id: "s", mediaType: "text/plain", title: "A file" },
  { type: "finish", reason: "stop", usage: Core.wholeUsage },
  {
    type: "finish",
    reason: "other",
    usage: Core.encodedUsage,
    metadata: { dashscope: { finishReason: "stop", requestId: "r-1" } }
  }
] as const

describe("parts that were made here are those that the core decodes", () => {
  const whole: ReadonlyArray<Response.PartEncoded> = [
    ...shared,
    { type: "text", text: "Hello" },
    { type: "text", text: "Hello", metadata },
    { type: "reasoning", text: "Hm" }
  ]
  const streamed: ReadonlyArray<Response.StreamPartEncoded> = [
    ...shared,
    { type: "text-start", id: "0" },
    { type: "text-delta", id: "0", delta: "He" },
    { type: "text-end", id: "0", metadata },
    { type: "reasoning-start", id: "1" },
    { type: "reasoning-delta", id: "1", delta: "Hm" },
    { type: "reasoning-end", id: "1" },
    { type: "tool-params-start", id: "2", name: "no_tool" }
  ]

  it("of whole answers", () => {
    assert.deepStrictEqual(eachAlone(whole, Made.parts), eachAlone(whole, Decoded.parts))
    assert.deepStrictEqual(Made.parts(whole), Decoded.parts(whole))
    assert.isTrue(Either.isRight(Made.parts(whole)))
  })

  it("of streams", () => {
    assert.deepStrictEqual(eachAlone(streamed, Made.streamParts), eachAlone(streamed, Decoded.streamParts))
    assert.deepStrictEqual(Made.streamParts(streamed), Decoded.streamParts(streamed))
    assert.isTrue(Either.isRight(Made.streamParts(streamed)))
  })

  it("and refused as it refuses them: a call where there are no tools", () => {
    const call: Response.ToolCallPartEncoded = { type: "tool-call", id: "c", name: "no_tool", params: {} }
    const message = <A, E extends { readonly message: string }>(made: Either.Either<A, E>) =>
      Either.getOrThrow(Either.flip(made)).message
    assert.strictEqual(message(Made.parts([...whole, call])), message(Decoded.parts([...whole, call])))
    assert.strictEqual(
      message(Made.streamParts([...streamed, call])),
      message(Decoded.streamParts([...streamed, call]))
    )
  })
})
