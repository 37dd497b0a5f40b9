/** What a run measured, as it is kept. The report is made of this alone. */
import * as Schema from "effect/Schema"
import type { Measure } from "./measures.js"
import { ratios, summarize, type Summary } from "./statistics.js"

const Numbers = Schema.Record({ key: Schema.String, value: Schema.Number })

export const Sample = Schema.Struct({
  measure: Schema.String,
  client: Schema.String,
  round: Schema.Number,
  values: Numbers,
  /** Whether the client had warmed up; undefined where it need not. */
  isSettled: Schema.optional(Schema.Boolean),
  seen: Schema.optional(Schema.Struct({
    serverBusy: Schema.Number,
    connections: Schema.Number,
    peakConnections: Schema.Number,
    othersBusy: Schema.Number,
    requestBytes: Schema.Number
  }))
})

export type Sample = typeof Sample.Type

/** Something that was to be measured and was not. */
export const Missing = Schema.Struct({
  client: Schema.String,
  /** Undefined where it is the client as a whole. */
  measure: Schema.optional(Schema.String),
  reason: Schema.String,
  /** Nobody's fault: the program it needs is not on this machine, or the client has no such thing. */
  isSkipped: Schema.Boolean
})

export type Missing = typeof Missing.Type

export const Results = Schema.Struct({
  mode: Schema.Literal("full", "quick", "tiny"),
  startedAt: Schema.String,
  seconds: Schema.Number,
  machine: Schema.Struct({
    node: Schema.String,
    platform: Schema.String,
    processor: Schema.String,
    cores: Schema.Number,
    memoryGiB: Schema.Number
  }),
  pinning: Schema.String,
  /** By what it is the version of. */
  versions: Schema.Record({ key: Schema.String, value: Schema.String }),
  clients: Schema.Array(Schema.String),
  measures: Schema.Array(Schema.String),
  rounds: Schema.Number,
  /** Whether another round was begun. */
  isCut: Schema.optional(Schema.Boolean),
  samples: Schema.Array(Sample),
  missing: Schema.Array(Missing)
})

export type Results = typeof Results.Type

export interface Row {
  readonly client: string
  /** By column. */
  readonly columns: ReadonlyMap<string, Summary>
  /** Of the first column, to the baseline of the same round. */
  readonly ratio: Summary | undefined
  readonly serverBusy: number | undefined
  readonly connections: Summary | undefined
  readonly requestBytes: number | undefined
  /** In every round. */
  readonly isSettled: boolean
}

const byRound = (samples: ReadonlyArray<Sample>, key: string): ReadonlyMap<number, number> =>
  new Map(samples.flatMap(({ round, values }) => {
    const value = values[key]
    return value === undefined ? [] : [[round, value]]
  }))

const defined = <A>(items: ReadonlyArray<A | undefined>): ReadonlyArray<A> =>
  items.filter((item): item is A => item !== undefined)

/** A measure's rows, in the order of the clients; those without a value have none. */
export const rowsOf = (results: Results, measure: Measure, baseline: string): ReadonlyArray<Row> => {
  const samples = results.samples.filter((sample) => sample.measure === measure.name)
  const of = (client: string) => samples.filter((sample) => sample.client === client)
  const [primary] = measure.columns
  const base = byRound(of(baseline), primary.key)
  return results.clients.flatMap((client): ReadonlyArray<Row> => {
    const own = of(client)
    if (own.length === 0) return []
    const columns = new Map<string, Summary>()
    for (const { key } of measure.columns) {
      const summary = summarize([...byRound(own, key).values()])
      if (summary !== undefined) columns.set(key, summary)
    }
    const seen = defined(own.map((sample) => sample.seen))
    return [{
      client,
      columns,
      ratio: measure.isCompared ? summarize(ratios(byRound(own, primary.key), base)) : undefined,
      serverBusy: summarize(seen.map(({ serverBusy }) => serverBusy))?.max,
      connections: summarize(seen.map(({ connections }) => connections)),
      requestBytes: summarize(seen.map(({ requestBytes }) => requestBytes))?.median,
      isSettled: own.every(({ isSettled }) => isSettled !== false)
    }]
  })
}

/** Of the first column, one client's to another's of the same round; undefined where there are none. */
export const ratioOf = (results: Results, measure: Measure, client: string, base: string): Summary | undefined => {
  const [{ key }] = measure.columns
  const of = (name: string) =>
    byRound(results.samples.filter((sample) => sample.measure === measure.name && sample.client === name), key)
  return summarize(ratios(of(client), of(base)))
}

/** How much of the machine others took while something was measured: the median, and the worst. */
export const othersBusy = (results: Results): Summary | undefined =>
  summarize(defined(results.samples.map((sample) => sample.seen?.othersBusy)))
