/**
 * @since 0.1.0
 */
export * as DashScopeError from "./DashScopeError.js"
