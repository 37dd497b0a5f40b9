/**
 * Realtime sessions over one WebSocket: models that hear, see and speak (omni, Qwen-Audio), that write down what they hear
 * (ASR), speak texts (TTS), or interpret (live translation). The name of the model says which.
 *
 * A session holds a permit and a connection of the pool from its opening to its end. Its connection serves no other.
 *
 * @example
 * import { Realtime } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * // Asks in writing, and prints what the model says as it says it.
 * export const program = Effect.gen(function*() {
 *   const session = yield* Realtime.open({
 *     model: "qwen3.5-omni-flash-realtime",
 *     modalities: ["text"],
 *     turnDetection: null
 *   })
 *   yield* session.createItem("你是谁？")
 *   yield* session.createResponse()
 *   yield* session.finish
 *   yield* Stream.runForEach(session.events, (event) =>
 *     event.type === "response.text.delta" ? Console.log(event.delta) : Effect.void)
 * }).pipe(Effect.scoped)
 *
 * Source: "Qwen-Omni-Realtime", "Qwen-ASR-Realtime", "Qwen-TTS-Realtime", "LiveTranslate", "Qwen-Audio-Realtime".
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { fromEither } from "./internal/effect/either.js"
import { Operations } from "./internal/operation/observe.js"
import * as Params from "./internal/operation/params.js"
import * as Conversing from "./internal/realtime/conversation.js"
import { type Input, traitsOf } from "./internal/realtime/families.js"
import * as Feeds from "./internal/realtime/feeds.js"
import * as Opening from "./internal/realtime/opening.js"
import * as Reduced from "./internal/realtime/responses.js"
import type { OpenSession, SessionAnswer } from "./internal/realtime/session.js"
import * as Heard from "./internal/realtime/transcripts.js"
import type { ServerEvent } from "./RealtimeEvent.js"
import type { RealtimeParams } from "./RealtimeParams.js"
import type { RealtimeOptions, Session } from "./RealtimeSession.js"
import type {
  Conversation,
  ConversationInput,
  ConversationOptions,
  Interpreted,
  Response,
  Transcript
} from "./RealtimeState.js"
import type * as Tool from "./Tool.js"

export {
  /**
   * @since 0.1.0
   * @category schemas
   */
  ErrorInfo,
  /**
   * @since 0.1.0
   * @category schemas
   */
  Item,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ItemContent,
  /**
   * @since 0.1.0
   * @category schemas
   */
  KnownEvent,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResponseInfo,
  /**
   * @since 0.1.0
   * @category schemas
   */
  ResponseUsage,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SessionInfo
} from "./RealtimeEvent.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  EventOf,
  /**
   * @since 0.1.0
   * @category models
   */
  ServerEvent,
  /**
   * @since 0.1.0
   * @category models
   */
  Unknown
} from "./RealtimeEvent.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  AudioFormat,
  /**
   * @since 0.1.0
   * @category models
   */
  Family,
  /**
   * @since 0.1.0
   * @category models
   */
  InputTranscription,
  /**
   * @since 0.1.0
   * @category models
   */
  RealtimeParams,
  /**
   * @since 0.1.0
   * @category models
   */
  SessionParams,
  /**
   * @since 0.1.0
   * @category models
   */
  Translation,
  /**
   * @since 0.1.0
   * @category models
   */
  TurnDetection
} from "./RealtimeParams.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  RealtimeOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  ResponseOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  Session
} from "./RealtimeSession.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Conversation,
  /**
   * @since 0.1.0
   * @category models
   */
  ConversationEvent,
  /**
   * @since 0.1.0
   * @category models
   */
  ConversationInput,
  /**
   * @since 0.1.0
   * @category models
   */
  ConversationOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  FunctionCall,
  /**
   * @since 0.1.0
   * @category models
   */
  Interpreted,
  /**
   * @since 0.1.0
   * @category models
   */
  Response,
  /**
   * @since 0.1.0
   * @category models
   */
  Transcript
} from "./RealtimeState.js"

// -----------------------------------------------------------------------------
// what events come to
// -----------------------------------------------------------------------------

/**
 * The responses that events come to, in the order in which they began: text, transcript, audio, function calls, status, usage.
 *
 * @since 0.1.0
 * @category combinators
 */
export const responses = (events: Iterable<ServerEvent>): ReadonlyArray<Response> => {
  const reduced = new Reduced.Responses()
  for (const event of events) reduced.add(event)
  return reduced.all()
}

/**
 * What was heard, item by item, as the newest of the events tell it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const transcripts = (events: Iterable<ServerEvent>): ReadonlyArray<Transcript> => {
  const heard = new Heard.Transcripts()
  for (const event of events) heard.add(event)
  return heard.all()
}

/**
 * What one event says of what was heard; nothing where it says nothing of it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const transcriptOf = (event: ServerEvent): Transcript | undefined => Heard.transcriptOf(event)

/**
 * A picture in JPEG, for a conversation: it goes with the audio before it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const image = (jpeg: Uint8Array): ConversationInput => ({ _tag: "Image", jpeg })

/**
 * What the user says in writing, for a conversation; `endTurn` has the model answer.
 *
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string): ConversationInput => ({ _tag: "Text", text })

/**
 * Has the model answer what was said, in a conversation where no turns are detected, or after {@link text}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const endTurn: ConversationInput = { _tag: "EndTurn" }

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

type HandlerOf<Options> = Options extends { readonly handlers: ReadonlyArray<infer H> } ? H : never

type HandlerErrorOf<Options> = Tool.HandlerError<HandlerOf<Options>>

/**
 * What a conversation with these options can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type ConversationError<Options> = DashScopeError | Tool.RunError<HandlerErrorOf<Options>, Options>

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly open: (
    params: RealtimeParams,
    options?: RealtimeOptions
  ) => Effect.Effect<Session, DashScopeError, Scope.Scope>
  /** See the accessor of the same name. */
  readonly conversation: <E, R, const Options extends ConversationOptions<HandlerErrorOf<Options>>>(
    params: RealtimeParams,
    input: Stream.Stream<ConversationInput, E, R>,
    options?: Options
  ) => Effect.Effect<
    Conversation<ConversationError<Options> | E>,
    DashScopeError,
    Scope.Scope | R | Tool.HandlerContext<HandlerOf<Options>>
  >
  /** See the accessor of the same name. */
  readonly transcribe: <E, R>(
    params: RealtimeParams,
    audio: Stream.Stream<Uint8Array, E, R>,
    options?: RealtimeOptions
  ) => Stream.Stream<Transcript, DashScopeError | E, R>
  /** See the accessor of the same name. */
  readonly speak: <E, R>(
    params: RealtimeParams,
    texts: Stream.Stream<string, E, R>,
    options?: RealtimeOptions
  ) => Stream.Stream<Uint8Array, DashScopeError | E, R>
  /** See the accessor of the same name. */
  readonly translate: <E, R>(
    params: RealtimeParams,
    audio: Stream.Stream<Uint8Array, E, R>,
    options?: RealtimeOptions
  ) => Stream.Stream<Interpreted, DashScopeError | E, R>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Realtime extends Context.Tag("effect-dashscope/Realtime")<Realtime, Service>() {}

const conversed = (
  open: (params: RealtimeParams, options?: RealtimeOptions) => Effect.Effect<
    OpenSession,
    DashScopeError,
    Scope.Scope
  >
): Service["conversation"] =>
<E, R, const Options extends ConversationOptions<HandlerErrorOf<Options>>>(
  params: RealtimeParams,
  input: Stream.Stream<ConversationInput, E, R>,
  options?: Options
) => {
  // Handler is covariant in both, and the two types are the unions over all elements.
  const handlers = (options?.handlers ?? []) as unknown as ReadonlyArray<
    Tool.Handler<HandlerErrorOf<Options>, Tool.HandlerContext<HandlerOf<Options>>>
  >
  const running = Effect.gen(function*() {
    const plan = yield* fromEither(Conversing.makePlan(params, handlers, options ?? {}))
    const session = yield* open(plan.params, Conversing.sessionOptions(options))
    return yield* Conversing.run(session, plan, input)
  })
  // With "tell", the errors that RunError leaves out are answered in the conversation.
  return running as unknown as Effect.Effect<
    Conversation<ConversationError<Options> | E>,
    DashScopeError,
    Scope.Scope | R | Tool.HandlerContext<HandlerOf<Options>>
  >
}

const unable = ({ family, model }: RealtimeParams, input: Input, what: string) => {
  const { takes } = traitsOf(model, family)
  return Params.isEmpty(model) || takes.has(input) ? undefined : Params.invalid("model", `${model} ${what}`)
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<RealtimeParams, SessionAnswer>(client.baseUrl, {
      operation: "realtime",
      modelOf: ({ model }) => model,
      usageOf: ({ usage }) => usage
    })
    const open = (params: RealtimeParams, options?: RealtimeOptions) =>
      Opening.open(client, operations, params, options)
    const over = <A, E, R>(
      params: RealtimeParams,
      options: RealtimeOptions | undefined,
      wrong: ReturnType<typeof unable>,
      run: (session: OpenSession) => Stream.Stream<A, E, R>
    ): Stream.Stream<A, E | DashScopeError, R> =>
      wrong === undefined
        ? Stream.unwrapScoped(Effect.map(Effect.suspend(() => open(params, options)), run))
        : Stream.fail(wrong)
    return {
      open,
      conversation: conversed(open),
      transcribe: (params, audio, options) =>
        over(
          params,
          options,
          unable(params, "audio", "takes no audio"),
          (session) => Feeds.transcribe(session, params, audio)
        ),
      speak: (params, texts, options) =>
        over(
          params,
          options,
          unable(params, "text", "does not speak texts"),
          (session) => Feeds.speak(session, params, texts)
        ),
      translate: (params, audio, options) =>
        over(
          params,
          options,
          unable(params, "audio", "takes no audio"),
          (session) => Feeds.translate(session, params, audio)
        )
    }
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Realtime, never, DashScopeClient.DashScopeClient> = Layer.effect(Realtime, make)

/**
 * Opens a session, for as long as the scope: waits for `session.created`, sends the parameters (`session.update`), and waits for
 * `session.updated`. All of it is one attempt, which retries may repeat. Closing the scope ends the session at once;
 * `Session.finish` lets the service say what it still owes.
 *
 * Fails with `InputRequired` before anything is sent where the model is missing, or a parameter is not for models of its family;
 * with `ApiError` where the service refuses the parameters, the key or the model (`NotFound`); and with the other errors of
 * `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const open = (
  params: RealtimeParams,
  options?: RealtimeOptions
): Effect.Effect<Session, DashScopeError, Scope.Scope | Realtime> =>
  Effect.flatMap(Realtime, (service) => service.open(params, options))

/**
 * Opens a session and talks: sends what the user says, and gives what the model says as two streams, its audio and all else, for as
 * long as the scope. What is sent and read runs in the background.
 *
 * Turns are detected by the service (`turnDetection`: `server_vad`, `semantic_vad`, `smart_turn`), or ended by {@link endTurn}
 * where `turnDetection` is null; then each waits until the answer before it is complete. When the user begins to speak while the
 * model does, audio that waits for its reader is dropped: see `ConversationOptions.bargeIn`. Tools are given as handlers.
 *
 * When the input ends, the session is finished, and the streams end when the model has said all; with handlers, it is finished when
 * nothing is asked for any more. Where a session, the input or a handler fails, both streams do, after what had come.
 *
 * @example
 * import { Realtime, Tool } from "effect-dashscope"
 * import { Console, DateTime, Effect, Schema, Stream } from "effect"
 *
 * const getTime = Tool.make("get_time", { description: "The time now", success: Schema.DateTimeUtc })
 *
 * export const talk = (
 *   microphone: Stream.Stream<Uint8Array>,
 *   play: (audio: Uint8Array) => Effect.Effect<void>,
 *   silence: Effect.Effect<void>
 * ) =>
 *   Effect.gen(function*() {
 *     const { audio, events } = yield* Realtime.conversation(
 *       { model: "qwen3.5-omni-flash-realtime", voice: "Tina", turnDetection: { type: "semantic_vad" } },
 *       microphone,
 *       { handlers: [Tool.handler(getTime, () => DateTime.now)] }
 *     )
 *     yield* Effect.fork(Stream.runForEach(audio, play))
 *     yield* Stream.runForEach(events, (event) => {
 *       switch (event._tag) {
 *         case "Heard":
 *           return event.transcript.isFinal ? Console.log(`you: ${event.transcript.text}`) : Effect.void
 *         case "ResponseDone":
 *           return Console.log(`model: ${event.response.transcript}`)
 *         case "Interrupted":
 *           return silence
 *         default:
 *           return Effect.void
 *       }
 *     })
 *   }).pipe(Effect.scoped)
 *
 * @since 0.1.0
 * @category accessors
 */
export const conversation = <
  E,
  R,
  const Options extends ConversationOptions<HandlerErrorOf<Options>> = Record<never, never>
>(
  params: RealtimeParams,
  input: Stream.Stream<ConversationInput, E, R>,
  options?: Options
): Effect.Effect<
  Conversation<ConversationError<Options> | E>,
  DashScopeError,
  Scope.Scope | R | Tool.HandlerContext<HandlerOf<Options>> | Realtime
> => Effect.flatMap(Realtime, (service) => service.conversation<E, R, Options>(params, input, options))

/**
 * Writes down what it hears, while it hears it: each sentence several times as it grows, and at last with `isFinal`. The audio
 * comes in pieces of any size, as fast as it likes. Where `turnDetection` is null, all of it is one sentence.
 *
 * An error that the service tells of what was sent ends the stream with `ApiError`; otherwise it fails as {@link open} and
 * `Session.events` do. Where the audio fails, so does the stream. Leaving the stream ends the session.
 *
 * @example
 * import { Realtime } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * export const listen = (audio: Stream.Stream<Uint8Array>) =>
 *   Realtime.transcribe({ model: "qwen3-asr-flash-realtime", input: { type: "pcm", sampleRate: 16000 } }, audio).pipe(
 *     Stream.filter(({ isFinal }) => isFinal),
 *     Stream.runForEach(({ text }) => Console.log(text))
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const transcribe = <E = never, R = never>(
  params: RealtimeParams,
  audio: Stream.Stream<Uint8Array, E, R>,
  options?: RealtimeOptions
): Stream.Stream<Transcript, DashScopeError | E, R | Realtime> =>
  Stream.unwrap(Effect.map(Realtime, (service) => service.transcribe(params, audio, options)))

/**
 * Speaks texts as they come, such as the answer of a model while it is written, and gives the audio in pieces. With the mode
 * `commit`, each text is spoken by itself, when the one before has been.
 *
 * Fails as {@link transcribe} does.
 *
 * @example
 * import { Realtime } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const audio = Realtime.speak(
 *   { model: "qwen3-tts-flash-realtime", voice: "Cherry", output: { type: "pcm", sampleRate: 24000 } },
 *   Stream.make("Hello, ", "I am Qwen.")
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const speak = <E = never, R = never>(
  params: RealtimeParams,
  texts: Stream.Stream<string, E, R>,
  options?: RealtimeOptions
): Stream.Stream<Uint8Array, DashScopeError | E, R | Realtime> =>
  Stream.unwrap(Effect.map(Realtime, (service) => service.speak(params, texts, options)))

/**
 * Interprets what it hears, while it hears it: what was said, its translation in writing, and how that sounds.
 *
 * Fails as {@link transcribe} does.
 *
 * @example
 * import { Realtime } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * export const subtitles = (audio: Stream.Stream<Uint8Array>) =>
 *   Realtime.translate(
 *     { model: "qwen3-livetranslate-flash-realtime", modalities: ["text"], translation: { language: "en" } },
 *     audio
 *   ).pipe(
 *     Stream.runForEach((event) =>
 *       event._tag === "Translation" && event.isFinal ? Console.log(event.text) : Effect.void)
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const translate = <E = never, R = never>(
  params: RealtimeParams,
  audio: Stream.Stream<Uint8Array, E, R>,
  options?: RealtimeOptions
): Stream.Stream<Interpreted, DashScopeError | E, R | Realtime> =>
  Stream.unwrap(Effect.map(Realtime, (service) => service.translate(params, audio, options)))
