import type * as Response from "@effect/ai/Response"
import type * as AiTool from "@effect/ai/Tool"
import { assert, describe, it } from "@effect/vitest"
import * as Generation from "effect-dashscope/Generation"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import * as DashScopeTool from "../../src/DashScopeTool.js"
import * as Parts from "../../src/internal/response.js"
import { StreamParts } from "../../src/internal/streamParts.js"
import * as Core from "../util/core.js"

const asked: Parts.Asked = { model: "qwen-plus", tools: [], now: 0, id: "id_1" }

const decode = (json: unknown) => Either.getOrThrow(Generation.decode(json))

const answer = (message: object, more: object = {}, finish_reason = "stop", output: object = {}) =>
  decode({ output: { choices: [{ finish_reason, message: { role: "assistant", ...message } }], ...output }, ...more })

const piece = (index: number | undefined, id: string | undefined, args: string, name?: string) => ({
  ...(index === undefined ? undefined : { index }),
  ...(id === undefined ? undefined : { id }),
  type: "function",
  function: { ...(name === undefined ? undefined : { name }), arguments: args }
})
const pieces = (...tool_calls: Array<unknown>) => answer({ content: "", tool_calls }, {}, "null")
const text = (content: string) => answer({ content }, {}, "null")
const thought = (reasoning_content: string) => answer({ content: "", reasoning_content }, {}, "null")
const end = (reason = "stop", more: object = {}) => answer({ content: "" }, more, reason)

const streamed = (...elements: ReadonlyArray<Generation.GenerationResult>) => {
  const parts = new StreamParts(asked)
  const said = elements.flatMap((element) => parts.next(element))
  return Either.map(parts.rest(), (rest) => [...said, ...rest, parts.finish()])
}
const all = (...elements: ReadonlyArray<Generation.GenerationResult>) => Either.getOrThrow(streamed(...elements))

const shortly = (parts: ReadonlyArray<Response.StreamPartEncoded | Response.PartEncoded>) =>
  parts.map((part) => {
    const { delta, id, params, reason, text, type } = { ...part } as Readonly<Record<string, unknown>>
    const ofPart = type === "response-metadata" ? undefined : id
    return [type, ofPart, delta ?? params ?? reason ?? text].filter((each) => each !== undefined)
  })

describe("streams", () => {
  it("begin with metadata and end all that they begin", () => {
    assert.deepStrictEqual<unknown>(
      shortly(all(thought("Hm"), thought("."), text("Hel"), text(""), text("lo"), thought("!"), end())),
      [
        ["response-metadata"],
        ["reasoning-start", "0"],
        ["reasoning-delta", "0", "Hm"],
        ["reasoning-delta", "0", "."],
        ["reasoning-end", "0"],
        ["text-start", "1"],
        ["text-delta", "1", "Hel"],
        ["text-delta", "1", "lo"],
        ["text-end", "1"],
        ["reasoning-start", "2"],
        ["reasoning-delta", "2", "!"],
        ["reasoning-end", "2"],
        ["finish", "stop"]
      ]
    )
  })

  it("tell arguments piece by piece, and calls once, after all of it", () => {
    assert.deepStrictEqual<unknown>(
      shortly(all(
        text("Let me see."),
        pieces(piece(0, "a", "", "get_weather"), piece(1, "b", "{\"ci", "get_weather")),
        pieces(piece(1, "", "ty\":\"B\"}")),
        pieces(piece(0, "", "{\"city\":\"A\"}")),
        end("tool_calls")
      )),
      [
        ["response-metadata"],
        ["text-start", "0"],
        ["text-delta", "0", "Let me see."],
        ["text-end", "0"],
        ["tool-params-start", "a"],
        ["tool-params-start", "b"],
        ["tool-params-delta", "b", "{\"ci"],
        ["tool-params-delta", "b", "ty\":\"B\"}"],
        ["tool-params-delta", "a", "{\"city\":\"A\"}"],
        ["tool-params-end", "a"],
        ["tool-params-end", "b"],
        ["tool-call", "a", { city: "A" }],
        ["tool-call", "b", { city: "B" }],
        ["finish", "tool-calls"]
      ]
    )
  })

  it("read arguments that are none, or say nothing, as an empty object", () => {
    assert.deepStrictEqual<unknown>(
      shortly(all(pieces(piece(0, "a", "", "f")), pieces(piece(1, "b", "null", "f")), end())).slice(-3),
      [["tool-call", "a", {}], ["tool-call", "b", {}], ["finish", "tool-calls"]]
    )
  })

  it("tell calls apart that the service does not number, or gives no ids or the same", () => {
    const ids = (...elements: ReadonlyArray<Generation.GenerationResult>) =>
      all(...elements).flatMap((part) =>
        part.type === "tool-params-start" || part.type === "tool-call" ? [`${part.type} ${part.id}`] : []
      )
    const both = (first: string, second: string) => [
      `tool-params-start ${first}`,
      `tool-params-start ${second}`,
      `tool-call ${first}`,
      `tool-call ${second}`
    ]
    assert.deepStrictEqual(
      ids(pieces(piece(undefined, "a", "{}", "f")), pieces(piece(undefined, "b", "{}", "f")), end()),
      both("a", "b")
    )
    assert.deepStrictEqual(
      ids(pieces(piece(0, "", "{}", "f"), piece(1, "", "{}", "f")), end()),
      both("id_1_call_0", "id_1_call_1")
    )
    assert.deepStrictEqual(
      ids(pieces(piece(0, "a", "{}", "f"), piece(1, "a", "{}", "g")), end()),
      both("a", "id_1_call_1")
    )
  })

  it("say calls that end with \"stop\" as tool-calls, and the end with all that was counted", () => {
    const parts = all(
      pieces(piece(0, "a", "", "f")),
      end("stop", {
        request_id: "r-1",
        usage: {
          input_tokens: 5,
          output_tokens: 7,
          total_tokens: 12,
          output_tokens_details: { reasoning_tokens: 3 },
          prompt_tokens_details: { cached_tokens: 2 },
          plugins: { search: { count: 1 } }
        }
      })
    )
    assert.deepStrictEqual(parts.at(-2), { type: "tool-call", id: "a", name: "f", params: {} })
    const finish = parts.at(-1)
    if (finish?.type !== "finish") return assert.fail("no finish")
    assert.strictEqual(finish.reason, "tool-calls")
    assert.deepStrictEqual(finish.usage, Core.wholeUsage)
    const { finishReason, requestId, usage } = finish.metadata?.dashscope ?? {}
    assert.deepStrictEqual([finishReason, requestId, usage?.plugins?.search?.count], ["stop", "r-1", 1])
  })

  it("give no call that was cut off", () => {
    for (
      const [last, problem] of [
        [end("length"), /limit of tokens.*maxTokens/],
        [end("stop", { "x-dashscope-partialresponse": true }), /limit of time/]
      ] as const
    ) {
      const parts = streamed(pieces(piece(0, "a", "{\"city\":\"Han", "f")), last)
      assert.match(Either.isLeft(parts) ? parts.left.description : "none", problem)
    }
    assert.deepStrictEqual<unknown>(shortly(all(text("Once upon"), end("length"))).at(-1), ["finish", "length"])
  })

  it("come to the same however the answer is cut", () => {
    const args = JSON.stringify({ city: "杭州", text: "a\"b\\c" })
    const cuts = FastCheck.array(FastCheck.nat(args.length), { maxLength: 6 })
    const cut = (whole: string, at: ReadonlyArray<number>) => {
      const places = [0, ...Array.from(at).sort((a, b) => a - b), whole.length]
      return places.slice(1).map((to, i) => whole.slice(places[i], to))
    }
    FastCheck.assert(
      FastCheck.property(cuts, cuts, cuts, (ofText, first, second) => {
        const parts = all(
          ...cut(args, ofText).map(text),
          pieces(piece(0, "a", "", "f"), piece(1, "b", "", "f")),
          ...cut(args, first).map((part) => pieces(piece(0, "", part))),
          ...cut(args, second).map((part) => pieces(piece(1, "", part))),
          end("tool_calls")
        )
        const joined = (id: string) => parts.map((part) => "delta" in part && part.id === id ? part.delta : "").join("")
        assert.deepStrictEqual([joined("0"), joined("a"), joined("b")], [args, args, args])
        assert.isTrue(parts.every((part) => !("delta" in part) || part.delta !== ""))
        const calls = parts.flatMap((part) => part.type === "tool-call" ? [part.params] : [])
        assert.deepStrictEqual<unknown>(calls, [JSON.parse(args), JSON.parse(args)])
      }),
      { numRuns: casesOf(300) }
    )
  })
})

describe("answers", () => {
  const parts = (result: Generation.GenerationResult, more: Partial<Parts.Asked> = {}, text?: string) =>
    Either.getOrThrow(Parts.parts(result, { ...asked, ...more }, text))

  it("have thinking, text, calls and the end, in that order", () => {
    const result = answer({
      content: [{ text: "Let me " }, { text: "see." }],
      reasoning_content: "Hm",
      tool_calls: [piece(0, "a", "", "f"), piece(1, "", "null", "f")]
    })
    assert.deepStrictEqual<unknown>(shortly(parts(result)), [
      ["response-metadata"],
      ["reasoning", "Hm"],
      ["text", "Let me see."],
      ["tool-call", "a", {}],
      ["tool-call", "id_1_call_1", {}],
      ["finish", "tool-calls"]
    ])
  })

  it("name the model and the time", () => {
    const { model_name, request_id } = { model_name: "qwen-plus-2025", request_id: "r-1" }
    assert.deepStrictEqual(parts(answer({ content: "Hi" }, { request_id }, "stop", { model_name }))[0], {
      type: "response-metadata",
      id: request_id,
      modelId: model_name,
      timestamp: "1970-01-01T00:00:00.000Z"
    })
  })

  it("refuse arguments that are no JSON object, and those that name a prototype", () => {
    for (
      const [args, problem] of [
        ["{\"city\": ", /f are not valid JSON/],
        ["[1]", /f do not fit: Expected a JSON object/],
        ["{\"__proto__\": {\"admin\": true}}", /f name a prototype/],
        ["{\"a\": {\"\\u005f_proto__\": 1}}", /f name a prototype/],
        ["{\"a\":1}{}", /f are not valid JSON/]
      ] as const
    ) {
      const refused = Parts.parts(answer({ content: "", tool_calls: [piece(0, "a", args, "f")] }), asked)
      assert.match(Either.isLeft(refused) ? refused.left.description : "none", problem)
    }
  })

  it("have sources, but for those whose URL is none", () => {
    const search_results = [
      { index: 1, site_name: "Wiki", icon: "https://wiki/i.png", title: "Hangzhou", url: "https://wiki/hangzhou" },
      { index: 2, title: "Broken", url: "not a url" },
      { index: 3, site_name: "News", url: "https://news/" }
    ]
    const sources = parts(answer({ content: "Hi" }, {}, "stop", { search_info: { search_results } }))
      .filter(({ type }) => type === "source")
    assert.deepStrictEqual<unknown>(sources, [
      {
        type: "source",
        sourceType: "url",
        id: "id_1_source_0",
        url: "https://wiki/hangzhou",
        title: "Hangzhou",
        metadata: { dashscope: { index: 1, siteName: "Wiki", icon: "https://wiki/i.png" } }
      },
      {
        type: "source",
        sourceType: "url",
        id: "id_1_source_2",
        url: "https://news/",
        title: "News",
        metadata: { dashscope: { index: 3, siteName: "News" } }
      }
    ])
  })

  it("have the code that was run where the toolkit has the tool for it, and beside the end anyway", () => {
    const result = answer({ content: "1024" }, {}, "stop", {
      tool_info: [{ type: "code_interpreter", code_interpreter: { code: "2**10" } }]
    })
    const tool: AiTool.Any = DashScopeTool.CodeInterpreter({})
    assert.deepStrictEqual<unknown>(parts(result, { tools: [tool] })[1], {
      type: "tool-call",
      id: "id_1_code_0",
      name: "DashScopeCodeInterpreter",
      params: { code: "2**10" },
      providerExecuted: true,
      ...Core.executed
    })
    const without = parts(result)
    assert.deepStrictEqual(without.map(({ type }) => type), ["response-metadata", "text", "finish"])
    const finish = without[2]
    assert.deepStrictEqual(finish?.type === "finish" ? finish.metadata?.dashscope?.code : undefined, ["2**10"])
  })

  it("end as the service says", () => {
    const ends = ["stop", "length", "content_filter", "tool_calls", "null", "sensitive"].map((reason) =>
      shortly(parts(answer({ content: "Hi" }, {}, reason))).at(-1)?.[1]
    )
    assert.deepStrictEqual<unknown>(ends, ["stop", "length", "content-filter", "stop", "unknown", "other"])
  })

  it("keep what has no name here to themselves", () => {
    const result = answer({ content: "Hi", new_field: 1 }, { another: true }, "stop", { more: {} })
    assert.deepStrictEqual(parts(result).map(({ type }) => type), ["response-metadata", "text", "finish"])
  })
})
