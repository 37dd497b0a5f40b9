import * as Ioredis6 from "ioredis"
import * as Ioredis5 from "ioredis5"
import * as Iovalkey from "iovalkey"
import * as Redis6 from "redis"
import * as Redis5 from "redis5"
import * as RedisClient from "../../src/RedisClient.js"

/** Each library that the adapters are for, by its name and version. */
export const clients = {
  "ioredis 6": (url: string) => RedisClient.acquireIoredis(() => new Ioredis6.Redis(url)),
  "ioredis 5": (url: string) => RedisClient.acquireIoredis(() => new Ioredis5.Redis(url)),
  "iovalkey": (url: string) => RedisClient.acquireIoredis(() => new Iovalkey.Redis(url)),
  "redis 6": (url: string) => RedisClient.acquireNodeRedis(() => Redis6.createClient({ url })),
  "redis 5": (url: string) => RedisClient.acquireNodeRedis(() => Redis5.createClient({ url }))
} as const
