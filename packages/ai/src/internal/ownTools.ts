/** The tools that the service runs itself. */
import * as AiTool from "@effect/ai/Tool"
import * as Schema from "effect/Schema"

export const webSearchId = "dashscope.web_search"
export const codeInterpreterId = "dashscope.code_interpreter"

const optional = {
  boolean: Schema.optional(Schema.Boolean),
  text: Schema.optional(Schema.String)
}

export const WebSearch = AiTool.providerDefined({
  id: webSearchId,
  toolkitName: "DashScopeWebSearch",
  providerName: "web_search",
  args: {
    forcedSearch: optional.boolean,
    searchStrategy: optional.text,
    enableSource: optional.boolean,
    enableCitation: optional.boolean,
    citationFormat: optional.text,
    prependSearchResult: optional.boolean,
    enableSearchExtension: optional.boolean,
    freshness: Schema.optional(Schema.Number),
    assignedSiteList: Schema.optional(Schema.Array(Schema.String))
  }
})

export const CodeInterpreter = AiTool.providerDefined({
  id: codeInterpreterId,
  toolkitName: "DashScopeCodeInterpreter",
  providerName: "code_interpreter",
  args: {},
  parameters: { code: Schema.String }
})
