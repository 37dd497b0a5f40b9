import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import * as DashScopeClient from "../src/DashScopeClient.js"
import * as DashScopeError from "../src/DashScopeError.js"
import { problemOf } from "../src/internal/core/configErrors.js"
import { userAgent } from "../src/internal/protocol/userAgent.js"
import { answer, bodyText, env, headersOf, jsonResponse, key, mockHttp } from "./util/mock.js"
import type { Handler } from "./util/mock.js"
import { requestError, responseError, untraced } from "./util/platform.js"

const path = "/services/aigc/text-generation/generation"
const body = { model: "qwen-plus", input: { prompt: "你好" }, parameters: { result_format: "message" } }
const request: DashScopeClient.Request = { path, body }

const setup = (
  handler: Handler = () => jsonResponse(answer),
  options: DashScopeClient.Options = { apiKey: key },
  variables: Record<string, string> = {}
) =>
  Effect.gen(function*() {
    const http = mockHttp(handler)
    const client = yield* DashScopeClient.make({ retry: false, ...options }).pipe(
      Effect.provide(http.layer),
      Effect.provide(env(variables))
    )
    return { ...http, client }
  })

/** What a call fails with. */
const failure = (handler: Handler, call?: DashScopeClient.CallOptions, options?: DashScopeClient.Options) =>
  Effect.flatMap(setup(handler, options), ({ client }) => Effect.flip(client.execute(request, call)))

const apiFailure = (handler: Handler) =>
  Effect.map(failure(handler), (error) => {
    assert.instanceOf(error, DashScopeError.ApiError)
    return error
  })

describe("a request", () => {
  it.effect("has exactly these headers, URL and body", () =>
    Effect.gen(function*() {
      const { client, requests } = yield* setup()
      // Else the platform's HttpClient adds the headers of its trace.
      yield* untraced(client.execute(request))
      const sent = Arr.unsafeGet(requests, 0)
      assert.strictEqual(sent.method, "POST")
      assert.strictEqual(
        sent.url,
        "https://dashscope.aliyuncs.com/api/v1/services/aigc/text-generation/generation"
      )
      const text = bodyText(sent)
      assert.deepStrictEqual(headersOf(sent), {
        accept: "application/json; charset=utf-8",
        authorization: `Bearer ${key}`,
        "content-length": String(new TextEncoder().encode(text).length),
        "content-type": "application/json; charset=utf-8",
        "user-agent": userAgent(globalThis, undefined)
      })
      assert.strictEqual(
        text,
        "{\"model\":\"qwen-plus\",\"input\":{\"prompt\":\"你好\"},\"parameters\":{\"result_format\":\"message\"}}"
      )
    }))

  it.effect("has the layer's and the call's workspace, inspection, user agent and headers, the call's last", () =>
    Effect.gen(function*() {
      const { client, requests } = yield* setup(undefined, {
        apiKey: key,
        workspace: "ws-layer",
        dataInspection: true,
        userAgent: "my-app/2",
        headers: { "X-Layer": "1", "X-Both": "layer", "Accept": "application/json" }
      })
      const common = { workspace: "x-dashscope-workspace", inspection: "x-dashscope-datainspection" }
      yield* client.execute(request)
      yield* client.execute({ ...request, headers: { "X-DashScope-Async": "enable", "X-Both": "request" } }, {
        apiKey: Redacted.make("sk-of-the-call"),
        workspace: "ws-call",
        dataInspection: false,
        headers: { "x-both": "call", "User-Agent": "job/7", "X-Nothing": undefined }
      })
      const first = headersOf(Arr.unsafeGet(requests, 0))
      const second = headersOf(Arr.unsafeGet(requests, 1))
      assert.strictEqual(first[common.workspace], "ws-layer")
      assert.strictEqual(first[common.inspection], "enable")
      assert.strictEqual(first["user-agent"], `${userAgent(globalThis, undefined)}; my-app/2`)
      assert.strictEqual(first["x-both"], "layer")
      assert.strictEqual(first["accept"], "application/json")
      assert.strictEqual(first["authorization"], `Bearer ${key}`)

      assert.strictEqual(second[common.workspace], "ws-call")
      assert.isUndefined(second[common.inspection])
      assert.strictEqual(second["user-agent"], `${userAgent(globalThis, undefined)}; my-app/2; job/7`)
      assert.strictEqual(second["x-both"], "call")
      assert.strictEqual(second["x-layer"], "1")
      assert.strictEqual(second["x-dashscope-async"], "enable")
      assert.strictEqual(second["authorization"], "Bearer sk-of-the-call")
      assert.isFalse("x-nothing" in second)
    }))

  it.effect("may be a GET with parameters, or a POST without a body", () =>
    Effect.gen(function*() {
      const { client, requests } = yield* setup()
      yield* client.execute({ method: "GET", path: "/tasks/1", urlParams: { page: "2" } })
      yield* client.execute({ path: "/tasks/1/cancel" })
      const get = Arr.unsafeGet(requests, 0)
      const post = Arr.unsafeGet(requests, 1)
      assert.strictEqual(get.method, "GET")
      assert.deepStrictEqual([...get.urlParams], [["page", "2"]])
      assert.isFalse("content-type" in get.headers)
      assert.strictEqual(post.method, "POST")
      assert.strictEqual(post.body._tag, "Empty")
      assert.isFalse("content-type" in post.headers)
    }))

  it.effect("goes where the option says, else the variable, else Beijing", () =>
    Effect.gen(function*() {
      const variables = { DASHSCOPE_HTTP_BASE_URL: "https://env.test/api/v1/" }
      const urlOf = (options: DashScopeClient.Options, variables: Record<string, string>) =>
        Effect.map(setup(undefined, options, variables), ({ client }) => client.baseUrl)
      assert.strictEqual(yield* urlOf({}, {}), "https://dashscope.aliyuncs.com/api/v1")
      assert.strictEqual(yield* urlOf({}, { DASHSCOPE_HTTP_BASE_URL: " " }), "https://dashscope.aliyuncs.com/api/v1")
      assert.strictEqual(yield* urlOf({}, variables), "https://env.test/api/v1")
      assert.strictEqual(
        yield* urlOf({ endpoint: "singapore" }, variables),
        "https://dashscope-intl.aliyuncs.com/api/v1"
      )
    }))

  it.effect("is inspected where the Python SDK's variable says so", () =>
    Effect.gen(function*() {
      for (const [value, expected] of [["false", "enable"], ["true", undefined], ["", undefined]] as const) {
        const { client, requests } = yield* setup(undefined, { apiKey: key }, {
          DASHSCOPE_DISABLE_DATA_INSPECTION: value
        })
        yield* client.execute(request)
        assert.strictEqual(requests[0]?.headers["x-dashscope-datainspection"], expected)
      }
    }))

  it.effect("that cannot be sent fails before any I/O", () =>
    Effect.gen(function*() {
      const cycle: Record<string, unknown> = {}
      cycle["self"] = cycle
      // @ts-expect-error a number has no unit
      const unitless: DashScopeClient.CallOptions = { timeout: 30 }
      const rows: ReadonlyArray<readonly [string, DashScopeClient.Request, DashScopeClient.CallOptions]> = [
        ["apiKey", request, { apiKey: "sk-with\r\nnewline" }],
        ["workspace", request, { workspace: "ws\r\nX-Injected: 1" }],
        ["workspace", request, { workspace: "" }],
        ["headers", request, { headers: { "X-Custom": "a\r\nX-Injected: 1" } }],
        ["headers", request, { headers: { "X-Custom: a\r\nX-Injected": "1" } }],
        ["headers", request, { headers: { "Content-Length": "3" } }],
        ["headers", { ...request, headers: { "X-Custom": "\n" } }, {}],
        ["path", { path: "/tasks/../files" }, {}],
        ["path", { path: "/tasks/a b" }, {}],
        ["body", { path, body: { input: 1n } }, {}],
        ["body", { path, body: { input: cycle } }, {}],
        ["timeout", request, unitless],
        ["timeout", request, { timeout: "0 seconds" }],
        ["timeout", request, { timeout: "-1 seconds" }]
      ]
      const { client, requests } = yield* setup()
      for (const [field, request, call] of rows) {
        const error = yield* Effect.flip(client.execute(request, call))
        assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, field)
        assert.isFalse(error.isRetryable)
      }
      assert.lengthOf(requests, 0)
    }))

  it.effect("without a key fails before any I/O", () =>
    Effect.gen(function*() {
      const { client, requests } = yield* setup(undefined, {})
      const error = yield* Effect.flip(client.execute(request))
      assert.strictEqual(error._tag, "NoApiKey")
      assert.lengthOf(requests, 0)
      assert.deepStrictEqual((yield* client.execute(request, { apiKey: key })).body, answer)
    }))

  it.effect("takes the key of the environment or of a file, and looks again after a 401", () =>
    Effect.gen(function*() {
      let content = "sk-old-old-old\n"
      let reads = 0
      const fileSystem = FileSystem.layerNoop({
        readFileString: () => Effect.sync(() => (reads++, content))
      })
      const http = mockHttp(({ headers }) =>
        headers["authorization"] === "Bearer sk-new-new-new" ?
          jsonResponse(answer) :
          jsonResponse({ code: "InvalidApiKey", message: "Invalid.", request_id: "1" }, { status: 401 })
      )
      const client = yield* DashScopeClient.make({ retry: false }).pipe(
        Effect.provide([http.layer, fileSystem, env({ HOME: "/home/ada" })])
      )
      assert.strictEqual((yield* Effect.flip(client.execute(request)))._tag, "ApiError")
      content = "sk-new-new-new\n"
      yield* client.execute(request)
      yield* client.execute(request)
      assert.strictEqual(reads, 2)
    }))
})

describe("an answer", () => {
  it.effect("keeps everything", () =>
    Effect.gen(function*() {
      const { client } = yield* setup(() => jsonResponse({ ...answer, x_new: 1 }, { headers: { "x-request-id": "h" } }))
      const envelope = yield* client.execute(request)
      assert.strictEqual(envelope.status, 200)
      assert.strictEqual(envelope.output, envelope.body["output"])
      assert.deepStrictEqual(envelope.body, { ...answer, x_new: 1 })
      assert.deepStrictEqual(envelope.usage, answer.usage)
      assert.strictEqual(envelope.requestId, answer.request_id)
      assert.strictEqual(envelope.headers["x-request-id"], "h")
      assert.deepStrictEqual({ ...envelope }.headers, envelope.headers)
    }))

  it.effect("may have no output, and its id in the header only", () =>
    Effect.gen(function*() {
      const { client } = yield* setup(() =>
        jsonResponse({ code: 0, msg: "ok", data: [] }, { headers: { "x-request-id": "h" } })
      )
      const envelope = yield* client.execute(request)
      assert.deepStrictEqual(envelope.body["data"], [])
      assert.isUndefined(envelope.output)
      assert.strictEqual(envelope.requestId, "h")
    }))

  const shapes: ReadonlyArray<readonly [name: string, body: string, reason: string, code: string]> = [
    [
      "an error without output",
      JSON.stringify({ code: "Throttling.RateQuota", message: "slow" }),
      "RateLimited",
      "Throttling.RateQuota"
    ],
    [
      "an error with a null output",
      JSON.stringify({ code: "InvalidParameter", output: null }),
      "InvalidRequest",
      "InvalidParameter"
    ],
    ["a number for a code", JSON.stringify({ code: 40012, msg: "no file" }), "Server", "40012"],
    [
      "a nested error",
      JSON.stringify({ error: { code: "model_not_found", message: "?" } }),
      "NotFound",
      "model_not_found"
    ],
    [
      "an error event",
      "id:1\nevent:error\ndata:{\"code\":\"InternalError\",\"message\":\"?\"}\n\n",
      "Server",
      "InternalError"
    ],
    ["no body", "", "UnexpectedResponse", ""],
    ["a page", "<html>Please log in</html>", "UnexpectedResponse", ""],
    ["a list", "[]", "UnexpectedResponse", ""],
    ["half of an answer", "{\"output\":{\"te", "UnexpectedResponse", ""]
  ]

  it.effect.each(shapes)("of status 200 that is %s is an ApiError", ([, body, reason, code]) =>
    Effect.gen(function*() {
      const error = yield* apiFailure(() => new Response(body))
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.code, code)
      assert.strictEqual(error.statusCode, 200)
    }))

  it.effect("of status 204 is an ApiError", () =>
    Effect.gen(function*() {
      const error = yield* apiFailure(() => new Response(null, { status: 204 }))
      assert.strictEqual(error.reason, "UnexpectedResponse")
      assert.strictEqual(error.description, "the answer has no body")
    }))
})

describe("a refusal", () => {
  it.effect("is an ApiError with all that the service said", () =>
    Effect.gen(function*() {
      const error = yield* apiFailure(() =>
        jsonResponse({ code: "Throttling.RateQuota", message: "Requests rate limit exceeded.", request_id: "r-1" }, {
          status: 429,
          headers: { "retry-after": "7", "x-request-id": "r-2" }
        })
      )
      assert.deepInclude({ ...error }, {
        reason: "RateLimited",
        statusCode: 429,
        code: "Throttling.RateQuota",
        description: "Requests rate limit exceeded.",
        requestId: "r-1",
        isRetryable: true
      })
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(7))
      assert.strictEqual(
        error.message,
        "DashScope answered 429 Throttling.RateQuota (RateLimited): Requests rate limit exceeded.; retry after 7s; request id r-1"
      )
    }))

  it.effect("may say until when to wait, by the clock", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2025, 5, 1, 12, 0, 0))
      const error = yield* apiFailure(() =>
        new Response("", { status: 503, headers: { "retry-after": "Sun, 01 Jun 2025 12:01:00 GMT" } })
      )
      assert.deepStrictEqual(error.retryAfter, Duration.minutes(1))
      assert.strictEqual(error.description, "the answer has no body")
    }))

  it.effect("takes its id from the header where the body has none", () =>
    Effect.gen(function*() {
      const error = yield* apiFailure(() =>
        new Response("<html>Bad Gateway</html>", { status: 502, headers: { "x-request-id": "h" } })
      )
      assert.strictEqual(error.requestId, "h")
      assert.strictEqual(error.reason, "Server")
      assert.strictEqual(error.description, "<html>Bad Gateway</html>")
    }))

  it.effect("is one for a redirect too", () =>
    Effect.gen(function*() {
      const error = yield* apiFailure(() => new Response(null, { status: 302 }))
      assert.strictEqual(error.reason, "UnexpectedResponse")
    }))

  it.effect("is understood behind a client that filters by status", () =>
    Effect.gen(function*() {
      const error = yield* failure(
        () => jsonResponse({ code: "ModelNotFound", message: "?" }, { status: 404 }),
        {},
        { apiKey: key, transformClient: HttpClient.filterStatusOk }
      )
      assert.strictEqual(error._tag === "ApiError" && error.code, "ModelNotFound")
    }))

  it.effect("with an endless body is read to a cap, and then its stream is closed", () =>
    Effect.gen(function*() {
      let pulled = 0
      let isCancelled = false
      const endless = () =>
        new Response(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              pulled++
              controller.enqueue(new Uint8Array(64 * 1024).fill(120))
            },
            cancel() {
              isCancelled = true
            }
          }),
          { status: 500 }
        )
      const error = yield* apiFailure(endless)
      assert.strictEqual(error.statusCode, 500)
      assert.strictEqual(error.description.length, 501)
      assert.isTrue(isCancelled)
      // 1 MiB, and what was under way.
      assert.isAtMost(pulled, 18)
    }))

  it.effect("with a body that stalls is read for five seconds, and what came is understood", () =>
    Effect.gen(function*() {
      const stalled = () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start(controller) {
              controller.enqueue(
                new TextEncoder().encode("event:error\ndata:{\"code\":\"InternalError\",\"message\":\"?\"}\n\n")
              )
            }
          }),
          { status: 500 }
        )
      const fiber = yield* Effect.fork(apiFailure(stalled))
      // The head and the first bytes come through real streams.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      yield* TestClock.adjust("4900 millis")
      assert.strictEqual((yield* Fiber.poll(fiber))._tag, "None")
      yield* TestClock.adjust("200 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).code, "InternalError")
    }))

  it.effect("whose body breaks off is understood as far as it came", () =>
    Effect.gen(function*() {
      const broken = () =>
        new Response(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              controller.error(new Error("socket hang up"))
            }
          }),
          { status: 429 }
        )
      const error = yield* apiFailure(broken)
      assert.strictEqual(error.reason, "RateLimited")
    }))
})

describe("the HTTP client's failures", () => {
  const transport = (cause: unknown): Handler => (request) =>
    Effect.fail(requestError({ request, reason: "Transport", cause }))

  const own: ReadonlyArray<DashScopeError.DashScopeError> = [
    new DashScopeError.RequestTimeout({ phase: "connect", duration: Duration.seconds(1) }),
    new DashScopeError.ConnectionError({
      reason: "Closed",
      origin: "https://a.test",
      responseStarted: false,
      description: "the pool is closed"
    })
  ]

  it.effect.each(own)("$_tag of our own passes as it is", (cause) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* failure(transport(cause)), cause)
    }))

  it.effect("before anything is sent are refusals of the input", () =>
    Effect.gen(function*() {
      for (const [reason, field] of [["Encode", "body"], ["InvalidUrl", "endpoint"]] as const) {
        const error = yield* failure((request) =>
          Effect.fail(requestError({ request, reason, cause: new Error(`no, ${key}`) }))
        )
        assert.strictEqual(error._tag === "InputRequired" && error.field, field)
        assert.include(error.message, "no, <redacted>")
      }
    }))

  it.effect("while the body is read pass as they are", () =>
    Effect.gen(function*() {
      const cause = new DashScopeError.RequestTimeout({ phase: "read", duration: Duration.seconds(1) })
      const broken = HttpClient.make((request) => {
        const response = HttpClientResponse.fromWeb(request, new Response("{}"))
        const error = responseError({ request, response, cause })
        return Effect.succeed(
          new Proxy(response, {
            get: (target, property): unknown =>
              property === "text" ? Effect.fail(error) : Reflect.get(target, property, target)
          })
        )
      })
      const error = yield* failure(() => new Response(), {}, { apiKey: key, transformClient: () => broken })
      assert.strictEqual(error, cause)
    }))

  it.effect("of fetch become ours", () =>
    Effect.gen(function*() {
      const refused = yield* failure(
        transport(
          new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) })
        )
      )
      assert.strictEqual(refused._tag === "ConnectionError" && refused.reason, "Refused")
      assert.strictEqual(refused._tag === "ConnectionError" && refused.origin, "https://dashscope.aliyuncs.com")
      const slow = yield* failure(transport(new Cause.TimeoutException("slow")))
      assert.strictEqual(slow._tag === "RequestTimeout" && slow.phase, "total")
      const bare = yield* failure((request) =>
        Effect.fail(requestError({ request, reason: "Transport", description: "no reason" }))
      )
      assert.include(bare.message, "no reason")
      const cut = yield* failure(() =>
        new Response(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              controller.error(new TypeError("terminated"))
            }
          })
        )
      )
      assert.strictEqual(cut._tag === "ConnectionError" && cut.reason, "Truncated")
      assert.isFalse(cut.isRetryable)
    }))
})

describe("the total timeout", () => {
  const never: Handler = () => Effect.never

  it.effect("of the layer ends the call", () =>
    Effect.gen(function*() {
      const { client } = yield* setup(never, { apiKey: key, timeout: "30 seconds" })
      const fiber = yield* Effect.fork(Effect.flip(client.execute(request)))
      yield* TestClock.adjust("29999 millis")
      assert.strictEqual((yield* Fiber.poll(fiber))._tag, "None")
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        error,
        new DashScopeError.RequestTimeout({ phase: "total", duration: Duration.seconds(30) })
      )
      assert.isFalse(error.isRetryable)
    }))

  it.effect("of the call replaces the layer's, or lifts it, and interrupts the request", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const { client } = yield* setup(
        () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)),
        { apiKey: key, timeout: "30 seconds" }
      )
      const short = yield* Effect.fork(Effect.flip(client.execute(request, { timeout: "1 second" })))
      const none = yield* Effect.fork(client.execute(request, { timeout: Duration.infinity }))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(short))._tag, "RequestTimeout")
      assert.strictEqual(interrupted, 1)
      yield* TestClock.adjust("1 day")
      assert.strictEqual((yield* Fiber.poll(none))._tag, "None")
      yield* Fiber.interrupt(none)
      assert.strictEqual(interrupted, 2)
    }))

  it.effect("covers the body", () =>
    Effect.gen(function*() {
      const { client } = yield* setup(() => new Response(new ReadableStream<Uint8Array>({})))
      const fiber = yield* Effect.fork(Effect.flip(client.execute(request, { timeout: "1 second" })))
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimeout")
    }))
})

describe("the layer", () => {
  it.effect("fails on options that can never be sent, naming them", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [string, DashScopeClient.Options, Record<string, string>]> = [
        ["endpoint", { endpoint: "https://ada:hunter22@gateway.test" }, {}],
        ["DASHSCOPE_HTTP_BASE_URL", {}, { DASHSCOPE_HTTP_BASE_URL: "gateway.test?k=hunter22" }],
        ["workspace", { workspace: "a\nb" }, {}],
        ["headers", { headers: { "X-Token": "hunter22\n" } }, {}],
        ["userAgent", { userAgent: "hunter22\n" }, {}],
        ["timeout", { timeout: "0 seconds" }, {}]
      ]
      for (const [name, options, variables] of rows) {
        const error = yield* Effect.flip(setup(undefined, options, variables))
        assert.strictEqual(problemOf(error).name, name)
        assert.notInclude(inspect(error, { depth: 10 }), "hunter22")
      }
    }))

  it.effect("can be made from configuration", () =>
    Effect.gen(function*() {
      const http = mockHttp(() => jsonResponse(answer))
      const layer = DashScopeClient.layerConfig({
        apiKey: Config.redacted("QWEN_KEY"),
        workspace: Config.withDefault(Config.string("QWEN_WORKSPACE"), undefined)
      }).pipe(Layer.provide(http.layer))
      const call = Effect.flatMap(DashScopeClient.DashScopeClient, (client) => client.execute(request))
      const provider = ConfigProvider.fromMap(new Map([["QWEN_KEY", "sk-from-config"]]))
      yield* call.pipe(Effect.provide(layer), Effect.withConfigProvider(provider))
      assert.strictEqual(http.requests[0]?.headers["authorization"], "Bearer sk-from-config")
      const missing = yield* call.pipe(
        Effect.provide(layer),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(missing))
    }))

  it("has these types", () => {
    expectTypeOf(DashScopeClient.layer).returns.toEqualTypeOf<
      Layer.Layer<DashScopeClient.DashScopeClient, ConfigError, HttpClient.HttpClient>
    >()
    expectTypeOf<DashScopeClient.Service["execute"]>().returns.toEqualTypeOf<
      Effect.Effect<DashScopeClient.Envelope, DashScopeError.DashScopeError>
    >()
    assert.isFunction(DashScopeClient.layer)
  })
})
