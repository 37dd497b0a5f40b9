import * as Response from "@effect/ai/Response"
import * as Toolkit from "@effect/ai/Toolkit"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Made from "../../src/internal/made.js"

const decode = Schema.decodeUnknownEither(Schema.Array(Response.Part(Toolkit.empty)))
const decodeStream = Schema.decodeEither(Schema.ChunkFromSelf(Response.StreamPart(Toolkit.empty)))

/** Each alone, so that one that is decoded takes none of the others with it. */
const eachAlone = <I, A>(encoded: ReadonlyArray<I>, make: (parts: ReadonlyArray<I>) => A): ReadonlyArray<A> =>
  encoded.map((part) => make([part]))

const metadata = { dashscope: { siteName: "Wiki", index: 1 } }

const usage = { inputTokens: 1, outputTokens: undefined, totalTokens: 3 }

const shared = [
  { type: "response-metadata", id: "r-1", modelId: "qwen-plus", timestamp: "2026-01-02T03:04:05.678Z" },
  { type: "response-metadata", id: undefined },
  { type: "source", sourceType: "url", id: "s", url: "https://wiki/a?b#c", title: "Wiki", metadata },
  { type: "source", sourceType: "document", id: "s", mediaType: "text/plain", title: "A file" },
  { type: "finish", reason: "stop", usage },
  {
    type: "finish",
    reason: "other",
    usage: { ...usage, reasoningTokens: 4, cachedInputTokens: undefined },
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

  const made = (parts: ReadonlyArray<Response.StreamPartEncoded>) => Made.streamParts(Chunk.fromIterable(parts))
  const decoded = (parts: ReadonlyArray<Response.StreamPartEncoded>) => decodeStream(Chunk.fromIterable(parts))

  it("of whole answers", () => {
    assert.deepStrictEqual(eachAlone(whole, Made.parts), eachAlone(whole, decode))
    assert.deepStrictEqual(Made.parts(whole), decode(whole))
    assert.isTrue(Either.isRight(Made.parts(whole)))
  })

  it("of streams", () => {
    assert.deepStrictEqual(eachAlone(streamed, made), eachAlone(streamed, decoded))
    assert.deepStrictEqual(made(streamed), decoded(streamed))
    assert.isTrue(Either.isRight(made(streamed)))
  })

  it("and refused as it refuses them: a call where there are no tools", () => {
    const call: Response.ToolCallPartEncoded = { type: "tool-call", id: "c", name: "no_tool", params: {} }
    const message = <A, E extends { readonly message: string }>(made: Either.Either<A, E>) =>
      Either.getOrThrow(Either.flip(made)).message
    assert.strictEqual(message(Made.parts([...whole, call])), message(decode([...whole, call])))
    assert.strictEqual(message(made([...streamed, call])), message(decoded([...streamed, call])))
  })
})
