/**
 * By what the core knows its own messages and parts, which it does not export; a test holds them to what it makes. And how it calls
 * who answers.
 */

export const ofMessage = "~effect/ai/Prompt/Message"
export const ofPromptPart = "~effect/ai/Prompt/Part"
export const ofResponsePart = "~effect/ai/Response/Part"

/** The attribute of its spans. */
export const ofProvider = "gen_ai.provider.name"
