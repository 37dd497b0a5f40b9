import * as OpenAiClient from "@effect/ai-openai/OpenAiClient"
import * as OpenAiLanguageModel from "@effect/ai-openai/OpenAiLanguageModel"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as answers from "../../answers.js"
import { inFibers, type Start } from "../client.js"

const prompt = [
  { role: "system" as const, content: answers.system },
  { role: "user" as const, content: [{ type: "text" as const, text: answers.question }] }
]

export const start: Start = ({ url }) => {
  const runtime = ManagedRuntime.make(
    OpenAiLanguageModel.layer({ model: answers.model }).pipe(
      Layer.provide(OpenAiClient.layer({ apiKey: Redacted.make(answers.apiKey), apiUrl: `${url}/v1` })),
      Layer.provide(NodeHttpClient.layerUndici)
    )
  )
  const calls = inFibers(Effect.map(LanguageModel.generateText({ prompt }), (response) => response.text))
  const parts = LanguageModel.streamText({ prompt })
  return Promise.resolve({
    calls: (count, inFlight) => runtime.runPromise(calls(count, inFlight)),
    stream: (onPiece) =>
      runtime.runPromise(Stream.runForEach(parts, (part) =>
        Effect.sync(() => {
          if (part.type === "text-delta") onPiece(part.delta)
        })))
  })
}
