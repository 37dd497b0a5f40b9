/**
 * Every kind of error there is, provoked one by one: what it says, what it carries, and whether to ask again.
 *
 * It always asks the simulator, which misbehaves on demand.
 */
import { HttpServerResponse } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { ConfigProvider, Console, Duration, Effect, Layer } from "effect"
import type { DashScopeClient, DashScopeError } from "effect-dashscope"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import { Behavior, ProxySimulator, Simulator, TcpServer } from "effect-dashscope-simulator"
import * as Service from "./internal/service.js"

// What all errors have in common: a tag, a message for people, and whether to ask again.
const print = (error: DashScopeError.DashScopeError, ...details: ReadonlyArray<string>) =>
  Console.log(
    `  ${[error._tag, ...details].join(", ")}\n  ${error.message}\n  ask again? ${error.isRetryable ? "yes" : "no"}\n`
  )

/** Runs what is to fail, and handles the failure by its tag: each has fields of its own. */
const explain = (title: string, failing: Effect.Effect<unknown, DashScopeError.DashScopeError>) =>
  Console.log(title).pipe(
    Effect.zipRight(failing),
    Effect.zipRight(Console.log("  nothing went wrong\n")),
    Effect.catchTags({
      NoApiKey: (error) => print(error, `${error.lookedIn.length} places searched`),
      InputRequired: (error) => print(error, error.field),
      ApiError: (error) =>
        print(
          error,
          error.reason,
          `status ${error.statusCode}`,
          ...(error.retryAfter === undefined ? [] : [`retry after ${Duration.format(error.retryAfter)}`])
        ),
      RequestTimeout: (error) => print(error, error.phase, `after ${Duration.format(error.duration)}`),
      ConnectionError: (error) => print(error, error.reason, `response started: ${error.responseStarted}`),
      PoolExhausted: (error) => print(error, `${error.pool.active} active`, `${error.pool.waiting} waiting`)
    })
  )

const prompt = "你好"

const call = (options?: DashScopeClient.CallOptions) => Generation.call({ model: "qwen-plus", prompt }, options)

/** The same, by a simulator that is asked to misbehave for this request only. */
const callWith = (behavior: Behavior.Behavior) => call({ headers: Behavior.toHeaders(behavior) })

const refusedWith = (status: number, code: string, message: string, more?: Partial<Behavior.ErrorAnswer>) =>
  callWith({ error: { status, code, message, ...more } })

/** Through a pool of its own, and once only: each error is to be seen. */
const through = (
  connection: ConnectionConfig.Input,
  options?: DashScopeClient.Options
) =>
  Effect.provide(
    Layer.orDie(DashScope.layer({ retry: false, ...options, connection: ConnectionConfig.make(connection) }))
  )

const twoAtOnce = Effect.all([callWith({ latency: 500 }), callWith({ latency: 500 })], { concurrency: 2 })

const program = Effect.gen(function*() {
  yield* explain(
    "No key anywhere",
    call().pipe(through({}), Effect.withConfigProvider(ConfigProvider.fromJson({})))
  )
  yield* explain("Nothing to say", Generation.call({ model: "qwen-plus", prompt: "" }).pipe(through({})))

  // The service says no.
  yield* explain(
    "A wrong key",
    refusedWith(401, "InvalidApiKey", "Invalid API-key provided.").pipe(through({}))
  )
  yield* explain(
    "Too many requests",
    refusedWith(429, "Throttling.RateQuota", "Requests rate limit exceeded.", { retryAfter: 3 }).pipe(through({}))
  )
  yield* explain("An unpaid bill", refusedWith(400, "Arrearage", "Access denied.").pipe(through({})))
  yield* explain(
    "Words that the service does not like",
    refusedWith(400, "DataInspectionFailed", "Input data may contain inappropriate content.").pipe(through({}))
  )
  yield* explain(
    "A parameter out of range",
    Generation.call({ model: "qwen-plus", prompt, temperature: 99 }).pipe(through({}))
  )
  yield* explain("A model that does not exist", Generation.call({ model: "unknown-model", prompt }).pipe(through({})))
  yield* explain("A broken service", refusedWith(500, "InternalError", "An internal error.").pipe(through({})))
  const { origin } = yield* Simulator.make({
    app: Effect.succeed(HttpServerResponse.html("<h1>Welcome to our WLAN</h1>"))
  })
  yield* explain("Somebody else's page", call().pipe(through({}, { endpoint: `${origin}/sign-in` })))

  // A deadline passes: one for each wait.
  const [oneConnection, short] = [{ connectionPoolSize: 1 }, "200 millis"] as const
  yield* explain("A long wait for a turn", twoAtOnce.pipe(through({ ...oneConnection, acquireTimeout: short })))
  const silent = yield* TcpServer.silent
  yield* explain(
    "A server that does not finish the handshake",
    call().pipe(through({ connectTimeout: short }, { endpoint: `https://${silent.host}:${silent.port}` }))
  )
  yield* explain(
    "A server that stops reading",
    Generation.call({ model: "qwen-plus", prompt: "many words ".repeat(2_000_000) }, {
      headers: Behavior.toHeaders({ fault: { _tag: "NeverReadRequest" } })
    }).pipe(through({ writeTimeout: short }))
  )
  yield* explain(
    "A server that does not answer",
    callWith({ fault: { _tag: "StallBeforeHeaders" } }).pipe(through({ readTimeout: short }))
  )
  yield* explain("A call that takes too long", callWith({ latency: 500 }).pipe(through({}, { timeout: short })))

  // The network fails.
  const refusing = yield* Simulator.make({ connections: { refuse: true } })
  yield* explain("Nobody listens", call().pipe(through({}, { endpoint: refusing.url })))
  const strange = yield* Simulator.make({ tls: true })
  yield* explain("A certificate of an unknown authority", call().pipe(through({}, { endpoint: strange.url })))
  const proxy = yield* ProxySimulator.make({ auth: { username: "someone", password: "else" } })
  yield* explain("A proxy that wants a password", call().pipe(through({ proxy: proxy.url })))
  yield* explain("A connection that breaks", callWith({ fault: { _tag: "ResetBeforeHeaders" } }).pipe(through({})))
  yield* explain("Half an answer", callWith({ fault: { _tag: "HalfBody" } }).pipe(through({})))
  const closed = yield* Effect.scoped(ConnectionPool.make(ConnectionConfig.make()))
  yield* explain("A pool that is closed", call().pipe(Effect.provide(Layer.orDie(DashScope.layerPool(closed)))))

  yield* explain("A full queue", twoAtOnce.pipe(through({ ...oneConnection, maximumPendingRequests: 0 })))
}).pipe(Effect.scoped)

program.pipe(
  Effect.provide(Service.simulated()),
  NodeRuntime.runMain
)
