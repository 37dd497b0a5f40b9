import type { RecordedRequest } from "../../RecordedRequest.js"

/**
 * The latest requests, at most `most` of them.
 *
 * @internal
 */
export class Records {
  private kept: Array<RecordedRequest> = []

  constructor(private readonly most: number) {}

  add(request: RecordedRequest): void {
    this.kept.push(request)
    // Trimmed by the half, since taking away the first of an array costs its length.
    if (this.kept.length >= 2 * this.most) {
      this.kept = this.latest()
    }
  }

  latest(): Array<RecordedRequest> {
    return this.kept.slice(-this.most)
  }

  clear(): void {
    this.kept = []
  }
}
