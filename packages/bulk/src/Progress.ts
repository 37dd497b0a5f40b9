/**
 * How far a job is.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  /** How many inputs there are, where `total` says it. */
  readonly total: number | undefined
  /** Inputs that had a result before. */
  readonly skipped: number
  /** Inputs answered by this run. */
  readonly done: number
  /** Inputs set aside with their error by this run. */
  readonly failed: number
  /** Inputs whose key another input of this run had. */
  readonly duplicates: number
  readonly inFlight: number
  /** What the answers of this run cost, where the job has `tokens`. */
  readonly tokens: number
  /** Since the start of this run. */
  readonly elapsedMillis: number
}

/**
 * Results in a second, over the whole run; 0 at its start.
 *
 * @since 0.1.0
 * @category getters
 */
export const perSecond = ({ done, elapsedMillis, failed }: Progress): number =>
  elapsedMillis === 0 ? 0 : (done + failed) * 1000 / elapsedMillis

/**
 * How many inputs have been seen to.
 *
 * @since 0.1.0
 * @category getters
 */
export const settled = ({ done, duplicates, failed, skipped }: Progress): number => skipped + done + failed + duplicates

/**
 * Milliseconds to the end at the pace so far; `undefined` without a total, and before the first result.
 *
 * @since 0.1.0
 * @category getters
 */
export const etaMillis = (progress: Progress): number | undefined => {
  const pace = perSecond(progress)
  return progress.total === undefined || pace === 0
    ? undefined
    : Math.max(0, progress.total - settled(progress)) * 1000 / pace
}

const span = (millis: number): string => {
  const seconds = Math.round(millis / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/**
 * One line of text: a bar where the total is known, counts, pace, time left, tokens.
 *
 * @since 0.1.0
 * @category getters
 */
export const line = (progress: Progress, options?: {
  /** Characters of the bar. Default: 24. */
  readonly width?: number | undefined
}): string => {
  const { failed, inFlight, skipped, tokens, total } = progress
  const width = options?.width ?? 24
  const now = settled(progress)
  const filled = total === undefined ? 0 : Math.min(width, Math.floor(width * now / Math.max(1, total)))
  const eta = etaMillis(progress)
  return [
    ...(total === undefined ? [`${now}`] : [`[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${now}/${total}`]),
    ...(skipped > 0 ? [`${skipped} done before`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${inFlight} in flight`,
    `${perSecond(progress).toFixed(1)}/s`,
    ...(tokens > 0 ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(eta === undefined || eta === 0 ? [] : [`${span(eta)} left`])
  ].join("  ")
}
