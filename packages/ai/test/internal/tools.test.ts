import type * as LanguageModel from "@effect/ai/LanguageModel"
import * as AiTool from "@effect/ai/Tool"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as DashScopeTool from "../../src/DashScopeTool.js"
import { convert } from "../../src/internal/tools.js"
import * as Core from "../util/core.js"

const getWeather = AiTool.make("get_weather", {
  description: "The weather of a city",
  parameters: { city: Schema.String, unit: Schema.optional(Schema.Literal("celsius")) }
})
const getTime = AiTool.make("get_time")

const made = (toolChoice: LanguageModel.ToolChoice<string>, ...tools: ReadonlyArray<AiTool.Any>) =>
  Either.getOrThrow(convert({ toolChoice, tools }))

const problemOf = (toolChoice: LanguageModel.ToolChoice<string>, ...tools: ReadonlyArray<AiTool.Any>) => {
  const refused = convert({ toolChoice, tools })
  return Either.isLeft(refused) ? refused.left.description : assert.fail("not refused")
}

describe("tools", () => {
  it("are described by their Schemas, optional fields left out of what is required, and nothing strict", () => {
    assert.deepStrictEqual(made("auto", getWeather, getTime), {
      toolChoice: "auto",
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "The weather of a city",
            parameters: {
              type: "object",
              required: ["city"],
              properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius"] } },
              additionalProperties: false
            }
          }
        },
        {
          type: "function",
          function: { name: "get_time", parameters: { type: "object", properties: {}, additionalProperties: false } }
        }
      ]
    })
  })

  it("have the description of their Schema where they have none of their own", () => {
    const [tool] = made("auto", Core.described("get_sky", "What the sky is like")).tools ?? []
    assert.deepStrictEqual([tool?.function.name, tool?.function.description], ["get_sky", "What the sky is like"])
  })

  it("are refused where the service would refuse them", () => {
    assert.match(problemOf("auto", AiTool.make("search")), /reserves the name "search"/)
    assert.match(problemOf("auto", AiTool.make("x".repeat(65))), /1 to 64/)
    const foreign = AiTool.providerDefined({
      id: "openai.web_search",
      toolkitName: "Search",
      providerName: "s",
      args: {}
    })
    assert.match(problemOf("auto", foreign({})), /Search \(openai.web_search\) is of another provider/)
  })
})

describe("tool choice", () => {
  const choice = (toolChoice: LanguageModel.ToolChoice<string>, ...tools: ReadonlyArray<AiTool.Any>) =>
    made(toolChoice, ...tools).toolChoice
  const byName = (name: string) => ({ type: "function", function: { name } })

  it("is the service's", () => {
    for (const same of ["auto", "none", "required"] as const) {
      assert.strictEqual(choice(same, getWeather, getTime), same)
    }
    assert.deepStrictEqual<unknown>(choice({ tool: "get_time" }, getWeather, getTime), byName("get_time"))
    // The core has taken out the others.
    assert.strictEqual(choice({ oneOf: ["get_time"] }, getTime), "auto")
    assert.strictEqual(choice({ oneOf: ["get_time"], mode: "auto" }, getTime), "auto")
    assert.deepStrictEqual<unknown>(choice({ oneOf: ["get_time"], mode: "required" }, getTime), byName("get_time"))
    assert.strictEqual(
      choice({ oneOf: ["get_time", "get_weather"], mode: "required" }, getTime, getWeather),
      "required"
    )
    assert.deepStrictEqual(made("none"), {})
  })
})

describe("tools of the provider", () => {
  const search = DashScopeTool.WebSearch({ searchStrategy: "max", enableSource: false })
  const code = DashScopeTool.CodeInterpreter({})

  it("are switches", () => {
    assert.deepStrictEqual(made("auto", DashScopeTool.WebSearch({}), code, getTime), {
      tools: made("auto", getTime).tools ?? [],
      toolChoice: "auto",
      enableSearch: true,
      searchOptions: { enableSource: true },
      enableCodeInterpreter: true
    })
    assert.deepStrictEqual(made("auto", search).searchOptions, { enableSource: false, searchStrategy: "max" })
    assert.deepStrictEqual(made("none", search, code), {})
  })

  it("are forced by their name where the service can", () => {
    assert.deepStrictEqual(made({ tool: "DashScopeWebSearch" }, search, getTime), {
      tools: made("auto", getTime).tools ?? [],
      enableSearch: true,
      searchOptions: { enableSource: false, searchStrategy: "max", forcedSearch: true }
    })
    assert.match(problemOf({ tool: "DashScopeCodeInterpreter" }, code), /cannot be made to call/)
  })
})
