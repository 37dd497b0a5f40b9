import { Behavior, type RecordedRequest } from "effect-dashscope-simulator"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { CallOptions } from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as Tool from "../../src/Tool.js"

/** The options of a call that is to go wrong. */
export const withBehavior = (behavior: Behavior.Behavior, options?: CallOptions): CallOptions => ({
  ...options,
  headers: Behavior.toHeaders(behavior)
})

/** The same for one round of a run with tools: the simulator needs `behaviorOf`. */
export const inRound = (round: 1 | 2, behavior: Behavior.Behavior, options?: CallOptions): CallOptions => ({
  ...options,
  headers: { [`x-round-${round}`]: Behavior.toHeaders(behavior)[Behavior.headerName] }
})

export const behaviorOf = ({ body, headers }: RecordedRequest.RecordedRequest): Behavior.Behavior | undefined => {
  const given = headers[body.includes("\"role\":\"tool\"") ? "x-round-2" : "x-round-1"]
  return typeof given === "string" ? Either.getOrThrow(Behavior.fromJson(given)) : undefined
}

/** A tool with much to say in its arguments. */
export const getWeather = Tool.make("get_weather", {
  description: "The weather of a place",
  parameters: Schema.Struct({ place: Schema.String, country: Schema.String, language: Schema.String })
})

/** How something ended, in a few words. */
export const summary = (error: DashScopeError | Tool.TooManyRounds | Tool.ToolCallError | undefined): string => {
  if (error === undefined) return "end"
  switch (error._tag) {
    case "ApiError":
      return `ApiError ${error.reason} ${error.statusCode} ${error.code}`.trim()
    case "RequestTimeout":
      return `RequestTimeout ${error.phase}`
    case "ConnectionError":
    case "ToolCallError":
      return `${error._tag} ${error.reason}`
    default:
      return error._tag
  }
}
