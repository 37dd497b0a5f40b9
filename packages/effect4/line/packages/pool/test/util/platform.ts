/** What tests ask of the platform: for Effect 4. */
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import type * as Cookies from "effect/http/Cookies"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"

/** What went wrong: "Encode", "Transport", "InvalidUrl", "Decode", "StatusCode" or "EmptyBody". */
export const reasonOf = ({ reason }: HttpClientError.HttpClientError): string => reason._tag.replace(/Error$/, "")

/** What `HttpClient.withCookiesRef` begins with. */
export const noCookies: ReadonlyArray<Cookies.Cookie> = []

/** Has spans tell of headers. */
export const showsHeaders: Layer.Layer<never> = Layer.succeed(HttpClient.TracerHeaderFilter, constTrue)

/** How many metrics there are, each with its labels. */
export const metrics: Effect.Effect<number> = Effect.map(Metric.snapshot, (all) => all.length)

/** What the counters of this name say, under all labels. */
export const countsOf = (name: string): Effect.Effect<ReadonlyArray<number>> =>
  Effect.map(Metric.snapshot, (all) =>
    all.flatMap(({ id, state }) => id === name && "count" in state ? [Number(state.count)] : []))
