/**
 * The file of a batch, written and sent while the requests are read: neither is ever held as a whole.
 *
 * @internal
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { BatchRequest, InputFile } from "../../BatchState.js"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { Request } from "../../Envelope.js"
import * as Codec from "../core/codec.js"
import { preserve, requestId } from "../core/fields.js"
import { fromEither } from "../effect/either.js"
import { answerOf, type Client, type Endpoint } from "../operation/endpoint.js"
import { Operations } from "../operation/observe.js"
import { inputRequired } from "../protocol/invalid.js"
import * as Form from "../upload/form.js"
import { RequestLines } from "./requestLines.js"

/** @internal */
export type Requests<E, R> = Iterable<BatchRequest> | Stream.Stream<BatchRequest, E, R>

const Uploaded = Schema.Struct({ id: Schema.NonEmptyString, requestId }).annotations(preserve)

type Uploaded = typeof Uploaded.Type

const about: Endpoint<void, Uploaded> = {
  operation: "upload_batch_file",
  modelOf: () => undefined,
  usageOf: () => undefined,
  // The request is made of a stream, and not here.
  encode: () => Either.left(inputRequired("requests", "")),
  decode: Codec.decoder(Uploaded)
}

// -----------------------------------------------------------------------------
// from requests to bytes
// -----------------------------------------------------------------------------

/** Lines are sent together up to about so many bytes. */
const pieceBytes = 64 * 1024

/** So many pieces are made before others have their turn. */
const piecesAtOnce = 16

const joined = (parts: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const end = (lines: RequestLines): Stream.Stream<never, InputRequired> =>
  Stream.unwrap(Effect.suspend(() => {
    const problem = lines.end()
    return problem === undefined ? Effect.succeed(Stream.empty) : Effect.fail(problem)
  }))

const ofIterable = (requests: Iterable<BatchRequest>, lines: RequestLines): Stream.Stream<Uint8Array, InputRequired> =>
  Stream.suspend(() => {
    const iterator = requests[Symbol.iterator]()
    let isDone = false
    let pieces = 0
    const piece = Effect.suspend(() => {
      const parts: Array<Uint8Array> = []
      let size = 0
      while (size < pieceBytes) {
        const item = iterator.next()
        if (item.done === true) {
          isDone = true
          break
        }
        const line = lines.add(item.value)
        if (Either.isLeft(line)) return Effect.fail(line.left)
        parts.push(line.right)
        size += line.right.length
      }
      return Effect.succeed(size === 0 ? Option.none() : Option.some([joined(parts, size), undefined] as const))
    })
    return Stream.unfoldEffect(
      undefined,
      () => ++pieces % piecesAtOnce === 0 ? Effect.zipRight(Effect.yieldNow(), piece) : piece
    ).pipe(
      Stream.concat(end(lines)),
      Stream.ensuring(Effect.sync(() => {
        if (!isDone) iterator.return?.()
      }))
    )
  })

const ofStream = <E, R>(
  requests: Stream.Stream<BatchRequest, E, R>,
  lines: RequestLines
): Stream.Stream<Uint8Array, E | InputRequired, R> =>
  Stream.concat(Stream.mapEffect(requests, (request) => fromEither(lines.add(request))), end(lines))

// -----------------------------------------------------------------------------
// sending
// -----------------------------------------------------------------------------

const isStream = <E, R>(requests: Requests<E, R>): requests is Stream.Stream<BatchRequest, E, R> =>
  typeof requests === "object" && requests !== null && Stream.StreamTypeId in requests

/** Whether it begins anew each time that it is read, as an array does and a generator does not. */
const isReadAgain = (requests: Iterable<BatchRequest>): boolean => {
  const iterator: unknown = requests[Symbol.iterator]()
  return iterator !== requests
}

/** A file as it is sent, once or each time. */
interface Source<E> {
  readonly lines: RequestLines
  readonly body: Request["body"]
  /** Why the body ended before its time. */
  readonly failure: () => Option.Option<E | InputRequired>
}

const bodyOf = (form: Form.Form, content: Stream.Stream<Uint8Array, unknown>, length: number | undefined) =>
  HttpBody.stream(
    Stream.make(form.head).pipe(Stream.concat(content), Stream.concat(Stream.make(form.tail))),
    form.contentType,
    length === undefined ? undefined : form.head.length + length + form.tail.length
  )

/** What can be read again is read once to check it and to know its size, and again for each time that it is sent. */
const measured = (requests: Iterable<BatchRequest>, form: Form.Form): Effect.Effect<Source<never>, InputRequired> =>
  Effect.suspend(() => {
    const lines = new RequestLines()
    let failure = Option.none<InputRequired>()
    const changed = (again: RequestLines): Stream.Stream<never, InputRequired> =>
      Stream.unwrap(Effect.suspend(() =>
        again.bytes === lines.bytes
          ? Effect.succeed(Stream.empty)
          : Effect.fail(inputRequired("requests", "gave others when it was read again; give a Stream, or an array"))
      ))
    const content = () => {
      const again = new RequestLines()
      return Stream.tapError(Stream.concat(ofIterable(requests, again), changed(again)), (error) =>
        Effect.sync(() => {
          failure = Option.some(error)
        }))
    }
    return Effect.as(
      Stream.runDrain(ofIterable(requests, lines)),
      { lines, body: () => bodyOf(form, content(), lines.bytes), failure: () => failure }
    )
  })

/** What can be read once only is checked while it is sent. */
const once = <E, R>(requests: Requests<E, R>, form: Form.Form): Effect.Effect<Source<E>, never, R> =>
  Effect.map(Effect.context<R>(), (context) => {
    const lines = new RequestLines()
    let failure = Option.none<E | InputRequired>()
    const content: Stream.Stream<Uint8Array, E | InputRequired, R> = isStream(requests)
      ? ofStream(requests, lines)
      : ofIterable(requests, lines)
    const watched = content.pipe(
      Stream.provideContext(context),
      Stream.tapError((error) =>
        Effect.sync(() => {
          failure = Option.some(error)
        })
      )
    )
    return { lines, body: bodyOf(form, watched, undefined), failure: () => failure }
  })

const isIterable = (u: unknown): boolean => typeof u === "object" && u !== null && Symbol.iterator in u

const sourceOf = <E, R>(requests: Requests<E, R>, form: Form.Form): Effect.Effect<Source<E>, InputRequired, R> => {
  if (isStream(requests)) return once(requests, form)
  if (!isIterable(requests)) {
    return Effect.fail(
      inputRequired("requests", "must be an array or another Iterable of requests, or a Stream of them")
    )
  }
  return isReadAgain(requests) ? measured(requests, form) : once(requests, form)
}

/** @internal */
export interface Named {
  readonly fileName: string
}

/** @internal */
export const make = (client: Client) => {
  const operations = new Operations<void, Uploaded>(client.baseUrl, about)
  return <E, R>(
    requests: Requests<E, R>,
    { fileName }: Named,
    options: CallOptions
  ): Effect.Effect<InputFile, E | DashScopeError, R> =>
    Effect.gen(function*() {
      const boundary = `effect-dashscope-${yield* Random.nextIntBetween(0, 2 ** 31)}`
      const form = Form.around(
        [["purpose", "batch"]],
        { field: "file", name: fileName, mediaType: "application/jsonl" },
        boundary
      )
      const { body, failure, lines } = yield* sourceOf(requests, form)
      const sent = client.execute({ base: "compatible", path: "/files", body, replay: "unsent" }, options)
      const { id, requestId } = yield* operations.call(undefined, sent, (envelope) => answerOf(about, envelope)).pipe(
        Effect.mapError((error): E | DashScopeError => Option.getOrElse(failure(), () => Cause.originalError(error)))
      )
      return {
        id,
        endpoint: lines.endpoint ?? "",
        model: lines.model ?? "",
        requests: lines.requests,
        bytes: lines.bytes,
        requestId
      }
    })
}
