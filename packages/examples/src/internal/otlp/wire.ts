/**
 * What OTLP sends as JSON over HTTP, as far as the example `observability` looks at it.
 *
 * Source: "OpenTelemetry Protocol Specification", and the proto files it refers to.
 */
import { Schema } from "effect"

/** JSON has 64-bit integers as texts; some write small ones as numbers. */
const Int = Schema.Union(Schema.Number, Schema.NumberFromString)
const Nanos = Schema.BigInt

/** The value of an attribute, which has one of them. */
export interface AnyValue {
  readonly stringValue?: string | undefined
  readonly boolValue?: boolean | undefined
  readonly intValue?: string | number | undefined
  readonly doubleValue?: number | undefined
  readonly arrayValue?: { readonly values: ReadonlyArray<AnyValue> } | undefined
}

const AnyValue: Schema.Schema<AnyValue> = Schema.Struct({
  stringValue: Schema.optional(Schema.String),
  boolValue: Schema.optional(Schema.Boolean),
  intValue: Schema.optional(Schema.Union(Schema.String, Schema.Number)),
  doubleValue: Schema.optional(Schema.Number),
  arrayValue: Schema.optional(
    Schema.Struct({ values: Schema.Array(Schema.suspend((): Schema.Schema<AnyValue> => AnyValue)) })
  )
})

/** A value without its wrapping. */
export type Value = string | number | boolean | ReadonlyArray<Value>

export const valueOf = ({ arrayValue, boolValue, doubleValue, intValue, stringValue }: AnyValue): Value =>
  stringValue ?? boolValue ?? doubleValue ?? arrayValue?.values.map(valueOf) ?? Number(intValue)

const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: AnyValue }))
export type Attributes = typeof Attributes.Type

const Event = Schema.Struct({ name: Schema.String, timeUnixNano: Nanos, attributes: Attributes })

const Span = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  name: Schema.String,
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: Attributes,
  events: Schema.Array(Event),
  /** Code 2 is an error. */
  status: Schema.Struct({ code: Schema.Int, message: Schema.optional(Schema.String) })
})
export type Span = typeof Span.Type

export const Traces = Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) }))
  }))
})

const Sum = Schema.Struct({
  /** Whether it only ever grows. */
  isMonotonic: Schema.Boolean,
  dataPoints: Schema.Array(Schema.Struct({
    attributes: Attributes,
    asDouble: Schema.optional(Schema.Number),
    asInt: Schema.optional(Int)
  }))
})

const Histogram = Schema.Struct({
  dataPoints: Schema.Array(Schema.Struct({ attributes: Attributes, count: Int, sum: Schema.Number }))
})

const Metric = Schema.Struct({
  name: Schema.String,
  unit: Schema.String,
  sum: Schema.optional(Sum),
  histogram: Schema.optional(Histogram)
})
export type Metric = typeof Metric.Type

export const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(Schema.Struct({
    scopeMetrics: Schema.Array(Schema.Struct({ metrics: Schema.Array(Metric) }))
  }))
})

const LogRecord = Schema.Struct({ severityText: Schema.String, body: AnyValue })
export type LogRecord = typeof LogRecord.Type

export const Logs = Schema.Struct({
  resourceLogs: Schema.Array(Schema.Struct({
    scopeLogs: Schema.Array(Schema.Struct({ logRecords: Schema.Array(LogRecord) }))
  }))
})
