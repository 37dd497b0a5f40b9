import * as Prompt from "@effect/ai/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Media from "effect-dashscope/Media"
import * as Message from "effect-dashscope/Message"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import type { FileOptions } from "../../src/internal/augmentation.js"
import * as Files from "../../src/internal/files.js"
import { convert } from "../../src/internal/prompt.js"

const textual = (prompt: Prompt.RawInput, preserveThinking = false) =>
  convert(Prompt.make(prompt), Files.text, { preserveThinking })

const turns = (prompt: Prompt.RawInput, preserveThinking = false) =>
  Either.getOrThrow(textual(prompt, preserveThinking))

const multimodal = (prompt: Prompt.RawInput) =>
  convert(Prompt.make(prompt), Files.multimodal, { preserveThinking: false })

const call = (id: string, params: unknown = { city: "Hangzhou" }) => ({
  type: "tool-call" as const,
  id,
  name: "get_weather",
  params
})
const result = (id: string, result: unknown, isFailure = false) => ({
  type: "tool-result" as const,
  id,
  name: "get_weather",
  result,
  isFailure,
  providerExecuted: false
})
const called = (id: string, args = "{\"city\":\"Hangzhou\"}") =>
  Message.toolCall({ id, name: "get_weather", arguments: args })

describe("system messages", () => {
  it("are one in front, whatever appendSystem and prependSystem leave behind", () => {
    const prompt = Prompt.make([{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }])
    assert.deepStrictEqual(turns(Prompt.appendSystem(prompt, " Be kind.")), [
      { role: "system", content: "Be brief. Be kind." },
      { role: "user", content: "Hi" }
    ])
    assert.deepStrictEqual(turns(Prompt.prependSystem(prompt, "Be kind. ")), [
      { role: "system", content: "Be kind. Be brief." },
      { role: "user", content: "Hi" }
    ])
    assert.deepStrictEqual(
      turns([{ role: "system", content: "A" }, { role: "system", content: "B" }, { role: "user", content: "Hi" }]),
      [{ role: "system", content: "A\n\nB" }, { role: "user", content: "Hi" }]
    )
  })

  it("keep their place later on, and are left out where they are empty", () => {
    assert.deepStrictEqual(
      turns([
        { role: "system", content: " " },
        { role: "user", content: "Hi" },
        { role: "system", content: "Now in Chinese" },
        { role: "user", content: "Again" }
      ]),
      [
        { role: "user", content: "Hi" },
        { role: "system", content: "Now in Chinese" },
        { role: "user", content: "Again" }
      ]
    )
  })
})

describe("marks of the context cache", () => {
  const dashscope = { cacheControl: Message.ephemeral }

  it("go with the part that they are on, and with the last part of a message", () => {
    const marked = (text: string) => ({ type: "text", text, cacheControl: { type: "ephemeral" } })
    assert.deepStrictEqual<unknown>(
      turns([
        { role: "system", content: "Long", options: { dashscope } },
        {
          role: "user",
          content: [{ type: "text", text: "A", options: dashscope === undefined ? {} : { dashscope } }, {
            type: "text",
            text: "B"
          }]
        },
        { role: "assistant", content: [{ type: "text", text: "C" }, call("1")], options: { dashscope } },
        { role: "tool", content: [{ ...result("1", "sunny"), options: { dashscope } }] },
        { role: "user", content: "D", options: { dashscope } }
      ]),
      [
        { role: "system", content: [marked("Long")] },
        { role: "user", content: [marked("A"), { type: "text", text: "B" }] },
        { role: "assistant", content: [marked("C")], toolCalls: [called("1")] },
        { role: "tool", content: [marked("sunny")], toolCallId: "1", name: "get_weather" },
        { role: "user", content: [marked("D")] }
      ]
    )
  })
})

describe("histories", () => {
  it("have calls and their results", () => {
    assert.deepStrictEqual<unknown>(
      turns([
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: [{ type: "text", text: "I look" }, { type: "text", text: " it up." }, call("1"), call("2")]
        },
        { role: "tool", content: [result("1", "sunny")] },
        { role: "tool", content: [result("2", { degrees: 18 }, true)] }
      ]),
      [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "I look it up.", toolCalls: [called("1"), called("2")] },
        { role: "tool", content: "sunny", toolCallId: "1", name: "get_weather" },
        { role: "tool", content: "Error: {\"degrees\":18}", toolCallId: "2", name: "get_weather" }
      ]
    )
  })

  it("lose calls without a result, results without a call, and messages that say nothing", () => {
    assert.deepStrictEqual<unknown>(
      turns([
        { role: "tool", content: [result("0", "of a turn that was cut away")] },
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "reasoning", text: "Hm" }] },
        { role: "assistant", content: [{ type: "text", text: "I look." }, call("1"), call("2")] },
        { role: "tool", content: [result("1", "sunny"), result("9", "whose?")] },
        { role: "assistant", content: [call("3")] },
        { role: "user", content: "And now?" },
        { role: "tool", content: [result("3", "too late")] }
      ]),
      [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "I look.", toolCalls: [called("1")] },
        { role: "tool", content: "sunny", toolCallId: "1", name: "get_weather" },
        { role: "user", content: "And now?" }
      ]
    )
  })

  it("lose what the provider executed", () => {
    assert.deepStrictEqual<unknown>(
      turns([
        {
          role: "assistant",
          content: [
            { ...call("1"), providerExecuted: true },
            { ...result("1", "x"), providerExecuted: true },
            { type: "text", text: "Done" }
          ]
        },
        { role: "user", content: "Hi" }
      ]),
      [{ role: "assistant", content: "Done" }, { role: "user", content: "Hi" }]
    )
  })

  it("write arguments that are no object, and results that are nothing, as the service takes them", () => {
    const [, assistant, tool] = turns([
      { role: "user", content: "Hi" },
      { role: "assistant", content: [call("1", null), call("2", "text")] },
      { role: "tool", content: [result("1", undefined), result("2", "")] }
    ])
    assert.deepStrictEqual<unknown>(assistant, {
      role: "assistant",
      content: "",
      toolCalls: [called("1", "{}"), called("2", "{}")]
    })
    assert.strictEqual(tool?.content, "null")
  })

  it("refuse what JSON cannot say", () => {
    for (const prompt of [[call("1", { big: 1n }), result("1", "x")], [call("1"), result("1", 1n)]]) {
      const refused = textual([{ role: "user", content: "Hi" }, { role: "assistant", content: prompt }])
      assert.isTrue(Either.isLeft(refused) && /get_weather cannot be written as JSON/.test(refused.left))
    }
  })

  it("send thinking in the rounds of tools, or always where it is kept", () => {
    const thought = (text: string) => ({ type: "reasoning" as const, text })
    const prompt: Prompt.RawInput = [
      { role: "user", content: "1" },
      { role: "assistant", content: [thought("a"), { type: "text", text: "A" }] },
      { role: "user", content: "2" },
      { role: "assistant", content: [thought("b"), call("1")] },
      { role: "tool", content: [result("1", "sunny")] }
    ]
    const thinking = (kept: boolean) =>
      turns(prompt, kept).flatMap((turn) => turn.role === "assistant" ? [turn.reasoningContent] : [])
    assert.deepStrictEqual(thinking(false), [undefined, "b"])
    assert.deepStrictEqual(thinking(true), ["a", "b"])
  })

  it("go on from a partial last message", () => {
    const partial = { role: "assistant" as const, content: "Spring has", options: { dashscope: { partial: true } } }
    assert.deepStrictEqual<unknown>(turns([{ role: "user", content: "A poem" }, partial]).at(-1), {
      role: "assistant",
      content: "Spring has",
      partial: true
    })
    assert.notProperty(turns([partial, { role: "user", content: "A poem" }])[0], "partial")
  })
})

describe("files", () => {
  const file = (mediaType: string, data: string | Uint8Array | URL, dashscope?: FileOptions) => [{
    role: "user" as const,
    content: [
      { type: "file" as const, mediaType, data, ...(dashscope === undefined ? undefined : { options: { dashscope } }) },
      { type: "text" as const, text: "?" }
    ]
  }]
  const first = (made: ReturnType<typeof textual> | ReturnType<typeof multimodal>): unknown => {
    const content = made._tag === "Right" ? made.right[0]?.content : made.left
    return Array.isArray(content) ? content[0] : content
  }

  it("are parts of the multimodal path", () => {
    const url = Media.url("https://example.com/a")
    const bytes = Uint8Array.of(1, 2, 3)
    const common = { cacheControl: undefined, minPixels: undefined, maxPixels: undefined }
    assert.deepStrictEqual<unknown>(
      first(multimodal(file("image/png", "https://example.com/a", { maxPixels: 1000 }))),
      { ...common, image: url, maxPixels: 1000, enableRotate: undefined }
    )
    assert.deepStrictEqual<unknown>(
      first(multimodal(file("image/*", "AQID"))),
      { ...common, image: Media.bytes(bytes, "image/jpeg"), enableRotate: undefined }
    )
    assert.deepStrictEqual<unknown>(
      first(multimodal(file("video/mp4", new URL("https://example.com/a"), { fps: 2 }))),
      { ...common, video: url, fps: 2, totalPixels: undefined }
    )
    assert.deepStrictEqual<unknown>(
      first(multimodal(file("audio/wav", bytes))),
      { audio: Media.bytes(bytes, "audio/wav"), cacheControl: undefined }
    )
  })

  it("are parts of the text path where it has them", () => {
    assert.deepStrictEqual<unknown>(
      first(textual(file("application/pdf", "https://example.com/a.pdf"))),
      Message.docUrl("https://example.com/a.pdf")
    )
    assert.deepStrictEqual<unknown>(
      first(textual(file("image/png", Uint8Array.of(1, 2, 3)))),
      Message.imageUrl("data:image/png;base64,AQID")
    )
  })

  it("are refused with the media type where they cannot be sent", () => {
    const refused = [
      [multimodal(file("application/pdf", "https://example.com/a.pdf")), /application\/pdf.*text path only/],
      [textual(file("application/pdf", Uint8Array.of(1))), /application\/pdf.*by its URL only/],
      [textual(file("audio/wav", "https://example.com/a.wav")), /audio\/wav.*multimodal path/],
      [multimodal(file("image/png", new URL("file:///etc/passwd"))), /image\/png.*cannot read \(file:/],
      [multimodal(file("image/png", "photo.png")), /image\/png is neither a URL nor base64/]
    ] as const
    for (const [made, problem] of refused) {
      assert.match(made._tag === "Left" ? made.left : "none", problem)
    }
  })
})

/** Of few ids, so that calls and results often belong together. */
const messages = (() => {
  const id = FastCheck.constantFrom("1", "2", "3")
  const text = FastCheck.constantFrom("", " ", "Hi").map((text) => Prompt.makePart("text", { text }))
  const executed = FastCheck.boolean()
  const calls = FastCheck.tuple(id, executed).map(([id, providerExecuted]) =>
    Prompt.makePart("tool-call", { id, name: "get_weather", params: {}, providerExecuted })
  )
  const results = FastCheck.tuple(id, executed).map(([id, providerExecuted]) =>
    Prompt.makePart("tool-result", { id, name: "get_weather", result: "", isFailure: false, providerExecuted })
  )
  const reasoning = FastCheck.constant(Prompt.makePart("reasoning", { text: "Hm" }))
  const some = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.array(arbitrary, { maxLength: 3 })
  return FastCheck.array<Prompt.Message>(
    FastCheck.oneof(
      FastCheck.constantFrom("", "Be brief").map((content) => Prompt.makeMessage("system", { content })),
      some(text).map((content) => Prompt.makeMessage("user", { content })),
      some(FastCheck.oneof(text, calls, results, reasoning)).map((content) =>
        Prompt.makeMessage("assistant", { content })
      ),
      some(results).map((content) => Prompt.makeMessage("tool", { content }))
    ),
    { maxLength: 8 }
  )
})()

it("any history comes to one in which each call has its answer, and each answer its call", () => {
  FastCheck.assert(
    FastCheck.property(messages, (messages) => {
      const open: Array<string> = []
      for (const turn of turns(Prompt.fromMessages(messages))) {
        if (turn.role === "tool") {
          assert.strictEqual(turn.toolCallId, open.shift())
          assert.notStrictEqual(turn.content, "")
          continue
        }
        assert.deepStrictEqual(open, [])
        if (turn.role !== "assistant") continue
        open.push(...(turn.toolCalls ?? []).map(({ id }) => id))
        assert.isTrue(open.length > 0 || turn.content !== "")
      }
      assert.deepStrictEqual(open, [])
    }),
    { numRuns: casesOf(3000) }
  )
})
