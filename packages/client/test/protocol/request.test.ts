import * as HttpBody from "@effect/platform/HttpBody"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as Envelope from "../../src/Envelope.js"
import * as Generation from "../../src/Generation.js"
import { answer, bodyText, env, type Handler, headersOf, jsonResponse, key, mockHttp, services } from "../util/mock.js"
import { deniedVariables, requestError } from "../util/platform.js"

const path = "/services/x"
const bytes = new TextEncoder().encode("你好")

const client = (handler: Handler, options: DashScopeClient.Options = {}) =>
  Effect.gen(function*() {
    const http = mockHttp(handler)
    const service = yield* DashScopeClient.make({ apiKey: key, retry: false, ...options }).pipe(
      Effect.provide(http.layer)
    )
    return { ...http, ...service }
  })

/** One request after another until the call is over, whatever it waits for in between. */
const finish = <A, E>(self: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.either(self))
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

describe("a request", () => {
  it.effect("has any method and body, and the base of either protocol", () =>
    Effect.gen(function*() {
      const { execute, requests } = yield* client(() => jsonResponse(answer))
      yield* execute({ method: "PUT", path, body: { any: 1 } })
      yield* execute({ method: "PATCH", path: "/batches/1", base: "compatible", body: HttpBody.uint8Array(bytes) })
      yield* execute({ path, body: () => HttpBody.text("a,b", "text/csv") })
      const form = new FormData()
      form.append("purpose", "file-extract")
      yield* execute({ path: "/files", body: HttpBody.formData(form) })
      assert.deepStrictEqual(requests.map(({ method, url }) => `${method} ${url}`), [
        "PUT https://dashscope.aliyuncs.com/api/v1/services/x",
        "PATCH https://dashscope.aliyuncs.com/compatible-mode/v1/batches/1",
        "POST https://dashscope.aliyuncs.com/api/v1/services/x",
        "POST https://dashscope.aliyuncs.com/api/v1/files"
      ])
      assert.deepStrictEqual(requests.map(({ body }) => body._tag), [
        "Uint8Array",
        "Uint8Array",
        "Uint8Array",
        "FormData"
      ])
      assert.strictEqual(bodyText(requests[0]), "{\"any\":1}")
      assert.strictEqual(bodyText(requests[1]), "你好")
      assert.deepStrictEqual(requests.map((request) => headersOf(request)["content-type"]), [
        "application/json; charset=utf-8",
        "application/octet-stream",
        "text/csv",
        // The boundary is the HTTP client's to write.
        undefined
      ])
    }))

  it.effect("reads an answer that is no JSON as it was asked for", () =>
    Effect.gen(function*() {
      const lines = "{\"custom_id\":1}\n{\"custom_id\":2}\n"
      const { execute, requests } = yield* client(() => new Response(lines, { headers: { "x-request-id": "r-9" } }))
      const get = (accept: DashScopeClient.Request["accept"]) => execute({ method: "GET", path: "/files/1", accept })
      const text = yield* get("text")
      assert.strictEqual(Envelope.text(text), lines)
      assert.strictEqual(text.requestId, "r-9")
      assert.deepStrictEqual(text.body, {})
      assert.strictEqual(new TextDecoder().decode(Envelope.bytes(yield* get("bytes"))), lines)
      const chunks = yield* Stream.runCollect(Envelope.stream(yield* get("stream")))
      assert.strictEqual(Chunk.join(Chunk.map(chunks, (chunk) => new TextDecoder().decode(chunk)), ""), lines)
      assert.strictEqual((yield* Effect.flip(get("json")))._tag, "ApiError")
      assert.deepStrictEqual(requests.map((request) => headersOf(request)["accept"]), [
        "*/*",
        "*/*",
        "*/*",
        "application/json; charset=utf-8"
      ])
    }))

  it.effect("reads an empty answer, and errors as always", () =>
    Effect.gen(function*() {
      const { execute } = yield* client((request) =>
        request.url.endsWith("/none")
          ? new Response(null, { status: 200 })
          : jsonResponse({ code: "NotFound", message: "gone" }, { status: 404 })
      )
      for (const accept of ["text", "bytes", "stream"] as const) {
        const envelope = yield* execute({ path: "/none", accept })
        assert.strictEqual(Chunk.size(yield* Stream.runCollect(Envelope.stream(envelope))) <= 1, true)
        assert.strictEqual(Envelope.text(envelope), "")
        const error = yield* Effect.flip(execute({ path: "/gone", accept }))
        assert.deepInclude({ ...error }, { code: "NotFound", statusCode: 404 })
      }
    }))

  it.effect.each<[string, DashScopeClient.Request]>([
    ["method", { path, method: "TRACE" as "GET" }],
    ["accept", { path, accept: "xml" as "text" }],
    ["base", { path, base: "anthropic" as "native" }],
    ["replay", { path, replay: "sometimes" as "always" }],
    ["body", { path, body: () => "text" as unknown as HttpBody.HttpBody }],
    ["body", {
      path,
      body: () => {
        throw new Error("sk-hunter22")
      }
    }]
  ])("with a wrong %s is refused before it is sent", ([field, request]) =>
    Effect.gen(function*() {
      const { execute, requests } = yield* client(() => jsonResponse(answer))
      const error = yield* Effect.flip(execute(request))
      assert.deepInclude({ ...error }, { _tag: "InputRequired", field })
      assert.notInclude(error.message, "hunter22")
      assert.lengthOf(requests, 0)
    }))

  it.effect("to the compatible base needs an endpoint that it stands beside", () =>
    Effect.gen(function*() {
      const { execute } = yield* client(() => jsonResponse(answer), { endpoint: "https://gateway.test/qwen" })
      const error = yield* Effect.flip(execute({ path, base: "compatible" }))
      assert.deepInclude({ ...error }, { _tag: "InputRequired", field: "base" })
    }))

  it.effect.each<[string, DashScopeClient.Options, Record<string, string>, string]>([
    ["beside the endpoint", { endpoint: "singapore" }, {}, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
    [
      "beside the endpoint of the environment",
      {},
      { DASHSCOPE_HTTP_BASE_URL: "https://a.test/api/v1" },
      "https://a.test/compatible-mode/v1"
    ],
    [
      "in the environment",
      {},
      { DASHSCOPE_COMPATIBLE_BASE_URL: "https://b.test/openai/v1/" },
      "https://b.test/openai/v1"
    ],
    [
      "beside an endpoint that is given, whatever the environment says",
      { endpoint: "https://a.test" },
      { DASHSCOPE_COMPATIBLE_BASE_URL: "https://b.test/openai/v1" },
      "https://a.test/compatible-mode/v1"
    ],
    [
      "in the environment, beside a gateway",
      { endpoint: "https://gateway.test/qwen" },
      { DASHSCOPE_COMPATIBLE_BASE_URL: "https://b.test/openai/v1" },
      "https://b.test/openai/v1"
    ]
  ])("to the compatible base finds it %s", ([_, options, variables, base]) =>
    Effect.gen(function*() {
      for (const transformClient of [undefined, <A>(client: A) => client]) {
        const { execute, requests } = yield* Effect.provide(
          client(() => jsonResponse(answer), { ...options, transformClient }),
          env(variables)
        )
        yield* execute({ path: "/files", base: "compatible" })
        assert.strictEqual(requests[0]?.url, `${base}/files`)
        assert.include(requests[0]?.headers["authorization"], key)
      }
    }))

  it.effect.each(["b.test/v1", "ftp://b.test/v1", "https://user:secret@b.test/v1", "https://b.test/v1?a=1"])(
    "to the compatible base is not sent where the environment has none: %s",
    (value) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Effect.provide(
          client(() => jsonResponse(answer)),
          env({ DASHSCOPE_COMPATIBLE_BASE_URL: value })
        ))
        assert.include(inspect(error), "DASHSCOPE_COMPATIBLE_BASE_URL")
        assert.notInclude(inspect(error), "secret")
      })
  )
})

describe("a request that failed", () => {
  const once = () => new Response("", { status: 503 })

  const foreign = (code: string, syscall?: string): Handler => (request) =>
    Effect.fail(
      requestError({
        request,
        reason: "Transport",
        cause: new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code, syscall }) })
      })
    )

  const count = (handler: Handler, request: DashScopeClient.Request) =>
    Effect.gen(function*() {
      const { execute, requests } = yield* client(handler, { retry: { maxRetries: 2 } })
      yield* finish(execute(request))
      return requests.map(bodyText)
    })

  it.effect("is made again within the client's budget, whosever the policy is", () =>
    Effect.gen(function*() {
      const policy = { maxRetries: 2 }
      const calls = Array.from({ length: 60 })
      for (const [ofLayer, ofCall] of [[policy, undefined], [false, policy]] as const) {
        const { execute, requests } = yield* client(once, { retry: ofLayer })
        yield* finish(Effect.forEach(calls, () => Effect.ignore(execute({ path }, { retry: ofCall }))))
        // Ten in reserve, and a tenth of a retry for each call.
        assert.lengthOf(requests, 60 + 15)
      }
    }))

  it.effect("is made again with the same body, or one made anew", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* count(once, { path, body: { a: 1 } }), ["{\"a\":1}", "{\"a\":1}", "{\"a\":1}"])
      let made = 0
      const body = () => HttpBody.text(`body ${++made}`)
      assert.deepStrictEqual(yield* count(once, { path, body }), ["body 1", "body 2", "body 3"])
    }))

  it.effect.each<[string, () => HttpBody.HttpBody]>([
    ["an Effect stream", () => HttpBody.stream(Stream.make(bytes))],
    ["a web stream", () => HttpBody.raw(new Response("x").body)],
    ["a generator", () =>
      HttpBody.raw((async function*() {
        yield await Promise.resolve(bytes)
      })())]
  ])("is not made again where its body can be read once: %s", ([_, body]) =>
    Effect.gen(function*() {
      assert.lengthOf(yield* count(once, { path, body: body() }), 1)
      // A function makes another one.
      assert.lengthOf(yield* count(once, { path, body }), 3)
    }))

  it.effect.each<[string, Handler, number]>([
    ["an answer", once, 1],
    ["a refused connection", foreign("ECONNREFUSED"), 3],
    ["a name that is not known", foreign("ENOTFOUND", "getaddrinfo"), 3],
    ["no route, when it connects", foreign("EHOSTUNREACH", "connect"), 3],
    ["no route, later", foreign("EHOSTUNREACH", "write"), 1],
    ["no connection in time", foreign("UND_ERR_CONNECT_TIMEOUT"), 3],
    ["a reset", foreign("ECONNRESET", "read"), 1],
    ["a broken socket", foreign("UND_ERR_SOCKET"), 1],
    ["no words at all", foreign(""), 1]
  ])(
    "with replay \"unsent\" is made again only where nothing was written: %s",
    ([_, handler, attempts]) =>
      Effect.gen(function*() {
        assert.lengthOf(yield* count(handler, { path, body: { a: 1 }, replay: "unsent" }), attempts)
      })
  )

  it.effect.each([421, 425, 408])(
    "with %d, which was not acted upon, is made again",
    (status) =>
      Effect.gen(function*() {
        assert.lengthOf(yield* count(() => new Response("", { status }), { path }), 3)
      })
  )

  const failure = (handler: Handler, options: DashScopeClient.Options = {}) =>
    Effect.flatMap(client(handler, options), ({ execute }) => Effect.flip(execute({ path })))

  it.effect("says where a redirect leads, and nothing of what may be a secret", () =>
    Effect.gen(function*() {
      const redirect = (location: string) => () => new Response("", { status: 302, headers: { location } })
      const error = yield* failure(redirect("https://u:hunter22@gateway.example:8443/login?token=hunter22#hunter22"))
      assert.deepInclude({ ...error }, { reason: "UnexpectedResponse", statusCode: 302, isRetryable: false })
      assert.include(error.message, "https://gateway.example:8443")
      assert.notInclude(error.message, "hunter22")
      const insecure = yield* failure(redirect("https://gateway.test/api/v1"), { endpoint: "http://gateway.test" })
      assert.include(insecure.message, "https://gateway.test")
      assert.include(insecure.message, "scheme")
      assert.include((yield* failure(redirect("/elsewhere"))).message, "another path")
      assert.include((yield* failure(redirect("javascript:alert(1)"))).message, "no web address")
      assert.include((yield* failure(() => new Response("", { status: 307 }))).message, "does not say")
    }))

  it.effect("names the address where nothing was found, if the service did not say what", () =>
    Effect.gen(function*() {
      const address = "https://dashscope.aliyuncs.com/api/v1/services/x"
      assert.include((yield* failure(() => new Response("", { status: 404 }))).message, address)
      assert.include((yield* failure(() => new Response("<html>no", { status: 404 }))).message, address)
      const known = yield* failure(() => jsonResponse({ code: "ModelNotFound", message: "m" }, { status: 404 }))
      assert.notInclude(known.message, address)
    }))

  it.effect("at a path that does not serve the model names those that may", () =>
    Effect.gen(function*() {
      const body = { code: "InvalidParameter", message: "url error, please check url！", request_id: "r" }
      const error = yield* failure(() => jsonResponse(body, { status: 400 }))
      assert.include(error.message, "url error")
      assert.include(error.message, "MultiModalConversation")
      assert.include(error.message, "DashScopeClient.execute")
    }))
})

describe("options", () => {
  const make = (options: object) =>
    DashScopeClient.make({ apiKey: key, ...options }).pipe(
      Effect.provide(mockHttp(() => jsonResponse(answer)).layer)
    )

  it.effect.each<[object, string, string]>([
    [{ timout: "1 second" }, "timout", "\"timeout\""],
    [{ time_out: "1 second" }, "time_out", "\"timeout\""],
    [{ api_key: "x" }, "api_key", "\"apiKey\""],
    [{ header: {} }, "header", "\"headers\""],
    [{ constructor: 1 }, "constructor", "no such option"],
    [{ retry: { maxRetrys: 1 } }, "maxRetrys", "\"maxRetries\""],
    [{ retry: { maxRetries: -1 } }, "retry.maxRetries", "number"],
    [{ retry: { budget: Number.NaN } }, "retry.budget", "number"],
    [{ retry: { maxDelay: "soon" } }, "retry.maxDelay", "duration"],
    [{ retry: true }, "retry", "Schedule"],
    [{ apiKey: 7 }, "apiKey", "string"],
    [{ dataInspection: "false" }, "dataInspection", "true or false"],
    [{ headers: "a: b" }, "headers", "record"]
  ])("that do not exist or make no sense are refused: %j", ([options, field, words]) =>
    Effect.gen(function*() {
      const { execute, requests, stream } = yield* client(() => jsonResponse(answer))
      const ofCall = yield* Effect.flip(execute({ path }, options))
      assert.deepInclude({ ...ofCall }, { _tag: "InputRequired", field })
      assert.include(ofCall.message, words)
      const ofStream: DashScopeError = yield* Effect.flip(Stream.runDrain(stream({ path }, options)))
      assert.strictEqual(ofStream.message, ofCall.message)
      assert.lengthOf(requests, 0)
      const ofLayer = yield* Effect.flip(make(options))
      assert.include(inspect(ofLayer), field)
      assert.include(inspect(ofLayer), words)
    }))

  it.effect("that exist pass, absent ones and those of the combinators too", () =>
    Effect.gen(function*() {
      const { layer } = services(() => jsonResponse(answer))
      yield* Effect.provide(
        Effect.all([
          Generation.call({ model: "m", prompt: "p" }, { timeout: undefined, retry: {}, maxEventBytes: 10 }),
          Generation.runTools({ model: "m", prompt: "p" }, [], { maxRounds: 2, concurrency: 2, timeout: "1 minute" })
        ]),
        layer
      )
    }))

  it.effect("of a variable that may not be read fail typed, and say what to do", () =>
    Effect.gen(function*() {
      // As Deno does for a program without --allow-env.
      const denied = deniedVariables("NotCapable: Requires env access")
      const without = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provide(self, Layer.setConfigProvider(denied))
      const error = yield* without(Effect.flip(make({})))
      assert.include(inspect(error), "DASHSCOPE_HTTP_BASE_URL")
      assert.include(inspect(error), "--allow-env")
      assert.include(inspect(error), "endpoint")
      const service = yield* without(make({ apiKey: undefined, endpoint: "beijing" }))
      const noKey = yield* Effect.flip(service.execute({ path }))
      assert.strictEqual(noKey._tag, "NoApiKey")
      assert.include(noKey.message, "--allow-env=DASHSCOPE_API_KEY")
    }))
})

describe("Generation.header", () => {
  const headers = { "x-request-id": "r-1", "Req-Cost-Time": "12" }

  it.effect("has the headers of a call's answer, and nothing of a result made by hand", () =>
    Effect.gen(function*() {
      const { layer } = services(() => jsonResponse(answer, { headers }))
      const result = yield* Effect.provide(Generation.call({ model: "m", prompt: "p" }), layer)
      assert.strictEqual(Generation.header(result, "Req-Cost-Time"), "12")
      assert.isUndefined(Generation.header(result, "x-other"))
      assert.isUndefined(Generation.header({ ...result }, "req-cost-time"))
      assert.deepStrictEqual(Object.keys(result).sort(), ["output", "requestId", "usage"])
    }))

  it.effect("has those of a stream's answer in each element and in what they come to", () =>
    Effect.gen(function*() {
      const frames = ["a", "b"].map((content, i) =>
        `event:result\ndata:${
          JSON.stringify({
            output: {
              choices: [{ message: { role: "assistant", content }, finish_reason: i === 0 ? "null" : "stop" }]
            },
            request_id: "r-1"
          })
        }\n\n`
      ).join("")
      const { layer } = services(() =>
        new Response(frames, { headers: { ...headers, "content-type": "text/event-stream" } })
      )
      const stream = Stream.provideLayer(Generation.stream({ model: "m", prompt: "p" }), layer)
      const results = yield* Stream.runCollect(stream)
      assert.deepStrictEqual(Chunk.toArray(results).map((result) => Generation.header(result, "req-cost-time")), [
        "12",
        "12"
      ])
      const whole = yield* Generation.collect(Stream.fromIterable(results))
      assert.strictEqual(Generation.header(whole, "req-cost-time"), "12")
    }))
})
