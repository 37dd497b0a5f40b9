/**
 * `@effect/ai-openai` over the pool: the provider stays as it is, and gets the limits, deadlines and statistics of
 * `effect-http-pool`, since it asks for no more than the `HttpClient` of the platform. So does any other client of it.
 *
 * For Qwen models `effect-dashscope-ai` says more: thinking, search, typed errors.
 */
import { OpenAiClient, OpenAiLanguageModel } from "@effect/ai-openai"
import { Config, Layer } from "effect"
import { ConnectionConfig, HttpClient } from "effect-http-pool"

export const layer = (model: string, connection: ConnectionConfig.Input = {}) =>
  OpenAiLanguageModel.layer({ model }).pipe(
    Layer.provide(OpenAiClient.layerConfig({
      apiKey: Config.redacted("OPENAI_API_KEY"),
      // The service's own form of OpenAI's Responses API.
      apiUrl: Config.withDefault(Config.string("OPENAI_BASE_URL"), "https://dashscope.aliyuncs.com/compatible-mode/v1")
    })),
    Layer.provideMerge(HttpClient.layer(ConnectionConfig.make({ connectionPoolSize: 32, ...connection })))
  )
