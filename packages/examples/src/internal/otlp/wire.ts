/**
 * What OTLP sends as JSON over HTTP, as far as the example `observability` looks at it.
 *
 * Source: "OpenTelemetry Protocol Specification", and the proto files it refers to.
 */
import { Schema } from "effect"

/** JSON has 64-bit integers as texts; some write small ones as numbers. */
const Int = Schema.Union(Schema.Number, Schema.NumberFromString)
const Nanos = Schema.Union(Schema.BigInt, Schema.BigIntFromNumber)

/** The value of an attribute, without its wrapping. */
export type Value = string | number | boolean | ReadonlyArray<Value>

type WrappedValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string | number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: ReadonlyArray<WrappedValue> } }

const Values = Schema.Struct({ values: Schema.Array(Schema.suspend((): typeof AnyValue => AnyValue)) })

const AnyValue: Schema.Schema<Value, WrappedValue> = Schema.Union(
  Schema.pluck(Schema.Struct({ stringValue: Schema.String }), "stringValue"),
  Schema.pluck(Schema.Struct({ boolValue: Schema.Boolean }), "boolValue"),
  Schema.pluck(Schema.Struct({ intValue: Int }), "intValue"),
  Schema.pluck(Schema.Struct({ doubleValue: Schema.Number }), "doubleValue"),
  Schema.pluck(Schema.Struct({ arrayValue: Schema.pluck(Values, "values") }), "arrayValue")
)

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
