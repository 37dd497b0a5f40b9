/**
 * What services share: a record of pure functions, and the verbs that work on it.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, StreamOptions } from "../../CallOptions.js"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { Envelope, Request, ServerEvent } from "../../Envelope.js"
import * as Codec from "../core/codec.js"
import * as Head from "../core/head.js"
import { headOf, unexpectedShape } from "../protocol/envelope.js"
import type { Prepared } from "../upload/resolve.js"
import { resolving } from "../upload/stored.js"
import { type Answer, type Observed, Operations } from "./observe.js"
import * as Params from "./params.js"

/** What the verbs need of the client. @internal */
export interface Client {
  readonly baseUrl: string
  readonly execute: (request: Request, options?: CallOptions) => Effect.Effect<Envelope, DashScopeError>
  readonly stream: (request: Request, options?: StreamOptions) => Stream.Stream<ServerEvent, DashScopeError>
}

/** One thing that the service can be asked for. @internal */
export interface Endpoint<P, A extends Answer> extends Observed<P, A> {
  /** The request, or what is wrong with the parameters. */
  readonly encode: (params: P) => Either.Either<Request, InputRequired>
  readonly decode: (json: unknown) => Either.Either<A, ParseResult.ParseError>
}

/** @internal */
export type Call<P, A> = (params: P, options?: CallOptions) => Effect.Effect<A, DashScopeError>

/** `encode` of what is posted to one path, by its table of names, after its own checks. @internal */
export const post = <P extends Params.Extra>(
  path: string,
  fields: Params.Fields<P>,
  problem: (params: P) => InputRequired | undefined,
  more?: Pick<Request, "replay">
) =>
(params: P): Either.Either<Request, InputRequired> => {
  const wrong = problem(params)
  return wrong === undefined
    ? Either.map(Params.encode(params, fields), (body) => ({ path, body, ...more }))
    : Either.left(wrong)
}

/** An endpoint of a resource (files, jobs …): it has no model, and counts no tokens. @internal */
export const resource = <P, A extends Answer, I>(
  operation: string,
  schema: Schema.Schema<A, I>,
  encode: (params: P) => Either.Either<Request, InputRequired>
): Endpoint<P, A> => ({
  operation,
  modelOf: () => undefined,
  usageOf: () => undefined,
  encode,
  decode: Codec.decoder(schema)
})

/**
 * Operations that share a path, and are told apart by what their bodies say. A field that they need and that is empty is
 * refused.
 *
 * @internal
 */
export const actions = <A extends Answer, I>(path: string, schema: Schema.Schema<A, I>) =>
<P>(
  operation: string,
  needs: (params: P) => Readonly<Record<string, string | ReadonlyArray<unknown>>>,
  body: (params: P) => NonNullable<Request["body"]>,
  replay: "always" | "unsent" = "always"
): Endpoint<P, A> =>
  resource(operation, schema, (params) => {
    const missing = Object.entries(needs(params)).find(([, value]) => Params.isEmpty(value))?.[0]
    return missing === undefined
      ? Either.right(resolving({ path, body: body(params), replay }))
      : Either.left(Params.invalid(missing, "is required"))
  })

/** The answer in an envelope, with the request's id from the head where the body has none. @internal */
export const answerOf = <P, A extends Answer>(
  endpoint: Endpoint<P, A>,
  envelope: Envelope
): Either.Either<A, DashScopeError> =>
  Either.mapBoth(endpoint.decode(envelope.body), {
    onLeft: (error) => unexpectedShape(error, envelope),
    onRight: (answer) =>
      Head.attach(
        answer.requestId || envelope.requestId === undefined ? answer : { ...answer, requestId: envelope.requestId },
        headOf(envelope)
      )
  })

/** What is to be done before a request can be sent, such as uploads. @internal */
export type Prepare<P> = (params: P, prepared: Prepared) => Effect.Effect<Prepared, DashScopeError>

/** Asks, and waits for the whole answer. Parameters that cannot be sent fail before anything else is done. @internal */
export const call = <P, A extends Answer>(
  client: Client,
  endpoint: Endpoint<P, A>,
  prepare?: Prepare<P>
): Call<P, A> => {
  const operations = new Operations(client.baseUrl, endpoint)
  const read = (envelope: Envelope) => answerOf(endpoint, envelope)
  return (params, options) =>
    Effect.suspend(() => {
      const request = endpoint.encode(params)
      if (Either.isLeft(request)) return Effect.fail(request.left)
      const asked = prepare === undefined
        ? client.execute(request.right, options)
        : Effect.flatMap(
          prepare(params, { request: request.right, options }),
          ({ options, request }) => client.execute(request, options)
        )
      return operations.call(params, asked, read)
    })
}

/** The same for parameters that are all optional. @internal */
export const orAll = <P extends object, A>(
  call: Partial<P> extends P ? Call<P, A> : never
) =>
(params?: P, options?: CallOptions): Effect.Effect<A, DashScopeError> => call(params ?? {} as P, options)
