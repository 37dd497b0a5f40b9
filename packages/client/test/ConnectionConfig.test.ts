import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ConnectionConfig from "../src/ConnectionConfig.js"

describe("ConnectionConfig.fromEnv", () => {
  const read = (
    variables: Readonly<Record<string, string>>,
    explicit?: ConnectionConfig.Input
  ): Effect.Effect<ConnectionConfig.ConnectionConfig, unknown> =>
    Effect.withConfigProvider(
      Config.unwrap(ConnectionConfig.fromEnv(explicit)),
      ConfigProvider.fromMap(new Map(Object.entries(variables)))
    )

  it.effect("reads the official variables, in whole seconds", () =>
    Effect.gen(function*() {
      const config = yield* read({
        DASHSCOPE_CONNECTION_TIMEOUT: "1",
        DASHSCOPE_READ_TIMEOUT: "2",
        DASHSCOPE_WRITE_TIMEOUT: "3",
        DASHSCOPE_CONNECTION_IDLE_TIME: "4",
        DASHSCOPE_CONNECTION_POOL_SIZE: "50",
        DASHSCOPE_MAXIMUM_ASYNC_REQUESTS: "40",
        DASHSCOPE_MAXIMUM_ASYNC_REQUESTS_PER_HOST: "30",
        DASHSCOPE_PROXY_HOST: "proxy.example.com"
      })
      assert.deepStrictEqual(
        config,
        ConnectionConfig.make({
          connectTimeout: "1 seconds",
          readTimeout: "2 seconds",
          writeTimeout: "3 seconds",
          connectionIdleTimeout: "4 seconds",
          connectionPoolSize: 50,
          maximumAsyncRequests: 40,
          maximumAsyncRequestsPerHost: 30,
          proxy: "http://proxy.example.com:443"
        })
      )
    }))

  it.effect("has the defaults where there are none, and lets explicit values win", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read({}), ConnectionConfig.make())
      const config = yield* read(
        { DASHSCOPE_READ_TIMEOUT: "2", DASHSCOPE_WRITE_TIMEOUT: "3" },
        { readTimeout: "9 seconds", writeTimeout: undefined }
      )
      assert.deepStrictEqual(config.readTimeout, Duration.seconds(9))
      assert.deepStrictEqual(config.writeTimeout, Duration.seconds(3))
    }))

  it.effect("does not swallow what it cannot read", () =>
    Effect.gen(function*() {
      const unreadable = yield* Effect.flip(read({ DASHSCOPE_READ_TIMEOUT: "2s" }))
      assert.include(String(unreadable), "DASHSCOPE_READ_TIMEOUT")
      const illegal = yield* Effect.flip(read({ DASHSCOPE_CONNECTION_POOL_SIZE: "0" }))
      assert.include(String(illegal), "connectionPoolSize")
    }))
})
