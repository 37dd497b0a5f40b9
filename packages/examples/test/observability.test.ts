import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Telemetry } from "effect-dashscope"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { bundle } from "../../../scripts/bundle.js"
import * as Receiver from "../src/internal/otlp/receiver.js"
import * as Report from "../src/internal/otlp/report.js"
import * as Wire from "../src/internal/otlp/wire.js"

const { attributes } = Telemetry

const programs = await bundle(new URL("../src/observability.ts", import.meta.url))
afterAll(programs.remove)

/** Runs the example to its end, with its exports sent here. */
const run = (collector: string) =>
  Effect.async<string, Error>((resume) => {
    const child = execFile(
      process.execPath,
      [programs.path("observability")],
      {
        env: { PATH: dirname(process.execPath), OTEL_EXPORTER_OTLP_ENDPOINT: collector },
        timeout: 50_000,
        killSignal: "SIGKILL"
      },
      (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** The names that a module gives to metrics. */
const metricsIn = (module: string) =>
  Array.from(
    readFileSync(new URL(`../../${module}.ts`, import.meta.url), "utf8")
      .matchAll(/Metrics?\d?\.(?:counter|gauge|histogram|total)\(\s*"([^"]+)"/g),
    ([, name = ""]) => name
  )

interface Documented {
  readonly unit: string
  /** Those that not all metrics of its kind have. */
  readonly attributes: ReadonlyArray<string>
}

/** What the table of the page says of metrics. */
const documented: ReadonlyMap<string, Documented> = new Map(
  Array.from(
    readFileSync(new URL("../../site/docs/seeing-inside.md", import.meta.url), "utf8")
      .matchAll(/^\| `([a-z_.]+)` \| `(s|\{\w+\})` \|.*\| ([^|]+) \|$/gm),
    ([, name = "", unit = "", attributes = ""]) => [name, {
      unit,
      attributes: Array.from(attributes.matchAll(/`([^`]+)`/g), ([, attribute = ""]) => attribute)
    }]
  )
)

/** What the page says that all metrics of a kind have. */
const commonOf = (name: string): ReadonlyArray<string> =>
  name.startsWith("gen_ai.")
    ? ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "server.address", "server.port"]
    : name.startsWith("http.client.") || name.startsWith("http.client.pool.")
    ? ["server.address", "server.port", "url.scheme"]
    : []

const valueOf = (of: { readonly attributes: Wire.Attributes }, name: string) => {
  const attribute = of.attributes.find(({ key }) => key === name)
  return attribute === undefined ? undefined : Wire.valueOf(attribute.value)
}

const pointsOf = ({ histogram, sum }: Wire.Metric) => [...histogram?.dataPoints ?? [], ...sum?.dataPoints ?? []]

describe("observability", () => {
  it.scopedLive("exports all that the library tells, and no key", () =>
    Effect.gen(function*() {
      const { received, url } = yield* Receiver.make
      assert.strictEqual(yield* run(url), `Sent to ${url}\n`)
      const { logs, metrics, refused, requests, spans } = received
      assert.deepStrictEqual(refused, [])

      // The key was sent, and is nowhere.
      const sent = spans.filter((span) => valueOf(span, "http.request.method") === "POST")
      assert.isAbove(sent.length, 10)
      for (const span of sent) {
        // Effect 4 tells no headers.
        assert.oneOf(valueOf(span, "http.request.header.authorization"), ["<redacted>", undefined])
      }
      for (const [, body] of requests) assert.notMatch(body, /sk-simulator|Bearer/)

      // The export itself is not traced, and not the pool's.
      assert.deepStrictEqual([...new Set(requests.map(([path]) => path))].sort(), [
        "/v1/logs",
        "/v1/metrics",
        "/v1/traces"
      ])
      for (const span of spans) assert.notInclude(String(valueOf(span, "url.full") ?? ""), "/v1/metrics")
      const last = metrics.at(-1)?.filter(({ name }) => !name.startsWith("effect_")) ?? []
      const port = new URL(url).port
      for (const point of last.flatMap(pointsOf)) assert.notStrictEqual(valueOf(point, "server.port"), port)

      // Spans: within that of the program, one for each call and stream, with one for each request.
      const within = (name: string) => {
        const parents = spans.filter((span) => span.name === name).map(({ spanId }) => spanId)
        return spans.filter(({ parentSpanId = "" }) => parents.includes(parentSpanId))
      }
      const chats = (name: string) => within(name).filter((span) => span.name === "chat qwen-plus")
      const endsOf = (name: string) => chats(name).map((span) => valueOf(span, attributes.errorType))
      assert.deepStrictEqual(endsOf("a call"), [undefined])
      assert.deepStrictEqual(endsOf("a throttled call"), [undefined])
      assert.deepStrictEqual(endsOf("a stream"), [undefined])
      assert.deepStrictEqual(endsOf("a stream that breaks off"), ["connection.reset"])
      assert.deepStrictEqual(endsOf("a call that takes too long"), ["timeout.total"])
      assert.deepStrictEqual(endsOf("a stream that nobody waits for"), ["interrupted"])
      assert.deepStrictEqual(endsOf("a run with a tool"), [undefined, undefined])
      assert.sameMembers(endsOf("more calls than the pool takes"), [
        undefined,
        undefined,
        undefined,
        undefined,
        "PoolExhausted"
      ])
      const statuses = (name: string) =>
        chats(name).flatMap(({ spanId }) =>
          spans.filter(({ parentSpanId }) => parentSpanId === spanId)
            .map((span) => valueOf(span, "http.response.status_code"))
        )
      assert.deepStrictEqual(statuses("a throttled call"), [429, 200])
      const eventsOf = (name: string) => chats(name).flatMap((span) => span.events.map((event) => event.name))
      assert.deepStrictEqual(eventsOf("a throttled call"), ["dashscope.retry"])
      assert.deepStrictEqual(eventsOf("a stream"), ["dashscope.first_chunk"])
      assert.deepStrictEqual(eventsOf("a stream that breaks off"), ["dashscope.first_chunk", "exception"])

      // Content of the one call that asked for it.
      const recorded = spans.filter((span) => valueOf(span, attributes.inputMessages) !== undefined)
      assert.deepStrictEqual(recorded.map(({ spanId }) => spanId), chats("a call").map(({ spanId }) => spanId))

      // Metrics: every one there is, in its unit and with its attributes, as README has it.
      const names = [...metricsIn("client/src/Telemetry"), ...metricsIn("pool/src/internal/observe/hostMetrics")]
        // It has no task, and limits nothing.
        .filter((name) => name !== "dashscope.task.duration" && !/^dashscope\.(?:rate_limit|adaptive)\./.test(name))
      assert.isAbove(names.length, 10)
      assert.sameMembers(last.map(({ name }) => name), names)
      for (const metric of last) {
        const { name, unit } = metric
        assert.strictEqual(unit, documented.get(name)?.unit, name)
        const points = pointsOf(metric)
        for (const point of points) {
          assert.strictEqual(valueOf(point, "unit"), unit, name)
          for (const common of commonOf(name)) assert.isDefined(valueOf(point, common), `${name} ${common}`)
        }
        const others = points.flatMap((point) => point.attributes.map(({ key }) => key))
          .filter((key) => key !== "unit" && !commonOf(name).includes(key))
        assert.sameMembers([...new Set(others)], [...documented.get(name)?.attributes ?? []], name)
      }

      // Logs: the program's and the pool's own.
      const texts = logs.map(({ body }) => String(Wire.valueOf(body)))
      assert.include(texts, "ConnectionError, so there is no answer")
      assert.isTrue(texts.some((text) => text.startsWith("Possible leak: ")))

      // All of it is in what would be printed.
      const tree = Report.tree(spans)
      for (const { name } of spans) assert.isTrue(tree.some((line) => line.includes(name)), name)
      const table = Report.table(metrics)
      for (const name of names) assert.isTrue(table.some((line) => line.startsWith(name)), name)
    }))

  it("draws spans as branches, the oldest first", () => {
    const span = (
      name: string,
      parent: string | undefined,
      start: bigint,
      more: Partial<Wire.Span> = {}
    ): Wire.Span => ({
      traceId: "t",
      spanId: name,
      ...(parent === undefined ? undefined : { parentSpanId: parent }),
      name,
      startTimeUnixNano: start * 1_000_000n,
      endTimeUnixNano: (start + 20n) * 1_000_000n,
      attributes: [],
      events: [],
      status: { code: 1 },
      ...more
    })
    const lines = Report.tree([
      span("second", "root", 5n, { status: { code: 2, message: "no answer" } }),
      span("first", "root", 1n, { attributes: [{ key: "error.type", value: { stringValue: "429" } }] }),
      span("leaf", "first", 2n),
      span("root", "elsewhere", 0n, {
        events: [{
          name: "event",
          timeUnixNano: 3_500_000n,
          attributes: [{ key: "dashscope.retry.delay", value: { doubleValue: 0.25 } }]
        }]
      })
    ])
    assert.deepStrictEqual(lines, [
      "root  20 ms",
      "├─ first  20 ms  error.type=429",
      "│  └─ leaf  20 ms",
      "├─ • after 3.5 ms: event  dashscope.retry.delay=0.250",
      "└─ second  20 ms",
      "      ✗ no answer"
    ])
  })
})
