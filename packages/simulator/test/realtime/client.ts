/** A client of the realtime protocol. */
import type { Behavior } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import type { Client } from "../socketClient.js"
import { open } from "../socketClient.js"

export const realtimePath = "/api-ws/v1/realtime"

export const rate = 16_000

export const silence = (millis: number): Buffer => Buffer.alloc(2 * rate * millis / 1000)

export const connect = (origin: string, model: string, behavior?: Behavior.Behavior) =>
  Effect.tap(
    open(origin, { path: `${realtimePath}?model=${model}`, ...(behavior === undefined ? {} : { behavior }) }),
    (client) => client.until(() => client.texts.length > 0 || client.ended() !== undefined)
  )

export const typesOf = ({ texts }: Client): ReadonlyArray<string> => texts.map((text) => String(at(text, "type")))

export const send = (client: Client, type: string, fields: object = {}) =>
  client.send({ event_id: `event_${type}`, type, ...fields })

export const append = (client: Client, audio: Buffer) =>
  send(client, "input_audio_buffer.append", { audio: audio.toString("base64") })

/** Waits until so many events of a type have come, and gives the last. */
export const heard = (client: Client, type: string, count = 1): Effect.Effect<unknown> => {
  const found = () => client.texts.filter((text) => at(text, "type") === type)
  return Effect.map(client.until(() => found().length >= count), () => found()[count - 1])
}

/** Sets the session, and gives what it is then. */
export const update = (client: Client, session: object): Effect.Effect<unknown> => {
  const count = typesOf(client).filter((type) => type === "session.updated").length
  return Effect.zipRight(
    send(client, "session.update", { session }),
    Effect.map(heard(client, "session.updated", count + 1), (event) => at(event, "session"))
  )
}

/** The error that answers an event. */
export const refusedEvent = (client: Client, type: string, fields: object = {}): Effect.Effect<unknown> => {
  const count = typesOf(client).filter((one) => one === "error").length
  return Effect.zipRight(
    send(client, type, fields),
    Effect.map(heard(client, "error", count + 1), (event) => at(event, "error"))
  )
}

export const audioOf = ({ texts }: Client): Buffer =>
  Buffer.concat(
    texts.filter((text) => at(text, "type") === "response.audio.delta")
      .map((text) => Buffer.from(String(at(text, "delta")), "base64"))
  )
