/**
 * What every service owes, proved for one by its samples: the wire's names, answers and recordings with nothing lost, refusals
 * before any I/O, errors and retries by class, deadlines, garbage, interruption at every state, spans and metrics, and a key
 * that is nowhere but in its header.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as PoolHttpClient from "effect-http-pool/HttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { casesOf, isTried } from "../../../../scripts/thorough.js"
import type { CallOptions } from "../../src/CallOptions.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import { isDashScopeError } from "../../src/DashScopeError.js"
import * as Envelope from "../../src/Envelope.js"
import * as Codec from "../../src/internal/core/codec.js"
import { exchanges, hasCaptures } from "./captures.js"
import { bodyText, env, type Handler, jsonResponse, key, mockHttp } from "./mock.js"
import { keeping } from "./platform.js"
import { metricsOf, recordSpans } from "./recorder.js"
import { makeSinks } from "./sinks.js"

type Json = Readonly<Record<string, unknown>>

/** One thing that a service can be asked for, with a sample. */
export interface Sample<R> {
  /** Such as `call`. */
  readonly name: string
  /** Asks for it, as a program would. */
  readonly run: (options?: CallOptions) => Effect.Effect<unknown, DashScopeError, R>
  /** What that has to send. */
  readonly sends: {
    readonly method?: string
    readonly path: string
    readonly body?: unknown
    /** Of a form, its fields: name, and text or name of the file. */
    readonly form?: ReadonlyArray<readonly [name: string, value: string]>
  }
  /** What the service may answer to it. */
  readonly answer: Json
  /** What `run` then gives, in our names. */
  readonly gives: unknown
  /** Of `run`'s result, to write it as the wire has it; where it is left out, the result is not the whole answer. */
  readonly schema?: Schema.Schema.AnyNoContext
  /** Whether the request is safe to be made again after an answer of the service. Default: true. */
  readonly isRepeatable?: boolean
  /** `gen_ai.operation.name`, the model, and what is counted of `answer`. */
  readonly observed: {
    readonly operation: string
    readonly model?: string
    readonly input?: number
    readonly output?: number
  }
  /** Whether the simulator answers `run`. Default: true. */
  readonly isSimulated?: boolean
}

export interface Contract<R> {
  readonly layer: Layer.Layer<R, never, DashScopeClient.DashScopeClient | HttpClient.HttpClient>
  readonly samples: ReadonlyArray<Sample<R>>
  /** What must be refused before anything is sent, by the field that is to blame. */
  readonly refuses: ReadonlyArray<readonly [field: string, run: Effect.Effect<unknown, DashScopeError, R>]>
  /** Recorded answers, and how they are read and written. */
  readonly recordings?: {
    readonly of: (exchange: { readonly name: string; readonly method: string; readonly path: string }) => boolean
    readonly schema: Schema.Schema.AnyNoContext
  }
}

const base = "https://dashscope.aliyuncs.com"

const over = <R>(
  contract: Contract<R>,
  handler: Handler,
  options: DashScopeClient.Options = {}
) => {
  const http = mockHttp(handler)
  const layer = contract.layer.pipe(
    Layer.provideMerge(DashScopeClient.layer({ apiKey: key, retry: false, ...options })),
    Layer.provide(http.layer),
    Layer.provide(env({}))
  )
  return { requests: http.requests, layer }
}

const fieldsOf = (form: FormData): ReadonlyArray<readonly [string, string]> => {
  const fields: Array<readonly [string, string]> = []
  form.forEach((value, name) => fields.push([name, typeof value === "string" ? value : value.name]))
  return fields
}

const isRecord = (u: unknown): u is Json => typeof u === "object" && u !== null && !Array.isArray(u)

/** With a field more in every object. */
const withMore = (json: unknown): unknown =>
  Array.isArray(json)
    ? json.map(withMore)
    : isRecord(json)
    ? { ...Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withMore(value)])), x_new: ["field"] }
    : json

/** Errors of each class: status, code, reason, and whether it is worth another attempt. */
const errors: ReadonlyArray<readonly [status: number, code: string, reason: string, isRetryable: boolean]> = [
  [400, "InvalidParameter", "InvalidRequest", false],
  [400, "Arrearage", "QuotaExhausted", false],
  [400, "DataInspectionFailed", "ContentFiltered", false],
  [401, "InvalidApiKey", "Authentication", false],
  [403, "AccessDenied", "Authentication", false],
  [404, "NotFound", "NotFound", false],
  [429, "Throttling.RateQuota", "RateLimited", true],
  [500, "InternalError", "Server", true],
  [503, "ModelUnavailable", "Server", true]
]

const garbage: ReadonlyArray<string> = [
  "",
  "null",
  "[]",
  "0",
  "\"text\"",
  "{",
  "{}",
  "{\"output\":null}",
  "{\"output\":7,\"usage\":[]}",
  "{\"output\":{},\"usage\":\"\",\"request_id\":7}",
  "{\"data\":[7]}",
  "\ufeff{}",
  "[".repeat(100_000),
  "{\"output\":".repeat(5_000),
  "<!DOCTYPE html><html><body><h1>200 OK</h1></body></html>",
  "data: {\"output\":1}\n\n"
]

/** The sample with one value somewhere in it replaced. */
const spoilt = (json: unknown, replacement: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(json)) {
    const items: ReadonlyArray<unknown> = json
    return [
      replacement,
      ...items.flatMap((item, i) => spoilt(item, replacement).map((bad) => items.map((one, j) => i === j ? bad : one)))
    ]
  }
  return isRecord(json)
    ? [
      replacement,
      ...Object.entries(json).flatMap(([name, value]) =>
        spoilt(value, replacement).map((bad) => ({ ...json, [name]: bad }))
      )
    ]
    : [replacement]
}

const keysOf = (json: unknown): ReadonlyArray<string> =>
  isRecord(json) || Array.isArray(json)
    ? Object.entries(json).flatMap(([name, value]) => [...(Array.isArray(json) ? [] : [name]), ...keysOf(value)])
    : []

const isExpected = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isSuccess(exit) || isDashScopeError(Option.getOrUndefined(Cause.failureOption(exit.cause)))

const wire = <R>(contract: Contract<R>, sample: Sample<R>) => {
  it.effect("sends the wire's names, and gives the answer in ours", () =>
    Effect.gen(function*() {
      const { layer, requests } = over(contract, () => jsonResponse(sample.answer))
      const result = yield* Effect.provide(sample.run(), layer)
      const [sent, ...others] = requests
      assert.isDefined(sent)
      assert.lengthOf(others, 0)
      const query = [...sent.urlParams].map(([name, value]) => `${name}=${value}`).join("&")
      const { body, form, method = "POST", path } = sample.sends
      assert.strictEqual(sent.method, method)
      assert.strictEqual(`${sent.url}${query === "" ? "" : `?${query}`}`, `${base}${path}`)
      if (sent.body._tag === "Uint8Array") assert.deepStrictEqual(JSON.parse(bodyText(sent)), body)
      else if (sent.body._tag === "FormData") assert.deepStrictEqual(fieldsOf(sent.body.formData), form)
      else assert.deepStrictEqual([body, form], [undefined, undefined])
      assert.deepStrictEqual(result, sample.gives)
    }))

  if (sample.schema !== undefined) {
    const encode = Schema.encodeUnknownSync(keeping(sample.schema))
    it.effect("loses no field of an answer, be it known or not", () =>
      Effect.gen(function*() {
        for (const answer of [sample.answer, withMore(sample.answer)]) {
          const { layer } = over(contract, () => jsonResponse(answer))
          const result = yield* Effect.provide(sample.run(), layer)
          assert.deepStrictEqual(encode(result), answer)
        }
      }))
  }

  it.effect("takes the id from the head where the answer has none, and the options of the call", () =>
    Effect.gen(function*() {
      const { request_id: _, ...answer } = sample.answer
      const { layer, requests } = over(contract, () => jsonResponse(answer, { headers: { "x-request-id": "of-head" } }))
      const result = yield* Effect.provide(sample.run({ apiKey: "sk-of-the-call", workspace: "ws-1" }), layer)
      if (isRecord(result) && "requestId" in result) {
        assert.strictEqual(result["requestId"], "of-head")
        assert.strictEqual(Envelope.header(result, "X-Request-Id"), "of-head")
      }
      assert.strictEqual(requests[0]?.headers["authorization"], "Bearer sk-of-the-call")
      assert.strictEqual(requests[0]?.headers["x-dashscope-workspace"], "ws-1")
    }))
}

const failures = <R>(contract: Contract<R>, sample: Sample<R>) => {
  it.effect("has a typed error for each class, and makes again what is worth it", () =>
    Effect.gen(function*() {
      for (const [statusCode, code, reason, isRetryable] of errors.filter((_, i) => isTried(i))) {
        const { layer, requests } = over(
          contract,
          () => jsonResponse({ code, message: "m", request_id: "r" }, { status: statusCode }),
          { retry: { maxRetries: 2 } }
        )
        const fiber = yield* Effect.fork(Effect.provide(Effect.flip(sample.run()), layer))
        yield* TestClock.adjust("30 minutes")
        const error = yield* Fiber.join(fiber)
        assert.deepInclude<object>({ ...error }, { _tag: "ApiError", statusCode, code, reason, requestId: "r" })
        const isAgain = isRetryable && sample.isRepeatable !== false
        assert.lengthOf(requests, isAgain ? 3 : 1, code)
      }
    }))

  it.effect("keeps its deadlines", () =>
    Effect.gen(function*() {
      for (const [name, phase] of [["timeout", "total"], ["firstContentTimeout", "firstContent"]] as const) {
        const { layer } = over(contract, () => Effect.never)
        const fiber = yield* Effect.fork(Effect.provide(Effect.flip(sample.run({ [name]: "3 seconds" })), layer))
        yield* TestClock.adjust("2900 millis")
        assert.isNull(fiber.unsafePoll())
        yield* TestClock.adjust("100 millis")
        assert.deepInclude({ ...yield* Fiber.join(fiber) }, { _tag: "RequestTimeout", phase })
      }
    }))

  it.effect("takes garbage for what it is", () =>
    Effect.gen(function*() {
      const odd = [null, 7, {}, "text", [], [null], true]
      const values = odd.slice(0, casesOf(odd.length, 0.25)).flatMap((value) => spoilt(sample.answer, value))
      let body = ""
      const { layer } = over(contract, () => new Response(body))
      yield* Effect.provide(
        Effect.gen(function*() {
          for (body of [...garbage, ...values.map((value) => JSON.stringify(value))]) {
            const exit = yield* Effect.exit(sample.run())
            assert.isTrue(isExpected(exit), `${body.slice(0, 300)}: ${String(exit).slice(0, 1000)}`)
          }
        }),
        layer
      )
    }), 30_000)
}

const telemetry = <R>(contract: Contract<R>, sample: Sample<R>) => {
  const { input, model, operation, output } = sample.observed

  it.effect("is seen in a span and in metrics", () =>
    Effect.gen(function*() {
      const host = `observed-${++observations}.test`
      const { layer } = over(contract, () => jsonResponse(sample.answer), { endpoint: `https://${host}/api/v1` })
      const recorded = recordSpans()
      yield* sample.run().pipe(Effect.provide(layer), Effect.provide(recorded.layer))
      const [span] = recorded.spans.filter(({ attributes }) => attributes.get("gen_ai.operation.name") === operation)
      assert.isDefined(span)
      assert.strictEqual(span.name, model === undefined ? operation : `${operation} ${model}`)
      assert.lengthOf(span.ends, 1)
      const attributes = Object.fromEntries(span.attributes)
      assert.deepInclude(attributes, {
        "gen_ai.provider.name": "dashscope",
        "server.address": host,
        "server.port": 443
      })
      assert.strictEqual(attributes["gen_ai.request.model"], model)
      assert.strictEqual(attributes["gen_ai.usage.input_tokens"], input)
      assert.strictEqual(attributes["gen_ai.usage.output_tokens"], output)
      const metrics = yield* metricsOf("server.address", host)
      const sums = metrics.map(({ labels, name, sum }) =>
        `${name} ${labels["gen_ai.token.type"] ?? ""} ${name.endsWith("duration") ? "" : sum}`.trim()
      )
      assert.deepStrictEqual(sums, [
        "gen_ai.client.operation.duration",
        ...(input === undefined ? [] : [`gen_ai.client.token.usage input ${input}`]),
        ...(output === undefined ? [] : [`gen_ai.client.token.usage output ${output}`])
      ])
      for (const { labels } of metrics) {
        assert.strictEqual(labels["gen_ai.operation.name"], operation)
        assert.strictEqual(labels["gen_ai.request.model"], model)
      }
    }))
}

let observations = 0

/** Over a pool of one connection to a simulator, from the other side. */
const simulated = <R>(
  contract: Contract<R>,
  apiKey: string,
  program: (simulator: Simulator.Service) => Effect.Effect<void, unknown, R | ConnectionPool.ConnectionPool>
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ apiKeys: [apiKey] })
    yield* program(simulator).pipe(Effect.provide(
      contract.layer.pipe(
        Layer.provideMerge(DashScopeClient.layer({ apiKey, endpoint: simulator.url, retry: false })),
        Layer.provideMerge(
          PoolHttpClient.layer(ConnectionConfig.make({ connectionPoolSize: 1, readTimeout: "2 seconds" }))
        ),
        Layer.provide(env({}))
      )
    ))
  }).pipe(Effect.scoped)

const sentinel = "sk-5e47f1e1c0ffee5e47f1e2"

const states: Readonly<Record<string, Behavior.Behavior>> = {
  "before the head": { fault: { _tag: "StallBeforeHeaders" } },
  "after the head": { fault: { _tag: "StallAfterHeaders" } },
  "in the body": { fault: { _tag: "StallAfterBytes", bytes: 5 } }
}

const network = <R>(contract: Contract<R>, sample: Sample<R>) => {
  it.live(
    "is interrupted in every state, with nothing left",
    () =>
      simulated(contract, key, (simulator) =>
        Effect.gen(function*() {
          for (const behavior of Object.values(states)) {
            yield* simulator.resetStats
            yield* simulator.setBehavior(behavior)
            const first = yield* Effect.fork(sample.run())
            yield* simulator.waitFor(({ requestsInFlight, totalRequests }) =>
              totalRequests === 1 && requestsInFlight === 1
            )
            // The pool has one connection, so this one waits for it.
            const second = yield* Effect.fork(sample.run())
            yield* Effect.yieldNow().pipe(Effect.repeatN(10))
            yield* Fiber.interrupt(second)
            yield* Fiber.interrupt(first)
            const { active, inFlight, waiting } = yield* ConnectionPool.stats
            assert.deepStrictEqual({ active, inFlight, waiting }, { active: 0, inFlight: 0, waiting: 0 })
            yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
          }
          yield* simulator.setBehavior({})
          if (sample.isSimulated !== false) yield* sample.run()
        })),
    30_000
  )

  it.live("shows its key to nobody but the service", () =>
    Effect.gen(function*() {
      const sinks = makeSinks(sentinel)
      yield* simulated(contract, sentinel, (simulator) =>
        Effect.gen(function*() {
          const behaviors: ReadonlyArray<Behavior.Behavior> = [
            {},
            ...[400, 401, 429, 500].map((status) => ({
              error: { status, message: `Incorrect API key provided: ${sentinel}. Authorization: Bearer ${sentinel}` }
            })),
            { error: { status: 400, shape: "html", message: sentinel } },
            { fault: { _tag: "ResetBeforeHeaders" } },
            { fault: { _tag: "HalfBody" } }
          ]
          for (const behavior of behaviors) {
            yield* simulator.setBehavior(behavior)
            const exit = yield* sample.run().pipe(
              Effect.withSpan("caller"),
              Effect.tapErrorCause(Effect.logError),
              Effect.exit
            )
            sinks.show(exit)
          }
          for (const { headers } of yield* simulator.requests) {
            assert.strictEqual(headers["authorization"], `Bearer ${sentinel}`)
          }
        })).pipe(Effect.provide(sinks.layer))
      sinks.assertClean()
    }), 30_000)

  if (sample.isSimulated !== false) {
    it.live("is answered by the simulator", () => simulated(contract, key, () => sample.run()))
  }
}

/** Proves that a service keeps the contract. */
export const serviceContract = <R>(name: string, contract: Contract<R>): void => {
  describe(`${name} keeps the contract of services`, () => {
    for (const [index, sample] of contract.samples.entries()) {
      describe(sample.name, () => {
        wire(contract, sample)
        telemetry(contract, sample)
        // The others go the same way.
        if (index === 0 || sample.isRepeatable === false) {
          failures(contract, sample)
          network(contract, sample)
        }
      })
    }

    for (const [index, [field, run]] of contract.refuses.entries()) {
      it.effect(`refuses ${field} before any I/O (${index + 1})`, () =>
        Effect.gen(function*() {
          const { layer, requests } = over(contract, () => jsonResponse({}))
          const error = yield* Effect.flip(Effect.provide(run, layer))
          assert.deepInclude({ ...error }, { _tag: "InputRequired", field })
          assert.lengthOf(requests, 0)
        }))
    }

    const { recordings } = contract
    if (recordings !== undefined) {
      const found = exchanges.filter(({ name, request: { method, path }, response }) =>
        response.status === 200 && recordings.of({ name, method, path })
      )
      it.runIf(hasCaptures)("has recordings", () => {
        assert.isNotEmpty(found)
      })
      for (const { name, response } of found) {
        it(`reads the recording ${name} with nothing lost, and every field under a name of ours`, () => {
          const bodies = response.body.includes("\ndata:")
            ? Array.from(response.body.matchAll(/^data:(.*)$/gm), ([, data]) => data ?? "")
            : [response.body]
          for (const body of bodies) {
            const json: unknown = JSON.parse(body)
            const value: unknown = Either.getOrThrow(Codec.decoder(recordings.schema)(json))
            assert.deepStrictEqual<unknown>(Schema.encodeUnknownSync(recordings.schema)(value), json)
            assert.deepStrictEqual(keysOf(value).filter((name) => name.includes("_")), [])
          }
        })
      }
    }
  })
}
