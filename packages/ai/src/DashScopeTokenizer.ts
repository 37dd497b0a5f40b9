/**
 * `Tokenizer` of `@effect/ai` by the service's own tokenizer (`Tokenization`).
 *
 * @example
 * import { Tokenizer } from "@effect/ai"
 * import { DashScope } from "effect-dashscope"
 * import { DashScopeTokenizer } from "effect-dashscope-ai"
 * import { Effect } from "effect"
 *
 * export const short = Effect.flatMap(Tokenizer.Tokenizer, (tokenizer) => tokenizer.truncate("风急天高猿啸哀", 1000)).pipe(
 *   Effect.provide(DashScopeTokenizer.layer({ model: "qwen-plus" })),
 *   Effect.provide(DashScope.layer())
 * )
 *
 * It is the service's, since the core wants the tokens themselves, which no estimate has; `Conversation` of the client trims a
 * history by an estimate and asks nobody. `tokenize` is one request, and `truncate` one for each message that it keeps and one
 * more. Counted are the words of a prompt, calls and results of tools included. What pictures, recordings and documents cost, and
 * the few tokens around each message, is not known before the answer's usage.
 *
 * @since 0.1.0
 */
import * as Tokenizer from "@effect/ai/Tokenizer"
import type { CallOptions } from "effect-dashscope/CallOptions"
import * as Tokenization from "effect-dashscope/Tokenization"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Errors from "./internal/errors.js"
import type { Where } from "./internal/original.js"
import { wordsOf } from "./internal/words.js"

const where: Where = { module: "DashScopeTokenizer", method: "tokenize", url: "/tokenizer" }

/**
 * The service by the tokenizer of a model of this name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ config, model }: {
  /** Such as `qwen-plus`. */
  readonly model: string
  readonly config?: CallOptions | undefined
}): Effect.Effect<Tokenizer.Service, never, Tokenization.Tokenization> =>
  Effect.map(Tokenization.Tokenization, (service) =>
    Tokenizer.make({
      tokenize: (prompt) => {
        const words = wordsOf(prompt)
        if (words === "") return Effect.succeed([])
        return Effect.flatMap(
          Effect.mapError(service.call({ model, prompt: words }, config), (error) => Errors.make(error, where)),
          ({ output: { tokenIds } }) =>
            tokenIds === null || tokenIds === undefined
              ? Effect.fail(Errors.malformedOutput({ description: "The answer has no tokens" }, where))
              : Effect.succeed(Array.from(tokenIds))
        )
      }
    }))

/**
 * The same as a Layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: {
  /** Such as `qwen-plus`. */
  readonly model: string
  readonly config?: CallOptions | undefined
}): Layer.Layer<Tokenizer.Tokenizer, never, Tokenization.Tokenization> =>
  Layer.effect(Tokenizer.Tokenizer, make(options))
