import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { generateText, type ModelMessage, streamText } from "ai"
import * as answers from "../../answers.js"
import { inLoops, type Start } from "../client.js"

const messages: Array<ModelMessage> = [
  { role: "system", content: answers.system },
  { role: "user", content: answers.question }
]

export const start: Start = ({ url }) => {
  const provider = createOpenAICompatible({ name: "dashscope", apiKey: answers.apiKey, baseURL: `${url}/v1` })
  const model = provider(answers.model)
  return Promise.resolve({
    calls: inLoops(async () => {
      const { text } = await generateText({ model, messages })
      return text
    }),
    stream: async (onPiece) => {
      const { textStream } = streamText({ model, messages })
      for await (const text of textStream) onPiece(text)
    }
  })
}
