export {} from "./internal/this-is-for-Effect-3--for-Effect-4-install-its-tag-latest.js"

/**
 * @since 0.1.0
 */
export * as RedisClient from "./RedisClient.js"

/**
 * @since 0.1.0
 */
export * as RedisStore from "./RedisStore.js"
