/**
 * What is common to what recognises speech: the task, and how its events are read.
 */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { ApiError, InputRequired } from "../../DashScopeError.js"
import type { DuplexTaskEvent, DuplexTaskRequest, Fields } from "../../DuplexTaskState.js"
import { nullish, nullishFrom, preserve } from "../core/fields.js"
import { isRecord } from "../core/record.js"
import * as Params from "../operation/params.js"
import { unexpectedShape } from "../protocol/envelope.js"

/** @internal */
export const wordFields = {
  /** In milliseconds from the beginning of the audio. */
  beginTime: nullishFrom("begin_time", Schema.Number),
  /** In milliseconds from the beginning of the audio. */
  endTime: nullishFrom("end_time", Schema.Number),
  text: nullish(Schema.String),
  /** What follows it. */
  punctuation: nullish(Schema.String),
  /** Whether it does not change any more. */
  fixed: nullish(Schema.Boolean),
  speakerId: nullishFrom("speaker_id", Schema.Number)
}

/** @internal */
export const sentenceFields = {
  sentenceId: nullishFrom("sentence_id", Schema.Number),
  /** In milliseconds from the beginning of the audio. */
  beginTime: nullishFrom("begin_time", Schema.Number),
  /** In milliseconds from the beginning of the audio; null while it goes on. */
  endTime: nullishFrom("end_time", Schema.Number),
  text: nullish(Schema.String),
  words: nullish(Schema.Array(Schema.Struct(wordFields).annotations(preserve))),
  /** Whether it does not change any more. */
  sentenceEnd: nullishFrom("sentence_end", Schema.Boolean)
}

/** Seconds that are paid for, so far. @internal */
export const Usage = Schema.Struct({ duration: nullish(Schema.Number) }).annotations(preserve)

/** @internal */
export interface Ending {
  readonly sentenceEnd?: boolean | null | undefined
  readonly endTime?: number | null | undefined
}

/** Older models tell it by the end time alone. @internal */
export const isFinal = ({ endTime, sentenceEnd }: Ending): boolean => sentenceEnd ?? typeof endTime === "number"

/** The request of a task, by a table of names. @internal */
export const requestOf = <P extends Params.Extra & { readonly model: string }>(
  params: P,
  fields: Params.Fields<P>
): Either.Either<DuplexTaskRequest, InputRequired> =>
  Either.map(Params.encode(params, fields), (body): DuplexTaskRequest => {
    const { input, parameters, resources } = body as Fields
    return {
      model: params.model,
      taskGroup: "audio",
      task: "asr",
      function: "recognition",
      parameters: isRecord(parameters) ? parameters : {},
      input: isRecord(input) ? input : {},
      ...(Array.isArray(resources) ? { resources } : undefined)
    }
  })

/** What keeps the task alive, and says nothing. */
const isHeartbeat = (output: Fields | undefined): boolean => {
  const sentence = output?.["sentence"]
  return isRecord(sentence) && sentence["heartbeat"] === true
}

/** @internal */
export const isContent = (event: DuplexTaskEvent): boolean => event._tag === "Result" && !isHeartbeat(event.output)

const isNothing = (fields: Fields | undefined): boolean => fields === undefined || Object.keys(fields).length === 0

/** Reads results, and of the end what it says beside that it is one. @internal */
export const reader =
  <A>(decode: (body: unknown) => Either.Either<A, ParseResult.ParseError>) =>
  (event: DuplexTaskEvent): Either.Either<A | undefined, ApiError> => {
    if (event._tag !== "Result" && event._tag !== "Finished") return Either.right(undefined)
    const { output, requestId, usage } = event
    if (event._tag === "Finished" ? isNothing(output) && isNothing(usage) : isHeartbeat(output)) {
      return Either.right(undefined)
    }
    return Either.mapLeft(
      decode({
        output: output ?? {},
        ...(usage === undefined ? undefined : { usage }),
        ...(requestId === undefined ? undefined : { request_id: requestId })
      }),
      (error) => unexpectedShape(error, { status: 200, requestId })
    )
  }
