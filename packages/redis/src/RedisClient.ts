/**
 * What the store asks of a client of Redis or Valkey, and how the clients of the ecosystem give it.
 *
 * The connection stays yours: you make the client, with your address, password and TLS, and close it after the Layer that uses
 * it. {@link acquireIoredis} and {@link acquireNodeRedis} do both within a scope.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * All that the store needs. A client that is not named here fits with a few lines.
 *
 * @example
 * import type { RedisClient } from "effect-dashscope-redis"
 *
 * // Some client that sends commands as lists of words.
 * declare const other: {
 *   readonly isConnected: boolean
 *   readonly send: (words: ReadonlyArray<string>) => Promise<unknown>
 * }
 *
 * export const client: RedisClient.RedisClient = {
 *   isReady: () => other.isConnected,
 *   eval: (script, keys, args) => other.send(["EVAL", script, String(keys.length), ...keys, ...args]),
 *   evalSha: (sha, keys, args) => other.send(["EVALSHA", sha, String(keys.length), ...keys, ...args])
 * }
 *
 * @since 0.1.0
 * @category models
 */
export interface RedisClient {
  /**
   * Whether a command would be sent now. Where it is not, the store sends none: a client that keeps commands for the time when
   * it is connected again would carry out reservations long after their callers went on without.
   */
  readonly isReady: () => boolean
  /** `EVAL`. Answers as the server does: integers, texts and arrays of them. */
  readonly eval: (script: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
  /** `EVALSHA`. Rejects with an error whose message has `NOSCRIPT` where the server does not know the script. */
  readonly evalSha: (sha: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
}

/**
 * What is used of a client of `ioredis` 5 or 6, of its `Cluster`, or of `iovalkey`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ioredis {
  readonly status: string
  readonly eval: (script: string, numkeys: number, ...keysAndArgs: Array<string>) => Promise<unknown>
  readonly evalsha: (sha: string, numkeys: number, ...keysAndArgs: Array<string>) => Promise<unknown>
  // It returns the client itself, whose type is not ours to name.
  readonly on: (event: "error", listener: (error: unknown) => void) => unknown
}

/**
 * What is used of a client of `redis` (node-redis) 5 or 6, or of its cluster.
 *
 * @since 0.1.0
 * @category models
 */
export interface NodeRedis {
  readonly isOpen: boolean
  /** A cluster of version 5 has only `isOpen`. */
  readonly isReady?: boolean
  readonly eval: (script: string, options: NodeRedisOptions) => Promise<unknown>
  readonly evalSha: (sha: string, options: NodeRedisOptions) => Promise<unknown>
  readonly on: (event: "error", listener: (error: unknown) => void) => unknown
}

/**
 * @since 0.1.0
 * @category models
 */
export interface NodeRedisOptions {
  readonly keys: Array<string>
  readonly arguments: Array<string>
}

/** The store says itself that its server is away. Without a listener, ioredis prints each error and node-redis ends the process. */
const listened = new WeakSet<object>()

const listen = (client: Ioredis | NodeRedis) => {
  if (listened.has(client)) return
  listened.add(client)
  client.on("error", () => {})
}

/**
 * A client of `ioredis` 5 or 6, its `Cluster`, or a client of `iovalkey`.
 *
 * @example
 * import { RedisClient } from "effect-dashscope-redis"
 * import { Redis } from "ioredis"
 *
 * export const client = RedisClient.fromIoredis(new Redis("redis://127.0.0.1:6379"))
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromIoredis = (client: Ioredis): RedisClient => {
  listen(client)
  return {
    // `lazyConnect` connects at the first command.
    isReady: () => client.status === "ready" || client.status === "wait",
    eval: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    evalSha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args)
  }
}

/**
 * A client of `redis` (node-redis) 5 or 6, or its cluster. Somebody has to call its `connect`, and need not wait for it.
 *
 * @example
 * import { RedisClient } from "effect-dashscope-redis"
 * import { createClient } from "redis"
 *
 * const redis = createClient({ url: "redis://127.0.0.1:6379" })
 * export const client = RedisClient.fromNodeRedis(redis)
 * void redis.connect()
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromNodeRedis = (client: NodeRedis): RedisClient => {
  listen(client)
  return {
    isReady: () => client.isReady ?? client.isOpen,
    eval: (script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] }),
    evalSha: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] })
  }
}

/**
 * A client of `ioredis` or `iovalkey` for as long as the scope: it is made, connects in the background, and is disconnected
 * when the scope closes.
 *
 * @example
 * import { RedisClient } from "effect-dashscope-redis"
 * import { Redis } from "ioredis"
 *
 * export const client = RedisClient.acquireIoredis(() => new Redis("redis://127.0.0.1:6379"))
 *
 * @since 0.1.0
 * @category constructors
 */
export const acquireIoredis = (
  make: () => Ioredis & { readonly disconnect: () => void }
): Effect.Effect<RedisClient, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => client.disconnect())),
    fromIoredis
  )

/**
 * A client of `redis` (node-redis) for as long as the scope: it is made, connects in the background, and is destroyed when the
 * scope closes.
 *
 * @example
 * import { RedisClient } from "effect-dashscope-redis"
 * import { createClient } from "redis"
 *
 * export const client = RedisClient.acquireNodeRedis(() => createClient({ url: "redis://127.0.0.1:6379" }))
 *
 * @since 0.1.0
 * @category constructors
 */
export const acquireNodeRedis = (
  make: () => NodeRedis & { readonly connect: () => Promise<unknown>; readonly destroy: () => void }
): Effect.Effect<RedisClient, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const client = make()
        listen(client)
        // It goes on trying by itself; where it gave up, the store finds it not ready.
        client.connect().catch(() => {})
        return client
      }),
      // One that is closed already refuses to be destroyed.
      (client) => Effect.sync(() => client.isOpen && client.destroy())
    ),
    fromNodeRedis
  )
