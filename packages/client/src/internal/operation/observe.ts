import { isTraced, makeSpan, nowOf } from "effect-http-pool/Beneath"
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { DashScopeError } from "../../DashScopeError.js"
import type { Envelope } from "../../Envelope.js"
import * as Telemetry from "../../Telemetry.js"
import { acquireUseRelease } from "../effect/channel.js"
import type { Endings } from "../effect/endings.js"
import { type AnyFiber, clockOf, inSpan, interrupted, isTimed, observe, serviceOf, unobserve } from "../effect/fiber.js"
import { type Labels, labelsOf, update } from "../effect/metrics.js"
import { once } from "../effect/once.js"
import * as Pull from "../effect/pull.js"
import * as ErrorType from "../protocol/errorType.js"
import { type Ending, Execution } from "../protocol/execute.js"
import { inOwnScope } from "../protocol/retry.js"

const attributes = Telemetry.attributes

/** What every answer may have. @internal */
export interface Answer {
  readonly requestId?: string | null | undefined
}

/** What an answer cost, as far as it is counted. @internal */
export interface Usage {
  readonly inputTokens?: number | null | undefined
  readonly outputTokens?: number | null | undefined
}

/** Collects, of one operation that has a span, what the span will say of its answer. @internal */
export interface Watcher<A> {
  /** An answer, or what is new of it. */
  readonly received: (answer: A) => void
  /** What is undefined or null is left out. */
  readonly attributes: () => Readonly<Record<string, unknown>>
}

/** What a service says of its operations. @internal */
export interface Observed<P, A extends Answer> {
  /** `gen_ai.operation.name`. */
  readonly operation: string
  /** Nothing for an operation that has no model. */
  readonly modelOf: (params: P) => string | undefined
  readonly usageOf: (answer: A) => Usage | null | undefined
  /** What a span says of the parameters; what is undefined or null is left out. */
  readonly requestAttributes?: ((params: P, contentLimit: number) => Readonly<Record<string, unknown>>) | undefined
  /** What a span says of the answer, beside its id and its tokens. `contentLimit` as of `Telemetry.ContentLimit`. */
  readonly watch?: ((contentLimit: number) => Watcher<A>) | undefined
}

/** The labels of one model's metrics. */
class ModelLabels {
  readonly inputTokens: Labels
  readonly outputTokens: Labels
  readonly chunks: Labels
  private readonly ends = new Map<string, Labels>()

  constructor(private readonly common: Readonly<Record<string, string>>) {
    this.chunks = this.labels("s")
    this.inputTokens = this.labels("{token}", { [attributes.tokenType]: "input" })
    this.outputTokens = this.labels("{token}", { [attributes.tokenType]: "output" })
  }

  /** Of operations that ended so; `undefined` for well. */
  ended(errorType: string | undefined): Labels {
    const key = errorType ?? ""
    let labels = this.ends.get(key)
    if (labels === undefined) {
      labels = errorType === undefined ? this.chunks : this.labels("s", { [attributes.errorType]: errorType })
      this.ends.set(key, labels)
    }
    return labels
  }

  private labels(unit: string, more: Readonly<Record<string, string>> = {}): Labels {
    return labelsOf({ unit, ...this.common, ...more })
  }
}

/** Calls back for each that is neither undefined nor null. */
const forEachPresent = (
  record: Readonly<Record<string, unknown>> | undefined,
  f: (name: string, value: unknown) => void
): void => {
  for (const name in record) {
    const value = record[name]
    if (value !== undefined && value !== null) f(name, value)
  }
}

/** One call or stream, from its start to its end. @internal */
export class Operation<A extends Answer> {
  /** In milliseconds. */
  protected readonly startedAt: number
  protected usage: Usage | null | undefined = undefined
  private arrivedAt: number | undefined = undefined
  private isOver = false

  constructor(
    protected readonly clock: Clock.Clock,
    protected readonly labels: ModelLabels,
    private readonly about: Pick<Observed<never, A>, "usageOf">
  ) {
    this.startedAt = nowOf(clock)
  }

  /** An answer, or what is new of it. */
  received(answer: A): void {
    const usage = this.about.usageOf(answer)
    if (usage) this.usage = usage
  }

  /** So many events came together. */
  arrived(count: number): void {
    const now = nowOf(this.clock)
    if (this.arrivedAt === undefined) this.begun((now - this.startedAt) / 1000)
    else update(Telemetry.timePerOutputChunk, (now - this.arrivedAt) / 1000, this.labels.chunks)
    for (let i = 1; i < count; i++) update(Telemetry.timePerOutputChunk, 0, this.labels.chunks)
    this.arrivedAt = now
  }

  /** Once; what is said after that is not heard. */
  end(exit: Exit.Exit<unknown, unknown>): void {
    if (this.isOver) return
    this.isOver = true
    this.ended(exit)
    // It may be old by now, and what an old object leads to lives until the next full collection.
    this.usage = undefined
  }

  protected ended(exit: Exit.Exit<unknown, unknown>): void {
    const errorType = Exit.isSuccess(exit) ? undefined : ErrorType.ofCause(exit.cause)
    const { labels, usage } = this
    update(Telemetry.operationDuration, (nowOf(this.clock) - this.startedAt) / 1000, labels.ended(errorType))
    if (!usage) return
    if (usage.inputTokens) update(Telemetry.tokenUsage, usage.inputTokens, labels.inputTokens)
    if (usage.outputTokens) update(Telemetry.tokenUsage, usage.outputTokens, labels.outputTokens)
  }

  /** The first event came, so many seconds after the start. */
  protected begun(seconds: number): void {
    update(Telemetry.timeToFirstChunk, seconds, this.labels.chunks)
  }
}

/** One that has a span, which ends with it. */
class TracedOperation<A extends Answer> extends Operation<A> {
  private requestId: string | undefined
  private readonly watcher: Watcher<A> | undefined

  constructor(
    clock: Clock.Clock,
    labels: ModelLabels,
    about: Pick<Observed<never, A>, "usageOf" | "watch">,
    readonly span: Tracer.Span,
    /** How many characters of the answer the span may hold. */
    contentLimit: number,
    private readonly isTimed: boolean
  ) {
    super(clock, labels, about)
    this.watcher = about.watch?.(contentLimit)
  }

  override received(answer: A): void {
    super.received(answer)
    if (answer.requestId) this.requestId = answer.requestId
    this.watcher?.received(answer)
  }

  protected override ended(exit: Exit.Exit<unknown, unknown>): void {
    super.ended(exit)
    const { span, usage } = this
    const annotate = (name: string, value: unknown) => {
      if (value !== undefined && value !== null) span.attribute(name, value)
    }
    annotate(attributes.errorType, Exit.isSuccess(exit) ? undefined : ErrorType.ofCause(exit.cause))
    annotate(attributes.responseId, this.requestId)
    annotate(attributes.usageInputTokens, usage?.inputTokens)
    annotate(attributes.usageOutputTokens, usage?.outputTokens)
    forEachPresent(this.watcher?.attributes(), annotate)
    // A span may be kept, by who exports it: that it ended well must not keep the answer.
    span.end(this.nanos(), Exit.isSuccess(exit) ? Exit.void : exit)
  }

  protected override begun(seconds: number): void {
    super.begun(seconds)
    this.span.attribute(attributes.responseTimeToFirstChunk, seconds)
    this.span.event("dashscope.first_chunk", this.nanos())
  }

  private nanos(): bigint {
    return this.isTimed ? this.clock.unsafeCurrentTimeNanos() : 0n
  }
}

type Read<A> = (sent: Envelope) => Either.Either<A, DashScopeError>

/** What an answer is read to. What throws there ends the operation too. */
const exitOf = <A>(read: Read<A>, sent: Envelope): Exit.Exit<A, DashScopeError> => {
  try {
    const result = read(sent)
    return Either.isRight(result) ? Exit.succeed(result.right) : Exit.fail(result.left)
  } catch (defect) {
    return Exit.die(defect)
  }
}

/** Ends an operation with an answer, as it is read: that is a part of it. */
const endWith = <A extends Answer>(
  operation: Operation<A>,
  read: Read<A>,
  sent: Envelope
): Exit.Exit<A, DashScopeError> => {
  const exit = exitOf(read, sent)
  if (Exit.isSuccess(exit)) operation.received(exit.value)
  operation.end(exit)
  return exit
}

/** One call, and its operation. It leads to nothing of what is sent, which a call that waits would keep. */
class Calling<P, A extends Answer> implements Ending<A> {
  private operation: Operation<A> | undefined = undefined

  constructor(
    private readonly operations: Operations<P, A>,
    private readonly params: P,
    private readonly read: Read<A>,
    private readonly fiber: AnyFiber
  ) {}

  begin(): Tracer.Span | undefined {
    return spanOf(this.operation ??= this.operations.begun(this.params, false, this.fiber))
  }

  end(sent: Envelope): Exit.Exit<A, DashScopeError> {
    return endWith(this.operation!, this.read, sent)
  }

  /**
   * To see an interrupt as it happens takes a region that cannot be interrupted, which costs more than all the rest that is done here
   * for a call; so it is seen when the fiber ends.
   */
  goOn(rest: Effect.Effect<Envelope, DashScopeError>): Effect.Effect<A, DashScopeError> {
    const { fiber, read } = this
    const span = this.begin()
    const operation = this.operation!
    const onInterrupt = () => operation.end(interrupted)
    const observation = observe(fiber, onInterrupt)
    const over = () => unobserve(fiber, onInterrupt, observation)
    const endings: Endings<Envelope, DashScopeError, A, DashScopeError> = {
      onFailure: (cause) => {
        over()
        const exit = Exit.failCause(cause)
        operation.end(exit)
        return exit
      },
      onSuccess: (sent) => {
        over()
        return endWith(operation, read, sent)
      }
    }
    return span === undefined
      ? Effect.matchCauseEffect(once(rest), endings)
      : Effect.uninterruptibleMask((restore) => inSpan(once(restore(rest)), span, fiber, endings))
  }

  abort(cause: Cause.Cause<never>): void {
    this.operation?.end(Exit.failCause(cause))
  }
}

const spanOf = <A extends Answer>(operation: Operation<A>): Tracer.Span | undefined =>
  operation instanceof TracedOperation ? operation.span : undefined

const serverOf = (baseUrl: string): Readonly<Record<string, string>> => {
  const { hostname, port, protocol } = new URL(baseUrl)
  return {
    [attributes.serverAddress]: hostname,
    [attributes.serverPort]: port !== "" ? port : protocol === "http:" ? "80" : "443"
  }
}

/** The operations of a service. A client has a hundred of them, and uses a few: nothing is prepared before the first. @internal */
export class Operations<P, A extends Answer> {
  private madeServer: Readonly<Record<string, string>> | undefined = undefined
  private readonly models = new Map<string | undefined, ModelLabels>()

  constructor(private readonly baseUrl: string, private readonly about: Observed<P, A>) {}

  private get server(): Readonly<Record<string, string>> {
    return this.madeServer ??= serverOf(this.baseUrl)
  }

  /** One that sends something, and reads what comes back: that is a part of it. */
  call(params: P, run: Effect.Effect<Envelope, DashScopeError>, read: Read<A>): Effect.Effect<A, DashScopeError> {
    return Effect.withFiberRuntime((fiber) => {
      const calling = new Calling(this, params, read, fiber)
      return run instanceof Execution ? run.endedBy(fiber, calling) : calling.goOn(run)
    })
  }

  stream<B, E = DashScopeError, R = never>(
    params: P,
    run: (operation: Operation<A>) => Stream.Stream<B, E, R>
  ): Stream.Stream<B, E, R> {
    return acquireUseRelease(
      this.begin(params),
      (operation) =>
        operation instanceof TracedOperation
          ? Stream.provideService(run(operation), Tracer.ParentSpan, operation.span)
          : run(operation),
      (operation, exit) => Effect.sync(() => operation.end(exit))
    )
  }

  /** The same of what is pulled. What opens it is within the span; a pull of this library makes no spans. */
  pull<B>(
    params: P,
    open: (operation: Operation<A>) => Pull.Opening<B, DashScopeError>
  ): Stream.Stream<B, DashScopeError> {
    return Pull.stream(Effect.flatMap(
      Effect.acquireRelease(this.begin(params), (operation, exit) => Effect.sync(() => operation.end(exit))),
      (operation) =>
        operation instanceof TracedOperation
          ? Effect.withParentSpan(open(operation), operation.span)
          : open(operation)
    ))
  }

  /** One that lasts as long as its scope, or until `run` fails. `failed` says what else has ended it badly. */
  scoped<B, R>(
    params: P,
    run: (
      operation: Operation<A>,
      failed: (error: DashScopeError) => void
    ) => Effect.Effect<B, DashScopeError, R>
  ): Effect.Effect<B, DashScopeError, R | Scope.Scope> {
    return Effect.suspend(() => {
      let failure: Exit.Exit<never, DashScopeError> | undefined
      const operation = Effect.acquireRelease(
        this.begin(params),
        (operation, exit) => Effect.sync(() => operation.end(failure ?? exit))
      )
      return inOwnScope(Effect.flatMap(operation, (operation) => {
        const running = run(operation, (error) => {
          failure ??= Exit.fail(error)
        })
        return operation instanceof TracedOperation ? Effect.withParentSpan(running, operation.span) : running
      }))
    })
  }

  private begin(params: P): Effect.Effect<Operation<A>> {
    return Effect.withFiberRuntime((fiber) => Effect.succeed(this.begun(params, true, fiber)))
  }

  /** One that begins now. */
  begun(params: P, isStream: boolean, fiber: AnyFiber): Operation<A> {
    return isTraced(fiber)
      ? this.traced(params, isStream, fiber)
      : new Operation(clockOf(fiber), this.labelsOf(params), this.about)
  }

  private traced(params: P, isStream: boolean, fiber: AnyFiber): TracedOperation<A> {
    const limit = serviceOf(fiber, Telemetry.ContentLimit)
    const { about } = this
    const model = about.modelOf(params)
    const span = makeSpan(
      fiber,
      model === undefined ? about.operation : `${about.operation} ${model}`,
      this.spanAttributes(params, model, isStream, limit)
    )
    return new TracedOperation(clockOf(fiber), this.labelsOf(params), about, span, limit, isTimed(fiber))
  }

  private spanAttributes(
    params: P,
    model: string | undefined,
    isStream: boolean,
    limit: number
  ): Record<string, unknown> {
    const all: Record<string, unknown> = this.common(model)
    all[attributes.serverPort] = Number(this.server[attributes.serverPort])
    if (isStream) all[attributes.requestStream] = true
    forEachPresent(this.about.requestAttributes?.(params, limit), (name, value) => {
      all[name] = value
    })
    return all
  }

  private labelsOf(params: P): ModelLabels {
    const model = this.about.modelOf(params)
    let labels = this.models.get(model)
    if (labels === undefined) {
      labels = new ModelLabels(this.common(model))
      this.models.set(model, labels)
    }
    return labels
  }

  private common(model: string | undefined): Record<string, string> {
    return {
      [attributes.operationName]: this.about.operation,
      [attributes.providerName]: "dashscope",
      ...(model === undefined ? undefined : { [attributes.requestModel]: model }),
      ...this.server
    }
  }
}
