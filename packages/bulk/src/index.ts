/**
 * @since 0.1.0
 */
export * as Bulk from "./Bulk.js"

/**
 * @since 0.1.0
 */
export * as BulkEngine from "./BulkEngine.js"

/**
 * @since 0.1.0
 */
export * as BulkError from "./BulkError.js"

/**
 * @since 0.1.0
 */
export * as Progress from "./Progress.js"

/**
 * @since 0.1.0
 */
export * as Results from "./Results.js"

/**
 * @since 0.1.0
 */
export * as Sink from "./Sink.js"
