import OpenAI from "openai"
import { apiKey, model, question, system } from "../../answers.js"
import { inLoops, type Start } from "../client.js"

const messages = [
  { role: "system", content: system },
  { role: "user", content: question }
] as const

export const start: Start = ({ url }) => {
  const client = new OpenAI({ apiKey, baseURL: `${url}/v1` })
  return Promise.resolve({
    calls: inLoops(async () => {
      const completion = await client.chat.completions.create({ model, messages: [...messages] })
      return completion.choices[0]?.message.content ?? ""
    }),
    stream: async (onPiece) => {
      const chunks = await client.chat.completions.create({ model, messages: [...messages], stream: true })
      for await (const chunk of chunks) {
        const text = chunk.choices[0]?.delta.content
        if (typeof text === "string") onPiece(text)
      }
    }
  })
}
