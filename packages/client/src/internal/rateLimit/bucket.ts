/**
 * The arithmetic of a limit: a token bucket, kept as the moment at which it is full again (GCRA). All moments and durations are
 * milliseconds of one clock, with fractions; a bucket's content has fractions too.
 *
 * A bucket holds at most `capacity` units, and one flows in every `interval`. So in any time `w` at most
 * `capacity + w / interval` units are taken, and one more that is larger than the bucket.
 */

/** One limit, and what is asked of it. @internal */
export interface Ask {
  /** The most units that can be taken at once. More than zero. */
  readonly capacity: number
  /** The time in which one unit flows in. */
  readonly interval: number
  /** How many units are wanted. Zero still waits for a bucket that is in debt. */
  readonly cost: number
}

/** What is kept of a bucket. One that was never used has none, and is full. @internal */
export interface State {
  /** When it is full again if nothing more is taken. In the past where it is full. */
  readonly fullAt: number
  /** Nothing is given out before this. */
  readonly pausedUntil: number
  /** How long it has been paused in all: by so much later come the turns that were given out before. */
  readonly shift: number
}

/** A turn: room in all limits at a time to come, which is taken from them already. @internal */
export interface Ticket {
  /** When it is, by the clock of the store. */
  readonly at: number
  /** For each limit, its `shift` when the turn was given out. */
  readonly shifts: ReadonlyArray<number>
  /** For each limit, how many units it has been charged. */
  readonly paid: ReadonlyArray<number>
}

/** @internal */
export type Decision =
  | { readonly _tag: "Granted"; readonly states: ReadonlyArray<State> }
  | {
    readonly _tag: "Wait"
    readonly millis: number
    readonly ticket: Ticket
    readonly states: ReadonlyArray<State>
  }
  /** Nothing was taken. */
  | { readonly _tag: "TooLong"; readonly millis: number }

/** What is nearer than this is now: moments since 1970 are no more exact, and nobody can wait for less. In milliseconds. */
const instant = 0.01

const unused: State = { fullAt: -Infinity, pausedUntil: -Infinity, shift: 0 }

/** How many units a bucket holds; below zero where it is in debt. @internal */
export const level = (state: State | undefined, { capacity, interval }: Omit<Ask, "cost">, now: number): number =>
  state === undefined ? capacity : capacity - Math.max(0, state.fullAt - now) / interval

/** When the bucket has what is asked for. What is larger than the bucket needs a full one. */
const opensAt = (state: State, { capacity, cost, interval }: Ask): number =>
  Math.max(state.pausedUntil, state.fullAt - (capacity - Math.min(Math.max(cost, 0), capacity)) * interval)

const filledAt = ({ pausedUntil, shift }: State, fullAt: number): State => ({ fullAt, pausedUntil, shift })

const taken = (state: State, { cost, interval }: Ask, at: number): State =>
  cost === 0 ? state : filledAt(state, Math.max(state.fullAt, at) + cost * interval)

/**
 * Takes what is asked from all limits or from none: at once, or for the first moment to come at which all of them have it,
 * behind everything that was given out before. Nothing is taken where that is further away than `maxWait`.
 *
 * @internal
 */
export const reserve = (
  states: ReadonlyArray<State | undefined>,
  asks: ReadonlyArray<Ask>,
  now: number,
  maxWait: number
): Decision => {
  let at = now
  for (let i = 0; i < asks.length; i++) at = Math.max(at, opensAt(states[i] ?? unused, asks[i]!))
  const millis = at - now
  if (millis > maxWait) return { _tag: "TooLong", millis }
  const next = asks.map((ask, i) => taken(states[i] ?? unused, ask, at))
  if (millis <= instant) return { _tag: "Granted", states: next }
  const ticket = { at, shifts: next.map(({ shift }) => shift), paid: asks.map(({ cost }) => cost) }
  return { _tag: "Wait", millis, ticket, states: next }
}

/** When a turn is, after the pauses that began since it was given out. */
const dueAt = (states: ReadonlyArray<State | undefined>, ticket: Ticket): number => {
  let late = 0
  let pausedUntil = -Infinity
  for (let i = 0; i < states.length; i++) {
    const state = states[i]
    // One that was forgotten had been full.
    if (state === undefined) continue
    late = Math.max(late, state.shift - (ticket.shifts[i] ?? 0))
    pausedUntil = Math.max(pausedUntil, state.pausedUntil)
  }
  return Math.max(ticket.at + late, pausedUntil)
}

/**
 * Takes a turn whose time has come, for what is asked now: the difference to what it was charged for is taken or given back.
 *
 * @internal
 */
export const redeem = (
  states: ReadonlyArray<State | undefined>,
  asks: ReadonlyArray<Ask>,
  ticket: Ticket,
  now: number
): Decision => {
  const millis = dueAt(states, ticket) - now
  const known = asks.map((_, i) => states[i] ?? unused)
  if (millis > instant) return { _tag: "Wait", millis, ticket, states: known }
  const next = asks.map((ask, i) => adjust(known[i], { ...ask, cost: ask.cost - (ticket.paid[i] ?? 0) }, now))
  return { _tag: "Granted", states: next }
}

/**
 * Takes more (`cost` above zero), as debt where the bucket does not hold it, or gives back (below zero), at most until the
 * bucket is full.
 *
 * @internal
 */
export const adjust = (state: State | undefined, ask: Ask, now: number): State => {
  const known = state ?? unused
  if (ask.cost >= 0) return taken(known, ask, now)
  const full = Math.max(now, known.pausedUntil)
  return known.fullAt <= full ? known : filledAt(known, Math.max(full, known.fullAt + ask.cost * ask.interval))
}

/**
 * Gives nothing out for so long: turns that were given out come later by the pause, and it ends with an empty bucket. A pause
 * within one that lasts longer changes nothing.
 *
 * @internal
 */
export const pause = (
  state: State | undefined,
  { capacity, interval }: Omit<Ask, "cost">,
  millis: number,
  now: number
): State => {
  const known = state ?? unused
  const pausedUntil = now + millis
  const longer = pausedUntil - Math.max(now, known.pausedUntil)
  if (longer <= 0) return known
  return {
    fullAt: Math.max(known.fullAt + longer, pausedUntil + capacity * interval),
    pausedUntil,
    shift: known.shift + longer
  }
}

/** When nothing is left to know of a bucket but that it is full, and no turn was given out that a pause could move. @internal */
export const forgettableAt = ({ fullAt, pausedUntil }: State): number => Math.max(fullAt, pausedUntil)
