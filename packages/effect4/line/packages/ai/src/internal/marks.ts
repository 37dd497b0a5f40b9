/** By what the core knows its own messages and parts, which it does not export; a test holds them to what it makes. */

export const ofMessage = "~effect/ai/Prompt/Message"
export const ofPromptPart = "~effect/ai/Prompt/Part"
export const ofResponsePart = "~effect/ai/Response/Part"
