/**
 * The files of a batch's results, read as they arrive.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import { type Batch, type BatchResult } from "../../BatchState.js"
import type { CallOptions } from "../../CallOptions.js"
import { ApiError, type DashScopeError } from "../../DashScopeError.js"
import * as Envelope from "../../Envelope.js"
import type { Client } from "../operation/endpoint.js"
import * as Resume from "../operation/resume.js"
import { isTransient } from "../operation/taskState.js"
import { LineReader } from "./lineReader.js"
import { type Decode, read } from "./resultLines.js"

/** Breaks in a row that bring nothing. */
const mostBreaks = 3

/** How far a file has been read. */
class Reading {
  known: Resume.Known | undefined = undefined
  received = 0
  /** The last of it, where it is compared. */
  tail: Uint8Array = new Uint8Array(0)
  breaks = 0
}

const otherFile = (description: string, { requestId, status }: Envelope.Envelope): ApiError =>
  new ApiError({
    reason: "UnexpectedResponse",
    isRetryable: false,
    statusCode: status,
    code: "",
    description,
    ...(requestId === undefined ? undefined : { requestId })
  })

/** What an answer has of the file that was not read before. */
const freshOf = (reading: Reading, envelope: Envelope.Envelope): Stream.Stream<Uint8Array, DashScopeError> => {
  const verdict = Resume.judge(reading.known, reading.received, envelope.status, envelope.headers)
  if (verdict._tag === "Complete") return Stream.empty
  if (verdict._tag === "Changed") return Stream.fail(otherFile(verdict.description, envelope))
  const { known } = verdict
  reading.known = known
  const skipped = new Resume.Skip(verdict.skip, reading.tail)
  return Stream.mapConcatEffect(Envelope.stream(envelope), (piece) => {
    const rest = skipped.rest(piece)
    if (rest === undefined) {
      return Effect.fail(otherFile("the file has changed: what was read already came otherwise", envelope))
    }
    if (rest.length === 0) return Effect.succeed([])
    reading.received += rest.length
    reading.breaks = 0
    if (Resume.isCompared(known)) reading.tail = Resume.tailOf(reading.tail, rest)
    return Effect.succeed([rest])
  })
}

/** A file of the service never changes, so what its answers do not say of it does not matter. */
const mayGoOn = ({ breaks, known }: Reading, error: DashScopeError): boolean =>
  known !== undefined && !known.isEncoded && isTransient(error) && breaks < mostBreaks

const isAtEnd = ({ received }: Reading, error: DashScopeError): boolean =>
  received > 0 && error._tag === "ApiError" && error.statusCode === 416

const attempts = (
  client: Client,
  path: string,
  options: CallOptions,
  reading: Reading
): Stream.Stream<Uint8Array, DashScopeError> => {
  const asked = client.execute({
    base: "compatible",
    method: "GET",
    path,
    accept: "stream",
    headers: Resume.headersOf(reading.known, reading.received)
  }, options)
  return Stream.catchAll(
    Stream.unwrap(Effect.map(asked, (envelope) => freshOf(reading, envelope))),
    (error): Stream.Stream<Uint8Array, DashScopeError> => {
      if (isAtEnd(reading, error)) return Stream.empty
      if (!mayGoOn(reading, error)) return Stream.fail(error)
      const { breaks } = reading
      reading.breaks++
      return Random.next.pipe(
        Effect.flatMap((random) => Effect.sleep(Duration.millis(Resume.pauseMillis(breaks, random)))),
        Effect.as(Stream.suspend(() => attempts(client, path, options, reading))),
        Stream.unwrap
      )
    }
  )
}

/** A file's bytes. Where they break off, the rest is asked for. @internal */
export const contentOf = (
  client: Client,
  fileId: string,
  options: CallOptions
): Stream.Stream<Uint8Array, DashScopeError> =>
  Stream.suspend(() => attempts(client, `/files/${encodeURIComponent(fileId)}/content`, options, new Reading()))

const linesOf = <A>(
  bytes: Stream.Stream<Uint8Array, DashScopeError>,
  file: BatchResult<A>["file"],
  decode: Decode<A>
): Stream.Stream<BatchResult<A>, DashScopeError> =>
  Stream.suspend(() => {
    const reader = new LineReader()
    let line = 0
    return Stream.concat(Stream.map(bytes, (piece) => () => reader.push(piece)), Stream.make(() => reader.end())).pipe(
      Stream.mapConcat((lines) => lines()),
      Stream.filterMap((text) => {
        const result = read(text, { file, line: ++line }, decode)
        return Option.fromNullable(result)
      })
    )
  })

/** The lines of all files that a batch has, answers first. @internal */
export const of = <A>(
  client: Client,
  batch: Batch,
  options: CallOptions,
  decode: Decode<A>
): Stream.Stream<BatchResult<A>, DashScopeError> => {
  const lines = (file: BatchResult<A>["file"], id: string | null | undefined) =>
    id === undefined || id === null || id === ""
      ? Stream.empty
      : linesOf(contentOf(client, id, options), file, decode)
  return Stream.concat(lines("output", batch.outputFileId), lines("error", batch.errorFileId))
}
