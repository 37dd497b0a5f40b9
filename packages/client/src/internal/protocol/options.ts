import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { InputRequired } from "../../DashScopeError.js"
import type { Deadlines } from "./deadlines.js"
import { headerProblem, idProblem, isSensitive } from "./header.js"
import { invalid } from "./invalid.js"

/** By name in lower case; `undefined` takes a header away. @internal */
export type HeaderRecord = Readonly<Record<string, string | undefined>>

/** Headers on top of others, checked. @internal */
export interface Overlay {
  readonly headers: HeaderRecord
  readonly secrets: ReadonlyArray<string>
}

/** @internal */
export const noOverlay: Overlay = { headers: {}, secrets: [] }

/** @internal */
export const withoutOverlay: Either.Either<Overlay, InputRequired> = Either.right(noOverlay)

/** What the options of a layer or of a call say in headers. @internal */
export const overlay = (options: {
  readonly headers?: HeaderRecord | undefined
  readonly workspace?: string | undefined
  readonly dataInspection?: boolean | undefined
  readonly waitTimeout?: DurationWithUnit | undefined
}): Either.Either<Overlay, InputRequired> => {
  if (
    options.headers === undefined && options.workspace === undefined && options.dataInspection === undefined &&
    options.waitTimeout === undefined
  ) {
    return withoutOverlay
  }
  const headers: Record<string, string | undefined> = {}
  const secrets: Array<string> = []
  if (options.workspace !== undefined) {
    const problem = idProblem(options.workspace)
    if (problem !== undefined) return invalid("workspace", problem)
    headers["x-dashscope-workspace"] = options.workspace
  }
  if (options.dataInspection !== undefined) {
    headers["x-dashscope-datainspection"] = options.dataInspection ? "enable" : undefined
  }
  if (options.waitTimeout !== undefined) {
    const wait = timeoutOf("waitTimeout", options)
    if (Either.isLeft(wait)) return Either.left(wait.left)
    if (wait.right === undefined) return invalid("waitTimeout", "the service does not wait for ever")
    headers["x-dashscope-wait-timeout"] = String(Math.ceil(Duration.toSeconds(wait.right)))
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) continue
    const problem = headerProblem(name, value)
    if (problem !== undefined) return invalid("headers", `${JSON.stringify(name)}: ${problem}`)
    headers[name.toLowerCase()] = value
    // Without its scheme too: "Bearer <token>".
    if (isSensitive(name)) secrets.push(value, value.slice(value.indexOf(" ") + 1))
  }
  return Either.right({ headers, secrets })
}

/** The later headers win, except that a user agent adds to the one before. @internal */
export const merge = (headers: HeaderRecord, over: HeaderRecord): HeaderRecord => {
  const before = headers["user-agent"]
  const after = over["user-agent"]
  return before === undefined || after === undefined ?
    { ...headers, ...over } :
    { ...headers, ...over, "user-agent": `${before}; ${after}` }
}

type TimeoutName = "timeout" | "firstContentTimeout" | "contentTimeout" | "waitTimeout"

type Timeouts = { readonly [name in TimeoutName]?: DurationWithUnit | undefined }

/** A duration as an option has it, `undefined` where it is off. Callers without types may still give a number. @internal */
export const durationOf = (
  name: string,
  input: unknown
): Either.Either<Duration.Duration | undefined, InputRequired> => {
  if (input === undefined) return Either.right(undefined)
  if (typeof input === "number") {
    return invalid(name, `${input} has no unit: write "${input} seconds" or "${input} millis"`)
  }
  const duration = Duration.decodeUnknown(input)
  if (Option.isNone(duration)) {
    return invalid(name, "not a duration: write \"30 seconds\" or Duration.seconds(30)")
  }
  if (Duration.lessThanOrEqualTo(duration.value, Duration.zero)) {
    return invalid(name, "must be more than zero; for no limit write Duration.infinity")
  }
  return Either.right(Duration.isFinite(duration.value) ? duration.value : undefined)
}

const timeoutOf = (
  name: TimeoutName,
  timeouts: Timeouts
): Either.Either<Duration.Duration | undefined, InputRequired> => durationOf(name, timeouts[name])

/** @internal */
export const noDeadlines: Deadlines = { total: undefined, firstContent: undefined, content: undefined }

/** The call's, and below them the layer's. `undefined` where all are off. @internal */
export const deadlinesOf = (
  call: Timeouts,
  below: Deadlines | undefined
): Either.Either<Deadlines | undefined, InputRequired> => {
  if (
    call.timeout === undefined && call.firstContentTimeout === undefined && call.contentTimeout === undefined
  ) {
    return Either.right(below)
  }
  const { content, firstContent, total } = below ?? noDeadlines
  const deadlines = Either.all({
    total: call.timeout === undefined ? Either.right(total) : timeoutOf("timeout", call),
    firstContent: call.firstContentTimeout === undefined
      ? Either.right(firstContent)
      : timeoutOf("firstContentTimeout", call),
    content: call.contentTimeout === undefined ? Either.right(content) : timeoutOf("contentTimeout", call)
  })
  return Either.map(
    deadlines,
    (deadlines) =>
      deadlines.total === undefined && deadlines.firstContent === undefined && deadlines.content === undefined
        ? undefined
        : deadlines
  )
}

/** The options of a call, without those of what makes it. @internal */
export const withoutOptions = <A extends object>(
  options: A | undefined,
  own: ReadonlyArray<keyof A>
): A | undefined => {
  if (options === undefined) return undefined
  const rest = { ...options }
  for (const name of own) delete rest[name]
  return rest
}
