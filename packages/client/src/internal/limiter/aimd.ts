/**
 * How many calls may run at once where nobody knows the quota: the limit grows while calls go well, and is cut where the service has
 * too much, which it says by a 429, or shows by its latency.
 *
 * - At the start the limit doubles with each whole limit of calls that ended well (a window).
 * - A 429 cuts it to 85 %. From there it comes back along a cubic curve, as TCP CUBIC does: fast at first, slowly around the
 *   limit at which it was too much (`top`), and ever faster beyond, so that more room is found within some windows.
 * - The median of some latencies is compared with the baseline, the least that medians have been. More than `tolerance` times
 *   that cuts the limit too: what waits within the service could as well wait here.
 * - An attempt that began before the last cut tells nothing about the limit since: one cut for each round of refusals.
 *
 * The limit counts only where it is used: where less than half of it runs, it does not grow.
 */

/** @internal */
export interface Settings {
  readonly min: number
  readonly max: number
  readonly initial: number
  /** How many times the baseline a median may be; `Infinity` where latency tells nothing. */
  readonly tolerance: number
}

/** @internal */
export interface State {
  /** With fractions; so many as are whole may run. */
  readonly limit: number
  /** How often it has been cut. An attempt remembers the epoch in which it began. */
  readonly epoch: number
  /** Where the service had too much; nothing before the first time. */
  readonly top: number | undefined
  /** How many windows have ended well since the last cut, with fractions. */
  readonly windows: number
  /** In milliseconds. */
  readonly baseline: number | undefined
  /** The last median, in milliseconds. */
  readonly median: number | undefined
  /** Those since. */
  readonly latencies: ReadonlyArray<number>
}

/** What a 429 leaves of the limit. */
const cut = 0.85

/** What a latency leaves of it at the least. */
const deepestCut = 0.5

/** So many windows after a cut the limit is at `top` again. */
const windowsToTop = 6

/** How much of a greater median the baseline takes over with each window: what a model needs may grow for good. */
const drift = 0.02

/** So many latencies have a median: half of a limit, within these bounds. */
const fewestLatencies = 10
const mostLatencies = 50

/** @internal */
export const start = ({ initial, max, min }: Settings): State => ({
  limit: Math.min(Math.max(initial, min), max),
  epoch: 0,
  top: undefined,
  windows: 0,
  baseline: undefined,
  median: undefined,
  latencies: []
})

const bounded = (limit: number, { max, min }: Settings): number => Math.min(Math.max(limit, min), max)

const grown = (state: State, settings: Settings): State => {
  const { limit, top } = state
  if (top === undefined) return { ...state, limit: bounded(limit + 1, settings) }
  const windows = state.windows + 1 / limit
  const way = windows / windowsToTop - 1
  return { ...state, windows, limit: bounded(Math.max(limit, top * (1 + (1 - cut) * way ** 3)), settings) }
}

/** From this limit down to a share of it. */
const lowered = (state: State, settings: Settings, from: number, share: number): State => {
  const limit = bounded(from * share, settings)
  // The curve begins at the new limit.
  return { ...state, limit, top: limit / cut, windows: 0, epoch: state.epoch + 1, latencies: [] }
}

const medianOf = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

const measured = (state: State, settings: Settings, latency: number): State => {
  const latencies = [...state.latencies, latency]
  if (latencies.length < Math.min(Math.max(fewestLatencies, state.limit / 2), mostLatencies)) {
    return { ...state, latencies }
  }
  const median = medianOf(latencies)
  const { baseline = median, limit } = state
  const next = { ...state, median, latencies: [] }
  if (median <= baseline) return { ...next, baseline: median }
  const ratio = median / baseline
  if (ratio <= settings.tolerance) return { ...next, baseline: baseline + (median - baseline) * drift }
  // At the least limit it is not this side that makes the service slow.
  if (limit <= settings.min) return { ...next, baseline: median }
  const share = Math.max(deepestCut, Math.min(cut, settings.tolerance / ratio))
  return lowered({ ...next, baseline }, settings, limit, share)
}

/** @internal */
export interface Ended {
  readonly epoch: number
  /** How many ran when it ended, itself included. */
  readonly running: number
}

/** An attempt went well. @internal */
export const succeeded = (
  state: State,
  settings: Settings,
  { epoch, latencyMillis, running }: Ended & { readonly latencyMillis: number | undefined }
): State => {
  if (epoch !== state.epoch) return state
  const next = latencyMillis === undefined ? state : measured(state, settings, latencyMillis)
  const isUsed = running >= state.limit / 2
  return isUsed && next.epoch === epoch ? grown(next, settings) : next
}

/** The service refused an attempt for its load. @internal */
export const refused = (state: State, settings: Settings, { epoch, running }: Ended): State =>
  epoch === state.epoch ? lowered(state, settings, Math.min(state.limit, Math.max(1, running)), cut) : state
