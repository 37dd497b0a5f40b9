/** What tests make and ask of Effect and its platform, which their major versions do not say the same way. */
import * as PlatformError from "@effect/platform/Error"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as PathPatch from "effect/ConfigProviderPathPatch"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import type * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as MetricKeyType from "effect/MetricKeyType"
import * as MetricState from "effect/MetricState"
import * as Scheduler from "effect/Scheduler"
import type * as Schema from "effect/Schema"
import type { RequestFailure, SystemFailure } from "./failures.js"
import type { RecordedMetric } from "./recordedMetric.js"

/** A request that was not answered. */
export const requestError = (failure: RequestFailure): HttpClientError.RequestError =>
  new HttpClientError.RequestError(failure)

/** An answer that cannot be read. */
export const responseError = (failure: {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly response: HttpClientResponse.HttpClientResponse
  readonly cause: unknown
}): HttpClientError.ResponseError => new HttpClientError.ResponseError({ ...failure, reason: "Decode" })

/** Whether a request could not be written. */
export const isEncodeError = (u: unknown): u is HttpClientError.HttpClientError =>
  u instanceof HttpClientError.RequestError && u.reason === "Encode"

/** What the system refused. */
export const systemError = (failure: SystemFailure): PlatformError.PlatformError =>
  new PlatformError.SystemError(failure)

/** Why the system refused it, where it did. */
export const systemReasonOf = (u: unknown): string | undefined =>
  u instanceof PlatformError.SystemError ? u.reason : undefined

/** The name of a span of the platform's client. */
export const requestSpan = (method: string): string => `http.client ${method}`

/** Has spans of requests tell of headers. */
export const showsHeaders: Layer.Layer<never> = Layer.empty

/** Sends nothing of the spans around a request. */
export const untraced = Effect.locally(HttpClient.currentTracerDisabledWhen, constTrue)

/** With all that its errors say, and the causes of those. */
export const prettyWithCauses = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause, { renderErrorCause: true })

/** The same, where all structs keep the keys that they do not name. */
export const keeping = <A, I, R>(schema: Schema.Schema<A, I, R>): Schema.Schema<A, I, R> =>
  schema.annotations({ parseOptions: { onExcessProperty: "preserve" } })

/** Variables that may not be read, as Deno's without --allow-env. */
export const deniedVariables = (message: string): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    load: () => {
      throw new Error(message)
    },
    enumerateChildren: () => Effect.succeed(HashSet.empty()),
    patch: PathPatch.empty
  }))

/** What a line of the log has beside its message. */
export const annotationsOf = (entry: Logger.Logger.Options<unknown>): unknown => entry.annotations

/** Has fibers yield where the scheduler says so. */
export const yielding =
  (shouldYield: () => boolean) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    class Yielding extends Scheduler.MixedScheduler {
      override shouldYield(): number | false {
        return shouldYield() ? 0 : false
      }
    }
    return Effect.withScheduler(self, new Yielding(2048))
  }

/** All metrics, in no order. */
export const metrics: Effect.Effect<ReadonlyArray<RecordedMetric>> = Effect.map(
  Metric.snapshot,
  (pairs) =>
    pairs.map(({ metricKey, metricState }): RecordedMetric => {
      const labels = Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value]))
      const { name } = metricKey
      if (MetricState.isHistogramState(metricState)) {
        const boundaries = MetricKeyType.isHistogramKey(metricKey.keyType) ? metricKey.keyType.boundaries.values : []
        return { name, labels, kind: "histogram", count: metricState.count, sum: metricState.sum, boundaries }
      }
      if (MetricState.isCounterState(metricState)) {
        const count = Number(metricState.count)
        return { name, labels, kind: "counter", count, sum: count, boundaries: [] }
      }
      return { name, labels, kind: "other", count: 0, sum: 0, boundaries: [] }
    })
)
