import * as HttpBody from "@effect/platform/HttpBody"
import { nowOf } from "effect-http-pool/Beneath"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import type { Envelope, Request, ServerEvent } from "../../Envelope.js"
import type { Attempt, Limiter, Outcome, Permit, Priority, Usage } from "../../RateLimitState.js"
import { CurrentPriority } from "../../RateLimitState.js"
import type { SocketRequest } from "../../ServiceSocket.js"
import { isRecord } from "../core/record.js"
import { within } from "../core/textTokens.js"
import { type AnyFiber, clockOf, observe, serviceOf, unobserve } from "../effect/fiber.js"
import * as Pull from "../effect/pull.js"
import { type InstantPermit, isInstant } from "../limiter/instant.js"
import { isUnsent } from "./replay.js"
import type { State } from "./state.js"

/** An amount of tokens. JSON's `1e999` is none: a bucket that lacks infinitely many would never be full again. */
const numberOf = (u: unknown): number | undefined => typeof u === "number" && u >= 0 && u < Infinity ? u : undefined

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

/** What is asked of a limiter for each attempt of a request, one after the other. @internal */
export class Asking implements Attempt {
  /** That of the fiber that makes the attempt. */
  priority: Priority = "interactive"

  constructor(
    readonly model: string | undefined,
    readonly workspace: string | undefined,
    readonly path: string,
    readonly inputTokens: () => number,
    readonly maxTokens: number | undefined,
    readonly deadline: number
  ) {}
}

/** @internal */
export const asking = (state: State, { body, path }: Request, call: CallOptions, deadline: number): Asking => {
  const written = isRecord(body) && !HttpBody.isHttpBody(body) ? body : undefined
  const model = written?.["model"]
  return new Asking(
    typeof model === "string" ? model : undefined,
    call.workspace ?? state.workspace,
    path,
    () => Math.ceil(within(written?.["input"] ?? written?.["messages"])),
    written === undefined ? undefined : maxTokensOf(written),
    deadline
  )
}

/** The same for a WebSocket. What will be said over it is not known yet. @internal */
export const askingForSocket = (
  state: State,
  { model, path }: SocketRequest,
  call: CallOptions,
  deadline: number
): Asking => new Asking(model, call.workspace ?? state.workspace, path, () => 0, undefined, deadline)

/** What becomes of an attempt, for its limiter, which is told of it once it is over. */
class Account implements Outcome {
  usage: Usage | undefined = undefined
  latencyMillis: number | undefined = undefined
  failure: Outcome["failure"] = "Interrupted"
  isUnsent = true

  constructor(private readonly startedAt: number) {}

  /** From now on it may reach the service. */
  began(): void {
    this.isUnsent = false
  }

  unsent(): void {
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
    // Who answers has been reached: by the handshake of a WebSocket too.
    if (failure.value._tag === "ApiError") this.isUnsent = false
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
    Effect.withFiberRuntime((fiber) =>
      Effect.flatMap(limiter.acquire(attemptOf(asking, call, fiber), restore), (permit) =>
        Effect.clockWith((clock) => {
          const now = () => nowOf(clock)
          return run(permit, new Account(now()), restore, now)
        }))
    )
  )

/** An attempt, which calls a function where its request is given up unsent. @internal */
export type Attempting<A, E, R> = (onUnsent: () => void) => Effect.Effect<A, E, R>

/** From now on it may reach the service. */
const begun = <A, E, R>(attempt: Attempting<A, E, R>, account: Account): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    account.began()
    return attempt(() => account.unsent())
  })

const attemptOf = (asking: Asking, call: CallOptions, fiber: AnyFiber): Attempt => {
  asking.priority = call.priority ?? serviceOf(fiber, CurrentPriority)
  return asking
}

const answered = (account: Account, envelope: Envelope, now: number): Outcome => {
  account.failure = undefined
  account.usage = usageOf(envelope.usage)
  account.answered(now)
  return account
}

/**
 * One that goes at once. That it is interrupted is seen when its fiber ends: a region that cannot be interrupted would cost more
 * than all the rest that is done here.
 */
const atOnce = (
  permit: InstantPermit,
  attempt: Attempting<Envelope, DashScopeError, never>,
  fiber: AnyFiber,
  clock: Clock.Clock
): Effect.Effect<Envelope, DashScopeError> => {
  const account = new Account(nowOf(clock))
  const interrupted = () => permit.endNow(account)
  const observation = observe(fiber, interrupted)
  account.began()
  return Effect.matchCauseEffect(attempt(() => account.unsent()), {
    onFailure: (cause) => {
      unobserve(fiber, interrupted, observation)
      account.failedWith(cause)
      permit.endNow(account)
      return Exit.failCause(cause)
    },
    onSuccess: (envelope) => {
      unobserve(fiber, interrupted, observation)
      permit.endNow(answered(account, envelope, nowOf(clock)))
      return Exit.succeed(envelope)
    }
  })
}

/** One that may have to wait. */
const inTurn = (
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  attempt: Attempting<Envelope, DashScopeError, never>
): Effect.Effect<Envelope, DashScopeError> =>
  begin(
    limiter,
    asking,
    call,
    (permit, account, restore, now) =>
      Effect.matchCauseEffect(restore(begun(attempt, account)), {
        onFailure: (cause) => {
          account.failedWith(cause)
          return Effect.zipRight(permit.end(account), Effect.failCause(cause))
        },
        onSuccess: (envelope) => Effect.as(permit.end(answered(account, envelope, now())), envelope)
      })
  )

/** One attempt whose answer is read as a whole, when the limiter lets it. @internal */
export const execute = (
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  attempt: Attempting<Envelope, DashScopeError, never>
): Effect.Effect<Envelope, DashScopeError> => {
  if (!isInstant(limiter)) return inTurn(limiter, asking, call, attempt)
  return Effect.withFiberRuntime((fiber) => {
    const clock = clockOf(fiber)
    const permit = limiter.acquireNow(attemptOf(asking, call, fiber), clock)
    return permit === undefined ? inTurn(limiter, asking, call, attempt) : atOnce(permit, attempt, fiber, clock)
  })
}

/** Notes what the events of a stream tell. */
class Noting implements Pull.Reader<ServerEvent, ServerEvent, DashScopeError, DashScopeError> {
  ending: Effect.Effect<void, DashScopeError> | undefined = undefined

  constructor(private readonly record: Account, private readonly now: () => number) {}

  chunk(events: Chunk.Chunk<ServerEvent>): Array<ServerEvent> {
    const { record } = this
    record.answered(this.now())
    const all = Chunk.toArray(events)
    for (const event of all) record.usage = usageOf(event.usage) ?? record.usage
    return all
  }

  failed(_: DashScopeError, cause: Cause.Cause<DashScopeError>): Array<ServerEvent> {
    this.record.failedWith(cause)
    this.ending = Effect.failCause(cause)
    return []
  }

  done(): Array<ServerEvent> {
    this.record.failure = undefined
    this.ending = Effect.void
    return []
  }
}

/** One attempt whose answer is read event by event. It is over with the scope. @internal */
export const stream = (
  limiter: Limiter,
  asking: Asking,
  call: CallOptions,
  open: Attempting<Pull.Pull<ServerEvent, DashScopeError>, DashScopeError, Scope.Scope>
): Pull.Opening<ServerEvent, DashScopeError> =>
  begin(
    limiter,
    asking,
    call,
    (permit, record, restore, now) =>
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.zipRight(
          Scope.addFinalizer(scope, Effect.suspend(() => permit.end(record))),
          Effect.tapErrorCause(
            Effect.map(restore(begun(open, record)), (pull) => Pull.read(pull, new Noting(record, now))),
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
    return Effect.matchCauseEffect(restore(attempt(used, () => record.began())), {
      onFailure: (cause) => {
        record.failedWith(cause)
        return Effect.zipRight(permit.end(record), Effect.failCause(cause))
      },
      onSuccess: (opened) => {
        record.failure = undefined
        record.answered(now())
        return Effect.as(Effect.addFinalizer(() => Effect.suspend(() => permit.end(record))), opened)
      }
    })
  })
