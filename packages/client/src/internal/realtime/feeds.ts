/**
 * Sessions that are fed by a stream, and give one.
 */
import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { ServerEvent } from "../../RealtimeEvent.js"
import type { RealtimeParams } from "../../RealtimeParams.js"
import type { Interpreted, Transcript } from "../../RealtimeState.js"
import { joined } from "../operation/audio.js"
import type { OpenSession } from "./session.js"
import { transcriptOf } from "./transcripts.js"

/** Sending failed, by the end of the session: who reads learns why, after what had come before. @internal */
export class Unsent {
  readonly _tag = "Unsent"
}

const unsent = new Unsent()

/** What is sent; what is wrong with it is an error of who sends. @internal */
export const sending = <A>(send: Effect.Effect<A, DashScopeError>): Effect.Effect<A, InputRequired | Unsent> =>
  Effect.mapError(send, (error) => error._tag === "InputRequired" ? error : unsent)

/** Pieces that are there together, as one message. @internal */
export const appendAudio = (session: OpenSession, pieces: Chunk.Chunk<Uint8Array>) =>
  sending(session.appendAudio(joined(pieces)))

/**
 * Feeds a session, side by side with its reader. Where the feed fails, so does the stream.
 *
 * @internal
 */
export const fed = <E, R>(
  session: OpenSession,
  feed: Effect.Effect<void, E | Unsent, R>
): Stream.Stream<ServerEvent, DashScopeError | E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    let failed: Cause.Cause<E> | undefined
    const send = Effect.catchIf(feed, (error): error is Unsent => error === unsent, () => Effect.void)
    yield* Effect.forkScoped(Effect.onExit(send, (exit) => {
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return Effect.void
      // What is not Unsent is of the feed's own.
      failed = exit.cause
      return session.abort
    }))
    return Stream.catchAll(session.events, (error): Stream.Stream<never, DashScopeError | E> =>
      failed === undefined ? Stream.fail(error) : Stream.failCause(failed))
  }))

/** The events, to the first that says what was wrong with what was sent: nothing else tells of it. */
const strict = <E, R>(
  session: OpenSession,
  events: Stream.Stream<ServerEvent, E, R>
): Stream.Stream<ServerEvent, E | DashScopeError, R> =>
  Stream.mapEffect(
    events,
    (event) => event.type === "error" ? Effect.fail(session.errorOf(event)) : Effect.succeed(event)
  )

const hears = <E, R>(
  session: OpenSession,
  { turnDetection }: RealtimeParams,
  audio: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<ServerEvent, DashScopeError | E, R> => {
  let hasAudio = false
  const append = Stream.runForEachChunk(audio, (pieces) => {
    hasAudio = true
    return appendAudio(session, pieces)
  })
  // Where no turns are detected, all of it is one.
  const commit = Effect.suspend(() => turnDetection === null && hasAudio ? sending(session.commit) : Effect.void)
  const feed = append.pipe(Effect.zipRight(commit), Effect.zipRight(sending(session.finish)))
  return strict(session, fed(session, feed))
}

/** @internal */
export const transcribe = <E, R>(
  session: OpenSession,
  params: RealtimeParams,
  audio: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Transcript, DashScopeError | E, R> =>
  Stream.filterMap(hears(session, params, audio), (event) => Option.fromNullable(transcriptOf(event)))

/** @internal */
export const translate = <E, R>(
  session: OpenSession,
  params: RealtimeParams,
  audio: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Interpreted, DashScopeError | E, R> =>
  Stream.suspend(() => {
    const sources = new Map<string, string>()
    return Stream.filterMap(hears(session, params, audio), (event) => {
      if (event.type === "conversation.item.created" && event.item?.id && event.previousItemId) {
        sources.set(event.item.id, event.previousItemId)
      }
      return Option.fromNullable(interpreted(event, sources))
    })
  })

const interpreted = (event: ServerEvent, sources: ReadonlyMap<string, string>): Interpreted | undefined => {
  const transcript = transcriptOf(event)
  if (transcript !== undefined) return { _tag: "Heard", transcript }
  const translation = (
    of: { readonly responseId?: string | null | undefined; readonly itemId?: string | null | undefined },
    text: string | null | undefined,
    stash: string | null | undefined,
    isFinal: boolean
  ): Interpreted => ({
    _tag: "Translation",
    responseId: of.responseId ?? "",
    itemId: of.itemId ?? "",
    sourceItemId: sources.get(of.itemId ?? ""),
    text: text ?? "",
    stash: stash ?? "",
    isFinal
  })
  switch (event.type) {
    case "response.audio.delta":
      return { _tag: "Audio", responseId: event.responseId ?? "", audio: event.audio }
    case "response.text.text":
    case "response.audio_transcript.text":
      return translation(event, event.text, event.stash, false)
    case "response.text.done":
      return translation(event, event.text, "", true)
    case "response.audio_transcript.done":
      return translation(event, event.transcript, "", true)
    default:
      return undefined
  }
}

/** @internal */
export const speak = <E, R>(
  session: OpenSession,
  { mode }: RealtimeParams,
  texts: Stream.Stream<string, E, R>
): Stream.Stream<Uint8Array, DashScopeError | E, R> =>
  Stream.suspend(() => {
    const spoken = Effect.unsafeMakeLatch(true)
    // A commit is answered by one response, and the next may follow that.
    const commit = Effect.zipRight(spoken.await, Effect.zipRight(spoken.close, sending(session.commitText)))
    const say = (text: string) =>
      text === ""
        ? Effect.void
        : Effect.zipRight(sending(session.appendText(text)), mode === "commit" ? commit : Effect.void)
    const feed = Stream.runForEach(texts, say).pipe(
      Effect.zipRight(spoken.await),
      Effect.zipRight(sending(session.finish))
    )
    const events = Stream.tap(
      strict(session, fed(session, feed)),
      (event) => event.type === "response.done" ? spoken.open : Effect.void
    )
    return Stream.filterMap(
      events,
      (event) =>
        event.type === "response.audio.delta" && event.audio.length > 0 ? Option.some(event.audio) : Option.none()
    )
  })
