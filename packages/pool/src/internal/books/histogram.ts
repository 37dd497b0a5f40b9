/** Buckets per doubling: a percentile is off by at most about 9 %. */
const perDoubling = 8
/** The lower end of the first bucket, in milliseconds; what is below counts as zero. */
const smallest = 2 ** -5
const size = 30 * perDoubling

/** Durations counted in buckets of growing width: constant space, no allocation per value. @internal */
export class Histogram {
  private readonly buckets = new Uint32Array(size)
  private zeros = 0
  private total = 0
  private largest = 0

  record(millis: number): void {
    this.total++
    if (millis < smallest) {
      this.zeros++
      return
    }
    if (millis > this.largest) this.largest = millis
    const bucket = Math.floor(Math.log2(millis / smallest) * perDoubling)
    this.buckets[Math.min(size - 1, bucket)]!++
  }

  /** In milliseconds; zero while nothing was recorded. */
  percentile(share: number): number {
    const rank = Math.ceil(share * this.total)
    let seen = this.zeros
    if (rank <= seen) return 0
    for (let bucket = 0; bucket < size; bucket++) {
      seen += this.buckets[bucket]!
      if (rank <= seen) return Math.min(this.largest, smallest * 2 ** ((bucket + 0.5) / perDoubling))
    }
    return this.largest
  }

  get max(): number {
    return this.largest
  }
}
