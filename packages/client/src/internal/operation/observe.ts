import { isTraced, nowOf } from "effect-http-pool/Beneath"
import * as Channel from "effect/Channel"
import type * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as MetricLabel from "effect/MetricLabel"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { DashScopeError } from "../../DashScopeError.js"
import type { GenerationParams } from "../../GenerationParams.js"
import type { GenerationResult } from "../../GenerationResult.js"
import * as Telemetry from "../../Telemetry.js"
import * as Content from "../chat/genAiMessages.js"
import * as Merge from "../chat/total.js"
import * as Dialogue from "../chat/turns.js"
import * as ErrorType from "../protocol/errorType.js"

const { attributes } = Telemetry

type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/**
 * The labels of one model's metrics. An update looks its metric up by the identity of the array, so these are made once:
 * tagging a metric instead would compare and hash all labels at every update.
 */
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
    return Object.entries({ unit, ...this.common, ...more }).map(([key, value]) => MetricLabel.make(key, value))
  }
}

const stopSequences = (stop: GenerationParams["stop"]): ReadonlyArray<string> | undefined => {
  if (typeof stop === "string") return [stop]
  const texts = (stop ?? []).filter((entry) => typeof entry === "string")
  return texts.length === 0 ? undefined : texts
}

const outputType = (format: GenerationParams["responseFormat"]) =>
  format === undefined ? undefined : format.type === "text" ? "text" : "json"

const withoutUndefined = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null))

/** @internal What a span says of the parameters. */
export const requestAttributes = (params: GenerationParams, isStream: boolean): Record<string, unknown> =>
  withoutUndefined({
    [attributes.requestStream]: isStream || undefined,
    [attributes.requestChoiceCount]: params.n === 1 ? undefined : params.n,
    [attributes.requestMaxTokens]: params.maxCompletionTokens ?? params.maxTokens,
    [attributes.requestPresencePenalty]: params.presencePenalty,
    [attributes.requestSeed]: params.seed,
    [attributes.requestStopSequences]: stopSequences(params.stop),
    [attributes.requestTemperature]: params.temperature,
    [attributes.requestTopK]: params.topK,
    [attributes.requestTopP]: params.topP,
    [attributes.requestRepetitionPenalty]: params.repetitionPenalty,
    [attributes.requestEnableSearch]: params.enableSearch,
    [attributes.requestEnableThinking]: params.enableThinking,
    [attributes.outputType]: outputType(params.responseFormat)
  })

type AnyFiber = Fiber.RuntimeFiber<unknown, unknown>

/** One call or stream, from its start to its end. */
export class Operation {
  /** In milliseconds. */
  protected readonly startedAt: number
  protected usage: GenerationResult["usage"] = undefined
  private arrivedAt: number | undefined = undefined

  constructor(
    protected readonly clock: Clock.Clock,
    protected readonly labels: ModelLabels
  ) {
    this.startedAt = nowOf(clock)
  }

  /** An answer, or what is new of it. */
  received({ usage }: GenerationResult): void {
    if (usage) this.usage = usage
  }

  /** So many events came together. */
  arrived(count: number): void {
    const now = nowOf(this.clock)
    if (this.arrivedAt === undefined) this.begun((now - this.startedAt) / 1000)
    else Telemetry.timePerOutputChunk.unsafeUpdate((now - this.arrivedAt) / 1000, this.labels.chunks)
    for (let i = 1; i < count; i++) Telemetry.timePerOutputChunk.unsafeUpdate(0, this.labels.chunks)
    this.arrivedAt = now
  }

  end(exit: Exit.Exit<unknown, unknown>): void {
    const errorType = Exit.isSuccess(exit) ? undefined : ErrorType.ofCause(exit.cause)
    const { labels, usage } = this
    Telemetry.operationDuration.unsafeUpdate((nowOf(this.clock) - this.startedAt) / 1000, labels.ended(errorType))
    if (!usage) return
    if (usage.inputTokens) Telemetry.tokenUsage.unsafeUpdate(usage.inputTokens, labels.inputTokens)
    if (usage.outputTokens) Telemetry.tokenUsage.unsafeUpdate(usage.outputTokens, labels.outputTokens)
  }

  /** The first event came, so many seconds after the start. */
  protected begun(seconds: number): void {
    Telemetry.timeToFirstChunk.unsafeUpdate(seconds, this.labels.chunks)
  }
}

const interrupted = Exit.interrupt(FiberId.none)

/**
 * One that its fiber carries out. To see an interrupt as it happens takes a region that cannot be interrupted, which costs
 * more than all the rest that is done here for a call; so it is seen when the fiber ends.
 */
class FiberOperation extends Operation {
  constructor(
    clock: Clock.Clock,
    labels: ModelLabels,
    private readonly fiber: AnyFiber
  ) {
    super(clock, labels)
    fiber.addObserver(this.interrupted)
  }

  override end(exit: Exit.Exit<unknown, unknown>): void {
    this.fiber.removeObserver(this.interrupted)
    super.end(exit)
  }

  private readonly interrupted = (): void => super.end(interrupted)
}

/** One that has a span, which ends with it. */
class TracedOperation extends Operation {
  private requestId: string | undefined
  private model: string | undefined
  /** By choice. */
  private readonly finishReasons = new Map<number, string>()
  private readonly total: Merge.Total | undefined

  constructor(
    clock: Clock.Clock,
    labels: ModelLabels,
    readonly span: Tracer.Span,
    /** How many characters of the answer the span may hold. */
    private readonly contentLimit: number,
    private readonly isTimed: boolean
  ) {
    super(clock, labels)
    this.total = contentLimit > 0 ? new Merge.Total() : undefined
  }

  override received(result: GenerationResult): void {
    super.received(result)
    const { output, requestId } = result
    if (requestId) this.requestId = requestId
    if (output.modelName) this.model = output.modelName
    for (const { finishReason, index } of output.choices) {
      if (Merge.isFinish(finishReason)) this.finishReasons.set(index ?? 0, finishReason)
    }
    if (this.total !== undefined && this.total.size <= 2 * this.contentLimit) this.total.add(result)
  }

  override end(exit: Exit.Exit<unknown, unknown>): void {
    super.end(exit)
    const { finishReasons, span, total, usage } = this
    const annotations = withoutUndefined({
      [attributes.errorType]: Exit.isSuccess(exit) ? undefined : ErrorType.ofCause(exit.cause),
      [attributes.responseId]: this.requestId,
      [attributes.responseModel]: this.model,
      [attributes.responseFinishReasons]: finishReasons.size === 0
        ? undefined
        : [...finishReasons].sort(([a], [b]) => a - b).map(([, reason]) => reason),
      [attributes.usageInputTokens]: usage?.inputTokens,
      [attributes.usageOutputTokens]: usage?.outputTokens,
      [attributes.usageCacheReadInputTokens]: usage?.promptTokensDetails?.cachedTokens,
      [attributes.usageCacheCreationInputTokens]: usage?.promptTokensDetails?.cacheCreationInputTokens,
      [attributes.usageImageInputTokens]: usage?.imageTokens ?? usage?.inputTokensDetails?.imageTokens,
      [attributes.usageReasoningOutputTokens]: usage?.outputTokensDetails?.reasoningTokens,
      [attributes.outputMessages]: total === undefined || total.isEmpty
        ? undefined
        : Content.outputMessages(total.get(), this.contentLimit, finishReasons)
    })
    for (const [name, value] of Object.entries(annotations)) span.attribute(name, value)
    span.end(this.nanos(), exit)
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

const clockOf = (fiber: AnyFiber): Clock.Clock => Context.get(fiber.currentDefaultServices, Clock.Clock)

/** Has the operation end with what is run. */
const observe = (
  operation: Operation,
  run: Effect.Effect<GenerationResult, DashScopeError>
): Effect.Effect<GenerationResult, DashScopeError> =>
  Effect.matchCauseEffect(run, {
    onFailure: (cause) => {
      const exit = Exit.failCause(cause)
      operation.end(exit)
      return exit
    },
    onSuccess: (result) => {
      operation.received(result)
      const exit = Exit.succeed(result)
      operation.end(exit)
      return exit
    }
  })

/** @internal The operations of a service. */
export class Operations {
  private readonly server: Readonly<Record<string, string>>
  private readonly models = new Map<string, ModelLabels>()

  constructor(origin: string) {
    const { hostname, port, protocol } = new URL(origin)
    this.server = {
      [attributes.serverAddress]: hostname,
      [attributes.serverPort]: port !== "" ? port : protocol === "http:" ? "80" : "443"
    }
  }

  call(
    params: GenerationParams,
    run: Effect.Effect<GenerationResult, DashScopeError>
  ): Effect.Effect<GenerationResult, DashScopeError> {
    return Effect.withFiberRuntime((fiber) =>
      isTraced(fiber)
        ? Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(
            this.traced(params, false, fiber),
            (operation) => observe(operation, restore(Effect.withParentSpan(run, operation.span)))
          )
        )
        : observe(new FiberOperation(clockOf(fiber), this.labelsOf(params.model), fiber), run)
    )
  }

  stream(
    params: GenerationParams,
    run: (operation: Operation) => Stream.Stream<GenerationResult, DashScopeError>
  ): Stream.Stream<GenerationResult, DashScopeError> {
    const channel: Channel.Channel<Chunk.Chunk<GenerationResult>, unknown, DashScopeError> = Channel.acquireUseRelease(
      this.begin(params),
      (operation) => {
        const stream = run(operation)
        return Stream.toChannel(
          operation instanceof TracedOperation
            ? Stream.provideService(stream, Tracer.ParentSpan, operation.span)
            : stream
        )
      },
      (operation, exit) => Effect.sync(() => operation.end(exit))
    )
    return Stream.fromChannel(channel)
  }

  private begin(params: GenerationParams): Effect.Effect<Operation> {
    return Effect.withFiberRuntime((fiber) =>
      isTraced(fiber) ? this.traced(params, true, fiber) : Effect.succeed(this.untraced(params, fiber))
    )
  }

  private untraced(params: GenerationParams, fiber: AnyFiber): Operation {
    return new Operation(clockOf(fiber), this.labelsOf(params.model))
  }

  private traced(params: GenerationParams, isStream: boolean, fiber: AnyFiber): Effect.Effect<TracedOperation> {
    const isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
    const limit = Context.get(fiber.currentContext, Telemetry.ContentLimit)
    return Effect.map(
      Effect.makeSpan(`chat ${params.model}`, {
        kind: "client",
        captureStackTrace: false,
        attributes: {
          ...this.common(params.model),
          [attributes.serverPort]: Number(this.server[attributes.serverPort]),
          ...requestAttributes(params, isStream),
          ...withoutUndefined({
            [attributes.inputMessages]: limit > 0
              ? Content.inputMessages(Dialogue.messagesOf(params), limit)
              : undefined
          })
        }
      }),
      (span) => new TracedOperation(clockOf(fiber), this.labelsOf(params.model), span, limit, isTimed)
    )
  }

  private labelsOf(model: string): ModelLabels {
    let labels = this.models.get(model)
    if (labels === undefined) {
      labels = new ModelLabels(this.common(model))
      this.models.set(model, labels)
    }
    return labels
  }

  private common(model: string): Readonly<Record<string, string>> {
    return {
      [attributes.operationName]: "chat",
      [attributes.providerName]: "dashscope",
      [attributes.requestModel]: model,
      ...this.server
    }
  }
}
