/** A program's own code, as far as the example `mock-layer` and its test are concerned: it knows nothing of either. */
import { Effect, Schedule } from "effect"
import type { DashScopeError } from "effect-dashscope"
import { Generation, Message } from "effect-dashscope"

const firstWords = (text: string) => text.split(/\s+/).slice(0, 5).join(" ")

/**
 * A headline for a text. It asks again where that may help, and makes do with the text's first words where the service
 * refuses the text for what it says.
 */
export const headline = (
  text: string
): Effect.Effect<string, DashScopeError.DashScopeError, Generation.Generation> =>
  Generation.call({
    model: "qwen-plus",
    messages: [Message.system("Answer with a headline for the text, and nothing else."), Message.user(text)]
  }).pipe(
    Effect.retry({ while: (error) => error.isRetryable, schedule: Schedule.exponential("1 second"), times: 2 }),
    Effect.map((result) => Generation.text(result).trim()),
    Effect.catchTag(
      "ApiError",
      (error) => error.reason === "ContentFiltered" ? Effect.succeed(firstWords(text)) : Effect.fail(error)
    )
  )
