/** What the core's messages and parts have of this provider, under the key `dashscope`. */
import type * as Options from "./options.js"

export type { AssistantOptions, CacheOptions, FileOptions, FinishMetadata, SourceMetadata } from "./options.js"

declare module "@effect/ai/Prompt" {
  export interface SystemMessageOptions extends ProviderOptions {
    readonly dashscope?: Options.CacheOptions | undefined
  }
  export interface UserMessageOptions extends ProviderOptions {
    readonly dashscope?: Options.CacheOptions | undefined
  }
  export interface AssistantMessageOptions extends ProviderOptions {
    readonly dashscope?: Options.AssistantOptions | undefined
  }
  export interface TextPartOptions extends ProviderOptions {
    readonly dashscope?: Options.CacheOptions | undefined
  }
  export interface FilePartOptions extends ProviderOptions {
    readonly dashscope?: Options.FileOptions | undefined
  }
  export interface ToolResultPartOptions extends ProviderOptions {
    readonly dashscope?: Options.CacheOptions | undefined
  }
}

declare module "@effect/ai/Response" {
  export interface UrlSourcePartMetadata extends ProviderMetadata {
    readonly dashscope?: Options.SourceMetadata | undefined
  }
  export interface FinishPartMetadata extends ProviderMetadata {
    readonly dashscope?: Options.FinishMetadata | undefined
  }
}
