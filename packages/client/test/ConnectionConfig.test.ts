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
      assert.include(String(illegal), "DASHSCOPE_CONNECTION_POOL_SIZE")
    }))

  const good: ReadonlyArray<readonly [Readonly<Record<string, string>>, ConnectionConfig.Input]> = [
    [{ DASHSCOPE_CONNECTION_POOL_SIZE: "", DASHSCOPE_READ_TIMEOUT: " " }, {}],
    [{ DASHSCOPE_CONNECTION_POOL_SIZE: " 8\n" }, { connectionPoolSize: 8 }],
    [{ DASHSCOPE_PROXY_HOST: "" }, {}],
    [{ DASHSCOPE_PROXY_PORT: "3128" }, {}],
    [{ DASHSCOPE_PROXY_HOST: "p.test", DASHSCOPE_PROXY_PORT: "3128" }, { proxy: "http://p.test:3128" }],
    [{ DASHSCOPE_PROXY_HOST: "http://p.test", DASHSCOPE_PROXY_PORT: "3128" }, { proxy: "http://p.test:3128" }],
    [{ DASHSCOPE_PROXY_HOST: "https://p.test/", DASHSCOPE_PROXY_PORT: "" }, { proxy: "https://p.test:443" }],
    [{ DASHSCOPE_PROXY_HOST: "p.test:8080", DASHSCOPE_PROXY_PORT: "3128" }, { proxy: "http://p.test:8080" }],
    [{ DASHSCOPE_PROXY_HOST: "fd00::1", DASHSCOPE_PROXY_PORT: "3128" }, { proxy: "http://[fd00::1]:3128" }],
    [{ DASHSCOPE_PROXY_HOST: "10.0.0.1", DASHSCOPE_PROXY_PORT: "80" }, { proxy: "http://10.0.0.1:80" }]
  ]
  for (const [variables, input] of good) {
    it.effect(`takes ${JSON.stringify(variables)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* read(variables), ConnectionConfig.make(input))
      }))
  }

  const bad: ReadonlyArray<readonly [name: string, value: string]> = [
    ["DASHSCOPE_READ_TIMEOUT", "30s"],
    ["DASHSCOPE_READ_TIMEOUT", "1.5"],
    ["DASHSCOPE_READ_TIMEOUT", "0"],
    ["DASHSCOPE_CONNECTION_TIMEOUT", "-1"],
    ["DASHSCOPE_CONNECTION_POOL_SIZE", "0"],
    ["DASHSCOPE_CONNECTION_POOL_SIZE", "many"],
    ["DASHSCOPE_MAXIMUM_ASYNC_REQUESTS", "1e3"],
    ["DASHSCOPE_PROXY_HOST", "proxy.test/path"],
    ["DASHSCOPE_PROXY_HOST", "ftp://proxy.test"],
    ["DASHSCOPE_PROXY_HOST", "two words"],
    ["DASHSCOPE_PROXY_PORT", "0"],
    ["DASHSCOPE_PROXY_PORT", "http"]
  ]
  for (const [name, value] of bad) {
    it.effect(`refuses ${name}=${value}, and names it`, () =>
      Effect.gen(function*() {
        assert.include(String(yield* Effect.flip(read({ DASHSCOPE_PROXY_HOST: "p.test", [name]: value }))), name)
      }))
  }
})
