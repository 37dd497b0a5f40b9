import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Duration, Effect, FastCheck } from "effect"
import { ConnectionPool, DashScopeError } from "effect-dashscope"
import type { ConnectionEvent } from "effect-dashscope"
import { spawn, spawnSync } from "node:child_process"
import { type Bundle, bundle } from "../../../scripts/bundle.js"
import * as Columns from "../src/internal/columns.js"
import * as Draw from "../src/internal/monitor/draw.js"
import { History } from "../src/internal/monitor/history.js"
import { crowd } from "../src/internal/monitor/load.js"
import * as Options from "../src/internal/monitor/options.js"
import { Painter } from "../src/internal/monitor/screen.js"
import * as Text from "../src/internal/monitor/text.js"
import * as View from "../src/internal/monitor/view.js"

const plain = { color: false, ascii: false }
const paint = (line: Text.Line) => Text.paint(line, plain)

const now = Date.UTC(2025, 0, 1, 12, 0, 30)
const [fast, slow] = ["http://127.0.0.1:4711", "https://北京.example.com"] as const

const percentiles = (p50: number) => ({
  p50: Duration.millis(p50),
  p90: Duration.millis(2 * p50),
  p99: Duration.millis(3 * p50),
  max: Duration.millis(4 * p50)
})

const stats = new ConnectionPool.Stats({
  open: 10,
  connecting: 1,
  active: 6,
  idle: 2,
  closing: 1,
  inFlight: 7,
  waiting: 5,
  hosts: {
    [fast]: new ConnectionPool.HostStats({
      open: 10,
      connecting: 1,
      active: 6,
      idle: 2,
      closing: 1,
      inFlight: 7,
      waiting: 5
    })
  },
  opened: 31,
  acquired: 400,
  reused: 369,
  waited: 120,
  timedOut: 4,
  rejected: 2,
  resent: 3,
  closed: { idle: 1, lifetime: 2, peer: 3, error: 4, aborted: 5, shutdown: 0, evicted: 6, ended: 0 },
  wait: percentiles(20),
  use: percentiles(300)
})

/** Half a minute in which all kinds of things happened, to both hosts. */
const history = () => {
  const history = new History()
  for (let second = 1; second <= 30; second++) {
    const at = now - 1000 * second
    for (let request = 0; request < second; request++) {
      const subject = { at, origin: request % 3 === 0 ? slow : fast, request: 100 * second + request }
      history.add({ _tag: "Queued", ...subject })
      history.add({ _tag: "Acquired", ...subject, waited: Duration.millis(request), reused: true })
      history.add({ _tag: "ResponseEnded", ...subject, bytes: 100 })
      history.add({ _tag: "Released", ...subject, used: Duration.millis(100 + request) })
    }
    history.add({
      _tag: "Closed",
      at,
      origin: slow,
      connection: second,
      reason: "peer",
      lived: Duration.seconds(3),
      requests: 1
    })
  }
  history.log({
    at: now,
    kind: "warn",
    style: "yellow",
    origin: "",
    text: "你好，世界！\u001b[2J\nand more ".repeat(20)
  })
  history.sample(now - 1000, stats)
  return history
}

const model = (recent = history().recent(now)): View.Model => ({
  now,
  startedAt: now - 83_000,
  limits: { connectionPoolSize: 12, maximumAsyncRequests: 12, maximumAsyncRequestsPerHost: 8 },
  stats,
  recent,
  demand: { callers: 17, answered: 390, failed: 9 }
})

const viewed = (columns: number, rows: number) => View.view(model(), { columns, rows }).map(paint)

describe("a line", () => {
  const texts = FastCheck.stringMatching(/^[a-z 你好，🙂─█é]{0,12}$/u)
  const lines = FastCheck.array(
    FastCheck.oneof(texts, FastCheck.record({ text: texts, style: FastCheck.constant<Text.Style>("red") }))
  )

  it.prop("is made exactly as wide as asked for", [lines, FastCheck.integer({ min: 0, max: 40 })], ([line, width]) => {
    const fitted = Text.fit(line, width)
    assert.strictEqual(Text.widthOfLine(fitted), width)
    assert.strictEqual(Columns.widthOf(paint(fitted)), width)
    const whole = paint(line)
    if (Columns.widthOf(whole) <= width) {
      assert.strictEqual(paint(fitted), whole.padEnd(whole.length + width - Columns.widthOf(whole)))
    } else if (width > 0) assert.include(paint(fitted), "…")
  })

  it("is cut before a wide character that does not fit", () => {
    assert.strictEqual(paint(Text.fit(["你好吗"], 4)), "你… ")
    assert.strictEqual(paint(Text.fit(["你好吗"], 5)), "你好…")
  })

  it("keeps what is to the right of it, as long as there is room for both", () => {
    assert.strictEqual(paint(Text.ends(["a long beginning"], ["end"], 14)), "a long beg…end")
    assert.strictEqual(paint(Text.ends(["a long beginning"], ["end"], 9)), "a long b…")
  })

  it("has colours, or box drawing, only where they are wanted", () => {
    const line = [Text.styled("green", "█▒"), " ╭─…"]
    assert.strictEqual(Text.paint(line, { color: true, ascii: false }), "\u001b[32m█▒\u001b[0m ╭─…")
    assert.strictEqual(Text.paint(line, { color: true, ascii: true }), "\u001b[32m#=\u001b[0m +-~")
    assert.strictEqual(Text.paint(line, plain), "█▒ ╭─…")
  })

  it("has no control characters of others", () => {
    assert.strictEqual(Text.clean("a\u001b[2J\r\nb\u202ec 你好"), "a [2J b c 你好")
  })

  it("is coloured by the conventions", () => {
    const cases: ReadonlyArray<readonly [Record<string, string>, boolean, boolean]> = [
      [{}, true, true],
      [{}, false, false],
      [{ NO_COLOR: "1" }, true, false],
      [{ NO_COLOR: "" }, true, true],
      [{ TERM: "dumb" }, true, false],
      [{ FORCE_COLOR: "1" }, false, true],
      [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
      [{ FORCE_COLOR: "0" }, true, false]
    ]
    for (const [environment, isTerminal, expected] of cases) {
      assert.strictEqual(Text.wantsColor(environment, isTerminal), expected, JSON.stringify(environment))
    }
  })
})

describe("a bar", () => {
  const parts = (a: number, b: number): ReadonlyArray<Draw.Part> => [
    { count: a, glyph: "█", style: "green" },
    { count: b, glyph: "·", style: "dim" }
  ]

  it("has a block for each thing, as wide as there is room", () => {
    assert.strictEqual(paint(Draw.bar(parts(2, 1), 3, 3)), "██·")
    assert.strictEqual(paint(Draw.bar(parts(2, 1), 3, 8)), "████··  ")
    assert.strictEqual(paint(Draw.bar(parts(2, 1), 3, 12)), "███ ███ ··· ")
    assert.strictEqual(paint(Draw.bar(parts(2, 1), 3, 30)), "█████ █████ ·····             ")
  })

  it("is in proportion where there are too many", () => {
    assert.strictEqual(paint(Draw.bar(parts(50, 50), 100, 10)), "█████·····")
    assert.strictEqual(paint(Draw.bar(parts(25, 0), 100, 8)), "██      ")
  })
})

describe("a chart", () => {
  it("has columns in eighths, from the bottom up", () => {
    assert.deepStrictEqual(Draw.columnsOf([0, 1, 8, 12, 16], { columns: 5, rows: 2, most: 16 }), ["   ▄█", " ▁███"])
  })

  it("shows the least there is, and no more than its height", () => {
    assert.deepStrictEqual(Draw.columnsOf([0.001, 99], { columns: 2, rows: 1, most: 10 }), ["▁█"])
  })

  it("shows the last values where it is narrow, and draws them out where it is wide", () => {
    assert.deepStrictEqual(Draw.stretch([1, 2, 3], 2), [2, 3])
    assert.deepStrictEqual(Draw.stretch([1, 2, 3], 5), [1, 1.5, 2, 2.5, 3])
    assert.deepStrictEqual(Draw.stretch([1, 2, 3], 0), [])
  })

  it("has a scale with plain numbers", () => {
    assert.deepStrictEqual([0, 1, 7, 12, 79, 101].map(Draw.roundUp), [1, 1, 8, 15, 80, 150])
  })

  it("writes times in five places", () => {
    const values = [0, 0.04, 0.05, 9.94, 9.95, 99.4, 999.4, 999.6, 9990, 9996, 99_949, 99_950, 3_600_000]
    assert.deepStrictEqual(values.map(View.millis), [
      "0ms",
      "0ms",
      "0.1ms",
      "9.9ms",
      "10ms",
      "99ms",
      "999ms",
      "1.00s",
      "9.99s",
      "10.0s",
      "99.9s",
      "100s",
      "3600s"
    ])
  })
})

describe("the history", () => {
  it("counts answers and times by the second, and forgets them after a minute", () => {
    const recent = history().recent(now)
    assert.lengthOf(recent.answers, 60)
    assert.deepStrictEqual(recent.answers.slice(-4), [4, 3, 2, 1])
    assert.deepStrictEqual(recent.answers.slice(0, 31), [...Array<number>(30).fill(0), 30])
    assert.strictEqual(recent.waiting.at(-1), 5)
    assert.strictEqual(recent.use.at(-1), 100)
    assert.strictEqual(recent.use.at(-10), 104)
    assert.deepStrictEqual(recent.percentiles.wait, { p50: 3, p90: 7, p99: 9, max: 9 })
    assert.deepStrictEqual(history().recent(now + 120_000).answers, Array<number>(60).fill(0))
  })

  it("keeps the hosts, and the newest events first", () => {
    const { entries, origins } = history().recent(now)
    assert.deepStrictEqual(origins, [fast, slow])
    assert.strictEqual(entries[0]?.kind, "warn")
    assert.notMatch(entries[0]?.text ?? "", /[\u001b\n]/)
    assert.strictEqual(entries[1]?.text, "#30 after 3.0 s and 1 request")
  })

  it("counts what happens again at once, and keeps a hundred entries", () => {
    const history = new History()
    const reject = (at: number) =>
      history.add({
        _tag: "AcquireFailed",
        at,
        origin: fast,
        request: at,
        waited: Duration.zero,
        reason: "exhausted"
      })
    for (let i = 0; i < 5; i++) reject(now + 100 * i)
    reject(now + 5000)
    assert.deepStrictEqual(history.recent(now).entries.map(({ count }) => count), [1, 5])
    for (let i = 0; i < 300; i++) reject(now + 10_000 + 2000 * i)
    assert.lengthOf(history.recent(now).entries, 100)
  })

  it("has a line for what is out of the ordinary", () => {
    const request = { at: now, origin: fast, request: 1 }
    const connection = { at: now, origin: fast, connection: 2 }
    const none = { dns: undefined, proxy: undefined, tls: undefined }
    const timeout = new DashScopeError.RequestTimeout({ phase: "read", duration: Duration.seconds(2) })
    const reset = new DashScopeError.ConnectionError({
      reason: "Reset",
      origin: fast,
      responseStarted: false,
      description: "it was lost"
    })
    const cases: ReadonlyArray<readonly [ConnectionEvent.ConnectionEvent, string | undefined]> = [
      [{ _tag: "Queued", ...request }, undefined],
      [{ _tag: "RequestStarted", ...request, connection: 2 }, undefined],
      [{ _tag: "RequestSent", ...request }, undefined],
      [{ _tag: "ResponseStarted", ...request, status: 200 }, undefined],
      [{ _tag: "ResponseStarted", ...request, status: 429 }, "answer 429: throttled"],
      [{ _tag: "ResponseStarted", ...request, status: 500 }, "answer 500: an error"],
      [{ _tag: "Connecting", ...connection, request: 1 }, undefined],
      [{ _tag: "Connected", ...connection, ...none, tcp: Duration.millis(1.25) }, "connected: #2 in 1.3 ms"],
      [{ _tag: "ConnectFailed", ...connection, error: reset }, "not connected: Reset: it was lost"],
      [
        { _tag: "AcquireFailed", ...request, waited: Duration.seconds(1), reason: "timeout" },
        "timed out: no connection came free"
      ],
      [
        { _tag: "AcquireFailed", ...request, waited: Duration.zero, reason: "exhausted" },
        "rejected: too many wait already"
      ],
      [
        { _tag: "AcquireFailed", ...request, waited: Duration.zero, reason: "interrupted" },
        "left: its caller would not wait"
      ],
      [{ _tag: "AcquireFailed", ...request, waited: Duration.zero, reason: "closed" }, undefined],
      [{ _tag: "RequestFailed", ...request, error: timeout }, "broke off: no progress for 2.0 s (read)"],
      [{ _tag: "RequestFailed", ...request, error: undefined }, "broke off: its caller gave it up"],
      [{ _tag: "Resent", ...request }, "resent: over a fresh connection"],
      [
        { _tag: "Closed", ...connection, reason: "idle", lived: Duration.seconds(4), requests: 7 },
        "closed: idle: #2 after 4.0 s and 7 requests"
      ],
      [{ _tag: "Missed", at: now, count: 12 }, "missed: 12 events: the monitor was too slow"]
    ]
    for (const [event, expected] of cases) {
      const history = new History()
      history.add(event)
      const [entry] = history.recent(now).entries
      assert.strictEqual(entry && `${entry.kind}: ${entry.text}`, expected, event._tag)
    }
  })
})

describe("the view", () => {
  const sizes = [[40, 10], [75, 30], [76, 22], [80, 24], [131, 40], [132, 22], [200, 60], [12, 3], [1, 1], [3, 50], [
    300,
    2
  ]]

  it("fills each size exactly, with and without anything to show", () => {
    for (const [columns = 0, rows = 0] of sizes) {
      for (const shown of [model(), model(new History().recent(now))]) {
        const lines = View.view(shown, { columns, rows })
        assert.lengthOf(lines, rows)
        for (const line of lines) {
          assert.strictEqual(Columns.widthOf(paint(line)), columns, `${columns}: ${paint(line)}`)
        }
      }
    }
  })

  it("fills every other size too", () => {
    const shown = model()
    for (let i = 0; i < 150; i++) {
      const [columns, rows] = [(i * 37) % 211 + 1, (i * 17) % 67 + 1]
      const lines = View.view(shown, { columns, rows })
      assert.lengthOf(lines, rows)
      assert.deepStrictEqual([...new Set(lines.map(Text.widthOfLine))], [columns], `${columns}×${rows}`)
    }
  })

  it("shows in 80×24 the numbers of the pool, in whole boxes", () => {
    const screen = viewed(80, 24)
    const text = screen.join("\n")
    for (
      const pattern of [
        /^ pool monitor {2}1:23 {2}17 callers, 390 answered, 9 failed +q quits $/m,
        /^│ all hosts +█{12}▒{4}░{2}▚{2}·{4} +10 +7\/12 +5 │$/m,
        /^│ 127\.0\.0\.1:4711 +█{12}▒{4}░{2}▚{2} +10 +7\/8 +5 │$/m,
        // Known from its events, and not in use.
        /^│ 北京\.example\.com +0 +0\/8 +0 │$/m,
        /^╰─ █ 6 active {2}▒ 2 idle {2}░ 1 connecting {2}▚ 1 closing {2}· 2 of 12 free ─+╯$/m,
        /─ now 1\/s · at most 30\/s · 60 s ─/,
        /─ now 5 · at most 5 · 60 s ─/,
        /│ wait +10 s +3\.0ms +7\.0ms +9\.0ms +9\.0ms +││ waited 120 {2}timed out 4 {2}rejected 2/,
        /││ opened 31 {2}acquired 400 {2}reused 92 % │$/m,
        /│ +all +20ms +40ms +60ms +80ms +││ resent 3 +│$/m,
        /│ use +10 s +103ms +107ms +109ms +109ms +││ closed 21 {2}idle 1 {2}lifetime 2 +│$/m,
        /│ +all +300ms +600ms +900ms +1\.20s +││ peer 3 {2}error 4 {2}aborted 5 +│$/m,
        /^│ \d\d:\d\d:30 {2}warn +你好，世界！ \[2J and more/m,
        /^│ \d\d:\d\d:00 {2}closed: peer +北京\.example\.com {2}#30 after 3\.0 s and 1 request +│$/m
      ]
    ) assert.match(text, pattern)
    const count = (character: string) => text.split(character).length - 1
    assert.deepStrictEqual(["╭", "╮", "╰", "╯"].map(count), [6, 6, 6, 6])
  })

  it("shows in 200×60 a third chart, and more events", () => {
    const text = viewed(200, 60).join("\n")
    assert.match(text, /─ use of a connection, median ─/)
    assert.match(text, / ███ ███ ███ ███ ███ ███ ▒▒▒ ▒▒▒ ░░░ ▚▚▚ ··· ··· /)
    assert.match(text, /closed 21 {2}idle 1 {2}lifetime 2 {2}peer 3 {2}error 4 {2}aborted 5 {2}evicted 6 /)
    assert.isAbove(text.match(/closed: peer/g)?.length ?? 0, 25)
  })

  it("shows in 40×10 what is most telling, without boxes", () => {
    const screen = viewed(40, 10)
    assert.notMatch(screen.join("\n"), /[╭│]/)
    for (
      const [i, pattern] of [
        /^ pool monitor {2}1:23 {2}17 callers…q quits $/,
        /^all hosts +█+▒+░+▚+·+ +10\/12$/,
        /^127\.0\.0\.1:47… █/,
        /^北京\.example… +0\/12$/,
        /^waiting +[▁▂▃▄▅▆▇█] {6}5$/,
        /^answers +[▁▂▃▄▅▆▇█]+ {4}1\/s$/,
        /^wait {4}p50 3\.0ms {2}p99 9\.0ms {2}max 9\.0ms +$/,
        /^use {5}p50 10\dms/,
        /^opened 31 {2}acquired 400 {2}reused 92 % +$/,
        /^\d\d:\d\d:30 {2}warn {2}你好/
      ].entries()
    ) assert.match(screen[i] ?? "", pattern)
  })

  it("shows the first hosts where there are too many", () => {
    const history = new History()
    for (let i = 10; i < 60; i++) {
      history.add({ _tag: "Queued", at: now, origin: `http://host-${i}`, request: i })
    }
    const screen = View.view(model(history.recent(now)), { columns: 80, rows: 24 }).map(paint)
    assert.lengthOf(screen.filter((line) => line.includes("host-")), 4)
    assert.match(screen.join("\n"), /─ events ─/)
  })

  it("is one line where there is no terminal", () => {
    assert.match(
      paint(View.line(model())),
      /^\d\d:\d\d:30 {2}open 10\/12 \(6 active, 2 idle, 1 connecting, 1 closing\), 5 waiting, 1 answers\/s; wait p50 3\.0ms p99 9\.0ms; use p50 10\dms p99 10\dms$/
    )
  })
})

describe("the painter", () => {
  /** As much of a terminal as the painter needs. */
  const apply = (screen: Array<string>, frame: string) => {
    for (const [, sequence = "", text = ""] of frame.matchAll(/\u001b\[([?\d;]+[A-Za-z])([^\u001b]*)/g)) {
      if (sequence === "2J") screen.length = 0
      const row = /^(\d+);1H$/.exec(sequence)?.[1]
      if (row !== undefined) screen[Number(row) - 1] = text
    }
  }

  const size = { columns: 3, rows: 3 }

  it("writes what has changed, between the marks of one frame", () => {
    const painter = new Painter()
    assert.strictEqual(
      painter.frame(["aaa", "bbb", "ccc"], size),
      "\u001b[?2026h\u001b[2J\u001b[1;1Haaa\u001b[2;1Hbbb\u001b[3;1Hccc\u001b[?2026l"
    )
    assert.strictEqual(painter.frame(["aaa", "bxb", "ccc"], size), "\u001b[?2026h\u001b[2;1Hbxb\u001b[?2026l")
    assert.strictEqual(painter.frame(["aaa", "bxb", "ccc"], size), "")
    painter.forget()
    assert.include(painter.frame(["aaa", "bxb", "ccc"], size), "\u001b[1;1Haaa\u001b[2;1Hbxb\u001b[3;1Hccc")
  })

  it.prop(
    "leaves on the screen what it was given, whatever was there",
    [FastCheck.array(FastCheck.array(FastCheck.constantFrom("aaa", "bbb", "ccc"), { minLength: 1, maxLength: 4 }))],
    ([frames]) => {
      const painter = new Painter()
      const screen: Array<string> = []
      for (const lines of frames) {
        apply(screen, painter.frame(lines, { columns: 3, rows: lines.length }))
        assert.deepStrictEqual(screen, lines)
      }
    }
  )
})

describe("the options", () => {
  it.effect("are none by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Options.parse([]), { adaptive: false, ascii: false, seconds: undefined })
      assert.deepStrictEqual(yield* Options.parse(["--seconds", "30", "--ascii", "--adaptive"]), {
        adaptive: true,
        ascii: true,
        seconds: 30
      })
    }))

  it.effect("are refused where they make no sense", () =>
    Effect.gen(function*() {
      const refusal = (...args: ReadonlyArray<string>) =>
        Effect.map(Effect.flip(Options.parse(args)), (error) => error.message)
      assert.strictEqual(yield* refusal("--seconds", "soon"), "--seconds \"soon\" is not a number from 1 to 999999")
      assert.match(yield* refusal("--seconds", "0"), /is not a number from 1/)
      assert.match(yield* refusal("--hours", "1"), /--hours/)
      assert.match(yield* refusal("30"), /30/)
    }))
})

describe("the adaptive limit", () => {
  it("is shown where there is one, with its cuts and pauses among the events", () => {
    const past = new History()
    const key = "qwen-plus"
    past.adapted({ _tag: "LimitChanged", at: now, key, reason: "grown", from: 8, to: 9 })
    past.adapted({ _tag: "LimitChanged", at: now, key, reason: "refused", from: 9, to: 7 })
    past.adapted({ _tag: "LimitChanged", at: now, key, reason: "slow", from: 7, to: 4 })
    past.adapted({ _tag: "Paused", at: now, key, duration: Duration.seconds(2) })
    const { recent, ...rest } = model(past.recent(now))
    assert.deepStrictEqual(recent.entries.map(({ kind, text }) => `${kind}: ${text}`), [
      "paused: qwen-plus for 2.0 s",
      "limit cut: to 4 at once, by a slow service",
      "limit cut: to 7 at once, by a 429"
    ])
    const shown = { ...rest, recent, demand: { ...rest.demand, adaptive: { limit: 12, running: 7, waiting: 3 } } }
    assert.match(paint(View.line(shown)), /, 7 of 12 at once, 3 held back$/)
    assert.match(View.view(shown, { columns: 120, rows: 30 }).map(paint)[0]!, /9 failed, 7 of 12 at once, 3 held back/)
  })
})

describe("the crowd", () => {
  it("comes and goes once in each period", () => {
    assert.deepStrictEqual([0, 5000, 10_000, 15_000, 20_000].map((at) => crowd(at, 20_000)), [4, 24, 44, 24, 4])
  })
})

/** The `script` of util-linux gives a program a terminal. */
const hasTerminal = process.platform === "linux" &&
  /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "")
if (!hasTerminal) console.warn("pool-monitor in a terminal is not tested: there is no script of util-linux")

describe.runIf(hasTerminal)("in a terminal", () => {
  let programs: Bundle
  beforeAll(async () => {
    programs = await bundle(new URL("../src/pool-monitor.ts", import.meta.url))
  })
  afterAll(() => programs.remove())

  /** Types the key as soon as the picture is there, and gives all that was written. */
  const run = (key: string) =>
    Effect.async<{ readonly code: number | null; readonly output: string }>((resume) => {
      const child = spawn(
        "script",
        [
          "-qec",
          `stty cols 90 rows 26; "${process.execPath}" "${
            programs.path("pool-monitor")
          }"; code=$?; stty -a; exit $code`,
          "/dev/null"
        ],
        { env: { PATH: process.env["PATH"], TERM: "xterm", SHELL: "/bin/sh" }, timeout: 50_000, killSignal: "SIGKILL" }
      )
      let output = ""
      let typed = false
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text
        if (typed || !output.includes("q quits")) return
        typed = true
        child.stdin.write(key)
      })
      child.once("error", (error) => resume(Effect.die(error)))
      child.once("close", (code) => resume(Effect.succeed({ code, output })))
      return Effect.sync(() => child.kill("SIGKILL"))
    })

  it.live("draws until q, and gives the terminal back as it was", () =>
    Effect.gen(function*() {
      const { code, output } = yield* run("q")
      assert.strictEqual(code, 0, output.slice(-500))
      const [before = "", drawn = "", after = ""] = output.split(/\u001b\[\?1049[hl]/)
      assert.strictEqual(before, "")
      assert.match(drawn, /^\u001b\[\?25l\u001b\[\?7l\u001b\[\?2026h\u001b\[2J\u001b\[1;1H/)
      assert.match(drawn, /\u001b\[26;1H.*╯/)
      assert.notMatch(drawn, /\u001b\[27;1H/)
      assert.include(drawn, "\u001b[32m")
      assert.isTrue(drawn.endsWith("\u001b[?7h\u001b[?25h"))
      assert.match(after, /^Pool: open \d+ /)
      assert.notInclude(after, "\u001b")
      assert.match(after, / icanon /)
      assert.match(after, / echo /)
    }))
})
