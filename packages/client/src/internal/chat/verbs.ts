/**
 * What every chat does: ask for an answer, whole or as it is written, and put together what came.
 *
 * @internal
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import type { ApiError, DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { Envelope, Request } from "../../Envelope.js"
import { type GenerationResult, text } from "../../GenerationResult.js"
import * as Head from "../core/head.js"
import * as Pull from "../effect/pull.js"
import type { Client, Prepare } from "../operation/endpoint.js"
import { Operations } from "../operation/observe.js"
import { headOf, unexpectedShape } from "../protocol/envelope.js"
import type { Prepared } from "../upload/resolve.js"
import * as Decode from "./decode.js"
import * as FastDecode from "./fastDecode.js"
import { observed } from "./observed.js"
import { type Body, encodeHeaders } from "./parameters.js"
import * as Partial from "./partial.js"
import * as Reply from "./reply.js"
import * as ResultStream from "./stream.js"
import * as Total from "./total.js"
import type { ChatParams } from "./turns.js"

/** What is a chat's own. @internal */
export interface Chat<P extends ChatParams> {
  readonly path: string
  readonly encodeCall: (params: P) => Either.Either<Body, InputRequired>
  readonly encodeStream: (params: P) => Either.Either<Body, InputRequired>
  /** What is asked of a stream. Default: as text generation does. */
  readonly plan?: ((params: P) => { readonly params: P; readonly mode: ResultStream.Mode }) | undefined
  /** How many choices of a stream have to end. Default: as many as are asked for. */
  readonly choicesOf?: ((params: P) => number) | undefined
  /** What is to be done before a request can be sent. Default: nothing. */
  readonly prepare?: Prepare<P> | undefined
}

/** @internal */
export interface Verbs<P> {
  readonly call: (params: P, options?: CallOptions) => Effect.Effect<GenerationResult, DashScopeError>
  readonly stream: (params: P, options?: CallOptions) => Stream.Stream<GenerationResult, DashScopeError>
}

/** @internal */
export const make = <P extends ChatParams>(client: Client, chat: Chat<P>): Verbs<P> => {
  // Scheme, host and port.
  const origin = client.baseUrl.split("/", 3).join("/")
  const operations = new Operations(origin, observed)
  const { choicesOf = ResultStream.choicesOf, path, plan = ResultStream.plan, prepare } = chat
  return {
    call: (params, options) =>
      Effect.suspend(() => {
        const given = requestOf(path, params, chat.encodeCall(params))
        if (Either.isLeft(given)) return Effect.fail(given.left)
        const asked = prepare === undefined
          ? client.execute(given.right, options)
          : Effect.flatMap(
            prepare(params, { request: given.right, options }),
            ({ options, request }) => client.execute(request, options)
          )
        return operations.call(params, asked, answerOf)
      }),
    stream: (given, options) =>
      Stream.suspend(() => {
        const { mode, params } = plan(given)
        // As the official SDKs tell the service which of them put totals together.
        const headers = { "user-agent": `incremental_to_full/${mode === "Merged" ? 1 : 0}` }
        const encoded = requestOf(path, params, chat.encodeStream(params), headers)
        if (Either.isLeft(encoded)) return Stream.fail(encoded.left)
        const n = choicesOf(params)
        const asked: Prepared = { request: encoded.right, options }
        return operations.pull(params, (operation) =>
          ResultStream.results(
            { mode, n, origin, operation, fastDecode: FastDecode.decode, decode: resultOf },
            (reading) => {
              const ask = ({ options, request }: Prepared) =>
                Pull.opening(client.stream(request, { ...options, ...reading }))
              return prepare === undefined ? ask(asked) : Effect.flatMap(prepare(params, asked), ask)
            }
          ))
      })
  }
}

const requestOf = (
  path: string,
  params: ChatParams,
  encoded: Either.Either<Body, InputRequired>,
  headers?: Readonly<Record<string, string>>
): Either.Either<Request, InputRequired> =>
  Either.flatMap(encoded, (body) =>
    Either.map(encodeHeaders(params), (own) => ({
      path,
      body,
      headers: headers === undefined ? own : { ...own, ...headers }
    })))

const answerOf = (envelope: Envelope): Either.Either<GenerationResult, DashScopeError> =>
  Either.map(resultOf(envelope), (result) => Head.attach(result, headOf(envelope)))

const resultOf = (envelope: Envelope): Either.Either<GenerationResult, DashScopeError> =>
  Either.mapBoth(Decode.decode(envelope.body), {
    onLeft: (error) => unexpectedShape(error, envelope),
    onRight: (result) => complete(result, envelope)
  })

/** What the answer's head says and its body does not. */
const complete = (result: GenerationResult, envelope: Envelope): GenerationResult => {
  const isPartial = envelope.header("x-dashscope-partialresponse") === "true"
  const requestId = result.requestId ?? envelope.requestId
  return !isPartial && requestId === result.requestId ? result : {
    ...result,
    ...(requestId === undefined ? undefined : { requestId }),
    ...(isPartial ? { isPartial } : undefined)
  }
}

/** A header of the answer that a result came with. @internal */
export const header = (result: GenerationResult, name: string): string | undefined =>
  Head.of(result)?.header(name.toLowerCase())

const isFirst = (result: GenerationResult): boolean => (result.output.choices[0].index ?? 0) === 0

/** What a chunk of increments adds to the text. @internal */
export const newText = (results: Chunk.Chunk<GenerationResult>): Chunk.Chunk<string> => {
  const texts: Array<string> = []
  for (const result of results) {
    const added = isFirst(result) ? text(result) : ""
    if (added !== "") texts.push(added)
  }
  return Chunk.unsafeFromArray(texts)
}

/** The one answer that a stream comes to. @internal */
export const collect = <E, R>(
  self: Stream.Stream<GenerationResult, E, R>
): Effect.Effect<GenerationResult, E | ApiError, R> =>
  Effect.suspend(() => {
    const total = new Total.Total()
    return Stream.runForEachChunk(self, (results) =>
      Effect.sync(() => {
        for (const result of results) total.add(result)
      })).pipe(
        Effect.mapError((error) => total.isEmpty ? error : Partial.results.attach(error, total.get())),
        Effect.flatMap(() => total.isEmpty ? Effect.fail(Reply.nothingCame()) : Effect.succeed(total.get()))
      )
  })

/** The same of elements that are at hand. @internal */
export const merge = (elements: Iterable<GenerationResult>): GenerationResult | undefined => {
  const total = new Total.Total()
  for (const element of elements) total.add(element)
  return total.isEmpty ? undefined : total.get()
}
