/**
 * A WebSocket that is replayed. What had come is given out once all has been sent that was sent before it.
 *
 * @internal
 */
import * as Headers from "@effect/platform/Headers"
import type * as Deadline from "effect-http-pool/Deadline"
import type { WebSocketError } from "effect-http-pool/WebSocketError"
import { WebSocketClosed } from "effect-http-pool/WebSocketError"
import type * as WebSocketLease from "effect-http-pool/WebSocketLease"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Pull from "../effect/pull.js"
import * as Format from "./format.js"
import * as Session from "./session.js"

type Message = WebSocketLease.Message

/** A session of the file. @internal */
export interface Recorded {
  readonly session: Session.Session
  used: boolean
}

/** Where it stands in the recording. */
class Position {
  /** What is to be sent next. */
  private sendAt: number
  private takeAt = 0

  constructor(readonly messages: ReadonlyArray<Session.Message>) {
    this.sendAt = this.nextSent(0)
  }

  get expected(): Format.Body | undefined {
    const message = this.messages[this.sendAt]
    return message !== undefined && "sent" in message ? message.sent : undefined
  }

  get isOver(): boolean {
    return this.expected === undefined && this.takeAt === this.messages.length
  }

  sent(): void {
    this.sendAt = this.nextSent(this.sendAt + 1)
  }

  /** All that has come by now. */
  take(): ReadonlyArray<Format.Body> {
    const taken: Array<Format.Body> = []
    for (; this.takeAt < this.sendAt; this.takeAt++) {
      const message = this.messages[this.takeAt]
      if (message !== undefined && "received" in message) taken.push(message.received)
    }
    return taken
  }

  private nextSent(from: number): number {
    const at = this.messages.findIndex((message, i) => i >= from && "sent" in message)
    return at === -1 ? this.messages.length : at
  }
}

/** Whoever waits for longer than this will not be woken. */
const patience = "10 seconds"

/** Real time, as the pool has it that is not there. */
const timers: Deadline.Timers = {
  now: () => performance.now(),
  schedule: (delayMillis, task) => {
    const timer = setTimeout(task, Math.min(delayMillis, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  isOf: () => false
}

/** What the leases of one cassette are made with. @internal */
export interface Playing {
  readonly origin: string
  /** Those that may be meant. */
  readonly candidates: ReadonlyArray<Recorded>
  readonly redact: Format.Redact
  /** Ends the test. */
  readonly missing: (description: string) => Effect.Effect<never>
  /** Where what is not in the file is recorded. */
  readonly record: Effect.Effect<WebSocketLease.Lease, WebSocketError> | undefined
}

const shown = (body: Format.Body): string => "base64" in body ? "bytes" : Format.normal(body).slice(0, 300)

class Player extends Inspectable.Class implements WebSocketLease.Lease, Deadline.Expirable {
  readonly isReused = false
  readonly protocol = ""
  readonly headers = Headers.empty
  readonly keep = Effect.void
  readonly take: Effect.Effect<ReadonlyArray<Message>, WebSocketError>
  readonly messages: Stream.Stream<Message, WebSocketError>
  private readonly ids = new Session.Ids()
  private readonly waiting = new Set<() => void>()
  private position: Position | undefined = undefined
  private recorded: Recorded | undefined = undefined
  /** Is recorded, instead. */
  private real: WebSocketLease.Lease | undefined = undefined
  private error: WebSocketError | undefined = undefined

  constructor(private readonly playing: Playing) {
    super()
    this.take = Effect.suspend(() => this.real === undefined ? this.takeRecorded() : this.real.take)
    this.messages = Pull.takeToStream(Effect.mapError(this.take, Pull.ended))
  }

  send(message: Message): Effect.Effect<void, WebSocketError> {
    return Effect.suspend(() => {
      if (this.real !== undefined) return this.real.send(message)
      if (this.error !== undefined) return Effect.fail(this.error)
      const named = typeof message === "string" ? this.ids.sent(message) : message
      const body = Session.bodyOf(named, this.playing.redact)
      const position = this.position ?? this.choose(body)
      return position === undefined ? this.recordInstead(message, body) : this.sendRecorded(position, body)
    })
  }

  close(code = 1000, reason = ""): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.real !== undefined) return this.real.close(code, reason)
      return Effect.sync(() => this.end(this.closed({ code, reason }, "client")))
    })
  }

  /** A deadline of the call has passed, or it is given up. */
  expire(error: WebSocketError): void {
    this.end(error)
  }

  toJSON(): unknown {
    return { _id: "effect-dashscope/Cassette/WebSocket", path: this.recorded?.session.path }
  }

  private end(error: WebSocketError): void {
    this.error ??= error
    this.wake()
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake()
  }

  private begin(recorded: Recorded): Position {
    recorded.used = true
    this.recorded = recorded
    return this.position = new Position(recorded.session.messages)
  }

  /** The session that begins with this. */
  private choose(first: Format.Body): Position | undefined {
    const wanted = Format.normal(first)
    const found = this.playing.candidates.find(({ session: { messages }, used }) => {
      const { expected } = new Position(messages)
      return !used && expected !== undefined && Format.normal(expected) === wanted
    })
    return found === undefined ? undefined : this.begin(found)
  }

  private recordInstead(message: Message, body: Format.Body): Effect.Effect<void, WebSocketError> {
    const { missing, record } = this.playing
    return record === undefined
      ? missing(`no session of this path that is left begins with what was sent: ${shown(body)}`)
      : Effect.flatMap(record, (real) => {
        this.real = real
        return real.send(message)
      })
  }

  private sendRecorded(position: Position, body: Format.Body): Effect.Effect<void, WebSocketError> {
    const { expected } = position
    if (expected === undefined) {
      const closed = this.recorded?.session.closed
      return closed === undefined
        ? this.playing.missing(`nothing more was sent when this session was recorded. Sent: ${shown(body)}`)
        : Effect.fail(this.closed(closed, "peer"))
    }
    if (Format.normal(expected) !== Format.normal(body)) {
      return this.playing.missing(
        `when this session was recorded, ${shown(expected)} was sent here. Sent: ${shown(body)}`
      )
    }
    position.sent()
    this.wake()
    return Effect.void
  }

  private takeRecorded(): Effect.Effect<ReadonlyArray<Message>, WebSocketError> {
    const { playing: { candidates, missing } } = this
    if (this.error !== undefined) return Effect.fail(this.error)
    // Where the service speaks first, a session is known by its path alone.
    const next = candidates.find(({ session: { messages: [first] }, used }) =>
      !used && first !== undefined && "received" in first
    )
    const position = this.position ?? (next === undefined ? undefined : this.begin(next))
    const taken = position?.take() ?? []
    if (taken.length > 0) return Effect.succeed(taken.map((body) => Session.messageOf(body, this.ids)))
    if (position?.isOver === true) {
      const closed = this.recorded?.session.closed
      if (closed !== undefined) return Effect.fail(this.closed(closed, "peer"))
      return missing("nothing more came when this session was recorded")
    }
    const woken = Effect.async<void>((resume) => {
      const wake = () => resume(Effect.void)
      this.waiting.add(wake)
      return Effect.sync(() => this.waiting.delete(wake))
    })
    const stuck = Effect.zipRight(
      Effect.sleep(patience),
      Effect.suspend(() => {
        const expected = position?.expected
        return missing(`it waits for an answer to ${expected === undefined ? "a message" : shown(expected)}, not sent`)
      })
    )
    return Effect.zipRight(Effect.raceFirst(woken, stuck), this.take)
  }

  private closed({ code, reason }: { readonly code: number; readonly reason: string }, initiator: "peer" | "client") {
    return new WebSocketClosed({ origin: this.playing.origin, code, reason, initiator, isClean: true })
  }
}

/** A lease for as long as the scope, under the deadline of the call. @internal */
export const play = (
  playing: Playing,
  deadline: Deadline.Deadline | undefined
): Effect.Effect<WebSocketLease.Lease, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const player = new Player(playing)
      deadline?.attach(timers, player)
      return player
    }),
    () => Effect.sync(() => deadline?.detach())
  )
