import * as Headers from "@effect/platform/Headers"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as ClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as Fetch from "../../src/Fetch.js"
import * as HttpClient from "../../src/HttpClient.js"
import { httpServer } from "../util/httpServer.js"
import { showsHeaders } from "../util/platform.js"
import { makePool } from "../util/support.js"

interface Seen {
  readonly name: string
  readonly kind: Tracer.SpanKind
  readonly parent: string | undefined
  readonly attributes: Map<string, unknown>
  exit: Exit.Exit<unknown, unknown> | undefined
  ends: number
}

const recording = (spans: Array<Seen>) => Layer.merge(showsHeaders, Layer.setTracer(tracerInto(spans)))

const tracerInto = (spans: Array<Seen>) =>
  Tracer.make({
    context: (run) => run(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      const seen: Seen = {
        name,
        kind,
        parent: Option.getOrUndefined(Option.map(parent, ({ spanId }) => spanId)),
        attributes,
        exit: undefined,
        ends: 0
      }
      spans.push(seen)
      return {
        _tag: "Span",
        name,
        spanId: name,
        traceId: "trace",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes,
        links,
        sampled: true,
        kind,
        end: (_, exit) => {
          seen.exit = exit
          seen.ends++
        },
        attribute: (key, value) => void attributes.set(key, value),
        event: () => {},
        addLinks: () => {}
      }
    }
  })

/** Tells what it was asked with, but for `/moved`, which is elsewhere, and `/never`, which has no answer. */
const server = httpServer((request, response) => {
  if (request.url === "/never") return
  if (request.url === "/moved") {
    response.writeHead(302, { location: "/here" }).end()
    return
  }
  response.writeHead(200, { "content-type": "application/json", "set-cookie": "secret" })
  response.end(JSON.stringify(request.headers))
})

const headersOf = (answer: Promise<Response>): Effect.Effect<Record<string, string>> =>
  Effect.promise(() => answer.then((response) => response.json() as Promise<Record<string, string>>))

const init = { method: "POST", headers: { authorization: "Bearer sk-sentinel", "content-type": "a/b" }, body: "{}" }

const withoutDate = (span: Seen | undefined) =>
  Object.fromEntries([...span?.attributes ?? []].filter(([name]) => !name.endsWith("header.date")))

describe("the span of a fetch", () => {
  it.scopedLive("is that of HttpClient, attribute for attribute, without the key, and is sent along", () =>
    Effect.gen(function*() {
      const url = yield* server
      const { pool } = yield* makePool()
      const [fetched, client]: [Array<Seen>, Array<Seen>] = [[], []]
      const fetch = yield* Fetch.makeWith(pool).pipe(Effect.provide(recording(fetched)))
      const echoed = yield* headersOf(fetch(`${url}/echo?a=1`, init))
      yield* HttpClient.fromPool(pool).execute(
        ClientRequest.post(`${url}/echo?a=1`).pipe(
          ClientRequest.setHeaders({ ...init.headers, accept: "*/*", "user-agent": "node", "content-length": "2" })
        )
      ).pipe(Effect.provide(recording(client)))
      assert.deepStrictEqual(withoutDate(fetched[0]), withoutDate(client[0]))
      assert.deepInclude(fetched[0], { name: client[0]!.name, kind: "client", parent: undefined, ends: 1 })
      assert.isTrue(fetched[0]?.exit !== undefined && Exit.isSuccess(fetched[0].exit))
      assert.strictEqual(fetched[0]?.attributes.get("http.response.status_code"), 200)
      assert.notInclude(JSON.stringify([...fetched[0]?.attributes ?? []]), "sentinel")
      assert.match(echoed["traceparent"] ?? "", /^00-.*trace-.*POST/)
    }))

  it.scopedLive("ends once, with what ended the call: redirects are in it, an abort is an interruption", () =>
    Effect.gen(function*() {
      const url = yield* server
      const { pool } = yield* makePool()
      const spans: Array<Seen> = []
      const fetch = yield* Fetch.makeWith(pool).pipe(Effect.provide(recording(spans)))
      const controller = new AbortController()
      const rejected = (run: Promise<unknown>) =>
        Effect.promise(() => run.then(() => assert.fail("answered"), () => {}))
      yield* headersOf(fetch(`${url}/moved`))
      yield* rejected(fetch(`${url}/moved`, { redirect: "error" }))
      yield* rejected(fetch("http://127.0.0.1:1/"))
      const pending = fetch(`${url}/never`, { signal: controller.signal })
      controller.abort()
      yield* rejected(pending)
      // Before there is anything to tell of.
      yield* rejected(fetch(`${url}/never`, { signal: controller.signal }))
      yield* rejected(fetch("ftp://127.0.0.1/"))
      assert.deepStrictEqual(
        spans.map(({ attributes, ends, exit }) => [
          attributes.get("url.path"),
          ends,
          exit !== undefined && Exit.isFailure(exit) && (Cause.isInterruptedOnly(exit.cause) ? "Interrupt" : "Fail"),
          attributes.get("http.response.status_code")
        ]),
        [
          ["/moved", 1, false, 200],
          ["/moved", 1, "Fail", undefined],
          ["/", 1, "Fail", undefined],
          ["/never", 1, "Interrupt", undefined]
        ]
      )
    }))

  it.scopedLive("has the span of the calling fiber for its parent, or that around the fetch", () =>
    Effect.gen(function*() {
      const url = yield* server
      const { pool } = yield* makePool()
      const spans: Array<Seen> = []
      const fetch = yield* Fetch.makeWith(pool).pipe(Effect.withSpan("job"), Effect.provide(recording(spans)))
      yield* Effect.suspend(() => headersOf(fetch(url))).pipe(Effect.withSpan("step"), Effect.provide(recording(spans)))
      yield* Effect.promise(() => Promise.resolve().then(() => fetch(url)).then((response) => response.text()))
      assert.deepStrictEqual(
        spans.filter(({ kind }) => kind === "client").map(({ parent }) => parent),
        ["step", "job"]
      )
    }))

  it.scopedLive("is made as the platform's settings say, and not where nobody could see it", () =>
    Effect.gen(function*() {
      const url = yield* server
      const { pool } = yield* makePool()
      const spans: Array<Seen> = []
      const plain = yield* Fetch.makeWith(pool)
      assert.notProperty(yield* headersOf(plain(url)), "traceparent")
      const off = yield* Fetch.makeWith(pool).pipe(Effect.withTracerEnabled(false), Effect.provide(recording(spans)))
      yield* headersOf(off(url))
      const some = yield* Fetch.makeWith(pool).pipe(
        Effect.locally(PlatformHttpClient.currentTracerDisabledWhen, ({ url }) => url.endsWith("/health")),
        Effect.locally(PlatformHttpClient.currentTracerPropagation, false),
        Effect.locally(Headers.currentRedactedNames, ["x-own"]),
        Effect.provideService(PlatformHttpClient.SpanNameGenerator, ({ method }) => `ask ${method}`),
        Effect.provide(recording(spans))
      )
      yield* headersOf(some(`${url}/health`))
      assert.strictEqual(spans.length, 0)
      const echoed = yield* headersOf(some(url, { headers: { "x-own": "sentinel" } }))
      assert.notProperty(echoed, "traceparent")
      assert.strictEqual(spans[0]?.name, "ask GET")
      assert.strictEqual(spans[0]?.attributes.get("http.request.header.x-own"), "<redacted>")
    }))
})
