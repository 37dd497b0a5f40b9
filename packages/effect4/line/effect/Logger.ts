/** What Effect 3's Logger has and Effect 4's does not, with the signatures of Effect 3. */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"

export const replace = (
  one: Logger.Logger<unknown, unknown>,
  other: Logger.Logger<unknown, unknown>
): Layer.Layer<never> =>
  Layer.effect(
    Logger.CurrentLoggers,
    Effect.map(Logger.CurrentLoggers, (loggers) => new Set([...loggers].filter((logger) => logger !== one)).add(other))
  )

export const withMinimumLogLevel: {
  (level: LogLevel.LogLevel): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, level: LogLevel.LogLevel): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, level: LogLevel.LogLevel) =>
    Effect.provideService(self, References.MinimumLogLevel, level)
)

export const add = (logger: Logger.Logger<unknown, unknown>): Layer.Layer<never> =>
  Logger.layer([logger], { mergeWithExisting: true })

export const minimumLogLevel = (level: LogLevel.LogLevel): Layer.Layer<never> =>
  Layer.succeed(References.MinimumLogLevel, level)
