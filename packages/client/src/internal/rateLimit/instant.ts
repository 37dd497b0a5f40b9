/** What a store in memory can do without an Effect, `now` being by its clock. @internal */
export interface Instant<Reservation, Answer, Adjustment, Pause> {
  reserve(reservation: Reservation, now: number): Answer
  adjust(adjustment: Adjustment, now: number): void
  pause(pause: Pause, now: number): void
}

// By the very object: a store that wraps another one must be asked itself.
const stores = new WeakMap<object, unknown>()

/** @internal */
export const register = <R, A, D, P>(store: object, instant: Instant<R, A, D, P>): void => {
  stores.set(store, instant)
}

/** Of a store in memory that is asked itself. @internal */
export const of = <R, A, D, P>(store: {
  readonly reserve: (reservation: R) => unknown
  readonly adjust: (adjustment: D) => unknown
  readonly pause: (pause: P) => unknown
}): Instant<R, A, D, P> | undefined => stores.get(store) as Instant<R, A, D, P> | undefined
