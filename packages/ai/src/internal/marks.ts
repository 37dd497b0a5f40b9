/** By what the core knows its own messages and parts, and how it calls who answers. */
import * as Prompt from "@effect/ai/Prompt"
import * as Response from "@effect/ai/Response"

export const ofMessage = Prompt.MessageTypeId
export const ofPromptPart = Prompt.PartTypeId
export const ofResponsePart = Response.PartTypeId

/** The attribute of its spans. */
export const ofProvider = "gen_ai.system"
