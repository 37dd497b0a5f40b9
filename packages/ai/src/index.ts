export {} from "./internal/this-is-for-Effect-3--for-Effect-4-install-its-tag-latest.js"

/**
 * @since 0.1.0
 */
export * as DashScopeAiError from "./DashScopeAiError.js"

/**
 * @since 0.1.0
 */
export * as DashScopeEmbeddingModel from "./DashScopeEmbeddingModel.js"

/**
 * @since 0.1.0
 */
export * as DashScopeLanguageModel from "./DashScopeLanguageModel.js"

/**
 * @since 0.1.0
 */
export * as DashScopeTokenizer from "./DashScopeTokenizer.js"

/**
 * @since 0.1.0
 */
export * as DashScopeTool from "./DashScopeTool.js"
