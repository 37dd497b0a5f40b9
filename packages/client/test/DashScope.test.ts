import { assert, describe, it } from "@effect/vitest"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import * as DashScope from "../src/DashScope.js"
import { problemOf } from "../src/internal/core/configErrors.js"
import * as Task from "../src/Task.js"

const configOf = (connection: DashScope.Options["connection"]) =>
  Effect.map(ConnectionPool.ConnectionPool, ({ config }) => config).pipe(
    Effect.provide(DashScope.layer({ apiKey: "sk-test", connection }))
  )

describe("the connection of DashScope.layer", () => {
  it.effect("is a ConnectionConfig, a plain record, or left out", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* configOf(undefined), ConnectionConfig.make())
      const made = ConnectionConfig.make({ connectionPoolSize: 3 })
      assert.strictEqual(yield* configOf(made), made)
      const plain = yield* configOf({ connectionPoolSize: 3, readTimeout: "7 seconds" })
      assert.strictEqual(plain.maximumAsyncRequestsPerHost, 3)
      assert.deepStrictEqual(plain.readTimeout, Duration.seconds(7))
    }))

  it.effect("fails the layer with what is wrong, not with a defect", () =>
    Effect.gen(function*() {
      for (
        const [connection, expected] of [
          [{ poolSize: 3 }, "did you mean \"connectionPoolSize\"?"],
          [{ timout: "3 seconds" }, "there is no such knob"],
          [{ readTimeout: 3 }, "write \"3 seconds\""],
          [{ maximumAsyncRequests: 64 }, "must not be more than connectionPoolSize"],
          [3, "ConnectionConfig"]
        ] as const
      ) {
        const error = yield* Effect.flip(configOf(connection as DashScope.Options["connection"]))
        const { name, problem } = problemOf(error)
        assert.strictEqual(name, "connection")
        assert.include(problem, expected)
      }
    }))

  it.effect("can come from the configuration", () =>
    Effect.gen(function*() {
      const layer = DashScope.layerConfig({ connection: ConnectionConfig.fromEnv({ connectionPoolSize: 5 }) })
      const { config } = yield* Effect.provide(ConnectionPool.ConnectionPool, Layer.fresh(layer))
      assert.strictEqual(config.connectionPoolSize, 5)
    }))
})

class First extends Context.Tag("First")<First, string>() {}
class Second extends Context.Tag("Second")<Second, string>() {}

describe("two clients whose layers are built together", () => {
  const endpoints = ["http://127.0.0.1:1/api/v1", "http://127.0.0.1:2/api/v1"] as const

  /** The address that the tasks of a client ask. */
  const baseUrl = Effect.map(Task.Tasks, (tasks) => tasks.baseUrl)
  const clientOf = (endpoint: string) => DashScope.layer({ apiKey: "sk-test", endpoint })

  it.effect("have services of their own", () =>
    Effect.gen(function*() {
      const first = Layer.provide(Layer.effect(First, baseUrl), clientOf(endpoints[0]))
      const second = Layer.provide(Layer.effect(Second, baseUrl), clientOf(endpoints[1]))
      const both = yield* Effect.provide(Effect.all([First, Second]), Layer.merge(first, second))
      assert.deepStrictEqual(both, [...endpoints])
    }))
})
