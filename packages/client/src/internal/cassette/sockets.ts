/**
 * The WebSockets of a cassette: which are replayed, and which recorded.
 *
 * @internal
 */
import * as PlatformHeaders from "@effect/platform/Headers"
import type * as Beneath from "effect-http-pool/Beneath"
import * as Deadline from "effect-http-pool/Deadline"
import type { OpenError } from "effect-http-pool/WebSocketError"
import { HandshakeInvalid, HandshakeRefused } from "effect-http-pool/WebSocketError"
import type * as WebSocketLease from "effect-http-pool/WebSocketLease"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Format from "./format.js"
import * as Player from "./player.js"
import { Recorder } from "./recorder.js"
import type * as Session from "./session.js"

type Open = Beneath.Beneath["openWebSocket"]

/** @internal */
export interface Options {
  readonly mode: "record" | "replay" | "auto"
  readonly headers: ReadonlyArray<string>
  readonly redact: Format.Redact | undefined
  /** Writes the file. */
  readonly save: Effect.Effect<void>
  readonly missing: (path: string, description: string) => Error
}

const plain = ({ headers }: WebSocketLease.Options): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map((
      [name, value]
    ) => [name, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )

const secretsOf = ({ headers }: WebSocketLease.Options): ReadonlyArray<string> =>
  Object.values(headers ?? {}).flatMap((value) => {
    if (!Redacted.isRedacted(value)) return []
    const secret = Redacted.value(value)
    return [secret, secret.slice(secret.indexOf(" ") + 1)]
  })

const textOf = (body: Format.Body | undefined): string =>
  Format.piecesOf(body).map((piece) => new TextDecoder().decode(piece)).join("")

/** Without a pool there is none. */
const noPool: Open = () =>
  Effect.fail(
    new HandshakeInvalid({
      description:
        "a cassette records WebSockets over the connection pool: give its layer the client of HttpClient.layer"
    })
  )

class Sockets {
  private readonly recorded: Array<Player.Recorded>

  constructor(private readonly options: Options, sessions: ReadonlyArray<Session.Session>) {
    this.recorded = sessions.map((session) => ({ session, used: false }))
  }

  /** As the file is to have them. */
  get sessions(): ReadonlyArray<Session.Session> {
    return this.recorded.map(({ session }) => session)
  }

  /** What a client finds beneath, over what is there already. Deadlines of requests are not the pool's to watch. */
  beneath(pool: Beneath.Beneath | undefined): Beneath.Beneath {
    const real = pool?.openWebSocket ?? noPool
    return {
      isTimedBy: () => false,
      closing: pool?.closing ?? Effect.never,
      emit: pool?.emit ?? (() => {}),
      openWebSocket: (options) => Effect.suspend(() => this.open(options, real))
    }
  }

  private open(options: WebSocketLease.Options, real: Open): ReturnType<Open> {
    const { headers, missing, mode, redact: own } = this.options
    const redact = Format.redactText(secretsOf(options), own)
    const url = new URL(options.url)
    const asked = { path: Format.pathOf(url, redact), headers: Format.keptHeaders(plain(options), headers, redact) }
    const candidates = mode === "record"
      ? []
      : this.recorded.filter(({ session: { path }, used }) => !used && path === asked.path)
    const [first] = candidates
    const record = this.record(options, real, asked, redact)
    const die = (description: string) => Effect.die(missing(asked.path, description))
    if (first === undefined) {
      const of = this.recorded.filter(({ session: { path } }) => path === asked.path).length
      return mode === "replay" ? die(`the file has ${of} sessions of it, and this is one more`) : record
    }
    if (first.session.refused !== undefined) {
      first.used = true
      return Effect.fail(refusalOf(url.origin, first.session.refused))
    }
    return Effect.flatMap(Effect.zip(FiberRef.get(Deadline.current), Effect.scope), ([deadline, scope]) =>
      Player.play({
        origin: url.origin,
        candidates,
        redact,
        missing: die,
        // It is asked for within a message that is sent, which cannot fail in the way of a handshake.
        record: mode === "replay" ? undefined : Effect.orDie(Scope.extend(record, scope))
      }, deadline))
  }

  private record(
    options: WebSocketLease.Options,
    real: Open,
    asked: Pick<Session.Session, "headers" | "path">,
    redact: Format.Redact
  ): Effect.Effect<WebSocketLease.Lease, OpenError, Scope.Scope> {
    const refused = (error: OpenError) =>
      error._tag === "HandshakeRefused"
        ? this.keep({ ...asked, messages: [], refused: this.refusedBy(error, redact) })
        : Effect.void
    return Effect.flatMap(Effect.tapError(real(options), refused), (lease) => {
      const recorder = new Recorder(lease, asked, redact)
      const finalizer = Effect.suspend(() =>
        recorder.session.messages.length === 0 ? Effect.void : this.keep(recorder.session)
      )
      return Effect.as(Effect.addFinalizer(() => finalizer), recorder)
    })
  }

  private refusedBy({ body, headers, status }: HandshakeRefused, redact: Format.Redact): Session.Session["refused"] {
    const said = Format.bodyOf(new TextEncoder().encode(body), headers["content-type"], redact)
    return {
      status,
      headers: Format.keptHeaders(headers, this.options.headers, redact),
      ...(said === undefined ? undefined : { body: said })
    }
  }

  private keep(session: Session.Session): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.recorded.push({ session, used: true })
      return this.options.save
    })
  }
}

const refusalOf = (
  origin: string,
  { body, headers, status }: NonNullable<Session.Session["refused"]>
): HandshakeRefused =>
  new HandshakeRefused({
    origin,
    status,
    headers: PlatformHeaders.fromInput(headers),
    body: textOf(body),
    description: `the answer was ${status}`
  })

/** @internal */
export const make = (options: Options, sessions: ReadonlyArray<Session.Session>): Sockets =>
  new Sockets(options, sessions)
