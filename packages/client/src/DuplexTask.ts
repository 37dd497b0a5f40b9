/**
 * Tasks over WebSockets that have no module of their own here: multimodal dialogue, TingWu in real time, and what the service
 * will have tomorrow. `SpeechSynthesizer`, `Recognition` and `TranslationRecognizer` are the usual ones, with types.
 *
 * A task holds a permit and a connection of the pool from its start to its end. The connection then serves the next task of the
 * same key, within the 60 seconds in which the service keeps it open.
 *
 * @example
 * import { DashScope, DuplexTask } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * // A meeting that TingWu listens to, as it is spoken.
 * export const listen = (audio: Stream.Stream<Uint8Array>) =>
 *   DuplexTask.run({
 *     model: "tingwu-meeting",
 *     taskGroup: "aigc",
 *     task: "multimodal-generation",
 *     function: "generation",
 *     input: { appId: "your-app", directive: "start" },
 *     parameters: { format: "pcm", sampleRate: 16000 }
 *   }, audio, { finish: { appId: "your-app", directive: "stop" } }).pipe(
 *     Stream.runForEach((event) => event._tag === "Result" ? Console.log(event.output) : Console.log(event._tag))
 *   )
 *
 * Source: "Real-time multimodal interaction protocol", "CosyVoice WebSocket API".
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import type { DuplexTaskEvent, DuplexTaskInput, DuplexTaskRequest, Fields } from "./DuplexTaskState.js"
import { type Answer, Operations } from "./internal/operation/observe.js"
import * as Params from "./internal/operation/params.js"
import * as Task from "./internal/speech/task.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  DuplexTaskEvent,
  /**
   * @since 0.1.0
   * @category models
   */
  DuplexTaskInput,
  /**
   * @since 0.1.0
   * @category models
   */
  DuplexTaskRequest,
  /**
   * @since 0.1.0
   * @category models
   */
  Fields
} from "./DuplexTaskState.js"

/**
 * What one task may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface DuplexTaskOptions extends CallOptions {
  /** The input of `finish-task`. Default: empty. */
  readonly finish?: Fields | undefined
}

/**
 * A task that the service has started, for as long as its scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenTask {
  readonly id: string
  /** What `task-started` said. */
  readonly started: Fields | undefined
  /** Sends a piece of input, once the socket has taken what it was given before. */
  readonly send: (input: DuplexTaskInput) => Effect.Effect<void, DashScopeError>
  /** Says that nothing follows. */
  readonly finish: (input?: Fields) => Effect.Effect<void, DashScopeError>
  /** What comes of the task, to its end; to be read once. */
  readonly events: Stream.Stream<DuplexTaskEvent, DashScopeError>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly run: <E = never, R = never>(
    request: DuplexTaskRequest,
    input?: Stream.Stream<DuplexTaskInput, E, R>,
    options?: DuplexTaskOptions
  ) => Stream.Stream<DuplexTaskEvent, DashScopeError | E, R>
  /** See the accessor of the same name. */
  readonly open: (
    request: DuplexTaskRequest,
    options?: CallOptions
  ) => Effect.Effect<OpenTask, DashScopeError, Scope.Scope>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DuplexTask extends Context.Tag("effect-dashscope/DuplexTask")<DuplexTask, Service>() {}

const problem = (request: DuplexTaskRequest): InputRequired | undefined =>
  Params.modelRequired(request.model, "multimodal-dialog") ??
    (["taskGroup", "task", "function"] as const).flatMap((field) =>
      Params.isEmpty(request[field]) ? [Params.invalid(field, "is required")] : []
    )[0]

const isContent = ({ _tag }: DuplexTaskEvent): boolean => _tag === "Audio" || _tag === "Result"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<DuplexTaskRequest, Answer>(client.baseUrl, {
      operation: "duplex_task",
      modelOf: ({ model }) => model,
      usageOf: () => undefined
    })
    return {
      run: (request, input = Stream.empty, { finish, ...options } = {}) =>
        Stream.suspend(() => {
          const wrong = problem(request)
          if (wrong !== undefined) return Stream.fail(wrong)
          const feed = request.streaming === "out" ? undefined : input
          return Task.run(client, operations, request, request, { isContent, feed, finish, options })
        }),
      open: (request, options) =>
        Effect.suspend(() => {
          const wrong = problem(request)
          if (wrong !== undefined) return Effect.fail(wrong)
          return Effect.map(Task.open(client, request, { isContent }, options), (task): OpenTask => ({
            id: task.id,
            started: task.started,
            send: (input) => task.send(input),
            finish: (input) => task.finish(input),
            events: Task.events(task)
          }))
        })
    }
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<DuplexTask, never, DashScopeClient.DashScopeClient> = Layer.effect(DuplexTask, make)

/**
 * Runs a task: sends the input as it comes, then says that nothing follows, and gives what comes of the task meanwhile. A slow
 * reader slows the service, a slow socket the input.
 *
 * A task that fails is an `ApiError` with the task's code; a service that closes the WebSocket in mid-task is a
 * `ConnectionError` of reason `Truncated`. What had come before is handed out first. Where the input fails, so does the stream.
 * Leaving the stream ends the task with its connection.
 *
 * @since 0.1.0
 * @category accessors
 */
export const run = <E = never, R = never>(
  request: DuplexTaskRequest,
  input?: Stream.Stream<DuplexTaskInput, E, R>,
  options?: DuplexTaskOptions
): Stream.Stream<DuplexTaskEvent, DashScopeError | E, R | DuplexTask> =>
  Stream.unwrap(Effect.map(DuplexTask, (service) => service.run(request, input, options)))

/**
 * Opens a task to send to and read from by hand, for as long as the scope. Fails as {@link run}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const open = (
  request: DuplexTaskRequest,
  options?: CallOptions
): Effect.Effect<OpenTask, DashScopeError, Scope.Scope | DuplexTask> =>
  Effect.flatMap(DuplexTask, (service) => service.open(request, options))
