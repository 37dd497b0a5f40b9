/**
 * From a chat completion in the form of OpenAI to the native request that means the same.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"

/** Fields of the body that are no parameters. */
const own: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "user",
  "store",
  "metadata",
  "functions"
])

/** A part of the content, as the multimodal path has it. */
const nativePart = (value: unknown): unknown => {
  const part = asObject(value)
  if (part === undefined) {
    return value
  }
  const { image_url, input_audio, text, type, video, video_url, ...beside } = part
  switch (type) {
    case "text":
      return { text, ...beside }
    case "image_url":
      return { image: asObject(image_url)?.url ?? image_url, ...beside }
    case "video_url":
      return { video: asObject(video_url)?.url ?? video_url, ...beside }
    case "video":
      return { video, ...beside }
    case "input_audio":
      return { audio: asObject(input_audio)?.data, ...beside }
    default:
      return value
  }
}

const nativeMessage = (value: unknown, inParts: boolean): unknown => {
  const message = asObject(value)
  const parts = asArray(message?.content)
  return message === undefined || parts === undefined || !inParts
    ? value
    : { ...message, content: parts.map(nativePart) }
}

/**
 * The body of the native request.
 *
 * @internal
 */
export const nativeBody = (body: JsonObject, inParts: boolean): JsonObject => {
  const parameters = Object.fromEntries(Object.entries(body).filter(([name]) => !own.has(name)))
  const messages = asArray(body.messages)
  return {
    model: body.model,
    input: { messages: messages?.map((message) => nativeMessage(message, inParts)) ?? body.messages },
    parameters: {
      ...parameters,
      // The native form knows auto, none and one that it names.
      ...(asString(body.tool_choice) === "required" ? { tool_choice: asArray(body.tools)?.[0] ?? "auto" } : {}),
      result_format: "message",
      incremental_output: true
    }
  }
}
