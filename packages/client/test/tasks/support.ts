/** Tasks over a pool to a simulator. */
import type { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
import * as DashScope from "../../src/DashScope.js"
import type * as ImageSynthesis from "../../src/ImageSynthesis.js"

export const key = "sk-0123456789abcdef0123456789abcdef"

export const live = (
  { url }: Simulator.Service,
  connection: ConnectionConfig.Input = { connectionPoolSize: 4 },
  retry: DashScope.Options["retry"] = false
) => DashScope.layer({ apiKey: key, endpoint: url, retry, connection: ConnectionConfig.make(connection) })

export const cat = (prompt: string): ImageSynthesis.ImageSynthesisParams => ({
  model: "wan2.2-t2i-flash",
  prompt,
  n: 1
})

/** The tasks that the server has made, by their prompts. */
export const tasksByPrompt = ({ tasks }: Simulator.Service) =>
  Effect.map(tasks, (all) => {
    const byPrompt = new Map<string, Array<string>>()
    for (const { id, input } of all) {
      const { prompt } = input as { readonly prompt: string }
      byPrompt.set(prompt, [...byPrompt.get(prompt) ?? [], id])
    }
    return byPrompt
  })
