import * as Cookies from "@effect/platform/Cookies"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, expect, it } from "@effect/vitest"
import {
  Cause,
  Chunk,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Ref,
  Schedule,
  Schema,
  Scope,
  Stream,
  Tracer
} from "effect"
import { ProxySimulator, Simulator } from "effect-dashscope-simulator"
import { gzipSync } from "node:zlib"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import * as ConnectionPool from "../src/ConnectionPool.js"
import * as HttpClient from "../src/HttpClient.js"
import { noCookies, reasonOf, showsHeaders } from "./util/platform.js"
import { serve } from "./util/rawServer.js"
import { assertAllBack, generation, makePool, poolErrorOf } from "./util/support.js"

/** Says what it was asked. */
const echo = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const body = yield* request.text
  // A copy: headers that are shown hide some of their values.
  return HttpServerResponse.unsafeJson({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    body
  })
})

const routes: Readonly<
  Record<string, Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, HttpServerRequest.HttpServerRequest>>
> = {
  "/echo": echo,
  "/echo/deeper": echo,
  "/bytes": Effect.succeed(HttpServerResponse.uint8Array(Uint8Array.from([0, 255, 128]))),
  "/params": Effect.succeed(HttpServerResponse.text("a=1&b=%E4%BD%A0")),
  "/form": Effect.succeed(HttpServerResponse.formData(Object.assign(new FormData(), {}))),
  "/empty": Effect.succeed(HttpServerResponse.empty({ status: 204 })),
  "/bom": Effect.succeed(HttpServerResponse.text("\ufeff{\"a\":1}")),
  "/gone": Effect.succeed(HttpServerResponse.text("no such thing", { status: 404 })),
  "/cookies": Effect.succeed(
    HttpServerResponse.empty().pipe(
      HttpServerResponse.unsafeSetCookies([["a", "1", {}], ["b", "2", {}]])
    )
  ),
  "/redirect": Effect.succeed(HttpServerResponse.redirect("/echo", { status: 302 })),
  "/gzip": Effect.succeed(HttpServerResponse.uint8Array(gzipSync("压缩".repeat(10_000)), {
    headers: { "content-encoding": "gzip", "content-type": "text/plain" }
  })),
  "/notgzip": Effect.succeed(HttpServerResponse.text("plain", { headers: { "content-encoding": "gzip" } })),
  "/slowly": Effect.succeed(HttpServerResponse.stream(
    Stream.fromIterable(["一", "二", "三"]).pipe(Stream.schedule(Schedule.spaced("20 millis")), Stream.encodeText)
  )),
  "/endless": Effect.succeed(HttpServerResponse.stream(Stream.forever(Stream.succeed(new Uint8Array(65_536)))))
}

const app = Effect.gen(function*() {
  const { url } = yield* HttpServerRequest.HttpServerRequest
  return yield* routes[url.split("?", 1)[0]!] ?? Effect.succeed(HttpServerResponse.empty({ status: 404 }))
}).pipe(Effect.catchAllCause(() => Effect.succeed(HttpServerResponse.empty({ status: 500 }))))

const start = (input: ConnectionConfig.Input = {}) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ app })
    return { simulator, ...(yield* makePool(input)), at: (path: string) => simulator.origin + path }
  })

const Echoed = Schema.Struct({
  method: Schema.String,
  url: Schema.String,
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String
})
const readEcho = HttpClientResponse.schemaBodyJson(Echoed)

describe("requests", () => {
  it.scopedLive("carry method, path, parameters and headers", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const response = yield* client.execute(
        HttpClientRequest.put(at("/echo/deeper?a=1#hash")).pipe(
          HttpClientRequest.setUrlParam("b", "你 好"),
          HttpClientRequest.setHeader("x-custom", "value"),
          // The URL's host counts, and it is one already.
          HttpClientRequest.setHeader("host", "elsewhere.example.com")
        )
      )
      const echoed = yield* readEcho(response)
      assert.strictEqual(echoed.method, "PUT")
      assert.strictEqual(echoed.url, "/echo/deeper?a=1&b=%E4%BD%A0+%E5%A5%BD")
      assert.strictEqual(echoed.headers["x-custom"], "value")
      assert.strictEqual(echoed.headers["host"], new URL(at("/")).host)
    }))

  it.scopedLive("carry bodies of every kind", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const send = (body: (request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest) =>
        Effect.flatMap(client.execute(body(HttpClientRequest.post(at("/echo")))), readEcho)

      const text = yield* send(HttpClientRequest.bodyText("你好", "text/plain"))
      assert.strictEqual(text.body, "你好")
      assert.strictEqual(text.headers["content-length"], "6")
      const large = "大".repeat(1_000_000)
      assert.strictEqual((yield* send(HttpClientRequest.bodyText(large))).body, large)
      const params = yield* send(HttpClientRequest.bodyUrlParams({ a: "1" }))
      assert.strictEqual(params.body, "a=1")
      assert.strictEqual(params.headers["content-type"], "application/x-www-form-urlencoded")
      const form = yield* send(HttpClientRequest.bodyFormDataRecord({ field: "值" }))
      assert.include(form.body, "值")
      assert.match(form.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      const streamed = yield* send(
        HttpClientRequest.bodyStream(Stream.encodeText(Stream.make("一", "二", "三")), { contentType: "text/plain" })
      )
      assert.strictEqual(streamed.body, "一二三")
      assert.strictEqual(streamed.headers["transfer-encoding"], "chunked")
      assert.strictEqual((yield* send((request) => request)).body, "")
    }))

  it.scopedLive("fail with the cause of a body that fails, and lose nothing", () =>
    Effect.gen(function*() {
      const { at, client, stats } = yield* start({ connectionPoolSize: 1 })
      const body = Stream.concat(Stream.make(new Uint8Array(10)), Stream.fail("source broke"))
      const error = yield* Effect.flip(
        client.execute(HttpClientRequest.post(at("/echo")).pipe(HttpClientRequest.bodyStream(body)))
      )
      assert.strictEqual(reasonOf(error), "Encode")
      assert.include(String(error.cause), "source broke")
      assertAllBack(yield* stats)
      assert.strictEqual((yield* client.get(at("/empty"))).status, 204)
    }))

  it.scopedLive("stop their body's source when they are interrupted", () =>
    Effect.gen(function*() {
      const { at, client, stats } = yield* start({ connectionPoolSize: 1 })
      const begun = yield* Deferred.make<void>()
      const stopped = yield* Deferred.make<void>()
      const body = Stream.concat(Stream.make(new Uint8Array(10)), Stream.never).pipe(
        Stream.tap(() => Deferred.succeed(begun, undefined)),
        Stream.ensuring(Deferred.succeed(stopped, undefined))
      )
      const fiber = yield* Effect.fork(
        client.execute(HttpClientRequest.post(at("/echo")).pipe(HttpClientRequest.bodyStream(body)))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(stopped)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("that cannot be HTTP fail before they are sent", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start()
      const injected = yield* Effect.flip(
        client.execute(HttpClientRequest.get(at("/echo")).pipe(HttpClientRequest.setHeader("x", "a\r\nb: c")))
      )
      assert.strictEqual(reasonOf(injected), "Encode")
      for (const url of ["ftp://localhost/", "not a url"]) {
        assert.strictEqual(reasonOf(yield* Effect.flip(client.get(url))), "InvalidUrl")
      }
      assert.strictEqual((yield* simulator.stats).totalRequests, 0)
      assertAllBack(yield* stats)
    }))
})

describe("responses", () => {
  it.scopedLive("can be read in every way, and more than once", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const bytes = yield* client.get(at("/bytes"))
      assert.deepStrictEqual(new Uint8Array(yield* bytes.arrayBuffer), Uint8Array.from([0, 255, 128]))
      const params = yield* client.get(at("/params"))
      assert.deepStrictEqual([...yield* params.urlParamsBody], [["a", "1"], ["b", "你"]])
      assert.strictEqual(yield* params.text, "a=1&b=%E4%BD%A0")
      const streamed = yield* params.stream.pipe(Stream.decodeText(), Stream.mkString)
      assert.strictEqual(streamed, "a=1&b=%E4%BD%A0")
      assert.deepStrictEqual(yield* (yield* client.get(at("/bom"))).json, { a: 1 })
      assert.strictEqual(yield* (yield* client.get(at("/empty"))).json, null)
      const form = yield* client.get(at("/form"))
      assert.instanceOf(yield* form.formData, FormData)
      const both = yield* client.get(at("/slowly"))
      assert.deepStrictEqual(yield* Effect.all([both.text, both.text], { concurrency: 2 }), ["一二三", "一二三"])
      const wrong = yield* Effect.flip((yield* client.get(at("/params"))).json)
      assert.strictEqual(reasonOf(wrong), "Decode")
    }))

  it.scopedLive("stream as they arrive", () =>
    Effect.gen(function*() {
      const { at, client, stats } = yield* start({ connectionPoolSize: 1 })
      const response = yield* client.get(at("/slowly"))
      assert.strictEqual((yield* stats).inFlight, 1)
      const pieces = yield* response.stream.pipe(Stream.decodeText(), Stream.runCollect)
      assert.deepStrictEqual(Chunk.toReadonlyArray(pieces), ["一", "二", "三"])
      assertAllBack(yield* stats)
      assert.strictEqual((yield* stats).idle, 1)
    }))

  it.scopedLive("of any length can be left early: the socket closes at once", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const response = yield* client.get(at("/endless"))
      const taken = yield* response.stream.pipe(
        Stream.mapConcat((chunk) => chunk),
        Stream.take(1_000_000),
        Stream.runCount
      )
      assert.strictEqual(taken, 1_000_000)
      assertAllBack(yield* stats)
      yield* simulator.awaitIdle
    }))

  it.scopedLive("do not pile up in memory while nobody reads on", () =>
    Effect.gen(function*() {
      const { at, client, simulator } = yield* start()
      const response = yield* client.get(at("/endless"))
      yield* Effect.sleep("100 millis")
      const before = (yield* simulator.stats).bytesSent
      yield* Effect.sleep("100 millis")
      assert.strictEqual((yield* simulator.stats).bytesSent, before)
      // What the operating system keeps for both ends of a loopback connection, and no more.
      assert.isBelow(before, 20_000_000)
      yield* response.stream.pipe(Stream.take(1), Stream.runDrain)
    }))

  it.scopedLive("are decompressed, whole and streamed", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start()
      const expected = "压缩".repeat(10_000)
      assert.strictEqual(yield* (yield* client.get(at("/gzip"))).text, expected)
      const streamed = yield* (yield* client.get(at("/gzip"))).stream.pipe(Stream.decodeText(), Stream.mkString)
      assert.strictEqual(streamed, expected)
      const answer = yield* (yield* client.execute(generation(simulator.url, { gzip: true }))).json
      assert.property(answer, "output")
      const broken = yield* Effect.flip((yield* client.get(at("/notgzip"))).text)
      assert.strictEqual(reasonOf(broken), "Decode")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("that break off carry the pool's error", () =>
    Effect.gen(function*() {
      const { client, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      // The operating system may report a reset right behind data as an end.
      for (const [fault, reason] of [["HalfBody", /Truncated/], ["ResetAfterHeaders", /Reset|Truncated/]] as const) {
        const response = yield* client.execute(generation(simulator.url, { fault: { _tag: fault } }))
        const error = yield* poolErrorOf(response.text)
        if (error._tag !== "ConnectionError") return assert.fail(error._tag)
        assert.match(error.reason, reason)
        assert.isTrue(error.responseStarted)
        assert.isFalse(error.isRetryable)
      }
      assertAllBack(yield* stats)
    }))

  it.scopedLive("have cookies", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const jar = yield* Ref.make(noCookies)
      const response = yield* client.pipe(PlatformHttpClient.withCookiesRef(jar)).get(at("/cookies"))
      assert.deepStrictEqual(Cookies.toRecord(response.cookies), { a: "1", b: "2" })
      const echoed = yield* Effect.flatMap(
        client.pipe(PlatformHttpClient.withCookiesRef(jar)).get(at("/echo")),
        readEcho
      )
      assert.strictEqual(echoed.headers["cookie"], "a=1; b=2")
    }))

  it.scopedLive("come after informational ones", () =>
    Effect.gen(function*() {
      const { ask, simulator } = yield* start()
      assert.include(yield* ask(simulator.url, { fault: { _tag: "Informational" }, latency: 20 }), "output")
    }))
})

describe("what users of HttpClient rely on", () => {
  it.scopedLive("filterStatusOk, retryTransient and followRedirects", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const gone = yield* Effect.flip(client.pipe(PlatformHttpClient.filterStatusOk).get(at("/gone")))
      assert.strictEqual(reasonOf(gone), "StatusCode")
      const before = (yield* simulator.stats).totalRequests
      const retrying = client.pipe(PlatformHttpClient.filterStatusOk, PlatformHttpClient.retryTransient({ times: 2 }))
      yield* Effect.flip(retrying.execute(generation(simulator.url, { error: { status: 503, padTo: 70_000 } })))
      assert.strictEqual((yield* simulator.stats).totalRequests - before, 3)
      const followed = yield* Effect.flatMap(
        client.pipe(PlatformHttpClient.followRedirects()).get(at("/redirect")),
        readEcho
      )
      assert.strictEqual(followed.url, "/echo")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("withScope ends the request with the scope", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const scope = yield* Scope.make()
      yield* Scope.extend(client.pipe(PlatformHttpClient.withScope).get(at("/endless")), scope)
      assert.strictEqual((yield* stats).inFlight, 1)
      yield* Scope.close(scope, Exit.void)
      assertAllBack(yield* stats)
      yield* simulator.awaitIdle
    }))

  it.scopedLive("interruption, of the request and of reading, aborts at once", () =>
    Effect.gen(function*() {
      const { at, client, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const response = yield* client.get(at("/endless"))
      const reading = yield* Effect.fork(response.text)
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(reading)
      assertAllBack(yield* stats)
      yield* simulator.awaitIdle
      const [took] = yield* Effect.timed(
        Effect.timeoutOption(client.execute(generation(simulator.url, { latency: 60_000 })), "50 millis")
      )
      assert.isBelow(Duration.toMillis(took), 30_000)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("layers share one pool, which can be asked for", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ app })
      yield* Effect.gen(function*() {
        const client = yield* PlatformHttpClient.HttpClient
        yield* Effect.flatMap(client.get(`${simulator.origin}/echo`), (response) => response.text)
        assert.strictEqual((yield* ConnectionPool.stats).opened, 1)
      }).pipe(Effect.provide(HttpClient.layer(ConnectionConfig.make())))
      yield* simulator.awaitIdle
    }))
})

describe("tracing", () => {
  interface Recorded {
    readonly name: string
    readonly attributes: Map<string, unknown>
    readonly traceId: string
    readonly spanId: string
    /** Each time that it was ended. */
    readonly ends: Array<Exit.Exit<unknown, unknown>>
  }

  const recording = (spans: Array<Recorded>) => Layer.merge(showsHeaders, Layer.setTracer(tracerInto(spans)))

  const tracerInto = (spans: Array<Recorded>, onEnd = () => {}) =>
    Tracer.make({
      context: (f) => f(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const ends: Recorded["ends"] = []
        let status: Tracer.SpanStatus = { _tag: "Started", startTime }
        const span: Tracer.Span & Recorded = {
          _tag: "Span",
          name,
          spanId: `span${spans.length}`,
          traceId: Option.isSome(parent) ? parent.value.traceId : "trace",
          parent,
          context,
          get status() {
            return status
          },
          attributes,
          ends,
          links,
          sampled: true,
          kind,
          end(endTime, exit) {
            ends.push(exit)
            status = { _tag: "Ended", startTime, endTime, exit }
            onEnd()
          },
          attribute: (key, value) => void attributes.set(key, value),
          event: () => {},
          addLinks: () => {}
        }
        spans.push(span)
        return span
      }
    })

  it.scopedLive("makes the span that HttpClient.make makes, and propagates it, without the key", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const spans: Array<Recorded> = []
      const stock: Array<Recorded> = []
      const request = HttpClientRequest.get(at("/echo?a=1")).pipe(
        HttpClientRequest.setHeader("authorization", "Bearer sk-sentinel")
      )
      const echoed = yield* Effect.flatMap(client.execute(request), readEcho).pipe(Effect.provide(recording(spans)))
      yield* PlatformHttpClient.execute(request).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provide(recording(stock))
      )
      assert.strictEqual(spans.length, 1)
      const names = (span: Recorded | undefined) =>
        [...span!.attributes.keys()].filter((name) => !name.startsWith("http.response.header.")).sort()
      assert.deepStrictEqual(names(spans[0]), names(stock[0]))
      assert.strictEqual(spans[0]!.name, stock[0]!.name)
      assert.strictEqual(spans[0]!.attributes.get("http.response.status_code"), 200)
      assert.strictEqual(spans[0]!.attributes.get("http.request.header.authorization"), "<redacted>")
      assert.strictEqual(echoed.headers["b3"], "trace-span0-1")
      assert.match(echoed.headers["traceparent"] ?? "", /trace/)
    }))

  it.scopedLive("makes none where nobody could see it, or where it is switched off", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const spans: Array<Recorded> = []
      const plain = yield* Effect.flatMap(client.get(at("/echo")), readEcho)
      assert.notProperty(plain.headers, "traceparent")
      const inSpan = yield* Effect.flatMap(client.get(at("/echo")), readEcho).pipe(Effect.withSpan("mine"))
      assert.property(inSpan.headers, "traceparent")
      yield* client.get(at("/echo")).pipe(Effect.withTracerEnabled(false), Effect.provide(recording(spans)))
      yield* client.get(at("/echo")).pipe(
        Effect.locally(PlatformHttpClient.currentTracerDisabledWhen, () => true),
        Effect.provide(recording(spans))
      )
      assert.strictEqual(spans.length, 0)
      const silent = yield* Effect.flatMap(client.get(at("/echo")), readEcho).pipe(
        Effect.locally(PlatformHttpClient.currentTracerPropagation, false),
        Effect.provide(recording(spans))
      )
      assert.notProperty(silent.headers, "traceparent")
      assert.strictEqual(spans.length, 1)
    }))

  it.scopedLive("ends it once, as the request ended: answered, refused, interrupted, and with a body that is made", () =>
    Effect.gen(function*() {
      const { at, client } = yield* start()
      const spans: Array<Recorded> = []
      const asked = yield* Deferred.make<void>()
      const silent = yield* serve(() => void Effect.runFork(Deferred.succeed(asked, undefined)))
      const made = HttpClientRequest.post(at("/echo")).pipe(
        HttpClientRequest.bodyStream(Stream.make(new Uint8Array(3)))
      )
      yield* Effect.gen(function*() {
        yield* client.get(at("/echo"))
        yield* Effect.exit(client.get("http://127.0.0.1:1/"))
        const waiting = yield* Effect.fork(client.get(silent))
        yield* Deferred.await(asked)
        yield* Fiber.interrupt(waiting)
        yield* client.execute(made)
      }).pipe(Effect.provide(recording(spans)))
      const outcome = (exit: Exit.Exit<unknown, unknown>) =>
        Exit.isSuccess(exit) ? "answered" : Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "failed"
      assert.deepStrictEqual(spans.map(({ ends }) => ends.map(outcome)), [
        ["answered"],
        ["failed"],
        ["interrupted"],
        ["answered"]
      ])
    }))

  it.scopedLive("gives the fiber what a tracer throws", () =>
    Effect.gen(function*() {
      const { at, client, stats } = yield* start()
      const throwing = tracerInto([], () => {
        throw new Error("no room for spans")
      })
      const exit = yield* Effect.exit(client.get(at("/echo")).pipe(Effect.provide(Layer.setTracer(throwing))))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assertAllBack(yield* stats)
    }))
})

describe("TLS", () => {
  it.scopedLive("trusts the given authority, and no other", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: true })
      const trusting = yield* makePool({ tls: { ca: simulator.ca! } })
      assert.include(yield* trusting.ask(simulator.url), "output")
      const byDefault = yield* makePool()
      const error = yield* poolErrorOf(byDefault.ask(simulator.url))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Tls", responseStarted: false })
      assert.isFalse(error.isRetryable)
      assertAllBack(yield* byDefault.stats)
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
    }))

  it.scopedLive("shows a client certificate", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: { requireClientCertificate: true } })
      const { cert, key } = yield* simulator.clientCertificate()
      const known = yield* makePool({ tls: { ca: simulator.ca!, cert, key } })
      assert.include(yield* known.ask(simulator.url), "output")
      const unknown = yield* makePool({ tls: { ca: simulator.ca! } })
      const error = yield* poolErrorOf(unknown.ask(simulator.url))
      assert.strictEqual(error._tag, "ConnectionError")
    }))

  it.scopedLive("accepts anything only when told so in so many words, and warns", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: true })
      const { ask } = yield* makePool({ tls: { dangerouslyAcceptAnyCertificate: true } })
      assert.include(yield* ask(simulator.url), "output")
    }))
})

describe("proxy", () => {
  it.scopedLive("tunnels to plain and TLS hosts, with credentials", () =>
    Effect.gen(function*() {
      const proxy = yield* ProxySimulator.make({ auth: { username: "user", password: "p@ss" } })
      const url = proxy.url.replace("http://", "http://user:p%40ss@")
      for (const tls of [false, true]) {
        const simulator = yield* Simulator.make({ tls })
        const { ask } = yield* makePool({
          connectionPoolSize: 2,
          proxy: url,
          ...(simulator.ca === undefined ? undefined : { tls: { ca: simulator.ca } })
        })
        yield* Effect.all(Array.from({ length: 10 }, () => ask(simulator.url)), { concurrency: "unbounded" })
        assert.strictEqual((yield* simulator.stats).totalConnections, 2)
        expect(yield* proxy.targets).toContain(`127.0.0.1:${simulator.port}`)
      }
      assert.strictEqual((yield* proxy.stats).totalTunnels, 4)
    }))

  it.scopedLive("is left out for hosts of noProxy", () =>
    Effect.gen(function*() {
      const proxy = yield* ProxySimulator.make()
      const simulator = yield* Simulator.make()
      const { ask } = yield* makePool({ proxy: { url: proxy.url, noProxy: ["127.0.0.1"] } })
      yield* ask(simulator.url)
      assert.strictEqual((yield* proxy.stats).attempts, 0)
    }))

  it.scopedLive("that refuses, breaks off or stalls gives typed errors", () =>
    Effect.gen(function*() {
      const proxy = yield* ProxySimulator.make()
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ proxy: proxy.url, connectTimeout: "150 millis" })
      for (
        const [fault, text, reason, isRetryable] of [
          ["authenticate", "407", "Proxy", false],
          // It may reach the target another time, and hold.
          ["badGateway", "502", "Refused", true],
          ["reset", "broke off", "Reset", true]
        ] as const
      ) {
        yield* proxy.setFault(fault)
        const error = yield* poolErrorOf(ask(simulator.url))
        assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason })
        assert.strictEqual(error.isRetryable, isRetryable)
        assert.include(error.message, text)
      }
      yield* proxy.setFault("stall")
      assert.deepInclude({ ...(yield* poolErrorOf(ask(simulator.url))) }, { _tag: "RequestTimeout", phase: "connect" })
      assertAllBack(yield* stats)
      yield* proxy.waitFor(({ openConnections }) => openConnections === 0)
      const nobody = yield* makePool({ proxy: "http://127.0.0.1:1" })
      assert.strictEqual((yield* poolErrorOf(nobody.ask(simulator.url)))._tag, "ConnectionError")
    }))
})

it.effect("is a Context tag like any other", () =>
  Effect.sync(() => {
    assert.isTrue(Context.isTag(PlatformHttpClient.HttpClient))
  }))
