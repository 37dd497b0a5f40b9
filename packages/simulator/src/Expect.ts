/**
 * What a test expects the server to have seen, in one line, with a report that says what it saw where that is another. No test
 * framework is needed: {@link problem} gives a text, {@link requests} fails with it.
 *
 * @example
 * import { Expect, Simulator } from "effect-dashscope-simulator"
 * import { Effect } from "effect"
 *
 * export const test = Effect.gen(function*() {
 *   const simulator = yield* Simulator.make()
 *   // … calls of the program under test …
 *   yield* Expect.requests(simulator, [
 *     { service: "aigc/text-generation", model: "qwen-plus", streamed: true },
 *     { method: "GET", service: "tasks" }
 *   ])
 *   yield* Expect.counts(simulator, { "aigc/text-generation": 1, tasks: 1 })
 * })
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"
import type { RecordedRequest } from "./RecordedRequest.js"
import type * as Simulator from "./Simulator.js"

/**
 * A request as a test expects it. What is left out may be anything.
 *
 * @since 0.1.0
 * @category models
 */
export interface Expected {
  readonly method?: string | undefined
  /** The path with its query, or a part of it by an expression. */
  readonly path?: string | RegExp | undefined
  /** As {@link serviceOf} has it. */
  readonly service?: string | undefined
  readonly model?: string | undefined
  /** Whether the answer is asked for event by event. */
  readonly streamed?: boolean | undefined
  /** Headers by their names in lower case; `undefined` for one that must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>> | undefined
  /** A part of the JSON body: objects may have more fields, and lists are compared item by item. */
  readonly body?: unknown
}

/**
 * The server saw other requests. The message says which, and what was expected.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedRequests extends Error {
  readonly _tag = "UnexpectedRequests"
  override readonly name = "UnexpectedRequests"

  constructor(
    readonly report: string,
    readonly seen: ReadonlyArray<RecordedRequest>
  ) {
    super(report)
  }
}

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const bodyOf = ({ body }: RecordedRequest): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Its path without the query and without what all paths begin with. */
const localPath = ({ path }: RecordedRequest): string =>
  (path.split("?")[0] ?? path).replace(/^\/(?:api|compatible-mode)\/v1\//, "")

/**
 * Which service a request is for, by its path: `aigc/text-generation`, `embeddings/text-embedding`, `rerank/text-rerank`, …; for
 * what is no model's, the first part, such as `tasks`, `files`, `uploads` or `batches`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const serviceOf = (request: RecordedRequest): string => {
  const [first = "", ...rest] = localPath(request).split("/")
  return first === "services" ? rest.slice(0, 2).join("/") : first
}

/**
 * The model that a request names in its body; nothing where it names none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const modelOf = (request: RecordedRequest): string | undefined => {
  const body = bodyOf(request)
  return isRecord(body) && typeof body["model"] === "string" ? body["model"] : undefined
}

const isStreamed = (request: RecordedRequest): boolean => {
  const body = bodyOf(request)
  return request.headers["x-dashscope-sse"] === "enable" || (isRecord(body) && body["stream"] === true)
}

/** Where a value has not what is expected of it. */
const difference = (actual: unknown, expected: unknown, path: string): string | undefined => {
  if (isRecord(expected) && isRecord(actual)) {
    for (const [name, value] of Object.entries(expected)) {
      const found = difference(actual[name], value, `${path}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    for (const [i, value] of expected.entries()) {
      const found = difference(actual[i], value, `${path}[${i}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return isDeepStrictEqual(actual, expected) ? undefined : `${path} is ${shown(actual)}, expected ${shown(expected)}`
}

const shown = (u: unknown): string => {
  const text = u instanceof RegExp ? String(u) : JSON.stringify(u) ?? "absent"
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`
}

const fits = (actual: string | undefined, expected: string | RegExp | undefined): boolean =>
  expected instanceof RegExp ? actual !== undefined && expected.test(actual) : actual === expected

const headerOf = ({ headers }: RecordedRequest, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === "object" ? value.join(", ") : value
}

/**
 * What of a request is other than expected; nothing where all is as it should be.
 *
 * @since 0.1.0
 * @category combinators
 */
export const mismatch = (request: RecordedRequest, expected: Expected): string | undefined => {
  const facts: ReadonlyArray<
    readonly [name: string, actual: string | undefined, expected: string | RegExp | undefined]
  > = [
    ["method", request.method, expected.method],
    ["path", request.path, expected.path],
    ["service", serviceOf(request), expected.service],
    ["model", modelOf(request), expected.model]
  ]
  for (const [name, actual, wanted] of facts) {
    if (wanted !== undefined && !fits(actual, wanted)) return `${name} is ${shown(actual)}, expected ${shown(wanted)}`
  }
  if (expected.streamed !== undefined && isStreamed(request) !== expected.streamed) {
    return expected.streamed ? "it is not streamed" : "it is streamed"
  }
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const actual = headerOf(request, name)
    // A header may hold the key.
    if (!fits(actual, wanted)) return `header ${name} is ${actual === undefined ? "absent" : "another"}`
  }
  return expected.body === undefined ? undefined : difference(bodyOf(request), expected.body, "body")
}

/**
 * How many requests each service had.
 *
 * @since 0.1.0
 * @category accessors
 */
export const countByService = (requests: ReadonlyArray<RecordedRequest>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const request of requests) {
    const service = serviceOf(request)
    counts[service] = (counts[service] ?? 0) + 1
  }
  return counts
}

/**
 * Requests as text, one a line, without bodies and headers.
 *
 * @since 0.1.0
 * @category combinators
 */
export const describe = (requests: ReadonlyArray<RecordedRequest>): string =>
  requests.length === 0
    ? "  no requests"
    : requests.map((request, i) => {
      const model = modelOf(request)
      return `  ${i + 1}. ${request.method} ${request.path}` +
        (model === undefined ? "" : `, ${model}`) + (isStreamed(request) ? ", streamed" : "")
    }).join("\n")

const numbered = (count: number): string => count === 1 ? "1 request" : `${count} requests`

/**
 * What is wrong with requests that should be these, in this order and no others; nothing where all is as it should be.
 *
 * @since 0.1.0
 * @category combinators
 */
export const problem = (
  seen: ReadonlyArray<RecordedRequest>,
  expected: ReadonlyArray<Expected>
): string | undefined => {
  const first = expected.flatMap((each, i) => {
    const request = seen[i]
    const found = request === undefined ? undefined : mismatch(request, each)
    return found === undefined ? [] : [`request ${i + 1}: ${found}`]
  })[0]
  const wrong = first ??
    (seen.length === expected.length ? undefined : `${numbered(expected.length)} expected, ${seen.length} seen`)
  return wrong === undefined ? undefined : `${wrong}\nThe simulator saw:\n${describe(seen)}`
}

const failed = (report: string, seen: ReadonlyArray<RecordedRequest>) =>
  Effect.fail(new UnexpectedRequests(report, seen))

/**
 * Fails where the server did not see these requests, in this order and no others, since its start or `clearRequests`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const requests = (
  simulator: Pick<Simulator.Service, "requests">,
  expected: ReadonlyArray<Expected>
): Effect.Effect<void, UnexpectedRequests> =>
  Effect.flatMap(simulator.requests, (seen) => {
    const report = problem(seen, expected)
    return report === undefined ? Effect.void : failed(report, seen)
  })

/**
 * Fails where services had other numbers of requests. A service that is not named must have had none.
 *
 * @since 0.1.0
 * @category combinators
 */
export const counts = (
  simulator: Pick<Simulator.Service, "requests">,
  expected: Readonly<Record<string, number>>
): Effect.Effect<void, UnexpectedRequests> =>
  Effect.flatMap(simulator.requests, (seen) => {
    const counted = countByService(seen)
    const services = [...new Set([...Object.keys(expected), ...Object.keys(counted)])].sort()
    const wrong = services.filter((service) => (counted[service] ?? 0) !== (expected[service] ?? 0))
    const lines = wrong.map((service) =>
      `${service}: ${numbered(expected[service] ?? 0)} expected, ${counted[service] ?? 0} seen`
    )
    return wrong.length === 0
      ? Effect.void
      : failed(`${lines.join("\n")}\nThe simulator saw:\n${describe(seen)}`, seen)
  })
