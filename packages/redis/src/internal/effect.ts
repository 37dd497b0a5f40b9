/** What each line of Effect does in its own way. */
import * as ConfigError from "effect/ConfigError"
import * as Metric from "effect/Metric"
import type * as Stream from "effect/Stream"
import type * as SubscriptionRef from "effect/SubscriptionRef"

/** What is said of an option that cannot be used. */
export const invalidOption = (name: string, why: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([name], why)

/** The value, and each that it gets. */
export const changesOf = <A>(ref: SubscriptionRef.SubscriptionRef<A>): Stream.Stream<A> => ref.changes

/** A metric with one label. */
export const labelled = <Type, In, Out>(
  metric: Metric.Metric<Type, In, Out>,
  key: string,
  value: string
): Metric.Metric<Type, In, Out> => Metric.tagged(metric, key, value)
