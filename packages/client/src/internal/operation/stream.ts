import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import { ConnectionError, type DashScopeError } from "../../DashScopeError.js"
import type { ServerEvent } from "../../Envelope.js"
import { answerOf, type Client, type Endpoint } from "./endpoint.js"
import { type Answer, type Operation, Operations } from "./observe.js"

/** How an endpoint's answers come when they come bit by bit. @internal */
export interface Streaming<P, A> {
  /** Which events count for the deadlines of content. */
  readonly isContent: (event: ServerEvent) => boolean
  /** Whether this answer is the last; a stream that ends without one is truncated. Where left out, any end will do. */
  readonly isEnd?: ((answer: A) => boolean) | undefined
  /** Made for each stream: what is handed out for an answer. Default: the answer. */
  readonly start?: ((params: P) => (answer: A) => A) | undefined
}

/** @internal */
export type StreamCall<P, A> = (params: P, options?: CallOptions) => Stream.Stream<A, DashScopeError>

/** Something else than an answer, by its name and by what is in it. */
const isOther = ({ event, output }: ServerEvent): boolean =>
  event !== undefined && event !== "result" && (output === undefined || output === null)

const isOfConnection = (error: DashScopeError): boolean =>
  error._tag === "ConnectionError" || error._tag === "RequestTimeout"

type Read<A> = Channel.Channel<Chunk.Chunk<A>, Chunk.Chunk<ServerEvent>, DashScopeError, DashScopeError>

const answers = <P, A extends Answer>(
  endpoint: Endpoint<P, A>,
  { isEnd, start }: Streaming<P, A>,
  params: P,
  operation: Operation<A>,
  origin: string
): Read<A> =>
  Channel.suspend(() => {
    const hand = start === undefined ? (answer: A) => answer : start(params)
    let isComplete = isEnd === undefined
    const read: Read<A> = Channel.readWithCause({
      onInput: (events: Chunk.Chunk<ServerEvent>) => {
        operation.arrived(Chunk.size(events))
        const out: Array<A> = []
        let failure: DashScopeError | undefined
        for (const event of events) {
          if (isEnd !== undefined && isOther(event)) continue
          const answer = answerOf(endpoint, event)
          if (Either.isLeft(answer)) {
            failure = answer.left
            break
          }
          operation.received(answer.right)
          if (!isComplete) isComplete = isEnd?.(answer.right) === true
          out.push(hand(answer.right))
        }
        const next = failure === undefined ? read : Channel.fail(failure)
        return out.length === 0 ? next : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(out)), () => next)
      },
      onFailure: (cause) => {
        const error = Cause.failureOption(cause)
        // All has arrived; only the connection did not end as it should.
        const isGood = isEnd !== undefined && isComplete && error._tag === "Some" && isOfConnection(error.value)
        return isGood ? Channel.void : Channel.failCause(cause)
      },
      onDone: () =>
        isComplete ? Channel.void : Channel.fail(
          new ConnectionError({
            reason: "Truncated",
            origin,
            responseStarted: true,
            description: "the stream ended before the answer did"
          })
        )
    })
    return read
  })

/** Asks, and gives the answer as it comes. Parameters that cannot be sent fail before anything else is done. @internal */
export const stream = <P, A extends Answer>(
  client: Client,
  endpoint: Endpoint<P, A>,
  streaming: Streaming<P, A>
): StreamCall<P, A> => {
  const operations = new Operations(client.baseUrl, endpoint)
  const { origin } = new URL(client.baseUrl)
  return (params, options) =>
    Stream.suspend(() => {
      const request = endpoint.encode(params)
      if (Either.isLeft(request)) return Stream.fail(request.left)
      const events = client.stream(request.right, { ...options, isContent: streaming.isContent })
      return operations.stream(
        params,
        (operation) => Stream.pipeThroughChannel(events, answers(endpoint, streaming, params, operation, origin))
      )
    })
}
