/**
 * Work that goes on while it is watched: each look finds it one state further, so that a test needs no clock.
 */

/** @internal */
export class Progress<Status extends string> {
  private at = 0
  private ended: Status | undefined

  /** @param course the states in order; the last one stays. */
  constructor(private readonly course: readonly [Status, ...Array<Status>]) {}

  /** The state as it is. */
  get status(): Status {
    return this.ended ?? this.course[this.at] ?? this.course[0]
  }

  get isOver(): boolean {
    return this.ended !== undefined || this.at === this.course.length - 1
  }

  /** The state as it is, and the next look finds the next one. */
  look(): Status {
    const status = this.status
    if (!this.isOver) {
      this.at++
    }
    return status
  }

  /** Goes to the end of its course, or to another one. */
  end(status?: Status): void {
    this.at = this.course.length - 1
    this.ended = status ?? this.ended
  }
}
