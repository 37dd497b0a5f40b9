import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import { ApiError, ConnectionError, type DashScopeError } from "../../DashScopeError.js"
import type { ServerEvent } from "../../Envelope.js"
import { emptyArray } from "../core/plain.js"
import * as Pull from "../effect/pull.js"
import type { Prepared } from "../upload/resolve.js"
import { answerOf, type Client, type Endpoint, type Prepare } from "./endpoint.js"
import { type Answer, type Operation, Operations } from "./observe.js"
import * as Partial from "./partial.js"

/** How an endpoint's answers come when they come bit by bit. @internal */
export interface Streaming<A> {
  /** Which events count for the deadlines of content. */
  readonly isContent: (event: ServerEvent) => boolean
  /** Whether this answer is the last; a stream that ends without one is truncated. Where left out, any end will do. */
  readonly isEnd?: ((answer: A) => boolean) | undefined
  /** How what a stream gives is put together. Where it breaks off, all that had arrived is kept beside the error. */
  readonly whole?: { readonly make: () => Total<A>; readonly partials: Partial.Partials<A> } | undefined
  /** Whether an element has all so far. Default: what the service gives. */
  readonly isMerged?: boolean | undefined
}

/** Elements of a stream, put together. @internal */
export interface Total<A> {
  /** How much there is, in characters. */
  readonly size: number
  readonly add: (answer: A) => void
  readonly get: () => A | undefined
}

/** @internal */
export type StreamCall<P, A> = (params: P, options?: CallOptions) => Stream.Stream<A, DashScopeError>

/** Something else than an answer, by its name and by what is in it. */
const isOther = ({ event, output }: ServerEvent): boolean =>
  event !== undefined && event !== "result" && (output === undefined || output === null)

const isOfConnection = (error: DashScopeError): boolean =>
  error._tag === "ConnectionError" || error._tag === "RequestTimeout"

/** Of one stream. */
interface Ending {
  isComplete: boolean
}

/** Events in, answers out, as many as come together. */
class AnswerReader<P, A extends Answer> implements Pull.Reader<ServerEvent, A, DashScopeError, DashScopeError> {
  ending: Effect.Effect<void, DashScopeError> | undefined = undefined
  private total: Total<A> | undefined

  constructor(
    private readonly endpoint: Endpoint<P, A>,
    private readonly streaming: Streaming<A>,
    private readonly operation: Operation<A>,
    private readonly baseUrl: string,
    private readonly state: Ending
  ) {
    this.total = streaming.whole?.make()
  }

  chunk(events: Chunk.Chunk<ServerEvent>): Array<A> {
    const { endpoint, operation, streaming: { isEnd } } = this
    operation.arrived(Chunk.size(events))
    const out = emptyArray<A>()
    for (const event of Chunk.toReadonlyArray(events)) {
      if (isEnd !== undefined && isOther(event)) continue
      const answer = answerOf(endpoint, event)
      if (Either.isLeft(answer)) {
        this.ending = Effect.fail(this.withPartial(answer.left))
        break
      }
      operation.received(answer.right)
      if (isEnd?.(answer.right) === true) this.state.isComplete = true
      out.push(this.received(answer.right))
    }
    return out
  }

  failed(error: DashScopeError, cause: Cause.Cause<DashScopeError>): Array<A> {
    // All has arrived; only the connection did not end as it should.
    const isGood = this.streaming.isEnd !== undefined && this.state.isComplete && isOfConnection(error)
    if (!isGood) this.withPartial(error)
    this.ending = isGood ? Effect.void : Effect.failCause(cause)
    return []
  }

  done(): Array<A> {
    this.ending = this.state.isComplete ? Effect.void : Effect.fail(this.withPartial(
      new ConnectionError({
        reason: "Truncated",
        origin: new URL(this.baseUrl).origin,
        responseStarted: true,
        description: "the stream ended before the answer did"
      })
    ))
    return []
  }

  private received(answer: A): A {
    const { streaming: { isMerged = false }, total } = this
    if (total === undefined) return answer
    total.add(answer)
    if (isMerged) return total.get() ?? answer
    if (total.size > Partial.longest) this.total = undefined
    return answer
  }

  private withPartial<E>(error: E): E {
    const { whole } = this.streaming
    return whole === undefined ? error : whole.partials.attach(error, this.total?.get())
  }
}

/** Asks, and gives the answer as it comes. Parameters that cannot be sent fail before anything else is done. @internal */
export const stream = <P, A extends Answer>(
  client: Client,
  endpoint: Endpoint<P, A>,
  streaming: Streaming<A>,
  prepare?: Prepare<P>
): StreamCall<P, A> => {
  const operations = new Operations(client.baseUrl, endpoint)
  return (params, options) =>
    Stream.suspend(() => {
      const request = endpoint.encode(params)
      if (Either.isLeft(request)) return Stream.fail(request.left)
      const ending: Ending = { isComplete: streaming.isEnd === undefined }
      const eventsOf = (prepared: Prepared) =>
        Pull.opening(client.stream(prepared.request, {
          ...prepared.options,
          isContent: streaming.isContent,
          isComplete: streaming.isEnd === undefined ? undefined : () => ending.isComplete,
          onEndMark: () => {
            ending.isComplete = true
          }
        }))
      const asked: Prepared = { request: request.right, options }
      const events = prepare === undefined
        ? eventsOf(asked)
        : Effect.flatMap(prepare(params, asked), eventsOf)
      return operations.pull(params, (operation) =>
        Effect.map(
          events,
          (pull) => Pull.read(pull, new AnswerReader(endpoint, streaming, operation, client.baseUrl, ending))
        ))
    })
}

const nothingCame = () =>
  new ApiError({
    reason: "UnexpectedResponse",
    statusCode: 200,
    code: "",
    description: "the stream ended without an answer",
    isRetryable: false
  })

/** The elements of a stream as one answer; where it fails, what there is stays beside the error. @internal */
export const collect =
  <A>(make: () => Total<A>, partials: Partial.Partials<A>) =>
  <E, R>(self: Stream.Stream<A, E, R>): Effect.Effect<A, E | ApiError, R> =>
    Effect.suspend(() => {
      const total = make()
      return Stream.runForEach(self, (element) => Effect.sync(() => total.add(element))).pipe(
        Effect.mapError((error) => partials.attach(error, total.get())),
        Effect.flatMap(() => {
          const whole = total.get()
          return whole === undefined ? Effect.fail(nothingCame()) : Effect.succeed(whole)
        })
      )
    })
