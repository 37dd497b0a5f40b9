import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { isTried } from "../../../../scripts/thorough.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import { answer, jsonResponse, key, mockHttp } from "../util/mock.js"
import type { Handler } from "../util/mock.js"
import { prettyWithCauses, requestError, showsHeaders } from "../util/platform.js"

/** Every way to turn a value into text that a program, a logger or a debugger may take. */
const textsOf = (u: unknown): ReadonlyArray<string> => [
  String(u),
  inspect(u, { depth: 20, showHidden: true }),
  inspect(u, { depth: 20, customInspect: false }),
  JSON.stringify(u) ?? "",
  ...(u instanceof Error ? [u.message, u.stack ?? "", ...textsOf({ ...u }), ...(u.cause ? textsOf(u.cause) : [])] : [])
]

/** Remembers whatever is logged and traced. */
const observe = () => {
  const seen: Array<string> = []
  const tracer = Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      seen.push(name)
      return {
        _tag: "Span",
        name,
        spanId: "span",
        traceId: "trace",
        parent,
        context,
        links,
        kind,
        attributes,
        sampled: true,
        status: { _tag: "Started", startTime },
        end: () => {},
        attribute: (key, value) => {
          attributes.set(key, value)
          seen.push(`${key}=${String(value)}`, ...textsOf(value))
        },
        event: (name, _, attributes) => seen.push(name, ...textsOf(attributes)),
        addLinks: () => {}
      }
    }
  })
  const loggers = [Logger.stringLogger, Logger.jsonLogger, Logger.logfmtLogger].map((logger) =>
    Logger.map(logger, (line) => {
      seen.push(line)
    })
  )
  const [first, ...rest] = loggers
  return {
    seen,
    layer: Layer.mergeAll(
      Layer.setTracer(tracer),
      showsHeaders,
      first === undefined ? Layer.empty : Logger.replace(Logger.defaultLogger, first),
      ...rest.map(Logger.add),
      Logger.minimumLogLevel(LogLevel.All)
    )
  }
}

const params: Generation.GenerationParams = { model: "qwen-plus", prompt: "Good morning" }

interface Planting {
  readonly name: string
  readonly options: DashScopeClient.Options
  readonly call?: DashScopeClient.CallOptions
  readonly variables?: Record<string, string>
}

const plantings: ReadonlyArray<Planting> = [
  { name: "the layer, as text", options: { apiKey: key } },
  { name: "the layer, redacted", options: { apiKey: Redacted.make(key) } },
  { name: "the call, as text", options: {}, call: { apiKey: key } },
  { name: "the call, redacted", options: {}, call: { apiKey: Redacted.make(key) } },
  { name: "the environment", options: {}, variables: { DASHSCOPE_API_KEY: key } },
  { name: "a header of the layer", options: { apiKey: "sk-other", headers: { "X-DashScope-ApiKey": key } } },
  {
    name: "a header of the call",
    options: { apiKey: "sk-other" },
    call: { headers: { Authorization: `Bearer ${key}`, "Proxy-Authorization": key } }
  },
  { name: "the path of the key file", options: { apiKeyFile: key } },
  { name: "a key with a line break", options: { apiKey: `${key}\n` } },
  { name: "a header with a line break", options: { apiKey: "sk-other" }, call: { headers: { "X-Token": `${key}\n` } } }
]

const echo = (text: string, status: number): Handler => () => new Response(text, { status })

const handlers: ReadonlyArray<readonly [name: string, handler: Handler]> = [
  ["an answer", () => jsonResponse(answer)],
  [
    "an error that echoes the key",
    echo(JSON.stringify({ code: "InvalidApiKey", message: `Bad ${key}`, request_id: key }), 401)
  ],
  ["a page that echoes the request", echo(`<pre>Authorization: Bearer ${key}</pre>`, 502)],
  ["an error of status 200 that echoes the key", echo(JSON.stringify({ code: key, message: key }), 200)],
  ["half of an answer that echoes the key", echo(`{"output": "${key}`, 200)],
  ["an answer of another shape", echo(JSON.stringify({ output: { text: 1, [key]: key } }), 200)],
  [
    "a transport error with the request on it",
    (request) => {
      const cause = Object.assign(new TypeError(`invalid header: Bearer ${key}`, { cause: new Error(key) }), {
        code: key,
        config: { headers: { authorization: key } },
        request
      })
      return Effect.fail(requestError({ request, reason: "Transport", cause }))
    }
  ]
]

// `npm test` tries each planting with some of the answers, and each answer with some of the plantings.
const cases = plantings.flatMap((planting, i) =>
  handlers.map(([answered, handler], j) => ({ ...planting, answered, handler, tried: isTried(i + j) }))
)

describe("the key", () => {
  for (const { answered, call, handler, name, options, tried, variables } of cases) {
    it.effect.runIf(tried)(
      `in ${name} is nowhere to be seen, after ${answered}`,
      () =>
        Effect.gen(function*() {
          const { layer: observed, seen } = observe()
          const http = mockHttp(handler)
          const provider = ConfigProvider.fromMap(new Map(Object.entries(variables ?? {})))
          const live = Generation.layer.pipe(
            Layer.provideMerge(DashScopeClient.layer({ retry: false, ...options })),
            Layer.provide(http.layer),
            Layer.provide(Layer.setConfigProvider(provider))
          )
          const program = Effect.gen(function*() {
            const client = yield* DashScopeClient.DashScopeClient
            const generation = yield* Generation.Generation
            yield* Effect.log(client, generation)
            const effect = Generation.call(params, call)
            const exit = yield* Effect.exit(Effect.withSpan(effect, "call"))
            if (Exit.isFailure(exit)) {
              yield* Effect.logError("failed", exit.cause)
              const error = Cause.squash(exit.cause)
              assert.isTrue(DashScopeError.isDashScopeError(error))
              yield* Effect.logError(error)
              seen.push(prettyWithCauses(exit.cause), ...textsOf(error))
              seen.push(JSON.stringify(Schema.encodeUnknownSync(DashScopeError.DashScopeError)(error)))
            } else {
              seen.push(...textsOf(exit.value))
            }
            seen.push(...textsOf(client), ...textsOf(generation), ...textsOf(exit), ...textsOf(live))
          })
          yield* program.pipe(Effect.provide(live), Effect.provide(observed))
          assert.isAbove(seen.length, 10)
          for (const text of seen) assert.notInclude(text, key)
        })
    )
  }

  it.effect("is taken out of an id that echoes it", () =>
    Effect.gen(function*() {
      const http = mockHttp(() => new Response("", { status: 500, headers: { "x-request-id": `id-${key}` } }))
      const error = yield* Effect.flatMap(DashScopeClient.make({ apiKey: key, retry: false }), (client) =>
        Effect.flip(client.execute({ path: "/x" }))).pipe(Effect.provide(http.layer))
      assert.strictEqual(error._tag === "ApiError" && error.requestId, "id-<redacted>")
    }))

  it.effect("is hidden in spans, and other headers are not", () =>
    Effect.gen(function*() {
      const { layer: observed, seen } = observe()
      const http = mockHttp(() => jsonResponse(answer))
      const live = DashScopeClient.layer({
        apiKey: key,
        retry: false,
        headers: { "X-Secret-Token": key, "X-Plain": "seen" }
      })
      yield* Effect.flatMap(DashScopeClient.DashScopeClient, (client) => client.execute({ path: "/x", body: {} })).pipe(
        Effect.provide(live),
        Effect.provide(http.layer),
        Effect.provide(observed)
      )
      assert.include(seen, "http.request.header.authorization=<redacted>")
      assert.include(seen, "http.request.header.x-secret-token=<redacted>")
      assert.include(seen, "http.request.header.x-plain=seen")
      assert.strictEqual(http.requests[0]?.headers["x-secret-token"], key)
    }))
})
