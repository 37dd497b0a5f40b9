export {} from "./internal/this-is-for-Effect-3--for-Effect-4-install-its-tag-latest.js"

/**
 * @since 0.1.0
 */
export * as Behavior from "./Behavior.js"

/**
 * @since 0.1.0
 */
export * as Certificates from "./Certificates.js"

/**
 * @since 0.1.0
 */
export * as Expect from "./Expect.js"

/**
 * @since 0.1.0
 */
export * as ProxySimulator from "./ProxySimulator.js"

/**
 * @since 0.1.0
 */
export * as Quota from "./Quota.js"

/**
 * @since 0.1.0
 */
export * as RecordedMessage from "./RecordedMessage.js"

/**
 * @since 0.1.0
 */
export * as RecordedRequest from "./RecordedRequest.js"

/**
 * @since 0.1.0
 */
export * as ResultFile from "./ResultFile.js"

/**
 * @since 0.1.0
 */
export * as Simulator from "./Simulator.js"

/**
 * @since 0.1.0
 */
export * as SocketStats from "./SocketStats.js"

/**
 * @since 0.1.0
 */
export * as Stats from "./Stats.js"

/**
 * @since 0.1.0
 */
export * as Task from "./Task.js"

/**
 * @since 0.1.0
 */
export * as TcpServer from "./TcpServer.js"

/**
 * @since 0.1.0
 */
export * as Upload from "./Upload.js"
