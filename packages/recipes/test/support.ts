import { NodeHttpServer } from "@effect/platform-node"
import { ConnectionConfig, DashScope } from "effect-dashscope"
import type { Simulator } from "effect-dashscope-simulator"
import { createServer } from "node:http"

export const http = NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })

export const dashScope = (simulator: Simulator.Service, connection: ConnectionConfig.Input = {}) =>
  DashScope.layer({
    apiKey: "sk-test",
    endpoint: simulator.url,
    retry: false,
    connection: ConnectionConfig.make(connection)
  })

/** What comes as server-sent events, in order. */
export async function* eventsOf(
  response: Response
): AsyncGenerator<{ readonly event: string; readonly data: unknown }> {
  let text = ""
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n")
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ""
      yield { event: field("event"), data: JSON.parse(field("data")) as unknown }
      text = text.slice(end + 2)
    }
  }
}
