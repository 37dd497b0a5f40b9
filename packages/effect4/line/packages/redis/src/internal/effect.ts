/** What each line of Effect does in its own way. */
import * as Config from "effect/Config"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"

/** What is said of an option that cannot be used. */
export const invalidOption = (name: string, why: string): Config.ConfigError =>
  new Config.ConfigError(
    new Schema.SchemaError(new SchemaIssue.Pointer([name], new SchemaIssue.InvalidValue({ message: why })))
  )

/** The value, and each that it gets. */
export const changesOf = <A>(ref: SubscriptionRef.SubscriptionRef<A>): Stream.Stream<A> => SubscriptionRef.changes(ref)

/** A metric with one label. */
export const labelled = <In, State>(
  metric: Metric.Metric<In, State>,
  key: string,
  value: string
): Metric.Metric<In, State> => Metric.withAttributes(metric, { [key]: value })
