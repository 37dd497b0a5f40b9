import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import { ApiError, ConnectionError, RequestTimeout } from "../../DashScopeError.js"
import type { EventOf, ServerEvent, SessionInfo } from "../../RealtimeEvent.js"
import type { Family, SessionParams } from "../../RealtimeParams.js"
import type { ResponseOptions, Session } from "../../RealtimeSession.js"
import type { ServiceSocket } from "../../ServiceSocket.js"
import { fromEither } from "../effect/either.js"
import * as Pull from "../effect/pull.js"
import type { Answer, Operation, Usage } from "../operation/observe.js"
import * as Params from "../operation/params.js"
import type { Input, Traits } from "./families.js"
import * as Messages from "./messages.js"
import { Progress } from "./progress.js"
import * as Update from "./update.js"

/** What sessions are counted by. @internal */
export interface SessionAnswer extends Answer {
  readonly usage: Usage
}

/** How an open session is watched from outside. @internal */
export interface Watching {
  readonly operation: Operation<SessionAnswer>
  readonly failed: (error: DashScopeError) => void
  /** Where what runs in the background does. */
  readonly scope: Scope.Scope
  readonly finishTimeout: Duration.Duration
}

const names: { readonly [I in Input]: string } = {
  audio: "audio",
  image: "images",
  text: "text to speak; createItem adds one to a conversation",
  response: "responses that are asked for",
  cancel: "responses that are cancelled",
  item: "items of a conversation",
  itemById: "items that are asked for by their id"
}

type Sent = Effect.Effect<string, DashScopeError>

/** @internal */
export class OpenSession implements Session {
  info: SessionInfo = {}
  readonly family: Family
  readonly events: Stream.Stream<ServerEvent, DashScopeError>
  readonly commit: Sent
  readonly clear: Sent
  readonly commitText: Sent
  readonly clearText: Sent
  readonly cancelResponse: Sent
  readonly finish: Effect.Effect<void, DashScopeError>
  private readonly progress: Progress
  private watching: Watching | undefined = undefined
  private failure: ApiError | undefined = undefined
  private expired: RequestTimeout | undefined = undefined
  private pending: ReadonlyArray<ServerEvent> = []
  private hasAudio = false
  /** When the reader began to wait, while it does. */
  private waitsSince: number | undefined = undefined

  constructor(private readonly socket: ServiceSocket, readonly traits: Traits, answersSpeech: boolean) {
    this.family = traits.family
    this.progress = new Progress(traits, answersSpeech)
    this.events = Pull.takeToStream(this.take)
    const committed = this.asking(() => this.traits.answersCommit)
    this.commit = this.gated("audio", "commit", this.sent("input_audio_buffer.commit", {}, committed))
    this.clear = this.gated("audio", "clear", this.sent("input_audio_buffer.clear"))
    this.commitText = this.gated("text", "commitText", this.sent("input_text_buffer.commit", {}, committed))
    this.clearText = this.gated("text", "clearText", this.sent("input_text_buffer.clear"))
    this.cancelResponse = this.gated("cancel", "cancelResponse", this.sent("response.cancel"))
    this.finish = this.finishing
  }

  get id(): string {
    return this.info.id ?? ""
  }

  /** Ends it at once: who reads its events is told so. */
  get abort(): Effect.Effect<void> {
    return this.socket.abort
  }

  /** The error that an `error` event is where it ends what is done. */
  errorOf(event: EventOf<"error">): ApiError {
    return this.progress.errorOf(event, this.info.id ?? undefined, this.scrub)
  }

  /** Waits until the service has opened the session, and has taken its parameters. */
  open(params: Readonly<Record<string, unknown>>): Effect.Effect<void, DashScopeError> {
    const { socket } = this
    const updated = Object.keys(params).length === 0 ? Effect.void : Effect.zipRight(
      this.sent("session.update", { session: params }),
      this.awaitSession("session.updated")
    )
    return Effect.suspend(() => {
      socket.turnBegan()
      return Effect.zipRight(this.awaitSession("session.created"), updated)
    }).pipe(Effect.zipRight(Effect.sync(() => socket.turnEnded())))
  }

  watch(watching: Watching): void {
    this.watching = watching
  }

  update(params: SessionParams): Sent {
    return Effect.flatMap(
      fromEither(Update.update(params, this.traits)),
      (session) => this.sent("session.update", { session })
    )
  }

  appendAudio(audio: Uint8Array): Effect.Effect<void, DashScopeError> {
    return this.gated(
      "audio",
      "appendAudio",
      Effect.suspend(() => {
        if (audio.length > 0) this.hasAudio = true
        return Effect.forEach(
          Messages.pieces(audio),
          (piece) => this.sent("input_audio_buffer.append", { audio: Messages.base64(piece) }),
          { discard: true }
        )
      })
    )
  }

  appendImage(jpeg: Uint8Array): Sent {
    return this.gated(
      "image",
      "appendImage",
      Effect.suspend(() => {
        const wrong = this.imageProblem(jpeg)
        return wrong === undefined
          ? this.sent("input_image_buffer.append", { image: Messages.base64(jpeg) })
          : Effect.fail(wrong)
      })
    )
  }

  appendText(text: string): Effect.Effect<void, DashScopeError> {
    return this.gated(
      "text",
      "appendText",
      Effect.suspend(() => {
        if (text === "") return Effect.void
        this.socket.asked()
        return Effect.asVoid(this.sent("input_text_buffer.append", { text }))
      })
    )
  }

  createResponse({ instructions, modalities }: ResponseOptions = {}): Sent {
    const response = instructions === undefined && modalities === undefined ? {} : {
      response: { instructions, modalities }
    }
    return this.gated("response", "createResponse", this.sent("response.create", response, this.asking(() => true)))
  }

  createItem(item: string | Readonly<Record<string, unknown>>, previousItemId?: string): Sent {
    const written = typeof item === "string"
      ? { type: "message", role: "user", content: [{ type: "input_text", text: item }] }
      : item
    return this.gated(
      "item",
      "createItem",
      this.sent("conversation.item.create", { previous_item_id: previousItemId, item: written })
    )
  }

  functionOutput(callId: string, output: string): Sent {
    return this.createItem({ type: "function_call_output", call_id: callId, output })
  }

  retrieveItem(itemId: string): Sent {
    return this.gated("itemById", "retrieveItem", this.sent("conversation.item.retrieve", { item_id: itemId }))
  }

  deleteItem(itemId: string): Sent {
    return this.gated("itemById", "deleteItem", this.sent("conversation.item.delete", { item_id: itemId }))
  }

  sendRaw({ type, ...event }: Readonly<Record<string, unknown>> & { readonly type: string }): Sent {
    return Params.isEmpty(type)
      ? Effect.fail(Params.invalid("type", "an event has a type, such as \"response.create\""))
      : this.sent(type, event)
  }

  /** Waits for events, and takes all that have come. Fails with nothing after the last. */
  private get take(): Pull.Take<ServerEvent, DashScopeError> {
    return Effect.suspend(() => {
      if (this.progress.isDone && this.pending.length === 0) return this.closed
      return Effect.matchEffect(this.next, {
        onFailure: (error) => {
          const why = this.expired ?? this.progress.endOf(error, this.info.id ?? undefined, this.scrub)
          if (why === undefined || this.mayEndSilently(why)) return this.closed
          this.watching?.failed(why)
          return Pull.fail(why)
        },
        onSuccess: (events) => {
          this.handOut(events)
          return Effect.succeed(events)
        }
      })
    })
  }

  private readonly scrub = (text: string): string => this.socket.scrub(text)

  private get closed(): Pull.Take<never> {
    return Effect.zipRight(this.socket.close, Pull.end)
  }

  /** The service promises no last event, and has been silent for so long. */
  private mayEndSilently(error: DashScopeError): boolean {
    return error === this.expired && this.traits.end !== "finished"
  }

  /** What has come. What came before a failure is handed out first. */
  private get next(): Effect.Effect<ReadonlyArray<ServerEvent>, DashScopeError> {
    return Effect.suspend(() => {
      const { pending } = this
      if (pending.length > 0) {
        this.pending = []
        return Effect.succeed(pending)
      }
      if (this.failure !== undefined) return Effect.fail(this.failure)
      return Effect.flatMap(this.waited(this.socket.take), (messages) => {
        const events: Array<ServerEvent> = []
        for (const message of messages) {
          const event = Messages.read(message)
          const failure = event instanceof ApiError
            ? event
            : event.type === "error" && Messages.isFatal(event)
            ? this.errorOf(event)
            : undefined
          if (failure !== undefined) {
            this.failure = failure
            return events.length === 0 ? Effect.fail(failure) : Effect.succeed(events)
          }
          if (!(event instanceof ApiError)) events.push(event)
        }
        return Effect.succeed(events)
      })
    })
  }

  private waited<A, E>(take: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      this.waitsSince = now
      return Effect.onExit(take, () =>
        Effect.sync(() => {
          this.waitsSince = undefined
        }))
    })
  }

  private handOut(events: ReadonlyArray<ServerEvent>): void {
    const { progress, socket, watching } = this
    let contents = 0
    for (const event of events) {
      const turn = progress.came(event)
      if (Messages.isContent(event)) contents++
      // Once all has been said, an answer is owed until the end.
      if (turn === "began") socket.turnBegan()
      else if (turn === "ended" && !progress.isFinishing) socket.turnEnded()
      if (event.type === "response.done") {
        const { inputTokens, outputTokens } = progress.usage
        socket.used?.({ input_tokens: inputTokens, output_tokens: outputTokens })
        watching?.operation.received({ requestId: this.info.id, usage: progress.usage })
      }
    }
    if (contents === 0) return
    socket.answered()
    watching?.operation.arrived(contents)
  }

  private awaitSession(type: "session.created" | "session.updated"): Effect.Effect<void, DashScopeError> {
    const others: Array<ServerEvent> = []
    const wait: Effect.Effect<void, DashScopeError> = Effect.flatMap(this.next, (events) => {
      const at = events.findIndex((event) => event.type === type || event.type === "error")
      const event = events[at]
      if (event === undefined) {
        others.push(...events)
        return wait
      }
      if (event.type === "error") {
        return Effect.fail(this.errorOf(event))
      }
      if (event.type === "session.created" || event.type === "session.updated") {
        this.info = { ...this.info, ...event.session }
      }
      this.pending = [...others, ...events.slice(0, at), ...events.slice(at + 1)]
      return Effect.void
    })
    return Effect.catchAll(wait, (error) => {
      const why = this.progress.endOf(error, this.info.id ?? undefined, this.scrub) ?? error
      // Of the session nothing was used yet: it can be opened again.
      return Effect.fail(
        why._tag === "ConnectionError" ? new ConnectionError({ ...why, responseStarted: false }) : why
      )
    })
  }

  private sent(type: string, body?: Readonly<Record<string, unknown>>, before?: () => void): Sent {
    return Effect.suspend(() => {
      before?.()
      const { id, text } = Messages.message(type, body)
      return Effect.as(this.socket.send(text), id)
    })
  }

  private asking(isAnswered: () => boolean): () => void {
    return () => {
      if (!isAnswered()) {
        if (this.family === "asr") this.socket.turnBegan()
        return
      }
      this.progress.asked()
      this.socket.turnBegan()
    }
  }

  private gated<A>(
    input: Input,
    verb: string,
    send: Effect.Effect<A, DashScopeError>
  ): Effect.Effect<A, DashScopeError> {
    return this.traits.takes.has(input)
      ? send
      : Effect.fail(Params.invalid(verb, `a session of ${this.family} takes no ${names[input]}`))
  }

  private imageProblem(jpeg: Uint8Array): InputRequired | undefined {
    const { bytes, encoded } = this.traits.image
    const length = Math.ceil(jpeg.length / 3) * 4
    if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return Params.invalid("image", "must be a JPEG")
    if (jpeg.length > bytes) return Params.invalid("image", `has ${jpeg.length} bytes, and ${bytes} are the most`)
    if (length > encoded) {
      return Params.invalid("image", `has ${length} characters in base64, and ${encoded} are the most`)
    }
    return this.hasAudio ? undefined : Params.invalid("image", "goes with audio: send some before it")
  }

  private get finishing(): Effect.Effect<void, DashScopeError> {
    return Effect.suspend(() => {
      const { progress, socket } = this
      if (progress.isFinishing) return Effect.void
      progress.isFinishing = true
      socket.turnBegan()
      const said = this.traits.end !== "unasked"
        ? this.sent("session.finish")
        // Who waits for events is told that none follow.
        : progress.isIdle
        ? socket.close
        : Effect.void
      return Effect.zipRight(said, this.watchEnd)
    })
  }

  /** Sees to it that the session ends, where the service is silent after it was told so. */
  private get watchEnd(): Effect.Effect<void> {
    const { watching } = this
    if (watching === undefined) return Effect.void
    const { finishTimeout, scope } = watching
    if (!Duration.isFinite(finishTimeout)) return Effect.void
    const limit = Duration.toMillis(finishTimeout)
    const look = (finishedAt: number): Effect.Effect<void> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (this.progress.isDone) return Effect.void
        const silentFor = this.waitsSince === undefined ? 0 : now - Math.max(this.waitsSince, finishedAt)
        if (silentFor < limit) {
          return Effect.zipRight(
            Effect.sleep(limit - silentFor),
            Effect.suspend(() => look(finishedAt))
          )
        }
        this.expired = new RequestTimeout({ phase: "content", duration: finishTimeout })
        return this.socket.abort
      })
    return Effect.asVoid(Effect.forkIn(Effect.flatMap(Clock.currentTimeMillis, look), scope))
  }
}
