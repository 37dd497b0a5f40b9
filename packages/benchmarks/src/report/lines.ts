/** How effect-dashscope on Effect 4 compares with itself on Effect 3, where a run has both. */
import { subjects } from "../clients.js"
import { measures } from "../measures.js"
import { ratioOf, type Results, rowsOf } from "../results.js"
import type { Summary } from "../statistics.js"

/** A measure of a client on both lines: the medians of its first column, and the ratio of each round. */
export interface Pair {
  readonly measure: string
  readonly unit: string
  readonly client: string
  readonly on3: number
  readonly on4: number
  readonly ratio: Summary
}

export const pairsOf = (results: Results): ReadonlyArray<Pair> =>
  measures.filter(({ name }) => results.measures.includes(name)).flatMap((measure) => {
    const [{ key }] = measure.columns
    const rows = rowsOf(results, measure, "")
    const medianOf = (client: string) => rows.find((row) => row.client === client)?.columns.get(key)?.median
    return subjects.flatMap(({ name, twinOf }): ReadonlyArray<Pair> => {
      if (twinOf === undefined) return []
      const ratio = ratioOf(results, measure, name, twinOf)
      const on3 = medianOf(twinOf)
      const on4 = medianOf(name)
      return ratio === undefined || on3 === undefined || on4 === undefined
        ? []
        : [{ measure: measure.title, unit: measure.unit, client: twinOf, on3, on4, ratio }]
    })
  })
