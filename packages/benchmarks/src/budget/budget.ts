/** What may be spent, row by row, and what was. */
import * as Schema from "effect/Schema"

/** The most of each row. */
export const Budget = Schema.Struct({
  /** Node's major version that it was measured on; others count otherwise. */
  node: Schema.String,
  rows: Schema.Record({ key: Schema.String, value: Schema.Number })
})

export type Budget = typeof Budget.Type

export type Measured = ReadonlyMap<string, number>

/** What is wrong, each with the name of its row; nothing where all is within its limits. */
export const problemsOf = ({ rows }: Budget, measured: Measured): ReadonlyArray<string> => {
  const problems: Array<string> = []
  for (const [row, value] of measured) {
    const limit = rows[row]
    if (limit === undefined) problems.push(`${row}: ${show(value)}, and the budget has no such row`)
    else if (!(value <= limit)) problems.push(`${row}: ${show(value)}, more than ${show(limit)}`)
  }
  for (const row of Object.keys(rows)) {
    if (!measured.has(row)) problems.push(`${row}: in the budget, and not measured`)
  }
  return problems
}

/** Values of one build differ by a percent or two, with the order in which packets come. */
const headroom = 1.05

/** A budget that what was measured just fits into. */
export const budgetOf = (node: string, measured: Measured): Budget => ({
  node,
  rows: Object.fromEntries([...measured].map(([row, value]) => [row, limitOf(value)]))
})

/** Bytes as whole numbers; what comes a few times a call, or now and then, to two digits. */
const limitOf = (value: number): number =>
  value >= 10 ? Math.ceil(value * headroom) : Math.ceil((value * headroom + 0.02) * 100) / 100

export const show = (value: number): string => value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)
