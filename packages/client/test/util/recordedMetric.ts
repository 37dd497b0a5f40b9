/** A metric as an exporter sees it, under one set of labels. */
export interface RecordedMetric {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly kind: "counter" | "histogram" | "other"
  /** Of a counter, its value; of a histogram, how many were recorded. */
  readonly count: number
  readonly sum: number
  readonly boundaries: ReadonlyArray<number>
}
