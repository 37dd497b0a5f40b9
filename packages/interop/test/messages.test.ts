import { assert, describe, it } from "@effect/vitest"
import { withMessages } from "../src/internal/messages.js"

describe("messages", () => {
  it("are compared as requests with the key of their handshake", () => {
    const request = (method: string, connection: number, headers: Readonly<Record<string, string>>) => ({
      index: 0,
      method,
      path: "/api-ws/v1/inference",
      headers,
      body: "",
      port: 1,
      connection,
      ordinal: 0,
      arrivedAt: 0
    })
    const handshake = request("GET", 1, { upgrade: "websocket", authorization: "Bearer a", origin: "b" })
    const call = request("POST", 2, { authorization: "Bearer c" })
    const run = JSON.stringify({ header: { action: "run-task" } })
    const message = (connection: number, text: string | undefined) => ({
      connection,
      path: "",
      text,
      bytes: 1,
      arrivedAt: 5
    })
    const all = withMessages(
      [handshake, request("run-task", 1, {}), call],
      [message(1, run), message(1, undefined), message(3, run)]
    )
    assert.deepStrictEqual(all, [
      handshake,
      call,
      { ...handshake, method: "run-task", headers: { authorization: "Bearer a" }, body: run, arrivedAt: 5 }
    ])
  })
})
