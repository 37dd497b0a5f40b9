import * as Cause from "effect/Cause"

const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

/** So much of an answer is kept for the error that may end it, besides being handed out; in characters. @internal */
export const longest = 8 * 1024 * 1024

/**
 * What there was already when errors ended the operations of one service: of an answer, what had arrived. It is kept beside an error and not in it: what a
 * model says must not get into logs with the error, or over a wire.
 *
 * @internal
 */
export class Partials<A> {
  private readonly kept = new WeakMap<object, A>()

  /** The first to say so knows best. */
  attach<E>(error: E, answer: A | undefined): E {
    // Inside a span, Effect hands out proxies of errors.
    const original = Cause.originalError(error)
    if (answer !== undefined && isObject(original) && !this.kept.has(original)) this.kept.set(original, answer)
    return error
  }

  /** The last to say so knows best, be it that there was nothing. */
  replace<E>(error: E, answer: A | undefined): E {
    const original = Cause.originalError(error)
    if (!isObject(original)) return error
    if (answer === undefined) this.kept.delete(original)
    else this.kept.set(original, answer)
    return error
  }

  get(error: unknown): A | undefined {
    const original = Cause.originalError(error)
    return isObject(original) ? this.kept.get(original) : undefined
  }
}
