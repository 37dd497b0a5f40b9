/** A client of WebSockets that keeps what it hears. */
import type { Behavior } from "effect-dashscope-simulator"
import { Behavior as Behaviors } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { WebSocket } from "ws"
import { at } from "./helpers.js"

export interface Client {
  readonly ws: WebSocket
  /** The text messages, as JSON where they are. */
  readonly texts: Array<unknown>
  /** The binary messages. */
  readonly audio: Array<Buffer>
  /** `text` or `binary` of each message, in order. */
  readonly order: Array<string>
  /** How it ended: the code and the reason of a close frame (1006 without one). */
  readonly ended: () => { readonly code: number; readonly reason: string } | undefined
  readonly send: (message: object | string | Uint8Array) => Effect.Effect<void>
  readonly until: (condition: () => boolean) => Effect.Effect<void>
}

export interface Dial {
  readonly path?: string
  readonly headers?: { readonly [name: string]: string }
  readonly behavior?: Behavior.Behavior
  readonly ca?: string
}

export interface Refused {
  readonly status: number
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly body: string
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const inferencePath = "/api-ws/v1/inference"

const dialled = (origin: string, { behavior, ca, headers, path = inferencePath }: Dial): WebSocket =>
  new WebSocket(origin.replace("http", "ws") + path, {
    headers: {
      authorization: "Bearer key",
      ...(behavior === undefined ? {} : Behaviors.toHeaders(behavior)),
      ...headers
    },
    ...(ca === undefined ? {} : { ca })
  })

/** A WebSocket that is open, until the scope ends. */
export const open = (origin: string, dial: Dial = {}): Effect.Effect<Client, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Client>((resume) => {
      const ws = dialled(origin, dial)
      const texts: Array<unknown> = []
      const audio: Array<Buffer> = []
      const order: Array<string> = []
      const checks = new Set<() => void>()
      let ended: { readonly code: number; readonly reason: string } | undefined
      const check = () => {
        for (const one of [...checks]) {
          one()
        }
      }
      ws.on("message", (data: Buffer, isBinary) => {
        if (isBinary) {
          audio.push(data)
        } else {
          texts.push(parsed(data.toString()))
        }
        order.push(isBinary ? "binary" : "text")
        check()
      })
      ws.on("error", (error) => resume(Effect.die(error)))
      ws.on("close", (code, reason) => {
        ended = { code, reason: reason.toString() }
        check()
      })
      ws.on("open", () =>
        resume(Effect.succeed({
          ws,
          texts,
          audio,
          order,
          ended: () => ended,
          send: (message) =>
            Effect.sync(() =>
              ws.send(typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message))
            ),
          until: (condition) =>
            Effect.async<void>((resume) => {
              const one = () => {
                if (condition()) {
                  checks.delete(one)
                  resume(Effect.void)
                }
              }
              checks.add(one)
              one()
              return Effect.sync(() => {
                checks.delete(one)
              })
            })
        })))
    }),
    ({ ws }) => Effect.sync(() => ws.terminate())
  )

/** The answer to a handshake that opens nothing; with status 0, what the error says. */
export const refused = (origin: string, dial: Dial = {}): Effect.Effect<Refused> =>
  Effect.async<Refused>((resume) => {
    const ws = dialled(origin, dial)
    ws.on("open", () => resume(Effect.die("It was not refused.")))
    ws.on("unexpected-response", (_, answer) => {
      let body = ""
      answer.setEncoding("utf8")
      answer.on("data", (part: string) => {
        body += part
      })
      answer.on("end", () => resume(Effect.succeed({ status: answer.statusCode ?? 0, headers: answer.headers, body })))
    })
    ws.on("error", (error) => resume(Effect.succeed({ status: 0, headers: {}, body: error.message })))
  })

/** The names of the events of the inference protocol; results by the type of their output. */
export const eventsOf = ({ texts }: Client): ReadonlyArray<string> =>
  texts.map((text) => String(at(text, "payload", "output", "type") ?? at(text, "header", "event") ?? at(text, "type")))

export const lastEvent = ({ texts }: Client): unknown => at(texts.at(-1), "header", "event")

export const failureOf = ({ texts }: Client): string =>
  `${String(at(texts.at(-1), "header", "error_code"))}: ${String(at(texts.at(-1), "header", "error_message"))}`

export interface Task {
  readonly id?: string
  readonly model?: string
  readonly task?: string
  readonly function?: string
  readonly group?: string
  readonly streaming?: string
  readonly parameters?: object
  readonly input?: object
}

export const run = (task: Task = {}) => ({
  header: { action: "run-task", task_id: task.id ?? "one", streaming: task.streaming ?? "duplex" },
  payload: {
    task_group: task.group ?? "audio",
    task: task.task ?? "tts",
    function: task.function ?? "SpeechSynthesizer",
    model: task.model ?? "cosyvoice-v3-flash",
    parameters: task.parameters ?? { text_type: "PlainText", voice: "longanyang", format: "pcm", sample_rate: 16_000 },
    input: task.input ?? {}
  }
})

export const goOn = (input: object, id = "one") => ({
  header: { action: "continue-task", task_id: id, streaming: "duplex" },
  payload: { input }
})

export const finish = (input: object = {}, id = "one") => ({
  header: { action: "finish-task", task_id: id, streaming: "duplex" },
  payload: { input }
})

/** Runs a task until there is an event of it, which another one may still be in the way of. */
export const start = (client: Client, task: Task = {}): Effect.Effect<void> => {
  const id = task.id ?? "one"
  const before = client.texts.length
  const hasStarted = () => client.texts.slice(before).some((text) => at(text, "header", "task_id") === id)
  return Effect.zipRight(client.send(run(task)), client.until(() => hasStarted() || client.ended() !== undefined))
}

/** Speaks, and waits for the end of the task. */
export const say = (client: Client, texts: ReadonlyArray<string>, task: Task = {}): Effect.Effect<void> =>
  Effect.gen(function*() {
    yield* start(client, task)
    for (const text of texts) {
      yield* client.send(goOn({ text }, task.id))
    }
    yield* client.send(finish({}, task.id))
    yield* client.until(() => lastEvent(client) === "task-finished" || client.ended() !== undefined)
  })
