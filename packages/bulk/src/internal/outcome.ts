/**
 * What the engine keeps of an input: a message with the input, and a reply with what became of it.
 *
 * @internal
 */
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/** @internal */
export type Outcome<A, E> =
  | { readonly _tag: "Done"; readonly output: A }
  /** Set aside. */
  | { readonly _tag: "Failed"; readonly error: E }
  /** A defect, or an output that its Schema does not take: set aside as well. */
  | { readonly _tag: "Died"; readonly message: string }
  /** No result: the job has stopped here, in the pass that is named. */
  | { readonly _tag: "Stopped"; readonly error: E; readonly pass: string }

/** What the engine is given with an input. */
export interface Payload<I> {
  readonly key: string
  /** Which time it is asked: an input is asked again under an identity of its own. */
  readonly attempt: number
  /** Which run of the job brought it. */
  readonly pass: string
  readonly input: I
}

/** @internal */
export interface Kept<I, A, E> {
  readonly wrongWithInput: (input: I) => string | undefined
  /** The outcome, or why it is none: what is kept is JSON, and has to be read again. */
  readonly checked: (outcome: Outcome<A, E>) => Outcome<A, E>
  readonly encodeInput: (input: I) => unknown
  readonly encodeOutput: (output: A) => unknown
  readonly encodeError: (error: E) => unknown
  /** Has the engine run an input, or tell what it came to. */
  readonly execute: (payload: Payload<I>) => Effect.Effect<Outcome<A, E>, never, WorkflowEngine>
  readonly toLayer: <R>(
    work: (payload: Payload<I>) => Effect.Effect<Outcome<A, E>, never, R>
  ) => Layer.Layer<
    never,
    never,
    WorkflowEngine | Exclude<R, WorkflowEngine | WorkflowInstance | Workflow.Execution<string> | Scope.Scope>
  >
}

/** What a value is after it has been kept and read again, or what is wrong with it. */
const roundTrip = <A, I>(schema: Schema.Schema<A, I>) => {
  const encode = Schema.encodeEither(schema)
  const decode = Schema.decodeUnknownEither(schema)
  return (value: A): Either.Either<A, ParseError> =>
    // What JSON has no word for is gone from it.
    Either.flatMap(encode(value), (encoded) => decode(JSON.parse(JSON.stringify(encoded ?? null))))
}

/** @internal */
export const kept = <I, IE, A, AE, E, EE>(
  name: string,
  input: Schema.Schema<I, IE>,
  output: Schema.Schema<A, AE>,
  error: Schema.Schema<E, EE>
): Kept<I, A, E> => {
  const outcome = Schema.Union(
    Schema.Struct({ _tag: Schema.Literal("Done"), output }),
    Schema.Struct({ _tag: Schema.Literal("Failed"), error }),
    Schema.Struct({ _tag: Schema.Literal("Died"), message: Schema.String }),
    Schema.Struct({ _tag: Schema.Literal("Stopped"), error, pass: Schema.String })
  )
  const workflow = Workflow.make({
    name,
    payload: Schema.Struct({ key: Schema.String, attempt: Schema.Number, pass: Schema.String, input }),
    success: outcome,
    idempotencyKey: ({ attempt, key }) => `${attempt}/${key}`
  })
  const inputAgain = roundTrip(input)
  const outcomeAgain = roundTrip(outcome)
  return {
    wrongWithInput: (value) =>
      Either.match(inputAgain(value), { onLeft: ({ message }) => message, onRight: () => undefined }),
    checked: (value) =>
      Either.match(outcomeAgain(value), {
        onLeft: ({ message }) => ({ _tag: "Died", message }),
        onRight: () => value
      }),
    encodeInput: Schema.encodeSync(input),
    encodeOutput: Schema.encodeSync(output),
    encodeError: Schema.encodeSync(error),
    execute: (payload) => workflow.execute(payload),
    toLayer: workflow.toLayer
  }
}
