import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import { DashScope, DashScopeError, Generation } from "effect-dashscope"
import { headline } from "../src/internal/headline.js"

const text = "The cat sat on the mat for the fourth day in a row, witnesses report."

const answer = (content: string): Generation.GenerationResult => ({
  output: { choices: [{ message: { role: "assistant", content } }] }
})

const apiError = (reason: DashScopeError.ApiErrorReason, isRetryable: boolean) =>
  new DashScopeError.ApiError({ reason, statusCode: 400, code: "", description: "as the test wants it", isRetryable })

/** A service that gives these outcomes one after the other, and counts the calls. */
const service = (...outcomes: ReadonlyArray<ReturnType<Generation.Service["call"]>>) => {
  let calls = 0
  return {
    calls: () => calls,
    layer: Layer.mock(Generation.Generation, {
      call: () => Effect.suspend(() => outcomes[calls++] ?? Effect.dieMessage("one call too many"))
    })
  }
}

describe("headline", () => {
  it.effect("is what the model says", () =>
    Effect.gen(function*() {
      const { layer } = service(Effect.succeed(answer(" Cat Still on Mat\n")))
      assert.strictEqual(yield* Effect.provide(headline(text), layer), "Cat Still on Mat")
    }))

  it.effect("is the text's first words where the service refuses its content", () =>
    Effect.gen(function*() {
      const mock = service(apiError("ContentFiltered", false))
      assert.strictEqual(yield* Effect.provide(headline(text), mock.layer), "The cat sat on the")
      assert.strictEqual(mock.calls(), 1)
    }))

  it.effect("is asked for again after one second and after two more, without anybody waiting for it here", () =>
    Effect.gen(function*() {
      const mock = service(
        apiError("RateLimited", true),
        apiError("Server", true),
        Effect.succeed(answer("Cat Still on Mat"))
      )
      const fiber = yield* Effect.fork(Effect.provide(headline(text), mock.layer))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(mock.calls(), 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(mock.calls(), 2)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "Cat Still on Mat")
      assert.strictEqual(mock.calls(), 3)
    }))

  it.effect("fails where asking again is of no use", () =>
    Effect.gen(function*() {
      const mock = service(apiError("Authentication", false))
      const error = yield* Effect.flip(Effect.provide(headline(text), mock.layer))
      assert.strictEqual(error._tag, "ApiError")
      assert.strictEqual(mock.calls(), 1)
    }))

  it.effect("sends the text to the model, seen one floor down", () =>
    Effect.gen(function*() {
      const bodies: Array<unknown> = []
      const network = HttpClient.make((request) => {
        if (request.body._tag === "Uint8Array") bodies.push(JSON.parse(new TextDecoder().decode(request.body.body)))
        return Effect.succeed(
          HttpClientResponse.fromWeb(request, Response.json({ output: { text: "Mat Taken" }, request_id: "1" }))
        )
      })
      const layer = DashScope.layerWithoutHttpClient({ apiKey: "sk-test" }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, network))
      )
      assert.strictEqual(yield* Effect.provide(headline(text), layer), "Mat Taken")
      assert.deepStrictEqual(bodies, [{
        model: "qwen-plus",
        input: {
          messages: [
            { role: "system", content: "Answer with a headline for the text, and nothing else." },
            { role: "user", content: text }
          ]
        },
        parameters: { result_format: "message" }
      }])
    }))
})
