/**
 * Whether a request may reach the server a second time.
 *
 * A question to a model costs little to ask twice, so by default a request that dies on a reused connection is sent once
 * more (`resendOnStaleConnection`). What is paid for or makes something (a task, a file, a batch) must not be: a request
 * with `unsent` is sent again only where nothing of it had been written to a socket, which is Go's rule for requests that
 * are not idempotent. That holds for the pool's own resend; a client that repeats failed requests asks `isUnsent`.
 *
 * Only the `HttpClient` of this package respects it; another one does what it always does.
 *
 * @since 0.1.0
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import type { PoolError } from "./ConnectionError.js"

/**
 * - `always`: the request may be sent again after some of it was written.
 * - `unsent`: only while nothing of it has been written.
 *
 * @since 0.1.0
 * @category models
 */
export type Replay = "always" | "unsent"

/**
 * What holds for the requests that this fiber makes. *Default*: `always`.
 *
 * @since 0.1.0
 * @category fiber refs
 */
export const current: FiberRef.FiberRef<Replay> = globalValue(
  "effect-http-pool/Replay/current",
  () => FiberRef.unsafeMake<Replay>("always")
)

/** A constructor that gives back its argument, so that its subclass puts a private field on that. */
class Given {
  constructor(request: object) {
    return request
  }
}

/** A private field on requests, as of `Deadline.watch`. */
class Listened extends Given {
  #onUnsent: () => void

  constructor(request: object, onUnsent: () => void) {
    super(request)
    this.#onUnsent = onUnsent
  }

  static of(request: object): (() => void) | undefined {
    return #onUnsent in request ? request.#onUnsent : undefined
  }

  static set(request: object, onUnsent: () => void): void {
    if (#onUnsent in request) request.#onUnsent = onUnsent
    else new Listened(request, onUnsent)
  }
}

/**
 * Has the pool call a function where this very request is given up by its caller before anything of it was written; a request
 * that fails says so with its error ({@link isUnsent}). For code that counts what it sends, and gives the request straight to a
 * pool's client: a copy of the request is another one.
 *
 * @since 0.1.0
 * @category combinators
 */
export const whenUnsent = (request: HttpClientRequest.HttpClientRequest, onUnsent: () => void): void =>
  Listened.set(request, onUnsent)

/**
 * What is called where this very request is given up unsent.
 *
 * @since 0.1.0
 * @category accessors
 */
export const listening = (request: HttpClientRequest.HttpClientRequest): (() => void) | undefined =>
  Listened.of(request)

/**
 * The pool sends none of the effect's requests again once anything of it has been written.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Replay } from "effect-http-pool"
 *
 * const submitted = HttpClient.post("https://example.com/orders").pipe(Replay.onlyUnsent)
 *
 * @since 0.1.0
 * @category combinators
 */
export const onlyUnsent = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.locally(self, current, "unsent")

/**
 * Whether nothing of the failed request can have reached the server, so that sending it again cannot do anything twice.
 * False where it is not known.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isUnsent = (error: PoolError): boolean => error._tag === "PoolExhausted" || error.requestWritten === false
