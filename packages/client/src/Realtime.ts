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
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { Operations } from "./internal/operation/observe.js"
import * as Reduced from "./internal/realtime/responses.js"
import * as Opening from "./internal/realtime/session.js"
import * as Heard from "./internal/realtime/transcripts.js"
import type { ServerEvent } from "./RealtimeEvent.js"
import type { RealtimeParams } from "./RealtimeParams.js"
import type { RealtimeOptions, Session } from "./RealtimeSession.js"
import type { Response, Transcript } from "./RealtimeState.js"

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
  FunctionCall,
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

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

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
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Realtime extends Context.Tag("effect-dashscope/Realtime")<Realtime, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<RealtimeParams, Opening.SessionAnswer>(client.baseUrl, {
      operation: "realtime",
      modelOf: ({ model }) => model,
      usageOf: ({ usage }) => usage
    })
    return { open: (params, options) => Opening.open(client, operations, params, options) }
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
