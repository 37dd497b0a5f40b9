/** Any history is refused before anything is sent, or is one that the service takes: here, that the simulator takes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import { textContent } from "../../../simulator/src/internal/generation/content.js"
import { readMessages } from "../../../simulator/src/internal/generation/request.js"
import { isFailure } from "../../../simulator/src/internal/server/answer.js"
import * as Conversation from "../../src/Conversation.js"
import * as Generation from "../../src/Generation.js"
import * as Wire from "../../src/internal/generation/wire.js"
import * as Message from "../../src/Message.js"
import { answer, jsonResponse, services } from "../util/mock.js"

const text = FastCheck.constantFrom("", "", "a", "你好")

const part: FastCheck.Arbitrary<Message.ContentPart> = FastCheck.oneof(
  text.map((text) => Message.text(text)),
  FastCheck.constantFrom(
    Message.imageUrl("https://example.com/a.png"),
    Message.docUrl("https://example.com/a.pdf"),
    Message.docUrl([])
  )
)

const content: FastCheck.Arbitrary<Message.Content> = FastCheck.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: FastCheck.array(part, { maxLength: 2 }) }
)

const id = FastCheck.constantFrom("a", "b", "c")

const calls = FastCheck.array(
  FastCheck.record({ id, name: FastCheck.constantFrom("f", "g"), arguments: FastCheck.constant("{}") }).map(
    Message.toolCall
  ),
  { maxLength: 3 }
)

const message: FastCheck.Arbitrary<Message.Message> = FastCheck.oneof(
  { weight: 1, arbitrary: content.map((content) => Message.system(content)) },
  { weight: 3, arbitrary: content.map((content) => Message.user(content)) },
  {
    weight: 4,
    arbitrary: FastCheck.tuple(
      FastCheck.option(content),
      FastCheck.option(calls, { nil: undefined }),
      FastCheck.option(FastCheck.boolean(), { nil: undefined })
    ).map(([content, toolCalls, partial]) =>
      Message.assistant(content, {
        ...(toolCalls === undefined ? undefined : { toolCalls }),
        ...(partial === undefined ? undefined : { partial })
      })
    )
  },
  {
    weight: 4,
    arbitrary: FastCheck.tuple(content, id).map(([content, toolCallId]) => Message.tool(content, { toolCallId }))
  },
  { weight: 1, arbitrary: content.map((content) => Message.other("function", content, { name: "f" })) }
)

/** Messages as they come, and whole exchanges, in which more is as it should be. */
const history: FastCheck.Arbitrary<ReadonlyArray<Message.Message>> = FastCheck.array(
  FastCheck.oneof(
    { weight: 2, arbitrary: message.map((message) => [message]) },
    {
      weight: 1,
      arbitrary: calls.map((toolCalls) => [
        Message.assistant("", { toolCalls }),
        ...toolCalls.map(({ id }) => Message.tool("done", { toolCallId: id }))
      ])
    }
  ),
  { maxLength: 5 }
).map((exchanges) => exchanges.flat())

const lists = FastCheck.record({
  tools: FastCheck.constantFrom(undefined, []),
  stop: FastCheck.constantFrom(undefined, [], ["a"]),
  prompt: FastCheck.constantFrom(undefined, "", "hi")
})

const hasEmptyList = (json: unknown): boolean =>
  Array.isArray(json)
    ? json.length === 0 || json.some(hasEmptyList)
    : typeof json === "object" && json !== null && Object.values(json).some(hasEmptyList)

/** The body that goes out, if one does, is one that the service takes. */
const check = (params: Generation.GenerationParams): boolean => {
  const encoded = Wire.encodeCall(params)
  if (Either.isLeft(encoded)) {
    assert.strictEqual(encoded.left._tag, "InputRequired")
    return false
  }
  const { input, parameters } = JSON.parse(JSON.stringify(encoded.right)) as Record<"input" | "parameters", object>
  const read = readMessages(input as Parameters<typeof readMessages>[0], textContent)
  if (isFailure(read)) assert.fail(`${JSON.stringify(read)} of ${JSON.stringify(input)}`)
  assert.isFalse(hasEmptyList([input, parameters]), JSON.stringify([input, parameters]))
  return true
}

describe("a history", () => {
  let sent = 0
  it.prop("is refused before it is sent, or taken", [history, lists], ([messages, lists]) => {
    if (check({ model: "qwen-plus", messages, ...lists })) sent++
  }, { fastCheck: { numRuns: casesOf(20_000) } })

  it("is taken often enough for that to mean something", () => assert.isAbove(sent, 20))

  it.effect.prop("of a conversation has each call answered", [history], ([messages]) =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make({ messages })
      yield* conversation.send("go on", (messages) => {
        // What says nothing came from outside, and so did answers without a call.
        const wrong = Wire.encodeCall({ model: "qwen-plus", messages })
        if (Either.isLeft(wrong)) assert.notInclude(wrong.left.message, "no answer to")
        return Effect.succeed({ output: { choices: [{ message: { role: "assistant", content: "ok" } }] } } as const)
      })
    }), { fastCheck: { numRuns: casesOf(1000) } })

  it.effect.each<[string, ReadonlyArray<Message.Message>, string]>([
    [
      "an assistant's message that says nothing",
      [Message.user("a"), Message.assistant(""), Message.user("b")],
      "1.content"
    ],
    ["parts that say nothing", [Message.user([Message.text("")])], "0.content"],
    ["an instruction that says nothing", [Message.system(""), Message.user("a")], "0.content"],
    ["a document without a URL", [Message.user([Message.text("a"), Message.docUrl([])])], "0.content"],
    [
      "a call that a message of the role function answers",
      [
        Message.user("a"),
        Message.assistant("", { toolCalls: [Message.toolCall({ id: "a", name: "f", arguments: "{}" })] }),
        Message.other("function", "done", { name: "f" })
      ],
      "1.toolCalls"
    ],
    ["the model's word at the end", [Message.user("a"), Message.assistant("b")], ""],
    ["an instruction at the end", [Message.user("a"), Message.system("b")], ""]
  ])("is not sent with %s", ([_, messages, place]) =>
    Effect.gen(function*() {
      const { layer, requests } = services(() => jsonResponse(answer))
      const error = yield* Effect.flip(Effect.provide(Generation.call({ model: "qwen-plus", messages }), layer))
      assert.deepInclude({ ...error }, {
        _tag: "InputRequired",
        field: place === "" ? "messages" : `messages.${place}`
      })
      assert.lengthOf(requests, 0)
    }))
})
