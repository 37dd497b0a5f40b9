/** By what the core knows its own messages and parts. */
import * as Prompt from "@effect/ai/Prompt"
import * as Response from "@effect/ai/Response"

export const ofMessage = Prompt.MessageTypeId
export const ofPromptPart = Prompt.PartTypeId
export const ofResponsePart = Response.PartTypeId
