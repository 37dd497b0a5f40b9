/**
 * `Generation.runTools` and its streaming form, over any function that asks the model.
 *
 * @internal
 */
import { isTraced } from "effect-http-pool/Beneath"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import type { ApiError, DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { GenerationParams } from "../../GenerationParams.js"
import type { GenerationResult } from "../../GenerationResult.js"
import * as Results from "../../GenerationResult.js"
import * as Message from "../../Message.js"
import { attributes } from "../../Telemetry.js"
import * as Tool from "../../Tool.js"
import { cut } from "../core/schemaIssues.js"
import { fromEither } from "../effect/either.js"
import { invalid } from "../protocol/invalid.js"
import { withoutOptions } from "../protocol/options.js"
import * as Partial from "./partial.js"
import * as Reply from "./reply.js"
import * as Turns from "./turns.js"

/** @internal What every handler is, with any error and any requirement. */
export type Handlers = ReadonlyArray<Tool.Handler<unknown, unknown>>

/** Several handlers as handlers of one type. */
const union = <H extends Handlers>(
  handlers: H
): ReadonlyArray<Tool.Handler<Tool.HandlerError<H[number]>, Tool.HandlerContext<H[number]>>> =>
  // Handler is covariant in both, and the two types are the unions over all elements.
  handlers as unknown as ReadonlyArray<Tool.Handler<Tool.HandlerError<H[number]>, Tool.HandlerContext<H[number]>>>

/** @internal */
export const defaultMaxRounds = 8

const ownOptions = ["maxRounds", "concurrency", "onInvalidCall", "onHandlerFailure"] as const

/** What holds for all rounds. */
interface Plan<P, E, R> {
  readonly params: P
  readonly handlers: ReadonlyMap<string, Tool.Handler<E, R>>
  readonly options: Tool.RunOptions<E>
  readonly maxRounds: number
}

/** Where a run stands: what is to be asked next. */
interface State {
  readonly round: number
  /** How many of the messages were there before the run. */
  readonly given: number
  readonly messages: ReadonlyArray<Turns.ChatMessage>
  readonly usage: Tool.Usage
}

/** Handlers by the names of their tools. @internal */
export const named = <E, R>(
  handlers: ReadonlyArray<Tool.Handler<E, R>>
): Either.Either<ReadonlyMap<string, Tool.Handler<E, R>>, InputRequired> => {
  const byName = new Map<string, Tool.Handler<E, R>>()
  for (const handler of handlers) {
    const { name } = handler.tool
    if (byName.has(name)) return invalid("tools", `two tools have the name ${name}`)
    byName.set(name, handler)
  }
  return Either.right(byName)
}

const makePlan = <P extends Turns.ChatParams, E, R>(
  params: P,
  handlers: ReadonlyArray<Tool.Handler<E, R>>,
  options: Tool.RunOptions<E> = {}
): Either.Either<Plan<P, E, R>, InputRequired> => {
  const maxRounds = options.maxRounds ?? defaultMaxRounds
  if (!Number.isInteger(maxRounds) || maxRounds < 1) {
    return invalid("maxRounds", "must be a whole number from 1")
  }
  if (params.tools !== undefined && params.tools.length > 0) {
    return invalid("tools", "give each tool with its handler, not among the parameters")
  }
  return Either.map(named(handlers), (byName) => ({
    params: handlers.length === 0 ? params : { ...params, tools: handlers.map(({ tool }) => tool.definition) },
    handlers: byName,
    options,
    maxRounds
  }))
}

const start = (params: Turns.ChatParams): State => {
  const messages = Turns.messagesOf(params)
  return { round: 1, given: messages.length, messages, usage: Reply.noUsage }
}

const isForced = (choice: Turns.ChatParams["toolChoice"]): boolean =>
  choice !== undefined && choice !== "auto" && choice !== "none"

/** The question of a round. */
const question = <P extends Turns.ChatParams, E, R>({ params }: Plan<P, E, R>, { messages, round }: State): P => {
  const asked = Turns.withMessages(params, messages)
  // A model that must call a tool each time would never answer.
  return round > 1 && isForced(params.toolChoice) ? { ...asked, toolChoice: undefined } : asked
}

/** What follows from an answer. */
type Next =
  | { readonly _tag: "Done"; readonly value: Tool.RunResult<Turns.ChatMessage> }
  | { readonly _tag: "Failed"; readonly error: Tool.TooManyRounds | ApiError }
  | {
    readonly _tag: "Calls"
    readonly calls: ReadonlyArray<Message.ToolCall>
    readonly resume: (answers: ReadonlyArray<Message.ToolMessage>) => State
  }

/** Each call with an id of its own: it is by that that its answer is known. */
const identified = (calls: ReadonlyArray<Message.ToolCall>, round: number): ReadonlyArray<Message.ToolCall> => {
  const seen = new Set<string>()
  return calls.map((call, i) => {
    const id = call.id === "" || seen.has(call.id) ? `call_${round}_${i}` : call.id
    seen.add(id)
    return id === call.id ? call : { ...call, id }
  })
}

/** What is said in a run, without the thinking that only its own rounds want back. */
const withoutThinking = (
  messages: ReadonlyArray<Turns.ChatMessage>,
  given: number
): ReadonlyArray<Turns.ChatMessage> =>
  messages.map((message, i) => {
    if (i < given || message.role !== "assistant" || message.reasoningContent === undefined) return message
    const { reasoningContent: _, ...rest } = message
    return rest
  })

const advance = <E, R>(plan: Plan<Turns.ChatParams, E, R>, state: State, result: GenerationResult): Next => {
  const { given, round } = state
  const usage = Reply.addUsage(state.usage, result)
  const calls = identified(Results.toolCalls(result), round)
  const unfollowable = Reply.unfollowable(result, calls)
  if (unfollowable !== undefined) return { _tag: "Failed", error: unfollowable }
  if (calls.length > 0 && round >= plan.maxRounds) {
    const { maxRounds } = plan
    // The messages were sent as they are: to check them again could only make the failure another one. What kind they are
    // of is said by the type of the run's error.
    const messages = state.messages as Tool.TooManyRounds["messages"]
    const error = new Tool.TooManyRounds({ maxRounds, messages: [], calls, usage }, true)
    return { _tag: "Failed", error: Object.assign(error, { messages }) }
  }
  const isPreserved = plan.params.preserveThinking === true
  // Models that think between their calls refuse a round without the thinking of those before it.
  const answer = Reply.toMessage(result, { calls, reasoning: isPreserved || calls.length > 0 })
  const messages = answer === undefined ? state.messages : [...state.messages, answer]
  return calls.length === 0 ?
    {
      _tag: "Done",
      value: { result, messages: isPreserved ? messages : withoutThinking(messages, given), rounds: round, usage }
    } :
    {
      _tag: "Calls",
      calls,
      resume: (answers) => ({ round: round + 1, given, messages: [...messages, ...answers], usage })
    }
}

/** How a call went, and what the model is told of it. @internal */
export interface Outcome {
  readonly content: string
  readonly outcome: "Success" | "InvalidCall" | "HandlerFailure"
}

const longestFailure = 1000

const failureText = (error: unknown): string => {
  const tag = Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" ? ` (${error._tag})` : ""
  const message = Predicate.hasProperty(error, "message") ? error.message : error
  // An error class without fields and without words of its own has this for its message.
  const text = typeof message === "string" && !/^\{? *\}?$/.test(message) ? `: ${cut(message, longestFailure)}` : ""
  return `The tool failed${tag}${text}`
}

/** The service refuses an empty message. */
const notEmpty = (content: string): string => content.trim() === "" ? "The tool failed" : content

/** By the conventions' "Execute tool span". */
const traced = <A, E, R>(work: Effect.Effect<A, E, R>, call: Message.ToolCall): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    !isTraced(fiber) ? work : Effect.useSpan(
      `execute_tool ${call.function.name}`,
      {
        captureStackTrace: false,
        attributes: {
          [attributes.operationName]: "execute_tool",
          [attributes.toolName]: call.function.name,
          [attributes.toolType]: "function",
          [attributes.toolCallId]: call.id
        }
      },
      (span) =>
        Effect.tapErrorCause(
          Effect.withParentSpan(work, span),
          () => Effect.sync(() => span.attribute(attributes.errorType, "_OTHER"))
        )
    )
  )

/** Has a call followed by its handler, by the name, and says what the model is told of it. @internal */
export const answer = <E, R>(
  plan: Pick<Plan<Turns.ChatParams, E, R>, "handlers" | "options">,
  call: Message.ToolCall
): Effect.Effect<Outcome, Tool.ToolCallError | E, R> => {
  const { onHandlerFailure = "fail", onInvalidCall = "tell" } = plan.options
  const handler = plan.handlers.get(call.function.name)
  return Effect.matchEffect(
    handler === undefined ? Effect.fail(Tool.unknownTool(call, [...plan.handlers.keys()])) : handler.prepare(call),
    {
      onFailure: (error): Effect.Effect<Outcome, Tool.ToolCallError> =>
        onInvalidCall === "fail" ?
          Effect.fail(error) :
          Effect.succeed({ content: error.description, outcome: "InvalidCall" }),
      onSuccess: (work) => {
        const done = Effect.map(traced(work, call), (content): Outcome => ({ content, outcome: "Success" }))
        return onHandlerFailure === "fail" ? done : Effect.catchAll(done, (error) =>
          Effect.sync((): Outcome => ({
            content: notEmpty(onHandlerFailure === "tell" ? failureText(error) : onHandlerFailure(error, call)),
            outcome: "HandlerFailure"
          })))
      }
    }
  )
}

const toolMessage = (call: Message.ToolCall, { content }: Outcome): Message.ToolMessage =>
  Message.tool(content, { toolCallId: call.id, name: call.function.name })

type Failure<E> = DashScopeError | Tool.TooManyRounds | Tool.ToolCallError | E

/** The error, with the rounds that were done: they were paid for, and tools may have acted. */
const withDone = <E>(error: E, { messages, round, usage }: State): E =>
  Partial.runs.replace(error, round === 1 ? undefined : { messages, rounds: round - 1, usage })

const run = <P extends Turns.ChatParams, E, R, Own extends CallOptions, R0>(
  call: (params: P, options?: Own) => Effect.Effect<GenerationResult, DashScopeError, R0>,
  params: P,
  handlers: ReadonlyArray<Tool.Handler<E, R>>,
  options: (Own & Tool.RunOptions<E>) | undefined
): Effect.Effect<Tool.RunResult<Turns.ChatMessage>, Failure<E>, R0 | R> =>
  Effect.suspend(() => {
    let state = start(params)
    const ofCall = withoutOptions(options, ownOptions)
    const rounds = Effect.gen(function*() {
      const plan = yield* fromEither(makePlan(params, handlers, options))
      for (;;) {
        const next = advance(plan, state, yield* call(question(plan, state), ofCall))
        if (next._tag === "Done") return next.value
        if (next._tag === "Failed") return yield* Effect.fail(next.error)
        const answers = yield* Effect.forEach(
          next.calls,
          (call) => Effect.map(answer(plan, call), (outcome) => toolMessage(call, outcome)),
          { concurrency: plan.options.concurrency }
        )
        state = next.resume(answers)
      }
    })
    return Effect.mapError(rounds, (error) => withDone(error, state))
  })

/** @internal */
export interface RunTools<R0, Own extends CallOptions, P extends Turns.ChatParams = GenerationParams> {
  /**
   * Lets a model use tools: calls it, runs the handlers of the tools it asks for, gives it their results, and so on until
   * it answers without asking. After `maxRounds` calls (default 8) it fails with `TooManyRounds`.
   */
  <const H extends Handlers>(
    params: P,
    handlers: H
  ): Effect.Effect<
    Tool.RunResult<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Record<never, never>, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >
  /**
   * Lets a model use tools: calls it, runs the handlers of the tools it asks for, gives it their results, and so on until
   * it answers without asking. After `maxRounds` calls (default 8) it fails with `TooManyRounds`.
   */
  <const H extends Handlers, Options extends Own & Tool.RunOptions<Tool.HandlerError<H[number]>>>(
    params: P,
    handlers: H,
    options: Options | undefined
  ): Effect.Effect<
    Tool.RunResult<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Options, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >
}

/**
 * `Generation.runTools`, given `Generation.call`.
 *
 * @internal
 */
export const runTools = <R0, Own extends CallOptions, P extends Turns.ChatParams = GenerationParams>(
  call: (params: P, options?: Own) => Effect.Effect<GenerationResult, DashScopeError, R0>
): RunTools<R0, Own, P> =>
<H extends Handlers, Options extends Own & Tool.RunOptions<Tool.HandlerError<H[number]>>>(
  params: P,
  handlers: H,
  options?: Options
) =>
  // With "tell", the errors that RunError leaves out are answered in the loop. Messages are those of the parameters, and of
  // `Message`.
  run(call, params, union(handlers), options) as unknown as Effect.Effect<
    Tool.RunResult<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Options, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >

/** @internal What the increments of an answer come to, put together one by one. */
export interface Total {
  readonly isEmpty: boolean
  readonly add: (increment: GenerationResult) => void
  readonly get: () => GenerationResult
}

type Event = Tool.RunEvent<Turns.ChatMessage>

const finished = Tool.RunEvent.Finished as (value: Tool.RunResult<Turns.ChatMessage>) => Event

/** One run of the stream. */
interface Run {
  state: State
}

const runStream = <P extends Turns.ChatParams, E, R, Own extends CallOptions, R0>(
  stream: (params: P, options?: Own) => Stream.Stream<GenerationResult, DashScopeError, R0>,
  makeTotal: () => Total,
  params: P,
  handlers: ReadonlyArray<Tool.Handler<E, R>>,
  options: (Own & Tool.RunOptions<E>) | undefined
): Stream.Stream<Event, Failure<E>, R0 | R> => {
  const { Increment, RoundEnded, ToolCallFinished, ToolCallStarted } = Tool.RunEvent

  const round = (plan: Plan<P, E, R>, run: Run): Stream.Stream<Event, Failure<E>, R0 | R> =>
    Stream.suspend(() => {
      const { state } = run
      const number = state.round
      const total = makeTotal()
      const said = Stream.mapChunks(
        stream(question(plan, state), withoutOptions(options, ownOptions)),
        (chunk) =>
          Chunk.map(chunk, (result): Event => {
            total.add(result)
            return Increment({ round: number, result })
          })
      )
      const kept = Stream.mapError(said, (error) => total.isEmpty ? error : Partial.results.attach(error, total.get()))
      return Stream.concat(kept, Stream.suspend(() => after(plan, run, total)))
    })

  const after = (
    plan: Plan<P, E, R>,
    run: Run,
    total: Total
  ): Stream.Stream<Event, Failure<E>, R0 | R> => {
    const { state } = run
    const number = state.round
    if (total.isEmpty) return Stream.fail(Reply.nothingCame())
    const result = total.get()
    const next = advance(plan, state, result)
    const ended: Event = RoundEnded({ round: number, result })
    switch (next._tag) {
      case "Done":
        return Stream.make(ended, finished(next.value))
      case "Failed":
        return Stream.fail(next.error)
      case "Calls": {
        // In the model's order, whichever is done first.
        const answers: Array<Message.ToolMessage> = []
        const work = Stream.flatMap(
          Stream.fromIterable(next.calls.entries()),
          ([i, call]) =>
            Stream.concat(
              Stream.succeed<Event>(ToolCallStarted({ round: number, call })),
              Stream.map(Stream.fromEffect(answer(plan, call)), (outcome): Event => {
                answers[i] = toolMessage(call, outcome)
                return ToolCallFinished({ round: number, call, ...outcome })
              })
            ),
          { concurrency: plan.options.concurrency }
        )
        const rest = Stream.suspend(() => {
          run.state = next.resume(answers)
          return Stream.concat(Stream.succeed(ended), round(plan, run))
        })
        return Stream.concat(work, rest)
      }
    }
  }

  return Stream.suspend(() => {
    const plan = makePlan(params, handlers, options)
    if (Either.isLeft(plan)) return Stream.fail(plan.left)
    const run: Run = { state: start(params) }
    return Stream.mapError(round(plan.right, run), (error) => withDone(error, run.state))
  })
}

/** @internal */
export interface RunToolsStream<R0, Own extends CallOptions, P extends Turns.ChatParams = GenerationParams> {
  /**
   * `runTools` as a stream of what happens: the increments of each round's answer, tool calls as they start and finish, the
   * end of each round, and last `Finished` with what `runTools` would give.
   */
  <const H extends Handlers>(
    params: P,
    handlers: H
  ): Stream.Stream<
    Tool.RunEvent<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Record<never, never>, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >
  /**
   * `runTools` as a stream of what happens: the increments of each round's answer, tool calls as they start and finish, the
   * end of each round, and last `Finished` with what `runTools` would give.
   */
  <const H extends Handlers, Options extends Own & Tool.RunOptions<Tool.HandlerError<H[number]>>>(
    params: P,
    handlers: H,
    options: Options | undefined
  ): Stream.Stream<
    Tool.RunEvent<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Options, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >
}

/**
 * `Generation.runToolsStream`, given `Generation.stream` and what makes one answer of its increments.
 *
 * @internal
 */
export const runToolsStream = <R0, Own extends CallOptions, P extends Turns.ChatParams = GenerationParams>(
  stream: (params: P, options?: Own) => Stream.Stream<GenerationResult, DashScopeError, R0>,
  makeTotal: () => Total
): RunToolsStream<R0, Own, P> =>
<H extends Handlers, Options extends Own & Tool.RunOptions<Tool.HandlerError<H[number]>>>(
  params: P,
  handlers: H,
  options?: Options
) =>
  // As for runTools.
  runStream(stream, makeTotal, params, union(handlers), options) as unknown as Stream.Stream<
    Tool.RunEvent<Turns.MessageOf<P>>,
    DashScopeError | Tool.RunError<Tool.HandlerError<H[number]>, Options, Turns.MessageOf<P>>,
    R0 | Tool.HandlerContext<H[number]>
  >
