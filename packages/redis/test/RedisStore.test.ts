import { assert, describe, it } from "@effect/vitest"
import type * as RateLimitStore from "effect-dashscope/RateLimitStore"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { labelled } from "../src/internal/effect.js"
import type * as RedisClient from "../src/RedisClient.js"
import * as RedisStore from "../src/RedisStore.js"
import { clients, clusters } from "./util/clients.js"
import { ready } from "./util/ready.js"
import { hasRedis, make, type RedisServer } from "./util/redisServer.js"

/** Ten at once, and one each minute after that. */
const ten = { key: "requests", capacity: 10, interval: 60_000 }

let number = 0

const reservation = (over: Partial<RateLimitStore.Reservation> = {}): RateLimitStore.Reservation => ({
  namespace: "account",
  buckets: [{ ...ten, cost: 1 }],
  slots: [],
  id: `call-${number++}`,
  leaseMillis: 60_000,
  maxWaitMillis: 0,
  ...over
})

/** A machine that is busy is no server that is away. */
const patient: RedisStore.Options = { commandTimeout: "20 seconds" }

const storeOf = (server: RedisServer, options: RedisStore.Options = patient) =>
  Effect.flatMap(ready(clients["ioredis 6"](server.url)), (client) => RedisStore.make(client, options))

const logged = (messages: Array<string>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => {
      messages.push(`${logLevel.label.toUpperCase()} ${String(message)}`)
    })
  )

const quiet = Logger.replace(Logger.defaultLogger, Logger.make(constVoid))

const isShared = (store: RedisStore.Service) =>
  Effect.repeat(store.status, {
    until: ({ _tag }) => _tag === "Shared",
    schedule: Schedule.spaced("10 millis")
  })

const withServer = <A, E>(use: (server: RedisServer) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(make(), use))

describe.skipIf(!hasRedis)("the store over Redis", () => {
  it.live("is one for all: each reservation a script, of which many go in one write", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const client = yield* ready(clients["redis 6"](server.url))
        const stores = yield* Effect.all([RedisStore.make(client, patient), storeOf(server)])
        const ask = (store: RedisStore.Service) => store.reserve(reservation())
        // The first learns that the server does not know the script, and brings it.
        assert.deepStrictEqual(yield* ask(stores[0]), { _tag: "Granted" })
        yield* server.cli("CONFIG", "RESETSTAT")
        const answers = yield* Effect.all(
          Array.from({ length: 40 }, () => ask(stores[0])),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(answers.filter(({ _tag }) => _tag === "Granted").length, 9)
        assert.strictEqual(answers.filter(({ _tag }) => _tag === "TooLong").length, 31)
        assert.strictEqual(yield* server.calls("evalsha"), 40)
        assert.strictEqual(yield* server.calls("eval"), 0)
        const reads = Number(/total_reads_processed:(\d+)/.exec(yield* server.cli("INFO", "stats"))?.[1])
        // Some of them are redis-cli's.
        assert.isBelow(reads, 20)

        yield* server.cli("SCRIPT", "FLUSH", "SYNC")
        assert.strictEqual((yield* ask(stores[1]))._tag, "TooLong")
        assert.strictEqual(yield* server.calls("eval"), 1)
        for (const store of stores) assert.deepStrictEqual(yield* store.status, { _tag: "Shared" })
      })
    ))

  it.live("keeps nothing for ever, and all of an account in one slot of a cluster", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const store = yield* storeOf(server, { ...patient, prefix: "shop:{1}:" })
        const slots = [{ key: "running", max: 2 }]
        yield* store.reserve(reservation({ namespace: "a{b}c", slots }))
        yield* store.pause({ namespace: "a{b}c", buckets: [ten], millis: 1000 })
        const keys = (yield* server.cli("KEYS", "*")).split("\n").sort()
        const tag = "shop:%7B1%7D:{a%7Bb%7Dc}:"
        assert.deepStrictEqual(keys, [
          `${tag}book`,
          `${tag}bucket:requests`,
          `${tag}instances`,
          `${tag}slots:running`
        ])
        for (const key of keys) assert.isAbove(Number(yield* server.cli("PTTL", key)), 0, key)
      })
    ))

  it.live("gives places of the dead back by themselves, and not of those who renew", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const store = yield* storeOf(server)
        const slots = [{ key: "running", max: 2 }]
        const ask = (id: string, leaseMillis = 60_000) =>
          store.reserve(reservation({ buckets: [], slots, id, leaseMillis }))
        yield* ask("dead", 200)
        yield* ask("alive", 200)
        yield* store.renew({ namespace: "account", leases: [{ key: "running", id: "alive" }], leaseMillis: 60_000 })
        assert.deepStrictEqual(yield* ask("next"), { _tag: "Busy" })
        const granted = Effect.repeat(ask("next"), {
          until: ({ _tag }) => _tag === "Granted",
          schedule: Schedule.spaced("20 millis")
        })
        yield* granted
        assert.deepStrictEqual(yield* ask("one more"), { _tag: "Busy" })
        yield* store.adjust({ namespace: "account", buckets: [], slots, id: "alive" })
        assert.deepStrictEqual(yield* ask("one more"), { _tag: "Granted" })
      })
    ))

  it.live("goes on with its share while the server is away, says so once, and comes back", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const messages: Array<string> = []
        const failures = labelled(RedisStore.failures, "error.type", "timeout")
        const before = (yield* Metric.value(failures)).count
        yield* Effect.gen(function*() {
          const options = { commandTimeout: "1 second" } as const
          const [store, other] = yield* Effect.all([storeOf(server, options), storeOf(server, options)])
          const tags = yield* Effect.fork(Stream.runCollect(Stream.take(store.changes, 3)))
          const bucket = { key: "slow", capacity: 1, interval: 20_000 }
          const ask = (asked: RedisStore.Service, maxWaitMillis = Infinity) =>
            asked.reserve(reservation({ buckets: [{ ...bucket, cost: 1 }], maxWaitMillis }))
          yield* ask(store)
          yield* Effect.sleep("10 millis")
          yield* ask(other)
          // It is told how many there are with what it says every few seconds: the second knows of both.
          yield* server.freeze
          const apart = yield* Effect.all([ask(other), ask(other)], { concurrency: 2 })
          // The half of a bucket begins empty, and fills half as fast.
          const waits = apart.map((answer) => answer._tag === "Wait" ? answer.millis : 0).sort((a, b) => a - b)
          assert.closeTo(waits[0]!, 20_000, 5000)
          assert.closeTo(waits[1]! - waits[0]!, 40_000, 5000)
          yield* ask(store)
          yield* ask(store)
          assert.include(yield* other.status, { _tag: "Apart", onStoreFailure: "local", instances: 2 })
          yield* server.thaw
          yield* isShared(store)
          yield* isShared(other)
          assert.deepStrictEqual(
            Chunk.toReadonlyArray(yield* Fiber.join(tags)).map(({ _tag }) => _tag),
            ["Shared", "Apart", "Shared"]
          )
          yield* ask(store)
        }).pipe(Effect.provide(logged(messages)))
        assert.deepStrictEqual(messages.map((message) => message.replace(/\d+\/\d+|alone/, "…")).sort(), [
          "INFO The store of the rate limits answers again: they are shared.",
          "INFO The store of the rate limits answers again: they are shared.",
          "WARN The store of the rate limits failed: it did not answer within 1s. Until it answers again, this process keeps the limits ….",
          "WARN The store of the rate limits failed: it did not answer within 1s. Until it answers again, this process keeps to … of the limits."
        ])
        assert.isAtLeast((yield* Metric.value(failures)).count - before, 2)
      })
    ))

  it.live("gives back what the server granted too late", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const store = yield* storeOf(server, { commandTimeout: "200 millis", onStoreFailure: "open" })
        const level = (maxWaitMillis: number) =>
          store.reserve(reservation({ buckets: [{ ...ten, cost: 10 }], maxWaitMillis }))
        yield* store.reserve(reservation({ buckets: [{ ...ten, cost: 2 }] }))
        yield* server.freeze
        // It goes on without, and what it asked for waits in the socket.
        assert.deepStrictEqual(yield* store.reserve(reservation({ buckets: [{ ...ten, cost: 5 }] })), {
          _tag: "Granted"
        })
        yield* server.thaw
        yield* isShared(store)
        const missing = Effect.map(level(0), (answer) => answer._tag === "TooLong" ? answer.millis / ten.interval : NaN)
        yield* Effect.repeat(missing, { until: (units) => units < 2.1, schedule: Schedule.spaced("10 millis") })
      })
    ).pipe(Effect.provide(quiet)))

  it.live("does not give a bucket away once more where the server forgot what was taken", () =>
    withServer((server) =>
      Effect.gen(function*() {
        const store = yield* storeOf(server)
        yield* store.reserve(reservation())
        yield* server.kill
        yield* server.start
        yield* Effect.repeat(store.reserve(reservation()), {
          until: () => Effect.map(store.status, ({ _tag }) => _tag === "Shared"),
          schedule: Schedule.spaced("10 millis")
        })
        const answer = yield* store.reserve(reservation())
        assert.strictEqual(answer._tag, "TooLong")
        // A process that is new takes part in that.
        const fresh = yield* storeOf(server)
        assert.strictEqual((yield* fresh.reserve(reservation()))._tag, "TooLong")
      })
    ).pipe(Effect.provide(quiet)))

  it.live("is open or closed where it should be, from the start on too", () =>
    withServer((server) =>
      Effect.gen(function*() {
        yield* server.kill
        const storeWith = (onStoreFailure: RedisStore.OnStoreFailure) =>
          Effect.flatMap(
            clients["redis 6"](server.url),
            (client) => RedisStore.make(client, { onStoreFailure, instances: 5, commandTimeout: "1 second" })
          )
        const [local, open, closed] = yield* Effect.all(
          [storeWith("local"), storeWith("open"), storeWith("closed")],
          { concurrency: "unbounded" }
        )
        for (let i = 0; i < 12; i++) {
          assert.strictEqual((yield* open.reserve(reservation()))._tag, "Granted")
          // A fifth of ten at once: nobody can know what others have taken.
          assert.strictEqual((yield* local.reserve(reservation()))._tag, i < 2 ? "Granted" : "TooLong")
        }
        const error = yield* Effect.flip(closed.reserve(reservation()))
        assert.include(error.message, "The store of the rate limits failed: it is not connected")
        yield* closed.adjust({ ...reservation(), buckets: [] })
        yield* server.start
        yield* isShared(closed)
        assert.strictEqual((yield* closed.reserve(reservation()))._tag, "Granted")
        yield* isShared(local)
        // The server was told of the two.
        const { _tag } = yield* closed.reserve(reservation({ buckets: [{ ...ten, cost: 7.5 }] }))
        assert.strictEqual(_tag, "TooLong")
      })
    ).pipe(Effect.provide(quiet)))

  it.live("works in a cluster, where scripts may only touch one slot", () =>
    Effect.gen(function*() {
      const server = yield* make("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1")
      yield* server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      yield* Effect.repeat(server.cli("CLUSTER", "INFO"), {
        until: (info) => info.includes("cluster_state:ok"),
        schedule: Schedule.spaced("10 millis")
      })
      for (const [namespace, acquire] of Object.entries(clusters)) {
        const store = yield* Effect.flatMap(ready(acquire(server.port)), (client) => RedisStore.make(client, patient))
        const buckets = [{ ...ten, cost: 1 }, { ...ten, key: "tokens", cost: 10 }]
        const slots = [{ key: "running", max: 1 }]
        assert.deepStrictEqual(yield* store.reserve(reservation({ namespace, buckets, slots })), { _tag: "Granted" })
        assert.deepStrictEqual(yield* store.reserve(reservation({ namespace, buckets, slots })), { _tag: "Busy" })
        assert.deepStrictEqual(yield* store.status, { _tag: "Shared" }, namespace)
      }
    }).pipe(Effect.scoped))

  it.effect("refuses options that cannot be used", () =>
    Effect.gen(function*() {
      const client: RedisClient.RedisClient = {
        isReady: () => true,
        eval: () => Promise.reject(new Error("not asked")),
        evalSha: () => Promise.reject(new Error("not asked"))
      }
      const wrong = (options: object) =>
        Effect.map(Effect.flip(Effect.scoped(RedisStore.make(client, options))), String)
      assert.include(yield* wrong({ commandTimeout: 250 }), "commandTimeout")
      assert.include(yield* wrong({ commandTimeout: "0 millis" }), "commandTimeout")
      assert.include(yield* wrong({ commandTimeout: "soon" }), "commandTimeout")
      assert.include(yield* wrong({ onStoreFailure: "maybe" }), "onStoreFailure")
      assert.include(yield* wrong({ instances: 0.5 }), "instances")
    }))
})
