/**
 * From a method and a path to the service that answers, under any base: `/api/v1`, `/compatible-mode/v1`, or another.
 */
import type { Answer, Dialect } from "./answer.js"
import { failure, invalid } from "./answer.js"
import type { Params } from "./incoming.js"
import type { Route } from "./route.js"

interface Pattern {
  readonly segments: ReadonlyArray<string>
  readonly methods: Map<string, Route>
}

interface Match {
  readonly route: Route
  readonly params: Params
}

const none: Params = {}

/** @internal */
export class Router {
  private readonly exact = new Map<string, Map<string, Route>>()
  private readonly patterns: Array<Pattern> = []

  constructor(routes: ReadonlyArray<Route>) {
    for (const route of routes) {
      this.methodsAt(route.pattern).set(route.method, route)
    }
  }

  /** The route, or what to say instead. */
  find(given: string, path: string): Match | Answer {
    // Node leaves the body out.
    const method = given === "HEAD" ? "GET" : given
    const known = this.exact.get(path)
    if (known !== undefined) {
      const route = known.get(method)
      return route === undefined ? otherMethod(method) : { route, params: none }
    }
    const segments = (path.endsWith("/") ? path.slice(0, -1) : path).split("/")
    for (const pattern of this.patterns) {
      const params = paramsOf(pattern.segments, segments)
      if (params !== undefined) {
        const route = pattern.methods.get(method)
        return route === undefined ? otherMethod(method) : { route, params }
      }
    }
    return path.length > 1 && path.endsWith("/") ? this.find(method, path.slice(0, -1)) : notFound(method, path)
  }

  private methodsAt(pattern: string): Map<string, Route> {
    if (!pattern.includes("{")) {
      const before = this.exact.get(pattern)
      const methods = before ?? new Map<string, Route>()
      this.exact.set(pattern, methods)
      return methods
    }
    const segments = pattern.split("/")
    const before = this.patterns.find((one) => one.segments.join("/") === pattern)
    const methods = before?.methods ?? new Map<string, Route>()
    if (before === undefined) {
      this.patterns.push({ segments, methods })
    }
    return methods
  }
}

const paramsOf = (pattern: ReadonlyArray<string>, path: ReadonlyArray<string>): Params | undefined => {
  if (pattern.length !== path.length) {
    return undefined
  }
  const params: { [name: string]: string } = {}
  for (const [i, segment] of pattern.entries()) {
    const given = path[i] ?? ""
    if (segment.startsWith("{")) {
      if (given === "") {
        return undefined
      }
      params[segment.slice(1, -1)] = decoded(given)
    } else if (segment !== given) {
      return undefined
    }
  }
  return params
}

/** @internal */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const otherMethod = (method: string): Answer => invalid(`Request method '${method}' is not supported.`)

const notFound = (method: string, path: string): Answer =>
  failure(404, "NotFound", `Request path not found: the simulator has nothing at ${method} ${path}.`)

const openAiBase = /^\/compatible-(?:mode|api)\//
const responses = /\/compatible-mode\/v1\/responses(?:\/|$)/
const anthropicBase = "/apps/anthropic/"

/**
 * How a path's answers look.
 *
 * @internal
 */
export const dialectOf = (path: string): Dialect =>
  path.startsWith(anthropicBase)
    ? "anthropic"
    : responses.test(path)
    ? "responses"
    : openAiBase.test(path)
    ? "openai"
    : "native"
