/**
 * The vocabulary between routes, which make answers, and the wire, which sends them.
 */

/** @internal */
export interface JsonObject {
  readonly [key: string]: unknown
}

/** @internal */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * A request, as far as an answer depends on it.
 *
 * @internal
 */
export interface ApiRequest {
  readonly body: JsonObject
  /** The request asked for an event stream. */
  readonly streamed: boolean
  readonly requestId: string
}

/** @internal */
export interface Failure {
  readonly _tag: "Failure"
  readonly status: number
  readonly code: string
  readonly message: string
}

/** @internal */
export const failure = (status: number, code: string, message: string): Failure => ({
  _tag: "Failure",
  status,
  code,
  message
})

/**
 * One event of a stream.
 *
 * @internal
 */
export interface Chunk {
  readonly value: JsonObject
  /** It carries a reason why the answer, or one of its choices, is finished. */
  readonly finishes: boolean
}

/** @internal */
export interface Success {
  readonly _tag: "Success"
  /** The answer in one piece; its text is lengthened by `padding`. */
  readonly whole: (padding?: string) => JsonObject
  /** The answer in events. `pieces` replaces the text, as its deltas, one event each; they may be endless. */
  readonly chunks: (pieces?: () => Iterable<string>) => Iterable<Chunk>
}

/** @internal */
export type Answer = Failure | Success

/**
 * What a service is to the simulator: a pure function.
 *
 * @internal
 */
export type Route = (request: ApiRequest) => Answer

/** @internal */
export const asString = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** @internal */
export const asNumber = (value: unknown): number | undefined => typeof value === "number" ? value : undefined

/** @internal */
export const asArray = (value: unknown): ReadonlyArray<unknown> | undefined => Array.isArray(value) ? value : undefined

/** @internal */
export const asObject = (value: unknown): JsonObject | undefined => isObject(value) ? value : undefined
