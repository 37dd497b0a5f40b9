import * as Prompt from "@effect/ai/Prompt"
import { assert, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as RawPrompt from "../../src/internal/rawPrompt.js"

const options = { dashscope: { cacheControl: { type: "ephemeral" } } } as const

const prompts: ReadonlyArray<Prompt.RawInput> = [
  "Hi",
  "",
  [],
  [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }, { role: "assistant", content: "Ho" }],
  [{ role: "user", content: [] }, { role: "user", content: [{ type: "text", text: "a" }, { type: "text", text: "" }] }],
  [{ role: "assistant", content: [{ type: "text", text: "a" }] }],
  // By the core:
  [{ role: "system", content: "Be brief.", options }, { role: "user", content: "Hi", options }],
  [{ role: "user", content: [{ type: "text", text: "a", options }] }],
  [{
    role: "user",
    content: [{ type: "text", text: "a" }, {
      type: "file",
      mediaType: "image/png",
      data: "https://example.com/cat.png"
    }]
  }],
  [{ role: "assistant", content: [{ type: "reasoning", text: "Hm" }, { type: "text", text: "Ho" }] }],
  [
    { role: "assistant", content: [{ type: "tool-call", id: "c", name: "now", params: {}, providerExecuted: false }] },
    {
      role: "tool",
      content: [{ type: "tool-result", id: "c", name: "now", isFailure: false, result: 1, providerExecuted: false }]
    }
  ],
  new Set([{ role: "user" as const, content: "Hi" }]),
  Prompt.make("Hi")
]

it("a prompt is what the core makes of it", () => {
  for (const given of prompts) assert.deepStrictEqual(RawPrompt.make(given), Prompt.make(given))
})

it("what is no prompt is refused as the core refuses it", () => {
  const wrong: ReadonlyArray<unknown> = [
    [{ role: "user", content: 1 }],
    [{ role: "user", content: [{ type: "text", text: 1 }] }],
    [{ role: "user", content: ["a"] }],
    [{ role: "system", content: [{ type: "text", text: "a" }] }],
    [{ role: "user", content: "Hi", options: null }],
    [{ role: "robot", content: "Hi" }],
    ["Hi"]
  ]
  const refusal = (make: (input: Prompt.RawInput) => Prompt.Prompt, given: unknown) =>
    Either.getOrThrow(Either.flip(Either.try({
      // A program without types gives it.
      try: () => make(given as Prompt.RawInput),
      catch: (error) => error instanceof Error ? error.message : assert.fail("no error")
    })))
  for (const given of wrong) assert.strictEqual(refusal(RawPrompt.make, given), refusal(Prompt.make, given))
})
