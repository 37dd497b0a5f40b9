import * as HttpBody from "@effect/platform/HttpBody"
import { nowOf } from "effect-http-pool/Beneath"
import * as PoolReplay from "effect-http-pool/Replay"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import type { Envelope, Request, ServerEvent } from "../../Envelope.js"
import type { Attempt, Limiter, Outcome, Permit, Usage } from "../../RateLimitState.js"
import { CurrentPriority } from "../../RateLimitState.js"
import type { SocketRequest } from "../../ServiceSocket.js"
import { isRecord } from "../core/record.js"
import { within } from "../core/textTokens.js"
import { isUnsent } from "./replay.js"
import type { State } from "./state.js"

const numberOf = (u: unknown): number | undefined => typeof u === "number" ? u : undefined

/** The tokens that an answer says it took, native or compatible; nothing where it says none. @internal */
export const usageOf = (usage: unknown): Usage | undefined => {
  if (!isRecord(usage)) return undefined
  const inputTokens = numberOf(usage["input_tokens"] ?? usage["prompt_tokens"])
  const outputTokens = numberOf(usage["output_tokens"] ?? usage["completion_tokens"])
  const totalTokens = numberOf(usage["total_tokens"])
  return inputTokens === undefined && outputTokens === undefined && totalTokens === undefined
    ? undefined
    : { inputTokens, outputTokens, totalTokens }
}

const maxTokensOf = (body: Readonly<Record<string, unknown>>): number | undefined => {
  const parameters = isRecord(body["parameters"]) ? body["parameters"] : body
  return numberOf(parameters["max_tokens"] ?? parameters["max_completion_tokens"] ?? parameters["max_output_tokens"])
}

/** What is asked of a limiter for each attempt of a request. @internal */
export type Asking = Omit<Attempt, "priority">

/** @internal */
export const asking = (state: State, { body, path }: Request, call: CallOptions, deadline: number): Asking => {
  const written = isRecord(body) && !HttpBody.isHttpBody(body) ? body : undefined
  const model = written?.["model"]
  return {
    model: typeof model === "string" ? model : undefined,
    workspace: call.workspace ?? state.workspace,
    path,
    inputTokens: () => Math.ceil(within(written?.["input"] ?? written?.["messages"])),
    maxTokens: written === undefined ? undefined : maxTokensOf(written),
    deadline
  }
}

/** The same for a WebSocket. What will be said over it is not known yet. @internal */
export const askingForSocket = (
  state: State,
  { model, path }: SocketRequest,
  call: CallOptions,
  deadline: number
): Asking => ({
  model,
  workspace: call.workspace ?? state.workspace,
  path,
  inputTokens: () => 0,
  maxTokens: undefined,
  deadline
})

/** What becomes of an attempt, for its limiter. */
class Account {
  usage: Usage | undefined = undefined
  latencyMillis: number | undefined = undefined
  failure: Outcome["failure"] = "Interrupted"
  isUnsent = true

  constructor(private readonly startedAt: number) {}

  /** From now on it may reach the service. */
  readonly began = (): void => {
    this.isUnsent = false
  }

  readonly unsent = (): void => {
    this.isUnsent = true
  }

  /** The answer, or its first event. */
  answered(now: number): void {
    this.latencyMillis ??= now - this.startedAt
  }

  failedWith(cause: Cause.Cause<DashScopeError>): void {
    const failure = Cause.failureOption(cause)
    if (Option.isNone(failure)) return
    this.failure = failure.value
    if (isUnsent(failure.value)) this.isUnsent = true
  }

  get outcome(): Outcome {
    const { failure, isUnsent, latencyMillis, usage } = this
    return { failure, isUnsent, latencyMillis, usage }
  }
}

const begin = <A, R>(
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  run: (
    permit: Permit,
    record: Account,
    restore: Parameters<Limiter["acquire"]>[1],
    now: () => number
  ) => Effect.Effect<A, DashScopeError, R>
): Effect.Effect<A, DashScopeError, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiberRuntime((fiber) => {
      const priority = call.priority ?? Context.get(fiber.currentContext, CurrentPriority)
      return Effect.flatMap(limiter.acquire({ ...asking, priority }, restore), (permit) =>
        Effect.clockWith((clock) => {
          const now = () => nowOf(clock)
          return run(permit, new Account(now()), restore, now)
        }))
    })
  )

/** Has the attempt tell where its request was given up unsent. */
const watched = <A, E, R>(attempt: Effect.Effect<A, E, R>, record: Account): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    record.began()
    return Effect.locally(attempt, PoolReplay.onUnsent, record.unsent)
  })

/** One attempt whose answer is read as a whole, when the limiter lets it. @internal */
export const execute = (
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  attempt: Effect.Effect<Envelope, DashScopeError>
): Effect.Effect<Envelope, DashScopeError> =>
  begin(
    limiter,
    asking,
    call,
    (permit, record, restore, now) =>
      Effect.matchCauseEffect(restore(watched(attempt, record)), {
        onFailure: (cause) => {
          record.failedWith(cause)
          return Effect.zipRight(permit.end(record.outcome), Effect.failCause(cause))
        },
        onSuccess: (envelope) => {
          record.failure = undefined
          record.usage = usageOf(envelope.usage)
          record.answered(now())
          return Effect.as(permit.end(record.outcome), envelope)
        }
      })
  )

/** Notes what the events of a stream tell. */
const noting = (
  stream: Stream.Stream<ServerEvent, DashScopeError>,
  record: Account,
  now: () => number
): Stream.Stream<ServerEvent, DashScopeError> =>
  stream.pipe(
    Stream.mapChunks((events) => {
      record.answered(now())
      for (const event of Chunk.toReadonlyArray(events)) record.usage = usageOf(event.usage) ?? record.usage
      return events
    }),
    Stream.tapErrorCause((cause) => Effect.sync(() => record.failedWith(cause))),
    Stream.concat(Stream.execute(Effect.sync(() => {
      record.failure = undefined
    })))
  )

/** One attempt whose answer is read event by event. It is over with the scope. @internal */
export const stream = (
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  open: Effect.Effect<Stream.Stream<ServerEvent, DashScopeError>, DashScopeError, Scope.Scope>
): Effect.Effect<Stream.Stream<ServerEvent, DashScopeError>, DashScopeError, Scope.Scope> =>
  begin(
    limiter,
    asking,
    call,
    (permit, record, restore, now) =>
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.zipRight(
          Scope.addFinalizer(scope, Effect.suspend(() => permit.end(record.outcome))),
          Effect.tapErrorCause(
            Effect.map(restore(watched(open, record)), (opened) => noting(opened, record, now)),
            (cause) => Effect.sync(() => record.failedWith(cause))
          )
        ))
  )

/** One attempt to open a WebSocket, which is over with the scope. `used` notes the usage that it tells. @internal */
export const socket = <A, R>(
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  attempt: (used: (usage: unknown) => void, sent: () => void) => Effect.Effect<A, DashScopeError, R>
): Effect.Effect<A, DashScopeError, R | Scope.Scope> =>
  begin<A, R | Scope.Scope>(limiter, asking, call, (permit, record, restore, now) => {
    const used = (usage: unknown) => {
      record.usage = usageOf(usage) ?? record.usage
    }
    return Effect.matchCauseEffect(restore(attempt(used, record.began)), {
      onFailure: (cause) => {
        record.failedWith(cause)
        return Effect.zipRight(permit.end(record.outcome), Effect.failCause(cause))
      },
      onSuccess: (opened) => {
        record.failure = undefined
        record.answered(now())
        return Effect.as(Effect.addFinalizer(() => Effect.suspend(() => permit.end(record.outcome))), opened)
      }
    })
  })
