/**
 * A program's own code run without a network, on both floors at which that can be done.
 *
 * The code is `headline`, in internal/headline.ts. The same as tests, with the clock in hand as well, is in
 * packages/examples/test/mock-layer.test.ts.
 */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { DashScope, DashScopeError, Generation } from "effect-dashscope"
import { headline } from "./internal/headline.js"

const text = "The cat sat on the mat for the fourth day in a row, witnesses report."

// In place of the service: what it returns is a value.
const answers = Layer.mock(Generation.Generation, {
  call: () => Effect.succeed({ output: { choices: [{ message: { role: "assistant", content: "Cat Still on Mat" } }] } })
})

// The same with an error, to see what the program does about it.
const refuses = Layer.mock(Generation.Generation, {
  call: () =>
    new DashScopeError.ApiError({
      reason: "ContentFiltered",
      statusCode: 400,
      code: "DataInspectionFailed",
      description: "Input data may contain inappropriate content.",
      isRetryable: false
    })
})

// One floor down, in place of the network: this library's own code runs, and what it sends can be looked at.
const network = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) => {
    const sent = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
    return Effect.as(
      Console.log(`  sent to ${request.url}:\n    ${sent}`),
      HttpClientResponse.fromWeb(
        request,
        Response.json({ output: { choices: [{ message: { role: "assistant", content: "Mat Taken" } }] } })
      )
    )
  })
)
const overNetwork = DashScope.layerWithoutHttpClient({ apiKey: "sk-any", endpoint: "beijing" }).pipe(
  Layer.provide(network)
)

const show = <E>(title: string, layer: Layer.Layer<Generation.Generation, E>) =>
  Console.log(title).pipe(
    Effect.zipRight(headline(text)),
    Effect.flatMap((found) => Console.log(`  headline: ${found}`)),
    Effect.provide(layer)
  )

const program = Effect.gen(function*() {
  yield* show("A service that answers", answers)
  yield* show("A service that refuses the text", refuses)
  yield* show("A network that answers", overNetwork)
})

NodeRuntime.runMain(program)
