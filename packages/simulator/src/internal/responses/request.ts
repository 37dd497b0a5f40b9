/**
 * From a request for a response to the chat completion that means the same.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"

const partOf = (value: unknown): unknown => {
  const part = asObject(value)
  switch (part?.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: part.text }
    case "input_image":
      return { type: "image_url", image_url: { url: part.image_url } }
    default:
      return value
  }
}

const contentOf = (content: unknown): unknown => {
  const parts = asArray(content)?.map(partOf)
  const isText = parts?.every((part) => asObject(part)?.type === "text") === true
  return isText ? parts.map((part) => asString(asObject(part)?.text) ?? "").join("") : parts ?? content
}

/** One item of the input after another. Calls are those of one message until something else comes. */
const withItem = (messages: ReadonlyArray<JsonObject>, value: unknown): ReadonlyArray<JsonObject> | Failure => {
  const item = asObject(value)
  switch (item?.type) {
    case undefined:
    case "message": {
      const role = item?.role === "developer" ? "system" : item?.role
      return asString(role) === undefined
        ? invalid("An item of the input needs a type or a role.")
        : [...messages, { role, content: contentOf(item?.content) }]
    }
    case "function_call": {
      const call = { id: item.call_id, type: "function", function: { name: item.name, arguments: item.arguments } }
      const last = messages.at(-1)
      const before = asArray(last?.tool_calls)
      return last === undefined || before === undefined
        ? [...messages, { role: "assistant", content: "", tool_calls: [call] }]
        : [...messages.slice(0, -1), { ...last, tool_calls: [...before, call] }]
    }
    case "function_call_output":
      return [...messages, { role: "tool", tool_call_id: item.call_id, content: contentOf(item.output) }]
    case "reasoning":
    case "web_search_call":
      return messages
    default:
      return invalid(`The simulator knows no item of the input of type ${JSON.stringify(item?.type)}.`)
  }
}

/**
 * The messages that the input adds.
 *
 * @internal
 */
export const messagesOf = (input: unknown): ReadonlyArray<JsonObject> | Failure => {
  if (typeof input === "string" && input !== "") {
    return [{ role: "user", content: input }]
  }
  const items = asArray(input)
  if (items === undefined || items.length === 0) {
    return invalid("The input has to be a text or a list of items.")
  }
  return items.reduce<ReadonlyArray<JsonObject> | Failure>(
    (messages, item) => isFailure(messages) ? messages : withItem(messages, item),
    []
  )
}

const toolsOf = (given: unknown): ReadonlyArray<JsonObject> | Failure => {
  const tools: Array<JsonObject> = []
  for (const one of asArray(given) ?? []) {
    const { type, ...rest } = asObject(one) ?? {}
    if (type === "function") {
      tools.push({ type, function: rest })
    } else if (type !== "web_search") {
      return invalid(`The simulator has no tool of type ${JSON.stringify(type)}: it has function and web_search.`)
    }
  }
  return tools
}

/** @internal */
export const searches = (body: JsonObject): boolean =>
  (asArray(body.tools) ?? []).some((tool) => asObject(tool)?.type === "web_search")

const formatOf = (text: unknown): JsonObject | undefined => {
  const { type, ...rest } = asObject(asObject(text)?.format) ?? {}
  return type === "json_schema" ? { type, json_schema: rest } : type === "json_object" ? { type } : undefined
}

const choiceOf = (choice: unknown): unknown => {
  const named = asObject(choice)
  return named?.type === "function" ? { type: "function", function: { name: named.name } } : choice
}

const leastTokens = 16

/**
 * The body of the chat completion, for these messages.
 *
 * @internal
 */
export const chatBody = (body: JsonObject, messages: ReadonlyArray<JsonObject>): JsonObject | Failure => {
  const { instructions, max_output_tokens, model, reasoning, temperature, text, tool_choice, top_p } = body
  const tools = toolsOf(body.tools)
  if (isFailure(tools)) {
    return tools
  }
  const most = asNumber(max_output_tokens)
  if (most !== undefined && most < leastTokens) {
    return invalid(`Range of max_output_tokens should be at least ${leastTokens}.`)
  }
  const effort = asString(asObject(reasoning)?.effort)
  const thinks = body.enable_thinking ?? (effort === undefined ? undefined : effort !== "none")
  const format = formatOf(text)
  const given = {
    temperature,
    top_p,
    max_tokens: max_output_tokens,
    enable_thinking: thinks,
    response_format: format,
    tools: tools.length === 0 ? undefined : tools,
    tool_choice: tools.length === 0 ? undefined : choiceOf(tool_choice),
    parallel_tool_calls: body.parallel_tool_calls,
    enable_search: searches(body) ? true : undefined
  }
  return {
    model,
    messages: typeof instructions === "string" ? [{ role: "system", content: instructions }, ...messages] : messages,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
  }
}
