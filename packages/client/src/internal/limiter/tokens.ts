import type { Attempt, Usage } from "../../RateLimitState.js"

/** What is known is about the mean of so many answers; the older ones fade. */
const remembered = 20

/**
 * What the answers of one model have cost so far: how many tokens came of how many that its inputs were estimated at, and how
 * many its answers had.
 *
 * @internal
 */
export class Learned {
  private answers = 0
  private ratio = 1
  private output: number

  constructor(firstOutput: number) {
    this.output = firstOutput
  }

  /** How many tokens an attempt will use. */
  estimate({ maxTokens }: Attempt, inputTokens: number): number {
    const most = maxTokens ?? Infinity
    const output = this.answers === 0 && maxTokens !== undefined ? maxTokens : Math.min(this.output, most)
    return Math.max(1, inputTokens * this.ratio + output)
  }

  add(inputEstimate: number, { inputTokens, outputTokens }: Usage): void {
    this.answers++
    const share = 1 / Math.min(this.answers, remembered)
    if (outputTokens !== undefined) this.output += (outputTokens - this.output) * share
    if (inputTokens !== undefined && inputEstimate > 0) {
      this.ratio += (inputTokens / inputEstimate - this.ratio) * share
    }
  }
}

/** All tokens of an answer. @internal */
export const totalOf = ({ inputTokens, outputTokens, totalTokens }: Usage): number | undefined =>
  totalTokens ??
    (inputTokens === undefined && outputTokens === undefined ? undefined : (inputTokens ?? 0) + (outputTokens ?? 0))
