/**
 * Conversations: audio in, audio and events out, with interruptions and tools.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type * as Message from "../../Message.js"
import type { ServerEvent } from "../../RealtimeEvent.js"
import type { RealtimeParams } from "../../RealtimeParams.js"
import type { RealtimeOptions } from "../../RealtimeSession.js"
import type {
  Conversation,
  ConversationEvent,
  ConversationInput,
  ConversationOptions,
  FunctionCall
} from "../../RealtimeState.js"
import type * as Tool from "../../Tool.js"
import { TooManyRounds } from "../../ToolRun.js"
import * as ToolLoop from "../chat/toolLoop.js"
import { inputRequired } from "../protocol/invalid.js"
import { withoutOptions } from "../protocol/options.js"
import { traitsOf } from "./families.js"
import { sending, Unsent } from "./feeds.js"
import { Outbox } from "./outbox.js"
import { addUsage, Responses } from "./responses.js"
import type { OpenSession } from "./session.js"
import { transcriptOf } from "./transcripts.js"

/** What ends a conversation badly. */
type Failure<E> = DashScopeError | Tool.TooManyRounds | Tool.ToolCallError | E

const defaultAudioBuffer = 16 * 1024 * 1024

const mostEvents = 1000

const isBytes = (input: ConversationInput): input is Uint8Array => input instanceof Uint8Array

const toCall = ({ arguments: args, callId, name }: FunctionCall): Message.ToolCall => ({
  id: callId,
  type: "function",
  function: { name, arguments: args }
})

/** @internal */
export interface Plan<E, R> {
  readonly params: RealtimeParams
  readonly handlers: ReadonlyMap<string, Tool.Handler<E, R>>
  readonly options: ConversationOptions<E>
}

class Running<E, R, E2> {
  readonly audio: Outbox<Uint8Array, Failure<E | E2>>
  readonly events: Outbox<ConversationEvent, Failure<E | E2>>
  private readonly responses = new Responses({ audio: false })
  /** Responses that have begun and not ended. */
  private readonly active = new Set<string>()
  /** Of those, what still comes is dropped. */
  private readonly dropped = new Set<string>()
  private readonly bargeIn: "drop" | "cancel" | "ignore"
  private readonly idle = Effect.unsafeMakeLatch(true)
  private isOwed = false
  private isSpeaking = false
  private hasEnded = false
  private tools = 0
  private rounds = 0
  private usage = { inputTokens: 0, outputTokens: 0, characters: 0 }
  /** Input that no response has answered. */
  private hasAudio = false
  private hasInput = false

  constructor(
    private readonly session: OpenSession,
    private readonly plan: Plan<E, R>,
    private readonly scope: Scope.Scope
  ) {
    const { options, params } = plan
    this.audio = new Outbox(options.audioBuffer ?? defaultAudioBuffer, (piece) => piece.length)
    this.events = new Outbox(mostEvents, () => 1)
    this.bargeIn = options.bargeIn ?? (params.turnDetection?.interruptResponse === false ? "ignore" : "drop")
  }

  get interrupt(): Effect.Effect<void> {
    return Effect.suspend(() => Effect.zipRight(this.silence, this.active.size > 0 ? this.cancel : Effect.void))
  }

  /** Reads the session to its end. */
  get read(): Effect.Effect<void, DashScopeError | Tool.TooManyRounds, R> {
    return Stream.runForEach(this.session.events, (event) => this.came(event))
  }

  /** Sends what the user says, to its end. */
  feed<R2>(
    input: Stream.Stream<ConversationInput, E2, R2>
  ): Effect.Effect<void, E2 | InputRequired | Unsent, R2> {
    const { turnDetection } = this.plan.params
    const rest = Effect.suspend(() => turnDetection === null && this.hasInput ? this.endTurn : Effect.void)
    // The model may still ask for tools, and cannot once the session is finished.
    const answered = this.plan.handlers.size > 0 ? this.waitUntilIdle : Effect.void
    return Stream.runForEach(input, (piece) => this.take(piece)).pipe(
      Effect.zipRight(rest),
      Effect.zipRight(answered),
      Effect.zipRight(sending(this.session.finish))
    )
  }

  /** Ends both streams, and the session. */
  end(exit: Exit.Exit<void, Failure<E | E2>>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const how = Exit.isSuccess(exit) ? "done" as const : exit.cause
      this.hasEnded = true
      this.settle()
      return Effect.zipRight(this.audio.close(how), this.events.close(how))
    })
  }

  private take(input: ConversationInput): Effect.Effect<void, InputRequired | Unsent> {
    const { session } = this
    if (isBytes(input)) {
      this.hasAudio ||= input.length > 0
      this.hasInput ||= this.hasAudio
      return sending(session.appendAudio(input))
    }
    switch (input._tag) {
      case "Image":
        return sending(session.appendImage(input.jpeg))
      case "Text":
        this.hasInput = true
        return sending(session.createItem(input.text))
      case "EndTurn":
        return this.endTurn
    }
  }

  /** Has the model answer, when it has answered what was before. */
  private get endTurn(): Effect.Effect<void, InputRequired | Unsent> {
    const { session } = this
    return Effect.zipRight(
      this.waitUntilIdle,
      Effect.suspend(() => {
        const commit = this.hasAudio && this.plan.params.turnDetection === null
        this.hasAudio = false
        this.hasInput = false
        this.rounds = 0
        return Effect.zipRight(commit ? sending(session.commit) : Effect.void, this.ask)
      })
    )
  }

  /** Asks for a response. It is owed from now on. */
  private get ask(): Effect.Effect<void, InputRequired | Unsent> {
    this.isOwed = true
    this.settle()
    return sending(this.session.createResponse())
  }

  private get waitUntilIdle(): Effect.Effect<void> {
    return Effect.suspend(() => this.isIdle ? Effect.void : Effect.zipRight(this.idle.await, this.waitUntilIdle))
  }

  private get isIdle(): boolean {
    return this.hasEnded || (!this.isOwed && this.active.size === 0 && this.tools === 0)
  }

  private settle(): void {
    if (this.isIdle) this.idle.unsafeOpen()
    else this.idle.unsafeClose()
  }

  private came(event: ServerEvent): Effect.Effect<void, Tool.TooManyRounds, R> {
    const responseId = this.responses.add(event)
    switch (event.type) {
      case "response.audio.delta":
        return responseId !== undefined && this.dropped.has(responseId) ? Effect.void : this.audio.offer(event.audio)
      case "response.text.delta":
      case "response.audio_transcript.delta":
        return this.said(responseId, event.delta ?? "", false)
      case "response.text.done":
      case "response.audio_transcript.done":
        return this.said(responseId, "", true)
      case "input_audio_buffer.speech_started":
        this.isSpeaking = true
        return Effect.zipRight(this.tell({ _tag: "Server", event }), this.bargedIn)
      case "input_audio_buffer.speech_stopped":
        this.isSpeaking = false
        this.rounds = 0
        return this.tell({ _tag: "Server", event })
      case "response.created":
        this.active.add(event.response.id ?? "")
        this.isOwed = false
        this.settle()
        return this.tell({ _tag: "Server", event })
      case "response.done":
        return this.done(event.response.id ?? "")
      case "error":
        // What was asked for may be what was refused.
        this.isOwed = false
        this.settle()
        return this.tell({ _tag: "Server", event })
      default: {
        const transcript = transcriptOf(event)
        return this.tell(transcript === undefined ? { _tag: "Server", event } : { _tag: "Heard", transcript })
      }
    }
  }

  private tell(event: ConversationEvent): Effect.Effect<void> {
    return this.events.offer(event)
  }

  private said(responseId: string | undefined, delta: string, isFinal: boolean): Effect.Effect<void> {
    const response = this.responses.get(responseId ?? "")
    const text = (response?.text || response?.transcript) ?? ""
    return this.tell({ _tag: "Said", responseId: responseId ?? "", delta, text, isFinal })
  }

  private get bargedIn(): Effect.Effect<void> {
    if (this.bargeIn === "ignore") return Effect.void
    const isActive = this.active.size > 0
    return Effect.zipRight(this.silence, isActive && this.bargeIn === "cancel" ? this.cancel : Effect.void)
  }

  /** Drops the audio that nobody has taken, and what still comes of it. */
  private get silence(): Effect.Effect<void> {
    return Effect.flatMap(this.audio.drop(), (droppedBytes) => {
      const responseIds = [...this.active].filter((id) => !this.dropped.has(id))
      if (responseIds.length === 0 && droppedBytes === 0) return Effect.void
      for (const id of responseIds) this.dropped.add(id)
      return this.tell({ _tag: "Interrupted", responseIds, droppedBytes })
    })
  }

  private get cancel(): Effect.Effect<void> {
    // It may just have ended by itself; and what is wrong with the session, its reader learns.
    return Effect.ignore(this.session.cancelResponse)
  }

  private done(id: string): Effect.Effect<void, Tool.TooManyRounds, R> {
    const response = this.responses.get(id)
    this.responses.forget(id)
    this.active.delete(id)
    this.dropped.delete(id)
    this.isOwed = false
    if (response === undefined) {
      this.settle()
      return Effect.void
    }
    this.usage = addUsage(this.usage, response.usage)
    const calls = this.plan.handlers.size === 0 ? [] : response.functionCalls.map(toCall)
    if (calls.length > 0) this.tools++
    this.settle()
    const told = this.tell({ _tag: "ResponseDone", response })
    return calls.length === 0 ? told : Effect.zipRight(told, this.follow(calls))
  }

  /** Does what the model asks for, while the conversation goes on. */
  private follow(calls: ReadonlyArray<Message.ToolCall>): Effect.Effect<void, Tool.TooManyRounds, R> {
    const { maxRounds = ToolLoop.defaultMaxRounds } = this.plan.options
    if (++this.rounds > maxRounds) {
      const { inputTokens, outputTokens } = this.usage
      const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
      return Effect.fail(new TooManyRounds({ maxRounds, messages: [], calls, usage }, true))
    }
    const { handlers, options, params } = this.plan
    const answers = Effect.forEach(
      calls,
      (call) =>
        Effect.tap(
          Effect.zipRight(
            this.tell({ _tag: "ToolCallStarted", call }),
            ToolLoop.answer({ handlers, options }, call)
          ),
          (outcome) => this.tell({ _tag: "ToolCallFinished", call, ...outcome })
        ),
      { concurrency: options.concurrency }
    )
    const told = Effect.flatMap(answers, (outcomes) =>
      Effect.zipRight(
        Effect.forEach(
          outcomes,
          ({ content }, i) => sending(this.session.functionOutput(calls[i]?.id ?? "", content)),
          { discard: true }
        ),
        // Where the user has gone on, the response to that knows of it.
        Effect.suspend(() => {
          const goesOn = this.isSpeaking || this.isOwed || this.active.size > 0
          const next = goesOn && params.turnDetection !== null ? Effect.void : this.ask
          this.tools--
          this.settle()
          return next
        })
      ))
    const work = Effect.catchIf(told, (error): error is Unsent => error instanceof Unsent, () => Effect.void)
    return Effect.asVoid(Effect.forkIn(
      Effect.onExit(work, (exit) =>
        Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)
          ? Effect.void
          // What is not Unsent is of the tools.
          : Effect.zipRight(this.end(Exit.failCause(exit.cause as Cause.Cause<Failure<E>>)), this.session.abort)),
      this.scope
    ))
  }
}

const invalid = (field: string, description: string): Either.Either<never, InputRequired> =>
  Either.left(inputRequired(field, description))

const ownOptions = [
  "audioBuffer",
  "bargeIn",
  "concurrency",
  "handlers",
  "maxRounds",
  "onHandlerFailure",
  "onInvalidCall"
] as const

/** The options of the session that a conversation is over. @internal */
export const sessionOptions = <E>(options: ConversationOptions<E> | undefined): RealtimeOptions | undefined =>
  withoutOptions(options, ownOptions)

/** What a conversation goes by, checked. @internal */
export const makePlan = <E, R>(
  params: RealtimeParams,
  handlers: ReadonlyArray<Tool.Handler<E, R>>,
  options: ConversationOptions<E>
): Either.Either<Plan<E, R>, InputRequired> => {
  const { audioBuffer, maxRounds } = options
  const { takes } = traitsOf(params.model, params.family)
  if (!takes.has("response")) return invalid("model", `${params.model} does not converse`)
  if (maxRounds !== undefined && (!Number.isInteger(maxRounds) || maxRounds < 1)) {
    return invalid("maxRounds", "must be a whole number from 1")
  }
  if (audioBuffer !== undefined && !(audioBuffer > 0)) {
    return invalid("audioBuffer", "must be a number of bytes above 0")
  }
  if (handlers.length > 0 && params.tools !== undefined && params.tools.length > 0) {
    return invalid("tools", "give each tool with its handler, not among the parameters")
  }
  const tools = handlers.map(({ tool }) => tool.definition)
  return Either.map(ToolLoop.named(handlers), (byName) => ({
    params: handlers.length === 0 ? params : { ...params, tools },
    handlers: byName,
    options
  }))
}

/** Runs a conversation over an open session, for as long as the scope. @internal */
export const run = <E, R, E2, R2>(
  session: OpenSession,
  plan: Plan<E, R>,
  input: Stream.Stream<ConversationInput, E2, R2>
): Effect.Effect<Conversation<Failure<E | E2>>, never, Scope.Scope | R | R2> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const running = new Running<E, R, E2>(session, plan, scope)
    const feed = Effect.catchIf(
      running.feed(input),
      (error): error is Unsent => error instanceof Unsent,
      () => Effect.void
    )
    yield* Effect.forkIn(Effect.onExit(running.read, (exit) => running.end(exit)), scope)
    yield* Effect.forkIn(
      Effect.onExit(feed, (exit) =>
        Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)
          ? Effect.void
          : Effect.zipRight(running.end(Exit.failCause(exit.cause as Cause.Cause<Failure<E2>>)), session.abort)),
      scope
    )
    return {
      session,
      audio: running.audio.stream,
      events: running.events.stream,
      interrupt: running.interrupt
    }
  })
