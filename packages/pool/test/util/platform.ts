/** What tests ask of the platform, which Effect's major versions do not say the same way. */
import * as Cookies from "@effect/platform/Cookies"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"

/** What went wrong: "Encode", "Transport", "InvalidUrl", "Decode", "StatusCode" or "EmptyBody". */
export const reasonOf = (error: HttpClientError.HttpClientError): string => error.reason

/** What `HttpClient.withCookiesRef` begins with. */
export const noCookies = Cookies.empty

/** Has spans tell of headers. */
export const showsHeaders: Layer.Layer<never> = Layer.empty

/** How many metrics there are, each with its labels. */
export const metrics: Effect.Effect<number> = Effect.map(Metric.snapshot, (all) => Array.from(all).length)

/** What the counters of this name say, under all labels. */
export const countsOf = (name: string): Effect.Effect<ReadonlyArray<number>> =>
  Effect.map(
    Metric.snapshot,
    (all) =>
      Array.from(all).flatMap(({ metricKey, metricState }) =>
        metricKey.name === name && "count" in metricState ? [Number(metricState.count)] : []
      )
  )
