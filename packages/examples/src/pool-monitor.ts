/**
 * A live view of a pool under load: connections by state and host, who waits, how fast and how long, and why
 * connections were closed.
 *
 * Two simulators play the hosts of a service on a bad day, a crowd of callers comes and goes, and the pool between them
 * is small. All that is shown comes from `ConnectionPool.stats` and `ConnectionPool.events`. q or Ctrl-C ends it.
 *
 * `--adaptive` puts `AdaptiveConcurrency` between the callers and the pool, and shows how many calls it lets run at once, and why
 * it lets fewer.
 *
 * Without a terminal it prints a line per second, for four seconds. `--seconds 30` ends it after as many, here and there;
 * `--ascii` draws without box characters. `NO_COLOR` and `FORCE_COLOR` are respected.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Clock, Console, Duration, Effect, identity, Logger, Stream } from "effect"
import { AdaptiveConcurrency, ConnectionConfig, ConnectionPool } from "effect-dashscope"
import { History } from "./internal/monitor/history.js"
import * as Load from "./internal/monitor/load.js"
import * as Options from "./internal/monitor/options.js"
import * as Screen from "./internal/monitor/screen.js"
import * as Text from "./internal/monitor/text.js"
import * as View from "./internal/monitor/view.js"

const connection = ConnectionConfig.make({
  connectionPoolSize: 12,
  maximumAsyncRequestsPerHost: 8,
  maximumPendingRequests: 24,
  acquireTimeout: "600 millis",
  readTimeout: "2 seconds",
  connectionIdleTimeout: "2 seconds",
  connectionMaxLifetime: "8 seconds",
  shutdownTimeout: "500 millis"
})

// Where standard input is not one, there is nobody to press q.
const isTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb"

const color = Text.wantsColor(process.env, process.stdout.isTTY)

/** What the pool logs would tear the picture: it is shown among the events. */
const logsTo = (history: History) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ cause, date, logLevel, message }) => {
      const text = [message, ...(Cause.isEmpty(cause) ? [] : [Cause.pretty(cause)])].flat().map(String).join(" ")
      history.log({ at: date.getTime(), kind: logLevel.label.toLowerCase(), style: "yellow", origin: "", text })
    })
  )

/** Draws ten times per second until somebody wants to leave. */
const onScreen = (model: Effect.Effect<View.Model>, look: Text.Look) =>
  Effect.gen(function*() {
    const screen = yield* Screen.make
    const draw = Effect.gen(function*() {
      const size = yield* screen.size
      const lines = View.view(yield* model, size)
      yield* screen.draw(lines.map((line) => Text.paint(line, look)), size)
    })
    const pause = Effect.raceFirst(Effect.sleep("100 millis"), screen.resized)
    yield* Effect.raceFirst(Effect.forever(Effect.zipRight(draw, pause)), screen.quit)
  }).pipe(Effect.scoped)

/** A line per second. */
const inLines = (model: Effect.Effect<View.Model>, look: Text.Look) =>
  Effect.sleep("1 second").pipe(
    Effect.zipRight(model),
    Effect.flatMap((model) => Console.log(Text.paint(View.line(model), look))),
    Effect.forever
  )

const watch = Effect.gen(function*() {
  const { adaptive, ascii, seconds = isTerminal ? Infinity : 4 } = yield* Options.parse(process.argv.slice(2))
  const history = new History()
  const startedAt = yield* Clock.currentTimeMillis

  yield* Effect.gen(function*() {
    const pool = yield* ConnectionPool.make(connection)
    yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) => Effect.sync(() => history.add(event))))
    // At least one whole wave.
    const limiter = adaptive
      ? yield* AdaptiveConcurrency.make({ max: Load.most })
      : undefined
    if (limiter !== undefined) {
      yield* Effect.forkScoped(Stream.runForEach(limiter.events, (event) => Effect.sync(() => history.adapted(event))))
    }
    const demand = yield* Load.start(pool, 1000 * Math.min(20, seconds), limiter)
    const model = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const stats = yield* pool.stats
      history.sample(now, stats)
      return { now, startedAt, limits: pool.config, stats, recent: history.recent(now), demand: yield* demand }
    })
    const shown = isTerminal ? onScreen(model, { color, ascii }) : inLines(model, { color, ascii })
    const printPool = Effect.flatMap(pool.stats, (stats) => Console.log(`Pool: ${stats.toString()}`))
    yield* shown.pipe(
      // Half a second more, for the last line.
      Effect.timeoutOption(Duration.seconds(seconds + 0.5)),
      Effect.ensuring(printPool)
    )
  }).pipe(Effect.scoped, isTerminal ? Effect.provide(logsTo(history)) : identity)
})

NodeRuntime.runMain(isTerminal ? Screen.endingAtHangUp(watch) : watch)
