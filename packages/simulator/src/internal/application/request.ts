/**
 * What a request to an application asks for, or why it is refused.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import { textContent } from "../generation/content.js"
import { lastOf } from "../generation/mind.js"
import { readMessages } from "../generation/request.js"
import type { Failure } from "../server/answer.js"
import { failure, invalid, isFailure } from "../server/answer.js"
import { checkChoice } from "../server/route.js"

/** @internal */
export type FlowMode = "full_thoughts" | "agent_format" | "message_format" | "message_format_plus"

/** @internal */
export interface Asked {
  readonly prompt: string
  readonly sessionId: string | undefined
  /** The variables of a workflow. */
  readonly variables: JsonObject
  readonly isWorkflow: boolean
  readonly incremental: boolean
  readonly thoughts: boolean
  readonly thinking: boolean
  /** The knowledge bases to look into. */
  readonly pipelines: ReadonlyArray<string>
  /** References stand in the text. */
  readonly indexed: boolean
  readonly flowMode: FlowMode
  readonly model: string
}

/**
 * What it answers, before that is written down.
 *
 * @internal
 */
export interface Told {
  readonly asked: Asked
  readonly sessionId: string
  readonly text: string
  readonly references: ReadonlyArray<JsonObject>
  readonly thoughts: ReadonlyArray<JsonObject>
  readonly requestId: string
}

const missing = (what: string): Failure =>
  invalid(`Required parameter(${what}) missing or invalid, please check the request parameters.`)

/** Ids that say what is wrong with the application. */
const refusals: ReadonlyArray<readonly [RegExp, Failure]> = [
  [/^unknown/, missing("AppId")],
  [/^denied/, failure(403, "App.AccessDenied", "App access denied.")],
  [/^unpublished/, failure(400, "FlowNotPublished", "Flow has not published yet, please publish flow and try again.")],
  [/^broken/, failure(500, "AppProcessFailed", "Failed to process application request.")]
]

const promptOf = (input: JsonObject): string | Failure => {
  if (input.prompt !== undefined && input.prompt !== null && typeof input.prompt !== "string") {
    return missing("prompt")
  }
  if (input.messages === undefined && (asString(input.prompt) ?? "") === "") {
    return missing("prompt")
  }
  const messages = readMessages(input, textContent)
  return isFailure(messages) ? messages : lastOf(messages, "user")?.content.text ?? ""
}

const checkLists = (input: JsonObject): Failure | undefined => {
  for (const name of ["image_list", "file_list", "doc_tag_codes"]) {
    const list = input[name]
    if (list !== undefined && list !== null && !(Array.isArray(list) && list.every((one) => typeof one === "string"))) {
      return invalid(`The field ${name} of the input has to be a list of strings.`)
    }
  }
  return input.biz_params === undefined || input.biz_params === null || asObject(input.biz_params) !== undefined
    ? undefined
    : invalid("The field biz_params of the input has to be an object.")
}

const modes: ReadonlyArray<FlowMode> = ["full_thoughts", "agent_format", "message_format", "message_format_plus"]

/** @internal */
export const readAsked = (appId: string, body: JsonObject): Asked | Failure => {
  const refused = refusals.find(([id]) => id.test(appId))?.[1]
  if (refused !== undefined) {
    return refused
  }
  const input = asObject(body.input)
  if (input === undefined) {
    return missing("input")
  }
  const parameters = asObject(body.parameters) ?? {}
  const wrong = checkLists(input) ?? checkChoice(input, "doc_reference_type", ["simple", "indexed"]) ??
    checkChoice(parameters, "flow_stream_mode", modes)
  if (wrong !== undefined) {
    return wrong
  }
  const prompt = promptOf(input)
  if (isFailure(prompt)) {
    return prompt
  }
  const rag = asObject(parameters.rag_options)
  const variables = asObject(input.biz_params)
  return {
    prompt,
    sessionId: asString(input.session_id) === "" ? undefined : asString(input.session_id),
    variables: variables ?? {},
    isWorkflow: /workflow|flow/.test(appId) || variables !== undefined || parameters.flow_stream_mode !== undefined,
    incremental: parameters.incremental_output === true,
    thoughts: parameters.has_thoughts === true,
    thinking: parameters.enable_thinking === true,
    pipelines: (asArray(rag?.pipeline_ids) ?? []).filter((id) => typeof id === "string"),
    indexed: input.doc_reference_type === "indexed",
    flowMode: modes.find((mode) => mode === parameters.flow_stream_mode) ?? "full_thoughts",
    model: asString(parameters.model_id) ?? "qwen-plus"
  }
}
