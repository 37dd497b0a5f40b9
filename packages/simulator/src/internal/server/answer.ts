/**
 * The vocabulary between services, which make answers, and the wire, which sends them.
 */
import type { ErrorShape } from "../../Behavior.js"
import type { JsonObject } from "../core/json.js"

/**
 * How errors are shaped and events are framed.
 *
 * - `native`: an id, a name, the status and the data.
 * - `openai`: data lines alone, and `[DONE]` is the last.
 * - `responses`: as native, named by the type in the data.
 * - `anthropic`: that name and the data.
 *
 * @internal
 */
export type Dialect = "native" | "openai" | "responses" | "anthropic"

/**
 * A request to a model, as far as its answer depends on it.
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
  /** Default: that of the dialect. */
  readonly shape?: ErrorShape | undefined
  /** The parameter that is wrong; only the shape `openai` tells it. */
  readonly param?: string | undefined
}

/** @internal */
export const failure = (status: number, code: string, message: string): Failure => ({
  _tag: "Failure",
  status,
  code,
  message
})

/**
 * The most frequent refusal.
 *
 * @internal
 */
export const invalid = (message: string): Failure => failure(400, "InvalidParameter", message)

/** @internal */
export const isFailure = (value: unknown): value is Failure =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Failure"

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
  /**
   * The answer in events. `pieces` replaces the text, as its deltas, one event each; they may be endless. Absent where
   * the service does not stream: it then answers in one piece, even when a stream was asked for.
   */
  readonly chunks?: ((pieces?: () => Iterable<string>) => Iterable<Chunk>) | undefined
  /** Decides over the header that asks for an event stream. */
  readonly streamed?: boolean | undefined
}

/**
 * An answer of which the simulator does not read the body: a file, XML, nothing.
 *
 * @internal
 */
export interface Raw {
  readonly _tag: "Raw"
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** What is made piece by piece is sent as fast as it is read, and needs a `content-length`. */
  readonly body: string | Uint8Array | Iterable<Uint8Array>
  /** What comes after a body in pieces: its end, if it is not told otherwise. */
  readonly breaksBy?: "reset" | "close" | undefined
}

/** @internal */
export type Answer = Failure | Success | Raw

/**
 * An answer that is always in one piece.
 *
 * @internal
 */
export const whole = (value: JsonObject): Success => ({ _tag: "Success", whole: () => value })

/** @internal */
export const raw = (
  status: number,
  contentType: string,
  body: Raw["body"],
  headers: { readonly [name: string]: string } = {}
): Raw => ({
  _tag: "Raw",
  status,
  headers: contentType === "" ? headers : { "content-type": contentType, ...headers },
  body
})

/**
 * What a model is to the simulator: a pure function.
 *
 * @internal
 */
export type Model = (request: ApiRequest) => Answer
