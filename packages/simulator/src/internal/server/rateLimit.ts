/** As many requests in any span of so many milliseconds. */
interface Limit {
  readonly requests: number
  readonly perMillis: number
  readonly retryAfter?: boolean | undefined
}

/**
 * A refusal, with the seconds to wait where the answer tells them.
 *
 * @internal
 */
export interface RateRefusal {
  readonly retryAfter: number | undefined
}

/**
 * Lets at most so many requests pass in any span of the given length.
 *
 * @internal
 */
export const makeLimit = (
  options: Limit | undefined,
  clock: () => number = () => performance.now()
): () => RateRefusal | undefined => {
  if (options === undefined) {
    return () => undefined
  }
  // The times of those that passed, oldest first, from `oldest` on.
  let passed: Array<number> = []
  let oldest = 0
  return () => {
    const now = clock()
    while (oldest < passed.length && now - (passed[oldest] ?? now) >= options.perMillis) {
      oldest++
    }
    if (oldest > 1000 && oldest > passed.length / 2) {
      passed = passed.slice(oldest)
      oldest = 0
    }
    if (passed.length - oldest < options.requests) {
      passed.push(now)
      return undefined
    }
    const wait = (passed[oldest] ?? now) + options.perMillis - now
    return { retryAfter: options.retryAfter === true ? Math.max(1, Math.ceil(wait / 1000)) : undefined }
  }
}
