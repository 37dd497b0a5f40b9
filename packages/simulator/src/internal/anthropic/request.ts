/**
 * From messages in the form of Anthropic to the chat completion that means the same.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"

const imageUrl = (source: JsonObject | undefined): unknown =>
  source?.type === "base64" ? `data:${String(source.media_type)};base64,${String(source.data)}` : source?.url

/** A part of a message's content; nothing for what is no content. */
const partOf = (block: JsonObject): JsonObject | undefined => {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text }
    case "image":
      return { type: "image_url", image_url: { url: imageUrl(asObject(block.source)) } }
    default:
      return undefined
  }
}

const joined = (parts: ReadonlyArray<JsonObject>): unknown =>
  parts.every(({ type }) => type === "text") ? parts.map(({ text }) => asString(text) ?? "").join("") : parts

const blocksOf = (content: unknown): ReadonlyArray<JsonObject> | undefined =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : asArray(content)?.map((block) => asObject(block) ?? {})

const known: ReadonlySet<unknown> = new Set(["text", "image", "thinking", "tool_use", "tool_result"])

const contentOf = (blocks: ReadonlyArray<JsonObject>): unknown =>
  joined(blocks.flatMap((block): ReadonlyArray<JsonObject> => {
    const part = partOf(block)
    return part === undefined ? [] : [part]
  }))

const callOf = ({ id, input, name }: JsonObject): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(input ?? {}) }
})

/** Results come before what else the user says. */
const turnsOf = (value: unknown): ReadonlyArray<JsonObject> | Failure => {
  const { content, role } = asObject(value) ?? {}
  const blocks = blocksOf(content)
  if ((role !== "user" && role !== "assistant") || blocks === undefined) {
    return invalid("messages: each needs the role user or assistant, and a content.")
  }
  const odd = blocks.find(({ type }) => !known.has(type))
  if (odd !== undefined) {
    return invalid(`The simulator knows no content of type ${JSON.stringify(odd.type)}.`)
  }
  const ofType = (type: string) => blocks.filter((block) => block.type === type)
  const said = contentOf(blocks)
  if (role === "assistant") {
    const calls = ofType("tool_use").map(callOf)
    return [{ role, content: said, ...(calls.length === 0 ? {} : { tool_calls: calls }) }]
  }
  const results = ofType("tool_result").map((block) => ({
    role: "tool",
    tool_call_id: block.tool_use_id,
    content: contentOf(blocksOf(block.content) ?? [])
  }))
  return said === "" && results.length > 0 ? results : [...results, { role, content: said }]
}

const toolOf = (value: unknown): JsonObject => {
  const { description, input_schema, name } = asObject(value) ?? {}
  return { type: "function", function: { name, description, parameters: input_schema } }
}

const choiceOf = (value: unknown): unknown => {
  const choice = asObject(value)
  switch (choice?.type) {
    case "any":
      return "required"
    case "tool":
      return { type: "function", function: { name: choice.name } }
    default:
      return choice?.type
  }
}

const messagesOf = ({ messages, system }: JsonObject): ReadonlyArray<JsonObject> | Failure => {
  const given = asArray(messages)
  if (given === undefined || given.length === 0) {
    return invalid("messages: at least one message is required.")
  }
  const instructions = contentOf(blocksOf(system) ?? [])
  const all: Array<JsonObject> = instructions === "" ? [] : [{ role: "system", content: instructions }]
  for (const one of given) {
    const turns = turnsOf(one)
    if (isFailure(turns)) {
      return turns
    }
    all.push(...turns)
  }
  return all
}

/**
 * The body of the chat completion.
 *
 * @internal
 */
export const chatBody = (body: JsonObject): JsonObject | Failure => {
  const messages = messagesOf(body)
  if (isFailure(messages)) {
    return messages
  }
  if (asNumber(body.max_tokens) === undefined) {
    return invalid("max_tokens: Field required")
  }
  const thinking = asObject(body.thinking)
  const tools = (asArray(body.tools) ?? []).map(toolOf)
  const given = {
    max_tokens: body.max_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    top_k: body.top_k,
    stop: body.stop_sequences,
    enable_thinking: thinking === undefined ? undefined : thinking.type === "enabled",
    thinking_budget: thinking?.type === "enabled" ? thinking.budget_tokens : undefined,
    tools: tools.length === 0 ? undefined : tools,
    tool_choice: tools.length === 0 ? undefined : choiceOf(body.tool_choice)
  }
  return {
    model: body.model,
    messages,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
  }
}
