/** The words of a prompt: what can be counted before it is sent. */
import type * as Prompt from "@effect/ai/Prompt"
import * as Either from "effect/Either"
import { shown } from "./toolkit.js"
import { resultText } from "./toolText.js"

const ofPart = (part: Prompt.Part): string => {
  switch (part.type) {
    case "text":
      return part.text
    case "tool-call": {
      const params = Either.getOrElse(resultText(part.name, part.params, false), () => "")
      return part.providerExecuted ? "" : `${part.name} ${params}`
    }
    case "tool-result":
      return part.providerExecuted
        ? ""
        : Either.getOrElse(resultText(part.name, shown(part), part.isFailure), () => "")
    // Thinking is usually not sent again, and files have no words.
    default:
      return ""
  }
}

const ofMessage = (message: Prompt.Message): ReadonlyArray<string> =>
  message.role === "system" ? [message.content] : message.content.map(ofPart)

export const wordsOf = ({ content }: Prompt.Prompt): string =>
  content.flatMap(ofMessage).filter((words) => words !== "").join("\n")
