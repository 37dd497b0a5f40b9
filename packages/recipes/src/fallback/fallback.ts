/**
 * An answer from the first model and region that has one, by an `ExecutionPlan`.
 *
 * Retries within a step are the client's own; a step is left once they are used up. What no other model can do better is not tried
 * again: a request that is wrong, or refused by content inspection.
 */
import { Context, Effect, ExecutionPlan, Layer, Stream } from "effect"
import { ConnectionConfig, DashScope, type DashScopeError, type Endpoint, Generation } from "effect-dashscope"

/** The model of the step. */
export class Model extends Context.Tag("recipes/Model")<Model, string>() {}

export interface Place {
  readonly model: string
  readonly endpoint: Endpoint.Endpoint
  readonly apiKey: string
}

/** Each region has a pool of its own, built when it is first needed: one that hangs takes no connection of another. */
const at = ({ apiKey, endpoint, model }: Place) =>
  Layer.merge(
    Layer.succeed(Model, model),
    DashScope.layer({
      apiKey,
      endpoint,
      connection: ConnectionConfig.make({ connectionPoolSize: 32, connectTimeout: "3 seconds" }),
      retry: { maxRetries: 1 },
      firstContentTimeout: "10 seconds"
    })
  )

/** Whether another place may do better. */
const isWorthAnother = (error: DashScopeError.DashScopeError): boolean =>
  error._tag === "ApiError"
    ? error.reason !== "InvalidRequest" && error.reason !== "ContentFiltered"
    : error._tag !== "InputRequired"

export const planOf = (first: Place, ...others: ReadonlyArray<Place>) =>
  ExecutionPlan.make(
    { provide: at(first) },
    ...others.map((place) => ({ provide: at(place), while: isWorthAnother }))
  )

export const ask = (prompt: string) =>
  Effect.flatMap(
    Model,
    (model) => Effect.map(Generation.call({ model, prompt }), (result) => ({ model, text: Generation.text(result) }))
  )

/** A stream that has begun is not begun again elsewhere: its reader would get the start of two answers. */
export const say = (prompt: string) =>
  Stream.unwrap(Effect.map(Model, (model) => Generation.streamText({ model, prompt })))
