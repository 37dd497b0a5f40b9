export {} from "./internal/this-is-for-Effect-3--for-Effect-4-install-its-tag-latest.js"

/**
 * @since 0.1.0
 */
export * as Beneath from "./Beneath.js"
export * as ConnectionConfig from "./ConnectionConfig.js"
export * as ConnectionError from "./ConnectionError.js"
export * as ConnectionEvent from "./ConnectionEvent.js"
export * as ConnectionPool from "./ConnectionPool.js"
export * as Deadline from "./Deadline.js"
export * as Fetch from "./Fetch.js"
export * as HttpClient from "./HttpClient.js"
export * as Names from "./Names.js"
export * as Replay from "./Replay.js"
export * as WebSocket from "./WebSocket.js"
export * as WebSocketError from "./WebSocketError.js"
export * as WebSocketLease from "./WebSocketLease.js"
