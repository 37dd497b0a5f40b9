/**
 * The events of a session, with ids of their own.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { failureOf } from "../server/errors.js"
import type { Item } from "../sockets/outbox.js"
import { event, Outbox } from "../sockets/outbox.js"
import type { Peer } from "../sockets/peer.js"
import type { SocketIncoming } from "../sockets/route.js"
import type { Refusal } from "./refusal.js"
import { breakdown } from "./refusal.js"

/** @internal */
export class Wire {
  readonly sessionId: string
  readonly outbox: Outbox
  private count = 0

  constructor(private readonly peer: Peer, private readonly incoming: SocketIncoming) {
    const { behavior, counts, state } = incoming
    this.sessionId = `sess_${digest(`realtime/${state.next("realtime")}`).slice(0, 22)}`
    this.outbox = new Outbox(peer, behavior.socket ?? {}, {
      fail: () => {
        const { code, message } = failureOf(behavior.error ?? {})
        this.end(breakdown(code, message))
      },
      giant: (bytes) => {
        const around = (padding: string) => JSON.stringify({ event_id: "event_giant", type: "session.padded", padding })
        return around("x".repeat(Math.max(0, bytes - around("").length)))
      },
      heard: (bytes) => {
        counts.numbers.audioBytesSent += bytes
      }
    })
  }

  /** The next id of a kind: the same in every simulator. */
  id(kind: string): string {
    return `${kind}_${digest(`${this.sessionId}/${kind}/${++this.count}`)}`
  }

  event(type: string, fields: JsonObject = {}, sent?: () => void): Item {
    return event({ event_id: this.id("event"), type, ...fields }, sent)
  }

  /** An event that carries audio, which is counted. */
  audio(type: string, fields: JsonObject, bytes: Uint8Array): Item {
    const delta = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")
    return this.event(type, { ...fields, delta }, () => {
      this.incoming.counts.numbers.audioBytesSent += bytes.length
    })
  }

  tell(type: string, fields: JsonObject = {}): void {
    this.outbox.push([this.event(type, fields)])
  }

  push(items: Iterable<Item>): void {
    this.outbox.push(items)
  }

  /** Says it before what waits, as one who does not speak in turn. */
  tellFirst(type: string, fields: JsonObject): void {
    this.outbox.pushFirst([this.event(type, fields)])
  }

  refuse(refusal: Refusal, eventId: unknown): void {
    if (refusal.type === "server_error") {
      this.end(refusal)
    } else {
      this.tellFirst("error", errorOf(refusal, eventId))
    }
  }

  /** Fails, and closes. */
  private end(refusal: Refusal): void {
    const { outbox, peer } = this
    if (!outbox.isStalled) {
      outbox.stop()
      peer.text(JSON.stringify({ event_id: this.id("event"), type: "error", ...errorOf(refusal, undefined) }))
      peer.close(1011, refusal.message)
    }
  }
}

const errorOf = ({ code, message, param, type }: Refusal, eventId: unknown): JsonObject => ({
  error: { type, code, message, param, ...(typeof eventId === "string" ? { event_id: eventId } : {}) }
})
