/** What the core's messages and parts have of this provider, under the key `dashscope`, and its errors of the client's. */
import type { Json } from "./json.js"
import type * as Options from "./options.js"

export type CacheOptions = Json<Options.CacheOptions>
export type AssistantOptions = Json<Options.AssistantOptions>
export type FileOptions = Json<Options.FileOptions>
export type SourceMetadata = Json<Options.SourceMetadata>
export type FinishMetadata = Json<Options.FinishMetadata>

/** What the service said of a failure. */
export type ErrorMetadata = {
  /** The client's reason, such as `NotFound`. */
  readonly reason: string
  /** The service's own word. */
  readonly code?: string
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string
}

declare module "effect/ai/Prompt" {
  export interface SystemMessageOptions extends ProviderOptions {
    readonly dashscope?: CacheOptions
  }
  export interface UserMessageOptions extends ProviderOptions {
    readonly dashscope?: CacheOptions
  }
  export interface AssistantMessageOptions extends ProviderOptions {
    readonly dashscope?: AssistantOptions
  }
  export interface TextPartOptions extends ProviderOptions {
    readonly dashscope?: CacheOptions
  }
  export interface FilePartOptions extends ProviderOptions {
    readonly dashscope?: FileOptions
  }
  export interface ToolResultPartOptions extends ProviderOptions {
    readonly dashscope?: CacheOptions
  }
}

declare module "effect/ai/Response" {
  export interface UrlSourcePartMetadata extends ProviderMetadata {
    readonly dashscope?: SourceMetadata
  }
  export interface FinishPartMetadata extends ProviderMetadata {
    readonly dashscope?: FinishMetadata
  }
}

declare module "effect/ai/AiError" {
  export interface RateLimitErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface QuotaExhaustedErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface AuthenticationErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface ContentPolicyErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface InvalidRequestErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface InvalidResponseErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
  export interface InternalProviderErrorMetadata extends ProviderMetadata {
    readonly dashscope?: ErrorMetadata
  }
}
