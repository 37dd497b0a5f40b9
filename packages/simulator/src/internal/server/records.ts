/**
 * The latest of what arrived, at most `most` of them.
 *
 * @internal
 */
export class Records<A> {
  private kept: Array<A> = []

  constructor(private readonly most: number) {}

  add(one: A): void {
    this.kept.push(one)
    // Trimmed by the half, since taking away the first of an array costs its length.
    if (this.kept.length >= 2 * this.most) {
      this.kept = this.latest()
    }
  }

  latest(): Array<A> {
    return this.kept.slice(-this.most)
  }

  clear(): void {
    this.kept = []
  }
}
