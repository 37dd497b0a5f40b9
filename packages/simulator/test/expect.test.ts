import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Expect from "../src/Expect.js"
import type { RecordedRequest } from "../src/RecordedRequest.js"

const seen = (request: Partial<RecordedRequest>): RecordedRequest => ({
  index: 1,
  method: "POST",
  path: "/api/v1/services/aigc/text-generation/generation",
  headers: {},
  body: "{}",
  port: 1,
  connection: 1,
  ordinal: 1,
  arrivedAt: 0,
  ...request
})

const chat = seen({
  headers: { "x-dashscope-sse": "enable", authorization: "Bearer sk-secret-0123456789" },
  body: JSON.stringify({ model: "qwen-plus", input: { messages: [{ role: "user", content: "hi" }] } })
})
const poll = seen({ method: "GET", path: "/api/v1/tasks/1?x=2", body: "" })
const requests = [chat, poll, poll]
const simulator = { requests: Effect.succeed(requests) }

describe("what is expected of requests", () => {
  it("fits by method, path, service, model, stream, headers and parts of the body", () => {
    const all = {
      method: "POST",
      path: /generation$/,
      service: "aigc/text-generation",
      model: "qwen-plus",
      streamed: true,
      headers: { "x-dashscope-sse": "enable", authorization: /^Bearer /, "x-other": undefined },
      body: { input: { messages: [{ role: "user" }] } }
    }
    assert.isUndefined(Expect.problem([chat], [all]))
    const wrong: ReadonlyArray<readonly [Expect.Expected, string]> = [
      [{ method: "GET" }, "method is \"POST\", expected \"GET\""],
      [{ path: /tasks/ }, "expected /tasks/"],
      [{ service: "tasks" }, "service is \"aigc/text-generation\""],
      [{ model: "qwen-max" }, "model is \"qwen-plus\""],
      [{ streamed: false }, "it is streamed"],
      [{ headers: { authorization: "Bearer x" } }, "header authorization is another"],
      [{ headers: { "x-other": /./ } }, "header x-other is absent"],
      [{ body: { input: { messages: [{ role: "system" }] } } }, "body.input.messages[0].role is \"user\""],
      [{ body: { input: { messages: [] } } }, "body.input.messages is"]
    ]
    for (const [expected, text] of wrong) {
      const problem = Expect.problem([chat], [expected]) ?? ""
      assert.include(problem, text)
      assert.notInclude(problem, "sk-secret")
    }
  })

  it.effect("is all of them in their order, and the report shows what there was", () =>
    Effect.gen(function*() {
      yield* Expect.requests(simulator, [{ streamed: true }, { service: "tasks" }, { method: "GET" }])
      const error = yield* Effect.flip(Expect.requests(simulator, [{}, {}]))
      assert.strictEqual(
        error.message,
        "2 requests expected, 3 seen\nThe simulator saw:\n" +
          "  1. POST /api/v1/services/aigc/text-generation/generation, qwen-plus, streamed\n" +
          "  2. GET /api/v1/tasks/1?x=2\n  3. GET /api/v1/tasks/1?x=2"
      )
      assert.lengthOf(error.seen, 3)
      const none = yield* Effect.flip(Expect.requests({ requests: Effect.succeed([]) }, [{}]))
      assert.include(none.message, "no requests")
    }))

  it.effect("is counted by service", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(Expect.countByService(requests), { "aigc/text-generation": 1, tasks: 2 })
      yield* Expect.counts(simulator, { "aigc/text-generation": 1, tasks: 2 })
      const error = yield* Effect.flip(Expect.counts(simulator, { tasks: 1, files: 1 }))
      assert.match(
        error.message,
        /^aigc\/text-generation: 0 requests expected, 1 seen\nfiles: 1 request expected, 0 seen\ntasks: 1 request expected, 2 seen\n/
      )
    }))
})
