import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { RedisClient } from "../../src/RedisClient.js"

export const until = (condition: () => boolean): Effect.Effect<unknown> =>
  Effect.repeat(Effect.sync(condition), { until: (holds) => holds, schedule: Schedule.spaced("5 millis") })

/** A client that is connected. */
export const ready = <E, R>(client: Effect.Effect<RedisClient, E, R>): Effect.Effect<RedisClient, E, R> =>
  Effect.tap(client, (client) => until(client.isReady))
