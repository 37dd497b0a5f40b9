import type { Behavior } from "effect-dashscope-simulator"
import { Behavior as Behaviors } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"

/** What is at a path inside JSON; `undefined` where there is nothing. */
export const at = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (inner, key) => typeof inner === "object" && inner !== null ? Reflect.get(inner, key) as unknown : undefined,
    value
  )

export const generationPath = "/api/v1/services/aigc/text-generation/generation"

export const bodyOf = (content: string, parameters: object = {}) => ({
  model: "qwen-plus",
  input: { messages: [{ role: "user", content }] },
  parameters: { result_format: "message", ...parameters }
})

export interface Ask {
  readonly body?: unknown
  readonly behavior?: Behavior.Behavior | undefined
  readonly stream?: boolean
  readonly headers?: { readonly [name: string]: string }
  readonly path?: string
  readonly method?: string
}

const headersOf = (ask: Ask): Record<string, string> => ({
  authorization: "Bearer key",
  "content-type": "application/json",
  ...(ask.stream === true ? { "x-dashscope-sse": "enable" } : {}),
  ...(ask.behavior === undefined ? {} : Behaviors.toHeaders(ask.behavior)),
  ...ask.headers
})

const textOf = (ask: Ask): string =>
  typeof ask.body === "string" ? ask.body : JSON.stringify(ask.body ?? bodyOf("hello"))

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** A whole exchange with the fetch of Node. */
export const ask = (origin: string, ask: Ask = {}): Effect.Effect<Reply> =>
  Effect.promise(async (signal) => {
    const response = await fetch(`${origin}${ask.path ?? generationPath}`, {
      method: ask.method ?? "POST",
      headers: headersOf(ask),
      ...(ask.method === "GET" ? {} : { body: textOf(ask) }),
      signal
    })
    const text = await response.text()
    const type = response.headers.get("content-type") ?? ""
    const isJson = text.startsWith("{") && !type.startsWith("text/event-stream")
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) as unknown : undefined
    }
  })

/**
 * A connection that shows what the kernel shows. `ended` tells how the server's side ended: `fin`, an error code such as
 * `ECONNRESET`, or nothing so far.
 */
export interface Raw {
  readonly socket: Net.Socket
  readonly text: () => string
  readonly ended: () => string | undefined
  readonly send: (ask?: Ask) => Effect.Effect<void>
  /** Waits until the text or the end are as asked. */
  readonly until: (condition: (raw: Raw) => boolean) => Effect.Effect<void>
}

export const connect = (port: number): Effect.Effect<Raw, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Raw>((resume) => {
      let text = ""
      let ended: string | undefined
      const checks = new Set<() => void>()
      const check = () => {
        for (const one of [...checks]) {
          one()
        }
      }
      const socket = Net.connect({ host: "127.0.0.1", port, allowHalfOpen: true })
      socket.setEncoding("latin1")
      socket.on("data", (part: string) => {
        text += part
        check()
      })
      socket.on("end", () => {
        ended ??= "fin"
        check()
      })
      socket.on("error", (error: NodeJS.ErrnoException) => {
        ended ??= error.code ?? error.message
        check()
        resume(Effect.succeed(raw))
      })
      socket.on("connect", () => resume(Effect.succeed(raw)))
      const raw: Raw = {
        socket,
        text: () => text,
        ended: () => ended,
        send: (ask = {}) =>
          Effect.sync(() => {
            const body = textOf(ask)
            const headers = Object.entries({ host: "127.0.0.1", ...headersOf(ask) })
              .map(([name, value]) => `${name}: ${value}\r\n`)
              .join("")
            const length = Buffer.byteLength(body)
            socket.write(
              `${ask.method ?? "POST"} ${
                ask.path ?? generationPath
              } HTTP/1.1\r\n${headers}content-length: ${length}\r\n\r\n${body}`
            )
          }),
        until: (condition) =>
          Effect.async<void>((resume) => {
            const one = () => {
              if (condition(raw)) {
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
      }
    }),
    (raw) => Effect.sync(() => raw.socket.destroy())
  )

/** The body of a raw answer; chunked ones are joined, and cut where they were cut. */
export const bodyText = (raw: string): string => {
  const split = raw.indexOf("\r\n\r\n")
  const head = raw.slice(0, split).toLowerCase()
  let rest = raw.slice(split + 4)
  if (!head.includes("transfer-encoding: chunked")) {
    return rest
  }
  let body = ""
  while (rest !== "") {
    const line = rest.indexOf("\r\n")
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (line < 0 || size === 0) {
      break
    }
    body += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 2 + size + 2)
  }
  return body
}

/** The data of each event of a stream, as text. */
export const dataOf = (stream: string): ReadonlyArray<string> =>
  stream.split("\n\n").flatMap((frame) =>
    frame.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5))
  )
