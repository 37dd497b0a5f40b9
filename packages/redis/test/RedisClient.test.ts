import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { isThorough } from "../../../scripts/thorough.js"
import { clients as all } from "./util/clients.js"
import { until } from "./util/ready.js"
import { hasRedis, make } from "./util/redisServer.js"

const script = "return {KEYS[1], ARGV[1], ARGV[2] + 1}"
const sha = createHash("sha1").update(script).digest("hex")

/** The newest of both kinds, or all. */
const clients = Object.fromEntries(
  Object.entries(all).filter(([name]) => isThorough || name === "ioredis 6" || name === "redis 6")
)

describe.skipIf(!hasRedis)("clients of Redis", () => {
  it.live("run scripts, say when they cannot, and connect again by themselves", () =>
    Effect.gen(function*() {
      const server = yield* make()
      const made = yield* Effect.forEach(Object.entries(clients), ([name, make]) =>
        Effect.map(make(server.url), (client) => ({ name, client })))
      const each = <A, E>(use: (client: (typeof made)[number]) => Effect.Effect<A, E>) =>
        Effect.forEach(made, use, { concurrency: "unbounded" })

      yield* each(({ client, name }) =>
        Effect.gen(function*() {
          yield* until(client.isReady)
          assert.deepStrictEqual(
            yield* Effect.promise(() =>
              client.eval(script, ["{a}:k"], ["x", "1"])
            ),
            [
              "{a}:k",
              "x",
              2
            ],
            name
          )
        })
      )
      yield* server.cli("SCRIPT", "FLUSH", "SYNC")
      yield* each(({ client, name }) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Effect.tryPromise({
            try: () => client.evalSha("0".repeat(40), ["k"], []),
            catch: String
          }))
          assert.match(error, /NOSCRIPT/, name)
        })
      )
      yield* Effect.promise(() => made[0]!.client.eval(script, ["k"], ["x", "1"]))
      yield* each(({ client, name }) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(
            yield* Effect.promise(() => client.evalSha(sha, ["k"], ["x", "1"])),
            ["k", "x", 2],
            name
          )
        })
      )
      // Their errors end nothing and print nothing.
      yield* server.kill
      yield* each(({ client }) => until(() => !client.isReady()))
      yield* server.start
      yield* each(({ client }) => until(client.isReady))
    }).pipe(Effect.scoped))

  it.live("are closed with their scope, connected or not", () =>
    Effect.gen(function*() {
      const server = yield* make()
      yield* Effect.forEach(Object.values(clients), (make) =>
        Effect.gen(function*() {
          const client = yield* make(server.url)
          yield* until(client.isReady)
        }).pipe(Effect.scoped))
      yield* server.kill
      const left = yield* Effect.forEach(Object.values(clients), (make) => make(server.url)).pipe(Effect.scoped)
      for (const client of left) assert.isFalse(client.isReady())
    }).pipe(Effect.scoped))
})
