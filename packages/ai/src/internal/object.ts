/** Objects by the client's own structured output, which finds the JSON in an answer and can have it repaired. */
import type { CallOptions } from "effect-dashscope/CallOptions"
import type { DashScopeError } from "effect-dashscope/DashScopeError"
import * as Generation from "effect-dashscope/Generation"
import type { GenerationResult } from "effect-dashscope/GenerationResult"
import * as MultiModalConversation from "effect-dashscope/MultiModalConversation"
import type { InvalidObject } from "effect-dashscope/StructuredOutput"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Request } from "./request.js"

/** Of the request's answers. */
export interface ObjectAnswer {
  readonly result: GenerationResult
  /** The object as JSON text, in the form that the Schema decodes. */
  readonly text: string
}

const namePattern = /^[A-Za-z0-9_-]{1,64}$/

type Ask<P> = (params: P, options?: CallOptions) => Effect.Effect<GenerationResult, DashScopeError>

/** The asked services' calls, however they ask. */
export interface Calls {
  readonly text: Ask<Generation.GenerationParams>
  readonly multimodal: Ask<MultiModalConversation.MultiModalConversationParams>
}

export interface Wanted {
  readonly objectName: string
  readonly schema: Schema.Schema.Any
}

/**
 * Asks for an object. The core decodes the text again, so it has to be what the Schema encodes; of a Schema that cannot, it is what
 * the model wrote.
 */
export const ask = (
  request: Request,
  { multimodal, text }: Calls,
  { objectName, schema }: Wanted
): Effect.Effect<ObjectAnswer, DashScopeError | InvalidObject> =>
  Effect.flatMap(Effect.context<never>(), (context) => {
    const { repair, structuredOutput } = request.own
    // What the Schema needs is a requirement of `generateObject`, which provides it to the fiber but not to this type.
    const needs = context as Context.Context<unknown>
    const wanted = Schema.asSchema(schema)
    const options = {
      ...request.options,
      ...(namePattern.test(objectName) ? { name: objectName } : undefined),
      ...(repair === undefined ? undefined : { repair }),
      ...(structuredOutput === undefined ? undefined : { format: structuredOutput })
    }
    const notStreamed = () => Stream.die(new Error("Objects are not streamed"))
    const asked = request.path === "text"
      ? Effect.provideService(
        Generation.callObject(request.params, wanted, options),
        Generation.Generation,
        { call: text, stream: notStreamed }
      )
      : Effect.provideService(
        MultiModalConversation.callObject(request.params, wanted, options),
        MultiModalConversation.MultiModalConversation,
        { call: multimodal, stream: notStreamed }
      )
    return Effect.flatMap(asked, ({ result, value }) =>
      Schema.encode(wanted)(value).pipe(
        Effect.map((encoded) => JSON.stringify(encoded)),
        Effect.orElseSucceed(() => Generation.text(result)),
        Effect.map((text): ObjectAnswer => ({ result, text }))
      )).pipe(Effect.provide(needs))
  })
