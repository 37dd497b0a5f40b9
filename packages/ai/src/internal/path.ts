/**
 * Which of the service's two paths for chats a request takes.
 *
 * | what is known                                             | path         |
 * | --------------------------------------------------------- | ------------ |
 * | the setting `path` names one                              | that one     |
 * | the model answers on the multimodal path only, by its name | `multimodal` |
 * | the prompt has a picture, a video or a recording          | `multimodal` |
 * | anything else: text, documents                            | `text`       |
 */
import type * as Prompt from "@effect/ai/Prompt"
import * as Generation from "effect-dashscope/Generation"
import { kindOf } from "./files.js"

export type Path = "text" | "multimodal"

const isMedium = (part: Prompt.Part): boolean => part.type === "file" && kindOf(part.mediaType) !== "document"

const hasMedia = ({ content }: Prompt.Prompt): boolean =>
  content.some((message) => (message.role === "user" || message.role === "assistant") && message.content.some(isMedium))

export const pathOf = (model: string, prompt: Prompt.Prompt, chosen: Path | undefined): Path =>
  chosen ?? (Generation.isMultimodalOnly(model) || hasMedia(prompt) ? "multimodal" : "text")

/** Where a path is, for what an error says of its request. */
export const urlOf: Record<Path, string> = {
  text: "/services/aigc/text-generation/generation",
  multimodal: "/services/aigc/multimodal-generation/generation"
}
