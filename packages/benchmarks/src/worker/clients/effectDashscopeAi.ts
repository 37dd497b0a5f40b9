import * as LanguageModel from "@effect/ai/LanguageModel"
import * as DashScopeLanguageModel from "effect-dashscope-ai/DashScopeLanguageModel"
import * as ConnectionConfig from "effect-dashscope/ConnectionConfig"
import * as DashScope from "effect-dashscope/DashScope"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as answers from "../../answers.js"
import { inFibers, type Start } from "../client.js"

const prompt = [
  { role: "system" as const, content: answers.system },
  { role: "user" as const, content: [{ type: "text" as const, text: answers.question }] }
]

export const start: Start = ({ connections, url }) => {
  const runtime = ManagedRuntime.make(
    DashScopeLanguageModel.layer({ model: answers.model }).pipe(
      Layer.provide(DashScope.layer({
        apiKey: answers.apiKey,
        endpoint: `${url}/api/v1`,
        connection: ConnectionConfig.make({ connectionPoolSize: connections, acquireTimeout: "1 minute" })
      }))
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
