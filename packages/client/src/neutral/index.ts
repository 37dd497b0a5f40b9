/**
 * The package for runtimes without Node's modules, such as Workers and browsers: everything but the connection pool.
 * Bundlers take it for the package's main entry under the conditions `workerd` and `browser`.
 *
 * @since 0.1.0
 */
export {} from "../internal/this-is-for-Effect-3--for-Effect-4-install-its-tag-latest.js"

/**
 * @since 0.1.0
 */
export * as AdaptiveConcurrency from "../AdaptiveConcurrency.js"

/**
 * @since 0.1.0
 */
export * as AdaptiveConcurrencyState from "../AdaptiveConcurrencyState.js"

/**
 * @since 0.1.0
 */
export * as Application from "../Application.js"
export * as AudioInput from "../AudioInput.js"
export * as Batch from "../Batch.js"
export * as BatchState from "../BatchState.js"
export * as BatchTextEmbedding from "../BatchTextEmbedding.js"
export * as CallOptions from "../CallOptions.js"
export * as Cassette from "../Cassette.js"
export * as CodeGeneration from "../CodeGeneration.js"
export * as Conversation from "../Conversation.js"
export * as DashScopeClient from "../DashScopeClient.js"
export * as DashScopeError from "../DashScopeError.js"
export * as Deployments from "../Deployments.js"
export * as Download from "../Download.js"
export * as DownloadState from "../DownloadState.js"
export * as DuplexTask from "../DuplexTask.js"
export * as DuplexTaskState from "../DuplexTaskState.js"
export * as Endpoint from "../Endpoint.js"
export * as Envelope from "../Envelope.js"
export * as Files from "../Files.js"
export * as FineTunes from "../FineTunes.js"
export * as Generation from "../Generation.js"
export * as GenerationParams from "../GenerationParams.js"
export * as GenerationResult from "../GenerationResult.js"
export * as HttpSpeechSynthesizer from "../HttpSpeechSynthesizer.js"
export * as ImageGeneration from "../ImageGeneration.js"
export * as ImageSynthesis from "../ImageSynthesis.js"
export * as Media from "../Media.js"
export * as Message from "../Message.js"
export * as Models from "../Models.js"
export * as MultiModalConversation from "../MultiModalConversation.js"
export * as MultiModalEmbedding from "../MultiModalEmbedding.js"
export * as MultiModalMessage from "../MultiModalMessage.js"
export * as MultiModalParams from "../MultiModalParams.js"
export * as MultiModalResult from "../MultiModalResult.js"
export * as RateLimit from "../RateLimit.js"
export * as RateLimitState from "../RateLimitState.js"
export * as RateLimitStore from "../RateLimitStore.js"
export * as Realtime from "../Realtime.js"
export * as RealtimeEvent from "../RealtimeEvent.js"
export * as RealtimeParams from "../RealtimeParams.js"
export * as RealtimeSession from "../RealtimeSession.js"
export * as RealtimeState from "../RealtimeState.js"
export * as Recognition from "../Recognition.js"
export * as Retry from "../Retry.js"
export * as ServiceSocket from "../ServiceSocket.js"
export * as SpeechEvent from "../SpeechEvent.js"
export * as SpeechSynthesizer from "../SpeechSynthesizer.js"
export * as StructuredOutput from "../StructuredOutput.js"
export * as Task from "../Task.js"
export * as TaskState from "../TaskState.js"
export * as Telemetry from "../Telemetry.js"
export * as Testing from "../Testing.js"
export * as TextEmbedding from "../TextEmbedding.js"
export * as TextEmbeddingParams from "../TextEmbeddingParams.js"
export * as TextEmbeddingResult from "../TextEmbeddingResult.js"
export * as TextReRank from "../TextReRank.js"
export * as Tokenization from "../Tokenization.js"
export * as Tokens from "../Tokens.js"
export * as Tool from "../Tool.js"
export * as ToolRun from "../ToolRun.js"
export * as Transcription from "../Transcription.js"
export * as TranslationRecognizer from "../TranslationRecognizer.js"
export * as Understanding from "../Understanding.js"
export * as Upload from "../Upload.js"
export * as VideoSynthesis from "../VideoSynthesis.js"
export * as Vocabulary from "../Vocabulary.js"
export * as VoiceEnrollment from "../VoiceEnrollment.js"
export * as DashScope from "./DashScope.js"
