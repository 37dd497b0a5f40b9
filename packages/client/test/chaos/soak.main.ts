/**
 * `npm run soak -- [--minutes n | --seconds n] [--seed n] [--out file.svg]`: a steady load of calls and streams, with
 * everything that goes wrong in production mixed in, through one pool to a server in another process. Once a second it
 * samples what must not grow; at the end it judges, by its exit code too, and draws the plot.
 */
import { NodeRuntime } from "@effect/platform-node"
import * as HttpClient from "@effect/platform/HttpClient"
import {
  Cause,
  Console,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Schedule,
  Schema,
  Scope,
  Stream
} from "effect"
import { Behavior } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import type { ChildProcess } from "node:child_process"
import { fork } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as DashScope from "../../src/DashScope.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import type { Color } from "../util/plot.js"
import { toSvg } from "../util/plot.js"
import { LiveFibers } from "./counting.js"
import { randomOf } from "./random.js"

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    seconds: { type: "string" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("../../../../docs/soak.svg", import.meta.url)) }
  }
})
const seconds = options.seconds === undefined ? Number(options.minutes) * 60 : Number(options.seconds)
const seed = Number(options.seed)
const { gc } = globalThis
if (!(seconds >= 5) || !Number.isInteger(seed) || gc === undefined) {
  console.error(
    "npm run soak -- [--minutes n | --seconds n, at least 5] [--seed n] [--out file.svg]; needs --expose-gc"
  )
  process.exit(2)
}

const connectionPoolSize = 32
const workers = 64

/** Seconds at full speed before anything is sampled, in which the engine compiles what it will. */
const warmUp = 15

const config = ConnectionConfig.make({
  connectionPoolSize,
  maximumAsyncRequestsPerHost: 24,
  connectTimeout: "1 second",
  readTimeout: "1 second",
  connectionIdleTimeout: "1 second",
  connectionMaxLifetime: "5 seconds",
  acquireTimeout: "10 seconds",
  shutdownTimeout: "1 second"
})

// ---------------------------------------------------------------------------------------------------------------------
// The load
// ---------------------------------------------------------------------------------------------------------------------

const random = randomOf(seed)

const well: ReadonlyArray<Behavior.Behavior> = [
  {},
  {},
  {},
  { latency: 5 },
  { latency: 20 },
  { bodyLatency: 10 },
  { padAnswerTo: 200_000 },
  { gzip: true },
  { keepAliveHint: 2 }
]

const ill: ReadonlyArray<Behavior.Behavior> = [
  { fault: { _tag: "CloseBeforeHeaders" } },
  { fault: { _tag: "ResetBeforeHeaders" } },
  { fault: { _tag: "StallBeforeHeaders" } },
  { fault: { _tag: "ResetAfterHeaders" } },
  { fault: { _tag: "StallAfterHeaders" } },
  { fault: { _tag: "ResetAfterBytes", bytes: 100 } },
  { fault: { _tag: "StallAfterBytes", bytes: 100 } },
  { fault: { _tag: "HalfBody" } },
  { fault: { _tag: "ConnectionClose" } },
  { error: { status: 429 } },
  { error: { status: 429, retryAfter: 1 } },
  { error: { status: 500, padTo: 70_000 } },
  { error: { status: 500, endless: "open" } },
  { error: { status: 503, shape: "html" } },
  { error: { status: 400, shape: "openai" } }
]

const streamsWell: ReadonlyArray<Behavior.StreamBehavior> = [
  { events: 10 },
  { events: 50, eventBytes: 40 },
  { events: 10, eventInterval: 5 },
  { events: 20, chunking: 7, commentsBetween: true },
  { hugeEvent: 200_000 }
]

const streamsIll: ReadonlyArray<Behavior.StreamBehavior> = [
  { stallBeforeFirstEvent: true },
  { events: 10, stallAfterEvents: 3 },
  { events: 10, resetAfterEvents: 3 },
  { events: 10, errorAfterEvents: 3 },
  { events: 10, halfFrame: 4 },
  { events: 10, closeWithoutFinish: true },
  { events: 10, undecodableEventAfter: 2 },
  { heartbeatsOnly: 50 },
  { emptyDeltas: 50 }
]

/** One call or stream, as somebody somewhere makes them. */
const request: Effect.Effect<unknown, unknown, Generation.Generation> = Effect.suspend(() => {
  const isIll = random.chance(0.1)
  const isStream = random.chance(0.3)
  const behavior: Behavior.Behavior = !isStream
    ? random.pick(isIll ? ill : well)
    : isIll && random.chance(0.3)
    ? random.pick(ill)
    : { stream: random.pick(isIll ? streamsIll : streamsWell) }
  const params = { model: "qwen-plus", prompt: "What is the time?" }
  const call = { headers: Behavior.toHeaders(behavior), contentTimeout: "500 millis", timeout: "5 seconds" } as const
  if (!isStream) return Generation.call(params, call)
  const stream = Generation.stream(params, call)
  switch (random.integer(0, 5)) {
    case 0:
      return Stream.runDrain(Stream.take(stream, 2))
    case 1:
      return Stream.runForEach(stream, () => Effect.sleep("1 millis"))
    default:
      return Generation.collect(stream)
  }
})

const ended = { succeeded: 0, failed: 0, interrupted: 0 }
/** How often a call was tried, retries included. */
let attempts = 0
/** What a call may not end with, and how often it did. */
const untyped = new Map<string, number>()

const count = (exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) ended.succeeded++
  else if (Cause.isInterruptedOnly(exit.cause)) ended.interrupted++
  else {
    ended.failed++
    const failure = Cause.failureOption(exit.cause)
    if (failure._tag === "Some" && isDashScopeError(failure.value)) return
    const text = Cause.pretty(exit.cause)
    untyped.set(text, (untyped.get(text) ?? 0) + 1)
  }
}

let isWarm = false

const worker = Effect.forever(Effect.gen(function*() {
  const fiber = yield* Effect.fork(request)
  if (random.chance(0.06)) {
    yield* Effect.sleep(Duration.millis(random.integer(0, 20)))
    yield* Fiber.interrupt(fiber)
  }
  count(yield* Fiber.await(fiber))
  if (isWarm) yield* Effect.sleep(Duration.millis(random.integer(0, 80)))
}))

// ---------------------------------------------------------------------------------------------------------------------
// The server
// ---------------------------------------------------------------------------------------------------------------------

const Urls = Schema.Struct({ urls: Schema.NonEmptyArray(Schema.String) })
const Served = Schema.Struct({
  maxOpenConnections: Schema.Number,
  openConnections: Schema.Number,
  totalRequests: Schema.Number
})

const nextMessage = (child: ChildProcess) =>
  Effect.async<unknown>((resume) => {
    const onMessage = (message: unknown) => done(Effect.succeed(message))
    const onExit = (code: number | null) => done(Effect.dieMessage(`the server ended with ${code}`))
    const done = (result: Effect.Effect<unknown>) => {
      child.off("message", onMessage).off("exit", onExit)
      resume(result)
    }
    child.on("message", onMessage).on("exit", onExit)
  })

const startServer = Effect.gen(function*() {
  const path = fileURLToPath(new URL("../util/soakServer.ts", import.meta.url))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => fork(path, [String(seed)])),
    (child) => Effect.sync(() => child.disconnect())
  )
  const { urls } = yield* Effect.flatMap(nextMessage(child), Schema.decodeUnknown(Urls))
  const stats = Effect.suspend(() => {
    child.send("stats")
    return Effect.flatMap(nextMessage(child), Schema.decodeUnknown(Served))
  })
  return { urls, stats }
})

// ---------------------------------------------------------------------------------------------------------------------
// Sampling
// ---------------------------------------------------------------------------------------------------------------------

const live = new LiveFibers()

const sampleOf = (
  pool: ConnectionPool.Service,
  served: Effect.Effect<typeof Served.Type, unknown>,
  startedAt: number
) =>
  Effect.gen(function*() {
    const { openConnections } = yield* served
    const { open, waiting } = yield* pool.stats
    const resources = process.getActiveResourcesInfo()
    const fibers = live.alive
    // Last, since everything stands still meanwhile.
    yield* Effect.sync(() => gc())
    const { heapUsed, rss } = process.memoryUsage()
    return {
      at: (performance.now() - startedAt) / 1000,
      heap: heapUsed / 2 ** 20,
      rss: rss / 2 ** 20,
      open,
      waiting,
      // Of this process. That to the server's process is a pipe.
      sockets: resources.filter((name) => name === "TCPSocketWrap").length,
      timers: resources.filter((name) => name === "Timeout").length,
      serverSockets: openConnections,
      fibers,
      ...ended,
      attempts
    }
  })

type Sample = Effect.Effect.Success<ReturnType<typeof sampleOf>>

/** How much of a total there was per second, between a sample and the one before it. */
const rate = (samples: ReadonlyArray<Sample>, of: (sample: Sample) => number): ReadonlyArray<number> =>
  samples.map((sample, i) => {
    const before = samples[i - 1]
    return before === undefined ? Number.NaN : (of(sample) - of(before)) / (sample.at - before.at)
  })

const callsOf = ({ failed, interrupted, succeeded }: typeof ended): number => succeeded + failed + interrupted

// ---------------------------------------------------------------------------------------------------------------------
// Judging
// ---------------------------------------------------------------------------------------------------------------------

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** The line through the points that a few outliers do not move: the median of all slopes between two (Theil and Sen). */
const lineThrough = (points: ReadonlyArray<readonly [x: number, y: number]>) => {
  const slope = median(points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x))))
  return { slope, offset: median(points.map(([x, y]) => y - slope * x)) }
}

/** The heap of the last two thirds of the run: the line through it, and how much it grows by along that line. */
const heapOf = (samples: ReadonlyArray<Sample>) => {
  const late = samples.slice(Math.floor(samples.length / 3))
  const line = lineThrough(late.map(({ at, heap }) => [at, heap]))
  const [first, last] = [late[0], late.at(-1)]
  if (first === undefined || last === undefined) throw new Error("there are no samples")
  const calls = callsOf(last) - callsOf(first)
  const growth = line.slope * (last.at - first.at)
  // 64 bytes per call are less than the smallest thing that a call could leave behind: a fiber, a response or an error
  // with its stack has about a hundred bytes to about a thousand. The rest is what the engine still compiles and caches.
  return { from: first.at, line, calls, growth, allowed: 1 + 64 * calls / 2 ** 20, perCall: growth * 2 ** 20 / calls }
}

/** Medians of the first and the last third. */
const thirds = (samples: ReadonlyArray<Sample>, of: (sample: Sample) => number) => {
  const third = Math.floor(samples.length / 3)
  return { first: median(samples.slice(0, third).map(of)), last: median(samples.slice(-third).map(of)) }
}

const most = (samples: ReadonlyArray<Sample>, of: (sample: Sample) => number) => Math.max(...samples.map(of))

const flat = (samples: ReadonlyArray<Sample>, name: string, of: (sample: Sample) => number) => {
  const { first, last } = thirds(samples, of)
  // The load is random, and so is how much of it there is at once; a leak has no such bounds.
  const allowed = first * 1.25 + 10
  return {
    holds: last <= allowed,
    text: `${name}: median ${first} in the first third, ${last} in the last; at most ${allowed.toFixed(0)} wanted`
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The plot
// ---------------------------------------------------------------------------------------------------------------------

const signed = (n: number, digits: number) => `${n < 0 ? "−" : "+"}${Math.abs(n).toFixed(digits)}`

const plotOf = (samples: ReadonlyArray<Sample>): string => {
  const { from, line, perCall } = heapOf(samples)
  const lineOf = (name: string, color: Color, of: (sample: Sample) => number) => ({
    name,
    color,
    values: samples.map(of)
  })
  const note = (of: (sample: Sample) => number) => {
    const { first, last } = thirds(samples, of)
    return `median ${first} → ${last}`
  }
  const calls = rate(samples, callsOf).slice(1)
  return toSvg({
    title: "Soak: calls and streams through one pool, with faults",
    subtitle: `${callsOf(ended)} calls by ${workers} callers in ${Math.round(warmUp + seconds)} s, of which the last ` +
      `${
        Math.round(seconds)
      } are shown; ${connectionPoolSize} connections, 2 hosts, seed ${seed}, Node ${process.versions.node}`,
    times: samples.map(({ at }) => at),
    panels: [
      {
        title: "Heap after garbage collection, MiB",
        note: `${signed(perCall, 0)} bytes per call`,
        lines: [
          lineOf("heap", "blue", ({ heap }) => heap),
          { ...lineOf("fit", "red", ({ at }) => at < from ? NaN : line.offset + line.slope * at), isDashed: true }
        ]
      },
      {
        title: "Memory of the process, MiB",
        note: note(({ rss }) => Math.round(rss)),
        lines: [lineOf("resident set", "blue", ({ rss }) => rss)]
      },
      {
        title: "Sockets",
        note: note(({ sockets }) => sockets),
        lines: [
          lineOf("process", "orange", ({ sockets }) => sockets),
          lineOf("server", "green", ({ serverSockets }) => serverSockets),
          lineOf("pool", "blue", ({ open }) => open),
          { ...lineOf(`limit ${connectionPoolSize}`, "red", () => connectionPoolSize), isDashed: true }
        ]
      },
      {
        title: "Fibers",
        note: note(({ fibers }) => fibers),
        lines: [
          lineOf("active", "blue", ({ fibers }) => fibers),
          lineOf("requests waiting for the pool", "orange", ({ waiting }) => waiting)
        ]
      },
      {
        title: "Timers",
        note: note(({ timers }) => timers),
        lines: [lineOf("active", "blue", ({ timers }) => timers)]
      },
      {
        title: "Calls per second",
        note: `median ${median(calls).toFixed(0)}`,
        lines: [
          { name: "succeeded", color: "green", values: rate(samples, ({ succeeded }) => succeeded) },
          { name: "failed", color: "red", values: rate(samples, ({ failed }) => failed) },
          { name: "interrupted", color: "purple", values: rate(samples, ({ interrupted }) => interrupted) }
        ]
      }
    ]
  })
}

// ---------------------------------------------------------------------------------------------------------------------
// The run
// ---------------------------------------------------------------------------------------------------------------------

const describe = (sample: Sample): string =>
  [
    `${sample.at.toFixed(0).padStart(5)} s`,
    `heap ${sample.heap.toFixed(2)} MiB`,
    `rss ${sample.rss.toFixed(0)} MiB`,
    `sockets ${sample.open} (process ${sample.sockets}, server ${sample.serverSockets})`,
    `fibers ${sample.fibers}`,
    `timers ${sample.timers}`,
    `waiting ${sample.waiting}`,
    `${sample.succeeded} succeeded, ${sample.failed} failed, ${sample.interrupted} interrupted`
  ].join("  ")

const program = Effect.gen(function*() {
  const server = yield* startServer
  const scope = yield* Scope.make()
  // Long queues are meant here.
  const pool = yield* ConnectionPool.make(config).pipe(
    Scope.extend(scope),
    Logger.withMinimumLogLevel(LogLevel.Error)
  )
  const contexts = yield* Effect.forEach(server.urls, (endpoint) =>
    Layer.build(DashScope.layerPool(pool, {
      apiKey: "sk-soak",
      endpoint,
      transformClient: HttpClient.tapRequest(() => Effect.sync(() => attempts++))
    })))
  const before = yield* sampleOf(pool, server.stats, performance.now())

  const load = yield* Effect.fork(Effect.forEach(
    Array.from({ length: workers }),
    (_, i) => Effect.provide(worker, contexts[i % contexts.length]!),
    { concurrency: "unbounded", discard: true }
  ))
  yield* Console.log(`Warming up for ${warmUp} seconds, then ${seconds} seconds`)
  yield* Effect.sleep(Duration.seconds(warmUp))
  isWarm = true
  const startedAt = performance.now()
  const samples: Array<Sample> = []
  const sample = Effect.gen(function*() {
    const sample = yield* sampleOf(pool, server.stats, startedAt)
    if (samples.push(sample) % 10 === 1) yield* Console.log(describe(sample))
  })
  yield* Effect.repeat(sample, { schedule: Schedule.fixed("1 second"), times: seconds })
  yield* Fiber.interrupt(load)
  yield* Scope.close(scope, Exit.void)

  // The last fibers end in the background, and the server hears of the ends of its connections a little later.
  const after = yield* Effect.repeat(sampleOf(pool, server.stats, startedAt), {
    schedule: Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(100)),
    until: ({ fibers, serverSockets, timers }) =>
      fibers <= before.fibers && timers <= before.timers && serverSockets === 0
  }).pipe(Effect.andThen(sampleOf(pool, server.stats, startedAt)))
  const served = yield* server.stats
  const { inFlight, opened, resent } = yield* pool.stats
  const heap = heapOf(samples)
  const verdicts: ReadonlyArray<{ readonly holds: boolean; readonly text: string }> = [
    {
      holds: heap.growth <= heap.allowed,
      text: `heap: ${signed(heap.growth, 2)} MiB in the last ${heap.calls} calls (${signed(heap.perCall, 0)} bytes ` +
        `each); at most +${heap.allowed.toFixed(2)} MiB wanted`
    },
    flat(samples, "sockets", ({ sockets }) => sockets),
    flat(samples, "fibers", ({ fibers }) => fibers),
    flat(samples, "timers", ({ timers }) => timers),
    {
      // The server may hear of a new connection before it hears that the one in whose place it came is closed.
      holds: most(samples, ({ open }) => open) <= connectionPoolSize &&
        most(samples, ({ sockets }) => sockets) <= connectionPoolSize &&
        served.maxOpenConnections <= connectionPoolSize + 4,
      text: `at most ${most(samples, ({ open }) => open)} connections by the pool's count, ` +
        `${most(samples, ({ sockets }) => sockets)} by the process's, ${served.maxOpenConnections} by the server's; ` +
        `${connectionPoolSize} allowed`
    },
    {
      holds: after.open + after.waiting + inFlight + after.sockets + after.serverSockets === 0 &&
        after.fibers === before.fibers && after.timers === before.timers,
      text: `after closing: ${after.sockets} sockets (server ${after.serverSockets}), ${inFlight} permits, ` +
        `${after.fibers - before.fibers} fibers and ${after.timers - before.timers} timers more than before`
    },
    { holds: untyped.size === 0, text: `${untyped.size} kinds of errors that are not this library's` },
    {
      holds: Math.min(ended.succeeded, ended.failed, ended.interrupted, resent, attempts - callsOf(ended)) > 0,
      text: `${ended.succeeded} calls succeeded, ${ended.failed} failed, ${ended.interrupted} were interrupted; ` +
        `${attempts - callsOf(ended)} retries, ${resent} requests sent again, ${served.totalRequests} requests over ` +
        `${opened} connections`
    }
  ]
  for (const { holds, text } of verdicts) yield* Console.log(`${holds ? "ok  " : "FAIL"}  ${text}`)
  for (const [text, times] of untyped) yield* Console.error(`${times}× ${text}`)
  yield* Effect.sync(() => {
    mkdirSync(dirname(resolve(options.out)), { recursive: true })
    writeFileSync(options.out, plotOf(samples))
  })
  const isFlat = verdicts.every(({ holds }) => holds)
  yield* Console.log(`${isFlat ? "Flat" : "NOT FLAT"}. The plot is in ${options.out}`)
  if (!isFlat) process.exitCode = 1
})

NodeRuntime.runMain(live.watch(Effect.scoped(program)))
