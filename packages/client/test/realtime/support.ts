/**
 * A service of realtime sessions on loopback that does what a test tells it, and a client of it.
 */
import { assert } from "@effect/vitest"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Options } from "../../src/CallOptions.js"
import * as DashScope from "../../src/DashScope.js"
import type { Peer, Script } from "../util/scriptedSocket.js"
import { serveScript } from "../util/scriptedSocket.js"

export const apiKey = "sk-0123456789abcdef"

/** An event as it came. */
export type Sent = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Service {
  /** Says an event. */
  readonly say: (type: string, body?: object) => void
  readonly peer: Peer
}

export interface RealtimeScript {
  /** Of `session.created`; `undefined` to say nothing at the opening. */
  readonly created?: object | undefined
  /** Answers an event. `session.update` is answered by what it says, unless this returns true. */
  readonly onEvent?: (service: Service, event: Sent) => boolean | void
  /** In the place of `session.created`. */
  readonly onOpen?: (service: Service) => void
  readonly refuse?: Script["refuse"]
}

let count = 0

export const realtime = (script: RealtimeScript) => {
  const events: Array<Sent> = []
  const serviceOf = (peer: Peer): Service => ({
    peer,
    say: (type, body = {}) => peer.ws.send(JSON.stringify({ event_id: `event_${++count}`, type, ...body }))
  })
  const created = "created" in script ? script.created : { id: "sess_1", model: "m" }
  const socket: Script = {
    ...(script.refuse === undefined ? undefined : { refuse: script.refuse }),
    onOpen: (peer) => {
      if (script.onOpen !== undefined) script.onOpen(serviceOf(peer))
      else if (created !== undefined) serviceOf(peer).say("session.created", { session: created })
    },
    onText: (peer, text) => {
      const event = JSON.parse(text) as Sent
      events.push(event)
      const service = serviceOf(peer)
      if (script.onEvent?.(service, event) === true) return
      if (event.type === "session.update") {
        service.say("session.updated", { session: { ...created, ...(event["session"] as object) } })
      }
      if (event.type === "session.finish") service.say("session.finished")
    }
  }
  return { socket, events }
}

export interface Running {
  readonly events: ReadonlyArray<Sent>
  readonly server: Effect.Effect.Success<ReturnType<typeof serveScript>>
  readonly pool: ConnectionPool.Service
}

/** Gives a test its service and client, and sees to it that nothing is held when it is done. */
export const withService = <A, E>(
  script: RealtimeScript,
  use: (running: Running) => Effect.Effect<A, E, DashScope.Services | Scope.Scope>,
  options: Options = {}
) =>
  Effect.gen(function*() {
    const { events, socket } = realtime(script)
    const server = yield* serveScript(socket)
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 2 }))
    const layer = DashScope.layerPool(pool, { apiKey, endpoint: server.url, retry: false, ...options })
    const result = yield* Effect.scoped(Effect.provide(use({ events, server, pool }), layer))
    const { active, waiting } = yield* pool.stats
    assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
    yield* server.waitFor(({ open }) => open === 0)
    return result
  })

/** The types of what was sent. */
export const typesOf = (events: ReadonlyArray<{ readonly type: string }>) => events.map(({ type }) => type)

/** A whole response. */
export const respond = (
  service: Service,
  id: string,
  { audio = [], calls = [], transcript = "", usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 } }: {
    readonly audio?: ReadonlyArray<Uint8Array>
    readonly calls?: ReadonlyArray<{ readonly call_id: string; readonly name: string; readonly arguments: string }>
    readonly transcript?: string
    readonly usage?: object
  }
) => {
  const of = { response_id: id, item_id: `item_${id}`, output_index: 0, content_index: 0 }
  const output = calls.map((call) => ({ id: `item_${call.call_id}`, type: "function_call", ...call }))
  service.say("response.created", { response: { id, status: "in_progress", output: [] } })
  for (const piece of audio) {
    service.say("response.audio.delta", { ...of, delta: Buffer.from(piece).toString("base64") })
  }
  if (transcript !== "") {
    service.say("response.audio_transcript.delta", { ...of, delta: transcript })
    service.say("response.audio_transcript.done", { ...of, transcript })
  }
  for (const item of output) {
    service.say("response.function_call_arguments.done", { ...of, item_id: item.id, ...item })
    service.say("response.output_item.done", { response_id: id, output_index: 0, item })
  }
  service.say("response.done", { response: { id, status: "completed", output, usage } })
}
