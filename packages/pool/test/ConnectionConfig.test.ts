import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either, Redacted } from "effect"
import * as ParseResult from "effect/ParseResult"
import { inspect } from "node:util"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import { originOf } from "../src/internal/config/origin.js"
import { bypassesProxy, proxyFromEnvironment } from "../src/internal/config/proxy.js"

const messageOf = (input: unknown): string =>
  Either.match(Effect.runSync(Effect.either(ConnectionConfig.decode(input))), {
    onLeft: (error) => {
      assert.isTrue(ParseResult.isParseError(error))
      return error.message
    },
    onRight: () => assert.fail("was accepted")
  })

describe("ConnectionConfig", () => {
  it("has the documented defaults", () => {
    const config = ConnectionConfig.make()
    assert.deepStrictEqual(config.connectTimeout, Duration.seconds(120))
    assert.deepStrictEqual(config.readTimeout, Duration.seconds(300))
    assert.deepStrictEqual(config.writeTimeout, Duration.seconds(60))
    assert.deepStrictEqual(config.connectionIdleTimeout, Duration.seconds(300))
    assert.strictEqual(config.connectionPoolSize, 32)
    assert.strictEqual(config.maximumAsyncRequests, 32)
    assert.strictEqual(config.maximumAsyncRequestsPerHost, 32)
    assert.deepStrictEqual(config.tcpKeepAlive, Duration.seconds(15))
    assert.deepStrictEqual(config.shutdownTimeout, Duration.seconds(5))
    assert.isTrue(config.resendOnStaleConnection)
    for (
      const none of ["acquireTimeout", "maximumPendingRequests", "connectionMaxLifetime", "proxy", "tls"] as const
    ) assert.isUndefined(config[none])
  })

  it("lets the limits follow the one above them", () => {
    const limits = (input: ConnectionConfig.Input) => {
      const config = ConnectionConfig.make(input)
      return [config.connectionPoolSize, config.maximumAsyncRequests, config.maximumAsyncRequestsPerHost]
    }
    assert.deepStrictEqual(limits({ connectionPoolSize: 8 }), [8, 8, 8])
    assert.deepStrictEqual(limits({ connectionPoolSize: 8, maximumAsyncRequests: 4 }), [8, 4, 4])
    assert.deepStrictEqual(limits({ maximumAsyncRequestsPerHost: 4 }), [32, 32, 4])
    assert.deepStrictEqual(limits({ connectionPoolSize: 8, maximumAsyncRequests: undefined }), [8, 8, 8])
  })

  it("names both knobs and both values of a violation", () => {
    assert.include(
      messageOf({ connectionPoolSize: 4, maximumAsyncRequests: 8 }),
      "maximumAsyncRequests (8) must not be more than connectionPoolSize (4)"
    )
    assert.include(
      messageOf({ connectionPoolSize: 8, maximumAsyncRequests: 2, maximumAsyncRequestsPerHost: 3 }),
      "maximumAsyncRequestsPerHost (3) must not be more than maximumAsyncRequests (2)"
    )
    // Not set, so it follows the default of 32, which 64 is over.
    assert.include(messageOf({ maximumAsyncRequests: 64 }), "connectionPoolSize (32, its default)")
  })

  it("takes every duration but a bare number", () => {
    for (const input of ["10 seconds", Duration.seconds(10), 10_000_000_000n, [10, 0]] as const) {
      assert.deepStrictEqual(
        Duration.toMillis(ConnectionConfig.make({ connectTimeout: input }).connectTimeout),
        10_000
      )
    }
    const message = messageOf({ connectTimeout: 10 })
    assert.include(message, "connectTimeout")
    assert.include(message, "write \"10 seconds\" or \"10 millis\"")
    assert.strictEqual(ConnectionConfig.make({ readTimeout: Duration.infinity }).readTimeout, Duration.infinity)
  })

  it.each<[string, unknown, string]>([
    ["zero duration", { readTimeout: "0 millis" }, "more than zero"],
    ["negative duration", { readTimeout: "-1 seconds" }, "more than zero"],
    ["negative shutdownTimeout", { shutdownTimeout: "-1 seconds" }, "zero or more"],
    ["text without unit", { readTimeout: "10" }, "not a duration"],
    ["beyond a timer", { readTimeout: "30 days" }, "24.8 days"],
    ["zero size", { connectionPoolSize: 0 }, "at least 1"],
    ["negative size", { connectionPoolSize: -1 }, "at least 1"],
    ["fractional size", { connectionPoolSize: 1.5 }, "whole number"],
    ["NaN", { connectionPoolSize: NaN }, "whole number"],
    ["size as text", { connectionPoolSize: "8" }, "number"],
    ["negative queue", { maximumPendingRequests: -1 }, "at least 0"],
    ["unknown knob", { connectonPoolSize: 8 }, "connectonPoolSize"],
    ["not an object", 8, "ConnectionConfig"],
    ["proxy of another scheme", { proxy: "socks5://localhost:1080" }, "http://"],
    ["unusable certificate", { tls: { ca: "-----BEGIN CERTIFICATE-----\nnonsense" } }, "tls"]
  ])("refuses %s", (_, input, expected) => {
    assert.include(messageOf(input), expected)
  })

  it("reports everything that is wrong at once", () => {
    const message = messageOf({ connectionPoolSize: 0, readTimeout: 5 })
    assert.include(message, "connectionPoolSize")
    assert.include(message, "readTimeout")
  })

  it("accepts zero where it means something", () => {
    const config = ConnectionConfig.make({ maximumPendingRequests: 0, shutdownTimeout: "0 seconds" })
    assert.strictEqual(config.maximumPendingRequests, 0)
    assert.strictEqual(Duration.toMillis(config.shutdownTimeout), 0)
  })

  it("hides the proxy's password and the private key", () => {
    const config = ConnectionConfig.make({
      proxy: "http://user:p%40ss-sentinel@proxy.example.com:3128",
      tls: { passphrase: "phrase-sentinel" }
    })
    const proxy = config.proxy as ConnectionConfig.ProxyConfig
    assert.strictEqual(proxy.url, "http://proxy.example.com:3128")
    assert.strictEqual(Redacted.value(proxy.password!), "p@ss-sentinel")
    for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config)]) {
      assert.notInclude(shown, "sentinel")
    }
    assert.notInclude(messageOf({ proxy: "ftp://user:sentinel@example.com" }), "sentinel")
  })

  describe("proxies of the environment", () => {
    const https = { protocol: "https:", hostname: "dashscope.aliyuncs.com", port: 443 }

    it("follow the scheme of the request", () => {
      const variables = { HTTPS_PROXY: "http://secure:1", http_proxy: "http://plain:2" }
      assert.strictEqual(proxyFromEnvironment(https, variables), "http://secure:1")
      assert.strictEqual(proxyFromEnvironment({ ...https, protocol: "http:" }, variables), "http://plain:2")
      assert.strictEqual(proxyFromEnvironment(https, { ALL_PROXY: "http://all:3" }), "http://all:3")
      assert.isUndefined(proxyFromEnvironment(https, {}))
      assert.isUndefined(proxyFromEnvironment(https, { ...variables, NO_PROXY: "localhost, .aliyuncs.com" }))
    })

    it.each([
      ["aliyuncs.com", true],
      [".aliyuncs.com", true],
      ["*.aliyuncs.com", true],
      ["dashscope.aliyuncs.com:443", true],
      ["dashscope.aliyuncs.com:80", false],
      ["yuncs.com", false],
      ["*", true],
      ["", false]
    ])("NO_PROXY %s covers the service: %s", (entry, expected) => {
      assert.strictEqual(bypassesProxy(https, [entry]), expected)
    })

    it.each([
      ["[::1]", true],
      ["[::1]:8443", true],
      ["[::1]:443", false],
      ["::1", true],
      ["[::2]", false],
      ["1", false]
    ])("NO_PROXY %s covers an IPv6 address: %s", (entry, expected) => {
      const target = originOf(new URL("https://[::1]:8443/"))
      assert.strictEqual(bypassesProxy(target, [entry]), expected)
      assert.strictEqual(
        proxyFromEnvironment(target, { HTTPS_PROXY: "http://proxy:1", NO_PROXY: `localhost, ${entry}` }) === undefined,
        expected
      )
    })
  })
})

describe("a knob that does not exist", () => {
  it.each([
    ["timout", "connectTimeout"],
    ["poolSize", "connectionPoolSize"],
    ["conectTimeout", "connectTimeout"],
    ["read_timeout", "readTimeout"],
    ["maxPendingRequests", "maximumPendingRequests"],
    ["Proxy", "proxy"],
    ["TLS", "tls"]
  ])("%s is refused with the one that was meant: %s", (name, meant) => {
    const message = messageOf({ [name]: 1 })
    assert.include(message, `["${name}"]`)
    assert.include(message, `there is no such knob; did you mean "${meant}"?`)
  })

  it("is told beside all else that is wrong, and its value is not", () => {
    const message = messageOf({ poolSize: "secret-sentinel", readTimeout: 5, connectionPoolSize: 0 })
    for (const expected of ["poolSize", "readTimeout", "connectionPoolSize"]) assert.include(message, expected)
    assert.notInclude(message, "sentinel")
    assert.include(messageOf({ somethingElse: 1 }), "there are connectTimeout, readTimeout")
  })

  it("is no type", () => {
    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
    const names: Same<keyof ConnectionConfig.Input, keyof ConnectionConfig.SchemaInput> = true
    assert.isTrue(names)
    // Written out by hand, so each must take what the schema takes, and no more.
    const there = (input: ConnectionConfig.Input): ConnectionConfig.SchemaInput => input
    const back = (input: ConnectionConfig.SchemaInput): ConnectionConfig.Input => input
    assert.deepStrictEqual(back(there({ connectionPoolSize: 1 })), { connectionPoolSize: 1 })
  })
})
