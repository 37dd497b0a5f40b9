import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import * as DashScope from "../src/DashScope.js"
import * as TextEmbedding from "../src/TextEmbedding.js"
import * as Tokens from "../src/Tokens.js"
import { serviceContract } from "./util/serviceContract.js"

serviceContract("Tokens", {
  layer: Tokens.layer,
  samples: [{
    name: "create",
    run: (options) => Tokens.create({ expireInSeconds: 1800 }, options),
    sends: { path: "/api/v1/tokens?expire_in_seconds=1800" },
    answer: { token: "st-1", expires_at: 1744080369, request_id: "r" },
    gives: { token: Redacted.make("st-1"), expiresAt: 1744080369, requestId: "r" },
    schema: Tokens.TemporaryKey,
    observed: { operation: "create_token" }
  }],
  refuses: [["expireInSeconds", Tokens.create({ expireInSeconds: 0.5 })]]
})

it.scopedLive("makes a key that is let in, and is not shown", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ apiKeys: ["sk-test"] })
    yield* Effect.gen(function*() {
      const key = yield* Tokens.create()
      assert.match(Redacted.value(key.token), /^st-/)
      assert.notInclude(inspect(key, { depth: 9 }) + JSON.stringify(key), Redacted.value(key.token))
      yield* TextEmbedding.call({ model: "text-embedding-v4", texts: ["a"] }, { apiKey: key.token })
      const [, request] = yield* simulator.requests
      assert.strictEqual(request?.headers["authorization"], `Bearer ${Redacted.value(key.token)}`)
    }).pipe(Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url })))
  }))
