/**
 * @since 0.1.0
 */
export * as ConnectionConfig from "./ConnectionConfig.js"
export * as ConnectionEvent from "./ConnectionEvent.js"
export * as ConnectionPool from "./ConnectionPool.js"
export * as Conversation from "./Conversation.js"
export * as DashScope from "./DashScope.js"
export * as DashScopeClient from "./DashScopeClient.js"
export * as DashScopeError from "./DashScopeError.js"
export * as Endpoint from "./Endpoint.js"
export * as Generation from "./Generation.js"
export * as GenerationParams from "./GenerationParams.js"
export * as HttpClient from "./HttpClient.js"
export * as Message from "./Message.js"
export * as Retry from "./Retry.js"
export * as StructuredOutput from "./StructuredOutput.js"
export * as Telemetry from "./Telemetry.js"
export * as Tool from "./Tool.js"
