/**
 * What is on its way to a client, for one task or one session: in order, only as fast as the client reads, and with the faults
 * that its behaviour asks for.
 */
import type { SocketBehavior } from "../../Behavior.js"
import type { JsonObject } from "../core/json.js"
import type { Peer } from "./peer.js"

/** @internal */
export type Item =
  | { readonly _tag: "Event"; readonly value: JsonObject; readonly sent?: (() => void) | undefined }
  | { readonly _tag: "Audio"; readonly bytes: Uint8Array }

/** @internal */
export const event = (value: JsonObject, sent?: () => void): Item => ({ _tag: "Event", value, sent })

/** @internal */
export const audio = (bytes: Uint8Array): Item => ({ _tag: "Audio", bytes })

/** @internal */
export interface OutboxListener {
  /** The behaviour wants it to fail now. */
  readonly fail: () => void
  /** The text of an event of that many bytes. */
  readonly giant: (bytes: number) => string
  /** So many bytes of audio are sent. */
  readonly heard: (bytes: number) => void
}

/** @internal */
export class Outbox {
  private sources: Array<Iterator<Item>> = []
  private ahead: Item | undefined
  private isWaiting = false
  private isPumping = false
  private isOver = false
  private events = 0
  private frames = 0
  private paced = 0

  constructor(
    private readonly peer: Peer,
    private readonly behavior: SocketBehavior,
    private readonly listener: OutboxListener
  ) {
    if (behavior.pingInterval !== undefined) {
      this.ping(behavior.pingInterval)
    }
  }

  push(items: Iterable<Item>): void {
    this.sources.push(items[Symbol.iterator]())
    this.pump()
  }

  /** Before all that waits. */
  pushFirst(items: Iterable<Item>): void {
    const { ahead } = this
    this.ahead = undefined
    if (ahead !== undefined) {
      this.sources.unshift([ahead][Symbol.iterator]())
    }
    this.sources.unshift(items[Symbol.iterator]())
    this.pump()
  }

  /** Forgets what is not sent yet. */
  clear(): void {
    this.sources = []
    this.ahead = undefined
  }

  /** Sends nothing any more. */
  stop(): void {
    this.isOver = true
    this.clear()
  }

  /** Its behaviour made it silent. */
  isStalled = false

  private ping(millis: number): void {
    this.peer.after(millis, () => {
      if (!this.isOver) {
        this.peer.ping()
        this.ping(millis)
      }
    })
  }

  private pump(): void {
    if (this.isPumping) {
      return
    }
    this.isPumping = true
    while (!this.isOver && !this.isWaiting && !this.peer.isOver) {
      const item = this.ahead ??= this.pull()
      if (item?._tag !== "Audio" && this.strikes()) {
        break
      }
      if (item === undefined || this.waits(item)) {
        break
      }
      this.ahead = undefined
      if (item._tag === "Event") {
        this.sendEvent(item.value)
        item.sent?.()
      } else {
        this.sendAudio(item.bytes)
      }
      if (this.peer.isFull) {
        this.isWaiting = true
        this.peer.onDrain(() => this.goOn())
      }
    }
    this.isPumping = false
  }

  private goOn(): void {
    this.isWaiting = false
    this.pump()
  }

  private pull(): Item | undefined {
    for (let source = this.sources[0]; source !== undefined; source = this.sources[0]) {
      const next = source.next()
      if (next.done !== true) {
        return next.value
      }
      // It may have been cleared in the meantime.
      if (this.sources[0] === source) {
        this.sources.shift()
      }
    }
    return undefined
  }

  /** Whether the event has to wait for its time. */
  private waits(item: Item): boolean {
    const { eventInterval } = this.behavior
    if (eventInterval === undefined || item._tag !== "Event" || this.events === 0 || this.paced === this.events) {
      return false
    }
    this.paced = this.events
    this.isWaiting = true
    this.peer.after(eventInterval, () => this.goOn())
    return true
  }

  /** Whether the end comes now that the behaviour asks for. */
  private strikes(): boolean {
    const { behavior, events, peer } = this
    const isDue = (count: number | undefined) => count !== undefined && events >= count
    if (isDue(behavior.failAfterEvents)) {
      this.stop()
      this.listener.fail()
    } else if (isDue(behavior.closeAfterEvents)) {
      this.stop()
      peer.close(behavior.closeCode ?? 1011, behavior.closeReason)
    } else if (isDue(behavior.endAfterEvents)) {
      this.stop()
      peer.end()
    } else if (isDue(behavior.resetAfterEvents)) {
      this.stop()
      peer.reset()
    } else if (isDue(behavior.stallAfterEvents)) {
      this.stop()
      this.isStalled = true
    } else {
      return false
    }
    return true
  }

  private sendEvent(value: JsonObject): void {
    const { behavior, peer } = this
    if (this.events === behavior.undecodableAfter) {
      peer.text("{\"header\":{\"event\":\"result-gen")
    }
    const text = JSON.stringify(value)
    if (this.events === behavior.binaryInsteadOfText) {
      peer.binary(Buffer.from(text))
    } else {
      peer.text(text)
    }
    this.events++
    if (this.events === 1 && behavior.giantFrame !== undefined) {
      peer.text(this.listener.giant(behavior.giantFrame))
    }
  }

  private sendAudio(bytes: Uint8Array): void {
    if (this.frames === this.behavior.textInsteadOfBinary) {
      this.peer.text(Buffer.from(bytes).toString("base64"))
    } else {
      this.peer.binary(bytes)
    }
    this.frames++
    this.listener.heard(bytes.length)
  }
}
