/**
 * A WebSocket that is recorded.
 *
 * @internal
 */
import type * as Headers from "@effect/platform/Headers"
import type { WebSocketError } from "effect-http-pool/WebSocketError"
import type * as WebSocketLease from "effect-http-pool/WebSocketLease"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import type * as Stream from "effect/Stream"
import * as Pull from "../effect/pull.js"
import type * as Format from "./format.js"
import * as Session from "./session.js"

type Message = WebSocketLease.Message

/** Passes all on, and writes it down. @internal */
export class Recorder extends Inspectable.Class implements WebSocketLease.Lease {
  readonly isReused: boolean
  readonly protocol: string
  readonly headers: Headers.Headers
  readonly keep: Effect.Effect<void>
  readonly take: Effect.Effect<ReadonlyArray<Message>, WebSocketError>
  readonly messages: Stream.Stream<Message, WebSocketError>
  private readonly said: Array<Session.Message> = []
  private readonly ids = new Session.Ids()
  private closed: Session.Session["closed"] = undefined

  constructor(
    private readonly real: WebSocketLease.Lease,
    private readonly asked: Pick<Session.Session, "headers" | "path">,
    private readonly redact: Format.Redact
  ) {
    super()
    this.isReused = real.isReused
    this.protocol = real.protocol
    this.headers = real.headers
    this.keep = real.keep
    this.take = real.take.pipe(
      Effect.tap((messages) => Effect.sync(() => messages.forEach((message) => this.received(message)))),
      Effect.tapError((error) => Effect.sync(() => this.ended(error)))
    )
    this.messages = Pull.takeToStream(Effect.mapError(this.take, Pull.ended))
  }

  send(message: Message): Effect.Effect<void, WebSocketError> {
    return Effect.suspend(() => {
      const named = typeof message === "string" ? this.ids.sent(message) : message
      // Before what it makes the service say.
      this.said.push({ sent: Session.bodyOf(named, this.redact) })
      return this.real.send(message)
    })
  }

  close(code?: number, reason?: string): Effect.Effect<void> {
    return this.real.close(code, reason)
  }

  toJSON(): unknown {
    return this.real.toJSON()
  }

  get session(): Session.Session {
    const { asked, closed, said } = this
    return { ...asked, messages: said, ...(closed === undefined ? undefined : { closed }) }
  }

  private received(message: Message): void {
    const named = typeof message === "string" ? this.ids.received(message) : message
    this.said.push({ received: Session.bodyOf(named, this.redact) })
  }

  private ended(error: WebSocketError): void {
    if (error._tag !== "WebSocketClosed" || error.initiator !== "peer") return
    this.closed = { code: error.code, reason: this.redact(error.reason) }
  }
}
