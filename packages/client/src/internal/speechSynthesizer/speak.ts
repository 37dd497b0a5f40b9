import * as Deadline from "effect-http-pool/Deadline"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError, RequestTimeout } from "../../DashScopeError.js"
import { InputRequired } from "../../DashScopeError.js"
import type { DuplexTaskEvent, DuplexTaskRequest, Fields } from "../../DuplexTaskState.js"
import type { SpeechEvent, SpeechInput } from "../../SpeechEvent.js"
import { fromEither } from "../effect/either.js"
import * as Pull from "../effect/pull.js"
import type { Answer, Operation } from "../operation/observe.js"
import * as Wav from "../operation/wav.js"
import * as Task from "../speech/task.js"
import * as Inbox from "./inbox.js"
import * as Read from "./read.js"
import * as Text from "./text.js"

/** What speaking needs of the client. @internal */
export interface Client extends Task.Client {
  readonly timeoutOf: (options?: CallOptions) => Either.Either<Duration.Duration | undefined, InputRequired>
}

/** How a text is spoken. @internal */
export interface Manner {
  readonly request: DuplexTaskRequest
  readonly isWav: boolean
  /** All of the text goes into one message: that of the task itself, or the one that follows it. */
  readonly once: "request" | "message" | undefined
  /** Sentences stay together. */
  readonly whole: boolean
  readonly gaps: "renew" | "fail"
  readonly options: CallOptions | undefined
}

/** The service fails a task that hears nothing for 23 seconds. */
const longestGap = Duration.seconds(20)

/** Of Sambert, in one request. */
const mostOfRequest = 10_000

const isContent = ({ _tag }: DuplexTaskEvent): boolean => _tag === "Audio"

const gapError = (): InputRequired =>
  new InputRequired({
    field: "texts",
    description: `no text came for ${
      Duration.toSeconds(longestGap)
    } seconds, and the service fails a task that hears nothing for 23: give text more often, or let the task be renewed (gaps: "renew")`
  })

/** What one stream knows of its tasks. */
class Speaking {
  private task = -1
  private samples: Wav.Samples | undefined = undefined
  private requestId: string | undefined = undefined
  private readonly taskIds: Array<string> = []
  private readonly usages = new Read.Usages()

  constructor(
    private readonly isWav: boolean,
    private readonly operation: Operation<Answer>
  ) {}

  began(id: string): void {
    this.task++
    this.taskIds.push(id)
    // The head of a file that comes in its midst is none.
    if (this.isWav && this.task > 0) this.samples = new Wav.Samples(Wav.usual)
  }

  read = (events: Chunk.Chunk<DuplexTaskEvent>): Chunk.Chunk<SpeechEvent> => {
    const out: Array<SpeechEvent> = []
    let pieces = 0
    const heard = (bytes: Uint8Array) => {
      if (bytes.length > 0) out.push({ _tag: "Audio", bytes })
    }
    for (const event of events) {
      switch (event._tag) {
        case "Audio":
          pieces++
          heard(this.samples === undefined ? event.bytes : this.samples.of(event.bytes))
          break
        case "Result": {
          this.usages.add(event.usage)
          const said = Read.eventOf(event.output, this.task)
          if (said !== undefined) out.push(said)
          break
        }
        case "Finished":
          this.usages.add(event.usage)
          this.usages.next()
          this.requestId = event.requestId ?? this.taskIds[this.task]
          if (this.samples !== undefined) heard(this.samples.end())
          break
        case "Started":
          break
      }
    }
    if (pieces > 0) this.operation.arrived(pieces)
    return Chunk.unsafeFromArray(out)
  }

  finished(): SpeechEvent {
    const { requestId, taskIds, usages } = this
    this.operation.received({ requestId })
    return { _tag: "Finished", usage: usages.get(), requestId, taskIds }
  }
}

/** What waits outside of a connection is bounded by the whole all the same. */
class Whole {
  constructor(
    readonly startedAt: number,
    private readonly duration: Duration.Duration | undefined
  ) {}

  bound<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    const { duration, startedAt } = this
    if (duration === undefined) return self
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const remaining = startedAt + Duration.toMillis(duration) - now
      const onTimeout = () => Deadline.timeoutOf({ phase: "total", duration, remaining: 0 })
      return remaining <= 0
        ? Effect.fail(onTimeout())
        : Effect.timeoutFail(self, { duration: Duration.millis(remaining), onTimeout })
    })
  }
}

/** What one task is fed: text until nothing follows, or nothing comes for too long. */
const feedOf = <E>(
  inbox: Inbox.Inbox<E>,
  first: ReadonlyArray<Inbox.Item>,
  gaps: Manner["gaps"]
): Stream.Stream<Fields, E | InputRequired> => {
  type Fed = Pull.Pull<Fields, E | InputRequired>
  let waiting = first
  let weight = 0
  let failure: InputRequired | undefined
  const send = (items: ReadonlyArray<Inbox.Item>): Fed => {
    const inputs: Array<Fields> = []
    for (const item of items) {
      weight += item.weight
      if (weight > Inbox.mostOfTask) {
        failure = Inbox.tooLong(weight, Inbox.mostOfTask)
        break
      }
      inputs.push(item.input)
    }
    return inputs.length > 0
      ? Effect.succeed(Chunk.unsafeFromArray(inputs))
      : failure === undefined
      ? Pull.end
      : Pull.fail(failure)
  }
  const awaitMore: Fed = Effect.matchEffect(Effect.timeoutOption(inbox.more, longestGap), {
    onFailure: (error) => Pull.fail(error),
    onSuccess: (items) =>
      Option.isSome(items)
        ? send(items.value)
        : gaps === "renew"
        ? Pull.end
        : Pull.fail(gapError())
  })
  const more: Fed = Effect.suspend(() => {
    if (failure !== undefined) return Pull.fail(failure)
    if (waiting.length > 0) {
      const items = waiting
      waiting = []
      return send(items)
    }
    return Effect.matchEffect(inbox.here, {
      onFailure: (error) => Pull.fail(error),
      onSuccess: (items) => items.length > 0 ? send(items) : awaitMore
    })
  })
  return Pull.toStream(more)
}

type Open = (request?: DuplexTaskRequest) => ReturnType<typeof Task.open>

/** Task after task: another one begins when text comes after the last was finished. */
const renewed = <E, R>(
  texts: Stream.Stream<SpeechInput, E, R>,
  { gaps, whole }: Manner,
  within: Whole,
  open: Open
): Stream.Stream<DuplexTaskEvent, DashScopeError | E, R> =>
  Stream.unwrapScoped(Effect.map(Inbox.fill(texts, whole), (inbox) => {
    const begin = Effect.matchEffect(within.bound(inbox.more), {
      onFailure: (error) => Effect.fail(Option.some(error)),
      onSuccess: (items) => items.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(items)
    })
    return Stream.flatMap(Stream.repeatEffectOption(begin), (items) => {
      // There is nothing yet that could be spoken at once.
      const first = items.slice(items.findIndex((item) => !Inbox.isFlush(item)))
      return items.every(Inbox.isFlush)
        ? Stream.empty
        : Stream.unwrapScoped(Effect.map(open(), (task) => Task.fed(task, feedOf(inbox, first, gaps))))
    })
  }))

/** One task for all of the text, once that is complete. */
const atOnce = <E, R>(
  texts: Stream.Stream<SpeechInput, E, R>,
  { once, request }: Manner,
  within: Whole,
  open: Open
): Stream.Stream<DuplexTaskEvent, DashScopeError | E, R> => {
  const isRequest = once === "request"
  const all = Stream.runFoldEffect(texts, "", (all: string, input) => {
    if (typeof input !== "string") {
      return Inbox.isFlushing(input)
        ? Effect.succeed(all)
        : Effect.fail(Inbox.wrongInput())
    }
    const text = all + input
    return isRequest && text.length > mostOfRequest
      ? Effect.fail(Inbox.tooLong(text.length, mostOfRequest))
      : Effect.succeed(text)
  })
  return Stream.unwrap(Effect.map(within.bound(all), (text) => {
    if (Text.isBlank(text)) return Stream.empty
    if (isRequest) {
      const asked: DuplexTaskRequest = { ...request, streaming: "out", input: { ...request.input, text } }
      return Stream.unwrapScoped(Effect.map(open(asked), Task.events))
    }
    const weight = Text.weighSsml(text)
    return weight > Inbox.mostOfMessage
      ? Stream.fail(Inbox.tooLong(weight, Inbox.mostOfMessage))
      : Stream.unwrapScoped(Effect.map(open(), (task) => Task.fed(task, Stream.make({ text }))))
  }))
}

/** Speaks texts as they come. @internal */
export const speak = <E, R>(
  client: Client,
  operation: Operation<Answer>,
  texts: Stream.Stream<SpeechInput, E, R>,
  manner: Manner
): Stream.Stream<SpeechEvent, DashScopeError | E, R> =>
  Stream.unwrap(Effect.gen(function*() {
    const { isWav, once, options, request } = manner
    const within = new Whole(yield* Clock.currentTimeMillis, yield* fromEither(client.timeoutOf(options)))
    const speaking = new Speaking(isWav, operation)
    const open: Open = (asked = request) =>
      Effect.tap(
        Task.open(client, asked, { isContent, startedAt: within.startedAt }, options),
        ({ id }) => Effect.sync(() => speaking.began(id))
      )
    const events = once === undefined ? renewed(texts, manner, within, open) : atOnce(texts, manner, within, open)
    return Stream.concat(Stream.mapChunks(events, speaking.read), Stream.sync(() => speaking.finished()))
  }))
