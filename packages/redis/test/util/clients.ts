import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as RedisClient from "../../src/RedisClient.js"

/** What is loaded costs each run some time: only what is used is. */
const loaded = <Module>(
  load: () => Promise<Module>,
  use: (module: Module) => Effect.Effect<RedisClient.RedisClient, never, Scope.Scope>
) => Effect.flatMap(Effect.promise(load), use)

/** Each library that the adapters are for, by its name and version. */
export const clients = {
  "ioredis 6": (url: string) =>
    loaded(() => import("ioredis"), ({ Redis }) => RedisClient.acquireIoredis(() => new Redis(url))),
  "ioredis 5": (url: string) =>
    loaded(() => import("ioredis5"), ({ Redis }) => RedisClient.acquireIoredis(() => new Redis(url))),
  "iovalkey": (url: string) =>
    loaded(() => import("iovalkey"), ({ Redis }) => RedisClient.acquireIoredis(() => new Redis(url))),
  "redis 6": (url: string) =>
    loaded(() => import("redis"), ({ createClient }) => RedisClient.acquireNodeRedis(() => createClient({ url }))),
  "redis 5": (url: string) =>
    loaded(() => import("redis5"), ({ createClient }) => RedisClient.acquireNodeRedis(() => createClient({ url })))
} as const

/** Clients of a cluster, by the port of one of its servers. */
export const clusters = {
  ioredis: (port: number) =>
    loaded(
      () => import("ioredis"),
      ({ Cluster }) => RedisClient.acquireIoredis(() => new Cluster([{ host: "127.0.0.1", port }]))
    ),
  redis: (port: number) =>
    loaded(
      () => import("redis"),
      ({ createCluster }) =>
        RedisClient.acquireNodeRedis(() => createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] }))
    )
} as const
