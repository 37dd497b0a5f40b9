/** What tests make and ask of Effect and its platform: for Effect 4. */
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import type * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as PlatformError from "effect/PlatformError"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import { openAst } from "../../src/internal/core/open.js"
import type { RequestFailure, SystemFailure } from "./failures.js"
import type { RecordedMetric } from "./recordedMetric.js"

const reasons = {
  Encode: HttpClientError.EncodeError,
  InvalidUrl: HttpClientError.InvalidUrlError,
  Transport: HttpClientError.TransportError
}

/** A request that was not answered. */
export const requestError = ({ reason, ...failure }: RequestFailure): HttpClientError.HttpClientError =>
  new HttpClientError.HttpClientError({ reason: new reasons[reason](failure) })

/** An answer that cannot be read. */
export const responseError = (failure: {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly response: HttpClientResponse.HttpClientResponse
  readonly cause: unknown
}): HttpClientError.HttpClientError =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.DecodeError(failure) })

/** Whether a request could not be written. */
export const isEncodeError = (u: unknown): u is HttpClientError.HttpClientError =>
  HttpClientError.isHttpClientError(u) && u.reason._tag === "EncodeError"

/** What the system refused. */
export const systemError = ({ reason, ...failure }: SystemFailure): PlatformError.PlatformError =>
  PlatformError.systemError({ _tag: reason, ...failure })

/** Why the system refused it, where it did. */
export const systemReasonOf = (u: unknown): string | undefined =>
  u instanceof PlatformError.PlatformError ? u.reason._tag : undefined

/** The name of a span of the platform's client. */
export const requestSpan = (method: string): string => method

/** Has spans of requests tell of headers. */
export const showsHeaders: Layer.Layer<never> = Layer.succeed(HttpClient.TracerHeaderFilter, constTrue)

/** Sends nothing of the spans around a request. */
export const untraced = Effect.provideService(HttpClient.TracerDisabledWhen, constTrue)

/** With all that its errors say, and the causes of those. */
export const prettyWithCauses = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause)

/** The same, where all structs keep the keys that they do not name. */
export const keeping = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>): Schema.Codec<A, I, RD, RE> =>
  Schema.make<Schema.Codec<A, I, RD, RE>>(openAst(schema.ast))

/** Variables that may not be read, as Deno's without --allow-env. */
export const deniedVariables = (message: string): ConfigProvider.ConfigProvider =>
  ConfigProvider.make(() => {
    throw new Error(message)
  })

/** What a line of the log has beside its message. */
export const annotationsOf = ({ fiber }: Logger.Options<unknown>): unknown =>
  fiber.getRef(References.CurrentLogAnnotations)

/** Has fibers yield where the scheduler says so. */
export const yielding =
  (shouldYield: () => boolean) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    class Yielding extends Scheduler.MixedScheduler {
      override shouldYield(): boolean {
        return shouldYield()
      }
    }
    return Effect.provideService(self, Scheduler.Scheduler, new Yielding())
  }

/** All metrics, in no order. */
export const metrics: Effect.Effect<ReadonlyArray<RecordedMetric>> = Effect.map(Metric.snapshot, (all) =>
  all.map((metric): RecordedMetric => {
    const { attributes, id: name } = metric
    const labels = { ...attributes }
    switch (metric.type) {
      case "Histogram": {
        const { buckets, count, sum } = metric.state
        return { name, labels, kind: "histogram", count, sum, boundaries: buckets.map(([boundary]) => boundary) }
      }
      case "Counter": {
        const count = Number(metric.state.count)
        return { name, labels, kind: "counter", count, sum: count, boundaries: [] }
      }
      default:
        return { name, labels, kind: "other", count: 0, sum: 0, boundaries: [] }
    }
  }))
