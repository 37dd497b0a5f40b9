import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Metric, Option, Redacted, Stream } from "effect"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as ConfigProvider from "effect/ConfigProvider"
import { isThorough, isTried } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import { makeSinks } from "../util/sinks.js"

const sentinel = "sk-5e47f1e1c0ffee5e47f1e1"

/** All that can come back of a call, good and bad. */
const behaviors: ReadonlyArray<Behavior.Behavior> = [
  {},
  ...[400, 401, 403, 404, 429, 500, 503].map((status) => ({
    // A service that repeats what it was sent.
    error: { status, message: `Incorrect API key provided: ${sentinel}. Authorization: Bearer ${sentinel}` }
  })),
  ...(["native", "nested", "openai", "numeric", "sse", "html", "empty"] as const).map((shape) => ({
    error: { status: 400, shape, message: sentinel }
  })),
  { fault: { _tag: "ResetBeforeHeaders" } },
  { fault: { _tag: "StallBeforeHeaders" } },
  { fault: { _tag: "HalfBody" } },
  { fault: { _tag: "CloseBeforeHeaders" } }
]

describe("a key, planted", () => {
  const scan = (
    plant: (options: Pick<DashScope.Options, "endpoint" | "connection" | "retry">) => {
      readonly layer: Layer.Layer<
        DashScope.Services | PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool,
        unknown,
        never
      >
      readonly call?: DashScopeClient.CallOptions
    },
    tried = behaviors
  ) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [sentinel] })
      const sinks = makeSinks(sentinel)
      const connection = ConnectionConfig.make({ readTimeout: "50 millis", connectionPoolSize: 2 })
      // The key is looked for in all attempts, and their waits hold none.
      const retry = { baseDelay: "1 millis", maxRateLimitWait: "20 millis" } as const
      const { call, layer } = plant({ endpoint: simulator.url, connection, retry })
      sinks.show(call)
      yield* Effect.gen(function*() {
        const context = yield* Effect.context<never>()
        const pool = yield* ConnectionPool.ConnectionPool
        yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) => Effect.sync(() => sinks.show(event))))
        for (const behavior of tried) {
          yield* simulator.setBehavior(behavior)
          const exit = yield* Generation.call({ model: "qwen-plus", prompt: "你好" }, call).pipe(
            Effect.withSpan("caller"),
            Effect.tapErrorCause(Effect.logError),
            Effect.exit
          )
          sinks.show(exit)
        }
        for (
          const service of [
            pool,
            yield* DashScopeClient.DashScopeClient,
            yield* Generation.Generation,
            yield* PlatformHttpClient.HttpClient
          ]
        ) sinks.show(service)
        sinks.show(Context.getOption(context, PlatformHttpClient.HttpClient))
        sinks.show(yield* Metric.snapshot)
      }).pipe(Effect.scoped, Effect.provide(layer), Effect.provide(sinks.layer))
      const requests = yield* simulator.requests
      assert.isAtLeast(requests.length, tried.length)
      // It does get where it belongs.
      for (const { headers } of requests) assert.strictEqual(headers["authorization"], `Bearer ${sentinel}`)
      sinks.assertClean()
    })

  it.scopedLive("in the layer", () => scan((options) => ({ layer: DashScope.layer({ ...options, apiKey: sentinel }) })))

  it.scopedLive.runIf(isThorough)(
    "in the layer, redacted",
    () => scan((options) => ({ layer: DashScope.layer({ ...options, apiKey: Redacted.make(sentinel) }) }))
  )

  it.scopedLive("in the call", () =>
    scan(
      (options) => ({ layer: DashScope.layer(options), call: { apiKey: Redacted.make(sentinel) } }),
      behaviors.filter((_, i) => isTried(i))
    ))

  it.scopedLive.runIf(isThorough)("in the environment", () =>
    scan((options) => ({
      layer: Layer.provide(
        DashScope.layer(options),
        Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DASHSCOPE_API_KEY", sentinel]])))
      )
    })))

  it.scopedLive.runIf(isThorough)("in a file", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const apiKeyFile = yield* fileSystem.makeTempFileScoped()
      yield* fileSystem.writeFileString(apiKeyFile, `${sentinel}\n`)
      yield* scan((options) => ({
        layer: Layer.provide(
          DashScope.layer({ ...options, apiKeyFile }),
          Layer.setConfigProvider(ConfigProvider.fromMap(new Map()))
        )
      }))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("does not go along with a redirect to another origin, even where redirects are followed", () =>
    Effect.gen(function*() {
      const arrived: Array<Readonly<Record<string, string>>> = []
      const elsewhere = yield* Simulator.make({
        app: Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => {
          arrived.push(headers)
          return HttpServerResponse.unsafeJson({ output: { text: "hello" } })
        })
      })
      const simulator = yield* Simulator.make({
        app: Effect.succeed(HttpServerResponse.redirect(`${elsewhere.origin}/elsewhere`, { status: 307 }))
      })
      const options = { apiKey: sentinel, endpoint: `${simulator.origin}/moved/v1` }
      const ask = Generation.call({ model: "qwen-plus", prompt: "你好" })
      const error = yield* Effect.flip(ask).pipe(Effect.provide(DashScope.layer(options)))
      assert.deepInclude({ ...error }, { _tag: "ApiError", statusCode: 307 })
      assert.strictEqual(arrived.length, 0)
      yield* Effect.exit(ask).pipe(Effect.provide(
        DashScope.layer({ ...options, transformClient: PlatformHttpClient.followRedirects() })
      ))
      assert.strictEqual(arrived.length, 1)
      assert.notProperty(arrived[0], "authorization")
    }))
})

it.effect("the scan itself finds what is there", () =>
  Effect.sync(() => {
    const sinks = makeSinks(sentinel)
    for (let i = 0; i < 20; i++) sinks.show({ deep: { nested: Option.some(`Bearer ${sentinel}`), at: Duration.zero } })
    assert.throws(() => sinks.assertClean())
  }))
