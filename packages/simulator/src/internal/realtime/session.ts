/**
 * One WebSocket of the realtime protocol, which is one session.
 */
import type { JsonObject } from "../core/json.js"
import { asString, parseObject } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { checkModel } from "../server/route.js"
import type { Peer } from "../sockets/peer.js"
import type { Session, SocketIncoming } from "../sockets/route.js"
import { Conversation } from "./conversation.js"
import type { Refusal } from "./refusal.js"
import { isRefusal, refusal } from "./refusal.js"
import type { Role } from "./role.js"
import type { Family } from "./settings.js"
import { defaultsOf, familyOf, merged } from "./settings.js"
import { Speaking } from "./speaking.js"
import { Wire } from "./wire.js"

const closedSession: Session = { onText: () => {}, onBinary: () => {}, onClose: () => {}, isIdle: () => true }

class RealtimeSession implements Session {
  private readonly family: Family
  private readonly wire: Wire
  private readonly role: Role
  private session: JsonObject
  private isFinished = false

  constructor(private readonly model: string, peer: Peer, private readonly incoming: SocketIncoming) {
    incoming.counts.numbers.sessions++
    incoming.onBusy()
    this.family = familyOf(model)
    this.wire = new Wire(peer, incoming)
    this.session = defaultsOf(this.family, model, this.wire.sessionId)
    this.role = this.family === "tts"
      ? new Speaking(this.wire, incoming, () => this.session)
      : new Conversation(this.family, this.wire, incoming, () => this.session)
    this.wire.tell("session.created", { session: this.session })
  }

  readonly isIdle = (): boolean => this.isFinished

  readonly onClose = (): void => this.wire.outbox.stop()

  readonly onBinary = (_: Buffer): void => {
    this.wire.refuse(refusal("A binary message is not supported.", null, "invalid_message"), undefined)
  }

  readonly onText = (text: string): void => {
    if (this.wire.outbox.isStalled) {
      return
    }
    const message = parseObject(text)
    const wrong = message === undefined
      ? refusal("The message is not a JSON object.", null, "invalid_json")
      : this.on(message)
    if (wrong !== undefined) {
      this.wire.refuse(wrong, message?.event_id)
    }
  }

  private on(message: JsonObject): Refusal | undefined {
    const type = asString(message.type) ?? ""
    if (this.isFinished) {
      return refusal(`The session is finished: '${type}' comes too late.`, "type")
    }
    if (type === "session.update") {
      return this.update(message.session)
    }
    if (type === "session.finish" && this.family !== "audio") {
      this.finish()
      return undefined
    }
    const answer = this.role.on(type, message)
    return answer === "unknown" ? refusal(`Invalid value: '${type}'. There is no such event.`, "type") : answer
  }

  private update(given: unknown): Refusal | undefined {
    const { family, incoming, model } = this
    if (this.role.hasStarted && (family === "tts" || family === "asr")) {
      return refusal("Session update error: session already started or finished or failed.", "session")
    }
    const next = merged(family, this.session, given, { model, state: incoming.state })
    if (isRefusal(next)) {
      return next
    }
    this.session = next
    this.wire.tell("session.updated", { session: next })
    return undefined
  }

  private finish(): void {
    this.isFinished = true
    this.role.finish()
    this.wire.push([this.wire.event("session.finished", {}, () => this.incoming.onIdle())])
  }
}

const unknownModel = "Model not found"

/** @internal */
export const openRealtime = (peer: Peer, incoming: SocketIncoming): Session => {
  const model = incoming.query.get("model") ?? ""
  if (checkModel(model, incoming.settings) !== undefined || !isServedAs(model, "realtime")) {
    peer.close(1007, model === "" ? "Missing parameter: model" : unknownModel)
    return closedSession
  }
  return new RealtimeSession(model, peer, incoming)
}
